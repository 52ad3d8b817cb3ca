package org.rtcn.jobs.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A file system as a process sees it that is killed at its n-th change: that change is not made (a
 * file being written is left half), and nothing works afterwards, reading included. Or one that
 * refuses a change: an I/O error, and the process lives on.
 */
final class KillingFileSystem extends FilterFileSystem {
  /** What a folder's rename is. A folder's deletion is that of one file after the other anyway. */
  enum Renames {
    /** One change. */
    ATOMIC,
    /** As in S3A: files are copied a few at a time, whole or not at all, and then deleted. */
    COPIES
  }

  /** What happens at the n-th change. */
  enum Fault {
    /** The process dies. */
    KILL,
    /** This change fails with an I/O error. */
    ONE_ERROR,
    /** This one does, and all after it: a disk that is full. */
    ERRORS_FROM_THEN_ON
  }

  /** The process is dead. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1;

    Killed() {
      super("killed");
    }
  }

  private static final int PAGE = 2;

  private final Renames renames;
  private final Fault fault;
  private final long killAt;
  private long changes;

  /**
   * @param killAt number of the change, from 1; {@code Long.MAX_VALUE}: never
   */
  KillingFileSystem(FileSystem real, Renames renames, long killAt) {
    this(real, renames, Fault.KILL, killAt);
  }

  /**
   * @param at number of the change, from 1
   */
  KillingFileSystem(FileSystem real, Renames renames, Fault fault, long at) {
    super(real);
    this.renames = renames;
    this.fault = fault;
    this.killAt = at;
  }

  /** Changes that were made. */
  long changes() {
    return changes;
  }

  private void requireAlive() {
    if (fault == Fault.KILL && changes >= killAt) {
      throw new Killed();
    }
  }

  private void change() throws IOException {
    requireAlive();
    changes++;
    requireAlive();
    boolean fails =
        switch (fault) {
          case KILL -> false;
          case ONE_ERROR -> changes == killAt;
          case ERRORS_FROM_THEN_ON -> changes >= killAt;
        };
    if (fails) {
      throw new IOException("No space left on device");
    }
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    boolean wholeOrNot = renames == Renames.COPIES;
    change();
    if (!wholeOrNot) {
      fs.create(path, null, overwrite, bufferSize, replication, blockSize, progress).close();
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int value) {
            content.write(value);
          }

          @Override
          public void close() throws IOException {
            byte[] bytes = content.toByteArray();
            try {
              change();
            } catch (Killed e) {
              if (!wholeOrNot) {
                put(java.util.Arrays.copyOf(bytes, bytes.length / 2));
              }
              throw e;
            }
            put(bytes);
          }

          private void put(byte[] bytes) throws IOException {
            try (OutputStream real =
                fs.create(path, null, true, bufferSize, replication, blockSize, progress)) {
              real.write(bytes);
            }
          }
        };
    return new FSDataOutputStream(out, null);
  }

  @Override
  public boolean mkdirs(Path path) throws IOException {
    change();
    return fs.mkdirs(path);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    requireAlive();
    if (renames == Renames.ATOMIC) {
      change();
      return fs.rename(from, to);
    }
    List<Path> files = new ArrayList<>();
    collect(fs.getFileStatus(from), files);
    for (int start = 0; start < files.size(); start += PAGE) {
      List<Path> page = files.subList(start, Math.min(start + PAGE, files.size()));
      for (Path file : page) {
        change();
        String below = file.toUri().getPath().substring(from.toUri().getPath().length());
        Path target = below.isEmpty() ? to : new Path(to, below.substring(1));
        try (InputStream in = fs.open(file);
            OutputStream out = fs.create(target, null, true, 4096, (short) 1, 1 << 27, null)) {
          in.transferTo(out);
        }
      }
      for (Path file : page) {
        change();
        fs.delete(file, false);
      }
    }
    fs.delete(from, true);
    return true;
  }

  private void collect(FileStatus status, List<Path> files) throws IOException {
    if (status.isFile()) {
      files.add(status.getPath());
      return;
    }
    for (FileStatus child : fs.listStatus(status.getPath())) {
      collect(child, files);
    }
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    requireAlive();
    if (!fs.exists(path)) {
      return false;
    }
    if (recursive) {
      List<Path> files = new ArrayList<>();
      collect(fs.getFileStatus(path), files);
      for (Path file : files) {
        change();
        fs.delete(file, false);
      }
      // The last file of a folder in an object store takes the folder with it.
      if (!fs.exists(path)) {
        return true;
      }
    }
    change();
    return fs.delete(path, recursive);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    requireAlive();
    return fs.open(path, bufferSize);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    requireAlive();
    return fs.listStatus(path);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    requireAlive();
    return fs.getFileStatus(path);
  }
}
