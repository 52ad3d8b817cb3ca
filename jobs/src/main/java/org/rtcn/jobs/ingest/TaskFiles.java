package org.rtcn.jobs.ingest;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.wfdb.WfdbException;
import org.rtcn.common.wfdb.WfdbException.Reason;
import org.rtcn.common.wfdb.WfdbFiles;

/**
 * The files beside one header, on any Hadoop file system; {@code x.dat.gz} stands for an absent
 * {@code x.dat}. Notes what was opened, and digests what was read.
 */
final class TaskFiles implements WfdbFiles {
  private final FileSystem fileSystem;
  private final Path folder;
  private final java.nio.file.Path localRoot;
  private final MessageDigest digest;
  private final Set<String> opened = new TreeSet<>();

  /**
   * @param localRoot real path of the input, which links must not leave; null if it is not local
   * @param digest takes every byte that is read
   */
  TaskFiles(
      FileSystem fileSystem, Path folder, java.nio.file.Path localRoot, MessageDigest digest) {
    this.fileSystem = fileSystem;
    this.folder = folder;
    this.localRoot = localRoot;
    this.digest = digest;
  }

  /** Full paths of all files that were opened. */
  Set<String> opened() {
    return opened;
  }

  /** Notes a file that the header names, though it was not opened. */
  void name(String fileName) {
    opened.add(fileSystem.makeQualified(new Path(folder, fileName)).toString());
  }

  @Override
  public InputStream open(String fileName) throws IOException {
    return openAt(fileName, 0);
  }

  @Override
  public InputStream openAt(String fileName, long offset) throws IOException {
    FileStatus status;
    try {
      status = status(fileName);
    } catch (FileNotFoundException e) {
      FileStatus packed = status(fileName + ".gz");
      InputStream in =
          new DigestInputStream(
              new GZIPInputStream(fileSystem.open(packed.getPath()), 1 << 16), digest);
      in.skipNBytes(offset);
      return in;
    }
    if (offset > status.getLen()) {
      throw new EOFException(fileName);
    }
    FSDataInputStream in = fileSystem.open(status.getPath());
    in.seek(offset);
    return new DigestInputStream(in, digest);
  }

  @Override
  public long size(String fileName) throws IOException {
    try {
      return status(fileName).getLen();
    } catch (FileNotFoundException e) {
      return -1;
    }
  }

  private FileStatus status(String fileName) throws IOException {
    Path path = new Path(folder, fileName);
    java.nio.file.Path local = localRoot == null ? null : LocalPaths.of(path);
    if (local != null
        && Files.isSymbolicLink(local)
        && Files.exists(local)
        && !local.toRealPath().startsWith(localRoot)) {
      throw new WfdbException(
          Reason.PATH_ESCAPES,
          "Cannot read " + path + ": the link leads out of the input; copy the file there");
    }
    FileStatus status = fileSystem.getFileStatus(path);
    if (status.isDirectory()) {
      throw new WfdbException(
          Reason.SIGNAL_FILE_MISSING, "Cannot read " + path + ": it is a folder; rename it");
    }
    opened.add(fileSystem.makeQualified(status.getPath()).toString());
    return status;
  }
}
