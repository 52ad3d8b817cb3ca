package org.rtcn.jobs.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Changes of files that can be repeated after a kill at any point, also where the rename of a
 * folder is the copy of each file and then its deletion (object stores, another disk).
 */
final class FileMoves {
  private FileMoves() {}

  /** Files and their bytes below a path, the path itself if it is a file; none if it is absent. */
  record Amount(long files, long bytes) {
    static final Amount NONE = new Amount(0, 0);

    Amount plus(Amount other) {
      return new Amount(files + other.files, bytes + other.bytes);
    }
  }

  /**
   * Moves a file or a folder; parents of the target are made. Where an interrupted move of the same
   * has left part of it at the target, the rest follows, file by file. Nothing at {@code from}
   * means that it has been moved.
   */
  static void move(FileSystem fileSystem, Path from, Path to) throws IOException {
    FileStatus source = statusOrNull(fileSystem, from);
    if (source == null) {
      return;
    }
    FileStatus target = statusOrNull(fileSystem, to);
    if (target != null && source.isDirectory() && target.isDirectory()) {
      for (FileStatus child : fileSystem.listStatus(from)) {
        move(fileSystem, child.getPath(), new Path(to, child.getPath().getName()));
      }
      fileSystem.delete(from, true);
      return;
    }
    if (target != null) {
      // The source goes after its copy is whole, so what still has its source may be cut short.
      fileSystem.delete(to, true);
    }
    fileSystem.mkdirs(to.getParent());
    if (!fileSystem.rename(from, to)) {
      throw new IOException("Failed to rename " + from + " to " + to);
    }
  }

  /** Puts a file in the place of another; a kill in between leaves neither. */
  static void replace(FileSystem fileSystem, Path from, Path to) throws IOException {
    fileSystem.delete(to, false);
    move(fileSystem, from, to);
  }

  static void write(FileSystem fileSystem, Path path, byte[] content) throws IOException {
    try (OutputStream out = fileSystem.create(path, true)) {
      out.write(content);
    }
  }

  static Amount amount(FileSystem fileSystem, Path path) throws IOException {
    FileStatus status = statusOrNull(fileSystem, path);
    if (status == null) {
      return Amount.NONE;
    }
    if ("file".equals(fileSystem.getUri().getScheme())) {
      return local(fileSystem, status);
    }
    // One listing of all that lies below, where folders are no more than names.
    Amount sum = Amount.NONE;
    for (RemoteIterator<LocatedFileStatus> each = fileSystem.listFiles(path, true);
        each.hasNext(); ) {
      sum = sum.plus(new Amount(1, each.next().getLen()));
    }
    return sum;
  }

  /** Folder by folder: Hadoop's listing of all files starts a process for each local one. */
  private static Amount local(FileSystem fileSystem, FileStatus status) throws IOException {
    if (status.isFile()) {
      return new Amount(1, status.getLen());
    }
    Amount sum = Amount.NONE;
    for (FileStatus child : fileSystem.listStatus(status.getPath())) {
      sum = sum.plus(local(fileSystem, child));
    }
    return sum;
  }

  /** What stands directly in a folder; nothing if it is absent. */
  static FileStatus[] list(FileSystem fileSystem, Path folder) throws IOException {
    try {
      return fileSystem.listStatus(folder);
    } catch (FileNotFoundException | ParentNotDirectoryException e) {
      return new FileStatus[0];
    }
  }

  static void removeIfEmpty(FileSystem fileSystem, Path folder) throws IOException {
    FileStatus status = statusOrNull(fileSystem, folder);
    if (status != null && status.isDirectory() && list(fileSystem, folder).length == 0) {
      try {
        fileSystem.delete(folder, false);
      } catch (IOException e) {
        if (list(fileSystem, folder).length == 0) {
          throw e;
        }
        // Somebody has put something there meanwhile.
      }
    }
  }

  static FileStatus statusOrNull(FileSystem fileSystem, Path path) throws IOException {
    try {
      return fileSystem.getFileStatus(path);
    } catch (FileNotFoundException e) {
      return null;
    }
  }
}
