package org.rtcn.jobs.run;

import java.io.Serializable;

/**
 * A file that a stage has written.
 *
 * @param path below the run
 * @param bytes its size
 * @param rows of a table's file; {@link #NO_TABLE} of any other
 * @param digest of its content: the rows' digest of a table's file, else SHA-256
 * @param footer SHA-256 of a table file's indexes and footer, all behind its last page; empty of
 *     any other
 */
record FileEntry(String path, long bytes, long rows, String digest, String footer)
    implements Serializable {
  static final long NO_TABLE = -1;

  static FileEntry ofBytes(String path, long bytes, String sha256) {
    return new FileEntry(path, bytes, NO_TABLE, sha256, "");
  }

  boolean isOfTable() {
    return rows != NO_TABLE;
  }

  /** The path below a folder that the file stands in. */
  String below(String folder) {
    return path.substring(folder.length() + 1);
  }
}
