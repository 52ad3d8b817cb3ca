package org.rtcn.jobs.inputs;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where the recordings stand: a folder of any Hadoop file system, or the inside of an archive
 * there.
 *
 * @param fileSystem reads what lies below the root
 * @param root the folder
 */
public record InputRoot(FileSystem fileSystem, Path root) {

  /** Finds it. */
  public static InputRoot of(String input, Configuration configuration) throws IOException {
    Path path = new Path(input);
    FileSystem fileSystem = path.getFileSystem(configuration);
    if (Archive.isNamedLikeOne(path.getName()) && fileSystem.exists(path)) {
      FileStatus file = fileSystem.getFileStatus(path);
      if (file.isFile()) {
        ArchiveFileSystem inside = ArchiveFileSystem.open(fileSystem, file, configuration);
        return new InputRoot(inside, inside.root());
      }
    }
    return new InputRoot(fileSystem, path);
  }

  /** Its real path, which links must not leave; null if it is not local. */
  public java.nio.file.Path localRoot() throws IOException {
    java.nio.file.Path local = LocalPaths.of(fileSystem.makeQualified(root));
    return local == null ? null : local.toRealPath();
  }

  /** What cannot be taken for its place alone. */
  public List<Refusal> refused() {
    return fileSystem instanceof ArchiveFileSystem archive ? archive.refused() : List.of();
  }

  /** The records in the order in which they are best read. */
  public List<ListedRecord> inOrder(List<ListedRecord> records) {
    if (fileSystem instanceof ArchiveFileSystem archive) {
      return records.stream()
          .sorted(java.util.Comparator.comparingLong(record -> archive.position(record.file())))
          .toList();
    }
    return records;
  }
}
