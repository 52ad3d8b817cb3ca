package org.rtcn.jobs.cli;

import java.net.URISyntaxException;
import java.net.URL;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.spi.LoggerContext;

/**
 * Quiet Spark, own verbosity, wherever the stage runs: where nobody has configured log4j2 the jar's
 * own configuration is taken, so that plain {@code spark-submit} and a driver inside a cluster
 * write what {@code deploy/bin/rtcn} does.
 */
final class Logging {
  private static final String OURS = "/conf/log4j2.properties";

  private Logging() {}

  static void configure() {
    if (System.getProperty("log4j2.configurationFile") != null
        || System.getProperty("log4j.configurationFile") != null) {
      return;
    }
    // Under a bridge to another logging framework there is nothing for us to configure.
    LoggerContext context = org.apache.logging.log4j.LogManager.getContext(false);
    if (!(context instanceof org.apache.logging.log4j.core.LoggerContext core)) {
      return;
    }
    String location = core.getConfiguration().getConfigurationSource().getLocation();
    boolean isDefault = location == null || location.contains("log4j2-defaults.properties");
    URL ours = Logging.class.getResource(OURS);
    if (isDefault && ours != null) {
      try {
        Configurator.reconfigure(ours.toURI());
      } catch (URISyntaxException e) {
        throw new IllegalStateException("Cannot read " + ours, e);
      }
    }
  }
}
