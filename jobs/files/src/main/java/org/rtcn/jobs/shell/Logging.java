package org.rtcn.jobs.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.appender.ConsoleAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.spi.LoggerContext;

/**
 * Quiet Spark, own verbosity, wherever the stage runs: where nobody has configured log4j2 the jar's
 * own configuration is taken, so that plain {@code spark-submit} and a driver inside a cluster
 * write what {@code deploy/bin/rtcn} does.
 *
 * <p>The console shows one line a message. The whole of what Spark warns of, stack traces too, is
 * kept in memory, and written to a file where a command fails.
 */
public final class Logging {
  private static final String OURS = "/conf/log4j2.properties";

  /** A property of our configuration, by which it is known wherever it was loaded from. */
  private static final String MARK = "${rtcn}";

  private static final LogDetails DETAILS = new LogDetails();

  private Logging() {}

  /** Done once, before anything is logged. */
  public static void configure() {
    // Under a bridge to another logging framework there is nothing for us to configure.
    LoggerContext context = org.apache.logging.log4j.LogManager.getContext(false);
    if (!(context instanceof org.apache.logging.log4j.core.LoggerContext core)) {
      return;
    }
    if (System.getProperty("log4j2.configurationFile") == null
        && System.getProperty("log4j.configurationFile") == null) {
      configureWithOurs(core);
    }
    Configuration configuration = core.getConfiguration();
    DETAILS.start();
    configuration.getRootLogger().addAppender(DETAILS, Level.WARN, null);
    if (isOurs(configuration)) {
      for (Appender appender : configuration.getAppenders().values()) {
        if (appender instanceof ConsoleAppender console) {
          console.addFilter(new QuietConsole());
        }
      }
    }
    core.updateLoggers();
  }

  private static boolean isOurs(Configuration configuration) {
    return configuration.getStrSubstitutor().replace(MARK).equals("console");
  }

  private static void configureWithOurs(org.apache.logging.log4j.core.LoggerContext core) {
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

  /** Prints what the console left out: a container's log outlives its temporary folder. */
  static void printDetails(PrintWriter out) {
    out.print(DETAILS.text());
    out.flush();
  }

  /**
   * Writes what the console left out, and the error itself, to a file in the temporary folder.
   *
   * @return the file, or nothing where it cannot be written
   */
  static Optional<Path> writeDetails(Throwable error) {
    try {
      Path file = Files.createTempFile("rtcn-details-", ".log");
      try (PrintStream out = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
        out.print(DETAILS.text());
        error.printStackTrace(out);
        if (out.checkError()) {
          Files.delete(file);
          return Optional.empty();
        }
      }
      return Optional.of(file);
    } catch (IOException | UncheckedIOException e) {
      // A full disk, perhaps the very fault.
      return Optional.empty();
    }
  }
}
