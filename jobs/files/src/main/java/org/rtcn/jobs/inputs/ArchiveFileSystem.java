package org.rtcn.jobs.inputs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.rtcn.common.error.UserException;

/**
 * An archive as a folder: {@code archive:/data/ptb.zip/patient001/s0010_re.hea}. Read-only; entries
 * whose names lead out of it, or stand twice, are refused.
 */
final class ArchiveFileSystem extends FileSystem {
  private static final String SCHEME = "archive";

  private final Archive archive;
  private final Path top;
  private final Map<String, FileStatus> files = new HashMap<>();
  private final Map<String, Archive.Entry> entries = new HashMap<>();
  private final Map<String, TreeMap<String, FileStatus>> folders = new HashMap<>();
  private final List<Refusal> refused = new ArrayList<>();

  private ArchiveFileSystem(Archive archive, Path top, long modified) {
    this.archive = archive;
    this.top = top;
    folders.put(top.toUri().getPath(), new TreeMap<>());
    for (Archive.Entry entry : archive.entries()) {
      String name = entry.name().replace('\\', '/');
      Optional<Path> place = place(name);
      if (place.isEmpty()) {
        refused.add(
            new Refusal(
                top + "!" + name,
                "PATH_ESCAPES",
                "Cannot take the entry " + name + " of " + top + ": its name leads out of it"));
        continue;
      }
      Path path = place.get();
      String key = path.toUri().getPath();
      if (folders.containsKey(key) || entries.putIfAbsent(key, entry) != null) {
        refused.add(
            new Refusal(
                path + "!" + entry.position(),
                "ENTRY_DUPLICATE",
                "Cannot take the entry " + name + " of " + top + " a second time; pack it once"));
        continue;
      }
      FileStatus status = new FileStatus(entry.size(), false, 1, 1 << 20, entry.modified(), path);
      files.put(key, status);
      add(path, status, modified);
    }
    for (String link : archive.links()) {
      refused.add(
          new Refusal(
              top + "!" + link,
              "ENTRY_IS_LINK",
              "Cannot follow " + link + " in " + top + ": it is a link; pack the file itself"));
    }
    archive
        .damage()
        .ifPresent(
            why ->
                refused.add(
                    new Refusal(
                        top.toString(),
                        "ARCHIVE_DAMAGED",
                        "Cannot list all of "
                            + top
                            + ": "
                            + why
                            + "; what comes before the damage is read, copy the archive again")));
  }

  /**
   * The inside of an archive, from its only top folder on where it has just one.
   *
   * @throws UserException if it cannot be opened
   */
  static ArchiveFileSystem open(
      FileSystem fileSystem, FileStatus file, Configuration configuration) {
    URI outer = fileSystem.makeQualified(file.getPath()).toUri();
    String authority =
        "file".equals(outer.getScheme())
            ? null
            : outer.getScheme() + (outer.getAuthority() == null ? "" : "." + outer.getAuthority());
    try {
      ArchiveFileSystem inside =
          new ArchiveFileSystem(
              Archive.open(fileSystem, file),
              new Path(SCHEME, authority, outer.getPath()),
              file.getModificationTime());
      inside.setConf(configuration);
      return inside;
    } catch (IOException | IllegalArgumentException e) {
      throw new UserException(
          "Cannot read the archive "
              + file.getPath()
              + ": "
              + e.getMessage()
              + "; copy it again, or unpack it and give the folder",
          e);
    }
  }

  /** The folder that holds the recordings: the archive itself, or its only folder. */
  Path root() {
    Path at = top;
    while (true) {
      TreeMap<String, FileStatus> children = folders.get(at.toUri().getPath());
      if (children.size() != 1 || !children.firstEntry().getValue().isDirectory()) {
        return at;
      }
      at = children.firstEntry().getValue().getPath();
    }
  }

  /** Entries that cannot be taken, and damage to the whole. */
  List<Refusal> refused() {
    return refused;
  }

  /** Place of a file in the archive: reading in this order never goes back. */
  long position(String path) {
    Archive.Entry entry = entries.get(new Path(path).toUri().getPath());
    return entry == null ? Long.MAX_VALUE : entry.position();
  }

  private Optional<Path> place(String name) {
    String clean = name.startsWith("./") ? name.substring(2) : name;
    if (clean.isEmpty() || clean.startsWith("/")) {
      return Optional.empty();
    }
    for (String part : clean.split("/", -1)) {
      if (part.equals("..") || part.isEmpty() || part.indexOf('\0') >= 0) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Path(
            top.toUri().getScheme(),
            top.toUri().getAuthority(),
            top.toUri().getPath() + "/" + clean));
  }

  private void add(Path path, FileStatus status, long modified) {
    Path parent = path.getParent();
    String key = parent.toUri().getPath();
    TreeMap<String, FileStatus> siblings = folders.get(key);
    if (siblings == null) {
      siblings = new TreeMap<>();
      folders.put(key, siblings);
      add(parent, new FileStatus(0, true, 1, 1 << 20, modified, parent), modified);
    }
    siblings.put(path.getName(), status);
  }

  @Override
  public URI getUri() {
    return URI.create(
        SCHEME + (top.toUri().getAuthority() == null ? ":/" : "://" + top.toUri().getAuthority()));
  }

  @Override
  protected void checkPath(Path path) {
    // Only paths that this file system has listed come here.
  }

  @Override
  public Path makeQualified(Path path) {
    return path;
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    String key = path.toUri().getPath();
    FileStatus file = files.get(key);
    if (file != null) {
      return file;
    }
    if (folders.containsKey(key)) {
      return new FileStatus(0, true, 1, 1 << 20, 0, path);
    }
    throw new FileNotFoundException("Cannot find " + path);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    TreeMap<String, FileStatus> children = folders.get(path.toUri().getPath());
    if (children == null) {
      return new FileStatus[] {getFileStatus(path)};
    }
    return children.values().toArray(new FileStatus[0]);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    Archive.Entry entry = entries.get(path.toUri().getPath());
    if (entry == null) {
      throw new FileNotFoundException("Cannot find " + path);
    }
    return new FSDataInputStream(new EntryStream(archive, entry));
  }

  @Override
  public void close() throws IOException {
    archive.close();
    super.close();
  }

  @Override
  public Path getWorkingDirectory() {
    return top;
  }

  @Override
  public void setWorkingDirectory(Path path) {
    throw readOnly();
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress) {
    throw readOnly();
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw readOnly();
  }

  @Override
  public boolean rename(Path from, Path to) {
    throw readOnly();
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    throw readOnly();
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("Cannot write to an archive");
  }

  /** An entry; seeking opens it again. */
  private static final class EntryStream extends FSInputStream {
    private final Archive archive;
    private final Archive.Entry entry;
    private InputStream in;
    private long at;

    EntryStream(Archive archive, Archive.Entry entry) {
      this.archive = archive;
      this.entry = entry;
    }

    @Override
    public void seek(long position) throws IOException {
      if (position != at) {
        close();
        at = position;
      }
    }

    @Override
    public long getPos() {
      return at;
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (in == null) {
        in = archive.open(entry, at);
      }
      int read = in.read(into, offset, length);
      at += Math.max(0, read);
      return read;
    }

    @Override
    public void close() throws IOException {
      if (in != null) {
        in.close();
        in = null;
      }
    }
  }
}
