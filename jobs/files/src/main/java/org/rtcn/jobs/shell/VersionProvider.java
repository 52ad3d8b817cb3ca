package org.rtcn.jobs.shell;

import org.rtcn.common.Version;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says. */
public final class VersionProvider implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"rtcn-spark " + Version.current()};
  }
}
