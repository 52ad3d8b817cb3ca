package org.rtcn.jobs.inputs;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.wfdb.WfdbException;
import org.rtcn.common.wfdb.WfdbException.Reason;
import org.rtcn.common.wfdb.WfdbFiles;

/**
 * The files next to one header, on any Hadoop file system; {@code x.dat.gz} stands for an absent
 * {@code x.dat}. Notes what was opened, and digests what was read.
 */
public final class TaskFiles implements WfdbFiles {
  private final FileSystem fileSystem;
  private final Path folder;
  private final java.nio.file.Path localRoot;
  private final MessageDigest digest;
  private final Set<String> opened = new TreeSet<>();
  private final Map<String, FileStatus> found = new HashMap<>();

  /**
   * @param localRoot real path of the input, which links must not leave; null if it is not local
   * @param digest takes every byte that is read
   */
  public TaskFiles(
      FileSystem fileSystem, Path folder, java.nio.file.Path localRoot, MessageDigest digest) {
    this.fileSystem = fileSystem;
    this.folder = folder;
    this.localRoot = localRoot;
    this.digest = digest;
  }

  /** A digest of what is read. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }

  /** Full paths of all files that were opened. */
  public Set<String> opened() {
    return opened;
  }

  /** Notes a file that the header names, though it was not opened. */
  public void name(String fileName) {
    for (String candidate : candidates(fileName)) {
      opened.add(fileSystem.makeQualified(child(candidate)).toString());
    }
  }

  /** A name may hold a colon, which a path as text may not. */
  private Path child(String fileName) {
    return new Path(folder, new Path(null, null, fileName));
  }

  @Override
  public InputStream open(String fileName) throws IOException {
    return openAt(fileName, 0);
  }

  @Override
  public InputStream openAt(String fileName, long offset) throws IOException {
    FileStatus status = status(fileName);
    if (status.getPath().getName().toLowerCase(Locale.ROOT).endsWith(".gz")
        && !fileName.toLowerCase(Locale.ROOT).endsWith(".gz")) {
      InputStream in =
          new DigestInputStream(new GZIPInputStream(stream(status.getPath()), 1 << 16), digest);
      in.skipNBytes(offset);
      return in;
    }
    if (offset > status.getLen()) {
      throw new EOFException(fileName);
    }
    FSDataInputStream in = stream(status.getPath());
    in.seek(offset);
    return new DigestInputStream(in, digest);
  }

  @Override
  public long size(String fileName) throws IOException {
    try {
      FileStatus status = status(fileName);
      return status.getPath().getName().equalsIgnoreCase(fileName) ? status.getLen() : -1;
    } catch (FileNotFoundException e) {
      return -1;
    }
  }

  private FileStatus status(String fileName) throws IOException {
    FileStatus known = found.get(fileName);
    if (known == null) {
      known = find(fileName);
      found.put(fileName, known);
    }
    return known;
  }

  /** The file, or the packed one, or the one whose extension or name is in other letters. */
  private FileStatus find(String fileName) throws IOException {
    FileNotFoundException absent;
    try {
      return statusOf(fileName);
    } catch (FileNotFoundException e) {
      absent = e;
    }
    for (String candidate : candidates(fileName)) {
      try {
        return statusOf(candidate);
      } catch (FileNotFoundException e) {
        // Nor is there this one: what is named is what is missing.
      }
    }
    throw absent;
  }

  /**
   * Hadoop's local file system looks for a file of checksums next to each file, which archives of
   * recordings do not have; without one it reads as the file system below does, by way of more
   * layers. Of a name with a colon it cannot make that file's name.
   */
  private FSDataInputStream stream(Path path) throws IOException {
    if (fileSystem instanceof LocalFileSystem local) {
      boolean hasSums =
          !path.getName().contains(":") && local.pathToFile(local.getChecksumFile(path)).exists();
      return (hasSums ? local : local.getRaw()).open(path);
    }
    return fileSystem.open(path);
  }

  private static Set<String> candidates(String name) {
    int dot = name.lastIndexOf('.');
    String stem = dot < 0 ? name : name.substring(0, dot);
    String extension = dot < 0 ? "" : name.substring(dot);
    Set<String> names = new LinkedHashSet<>();
    for (String plain :
        List.of(
            name,
            stem + extension.toLowerCase(Locale.ROOT),
            stem + extension.toUpperCase(Locale.ROOT),
            name.toLowerCase(Locale.ROOT),
            name.toUpperCase(Locale.ROOT))) {
      names.add(plain);
      names.add(plain + ".gz");
    }
    names.add(name.toUpperCase(Locale.ROOT) + ".GZ");
    return names;
  }

  private FileStatus statusOf(String fileName) throws IOException {
    Path path = child(fileName);
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
