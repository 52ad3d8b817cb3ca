package org.rtcn.jobs.inputs;

import java.nio.file.Path;

/** Hadoop paths on the local file system. */
public final class LocalPaths {
  private LocalPaths() {}

  /** The local path, or null on another file system. */
  public static Path of(org.apache.hadoop.fs.Path path) {
    String scheme = path.toUri().getScheme();
    return scheme == null || scheme.equals("file") ? Path.of(path.toUri().getPath()) : null;
  }
}
