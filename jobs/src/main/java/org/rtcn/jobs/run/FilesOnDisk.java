package org.rtcn.jobs.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** What stands in a folder of the run, by one listing, and how it differs from what was written. */
final class FilesOnDisk {
  private FilesOnDisk() {}

  /**
   * Files below an owned path, or the path itself, with their sizes. What Spark does not read
   * either, names that begin with a dot or an underscore, is left out.
   *
   * @return path below {@code root} to bytes; empty if there is nothing
   */
  static SortedMap<String, Long> list(FileSystem fileSystem, Path root, String owned) {
    SortedMap<String, Long> found = new TreeMap<>();
    Path folder = new Path(root, owned);
    int above = folder.toUri().getPath().length();
    try {
      RemoteIterator<LocatedFileStatus> files = fileSystem.listFiles(folder, true);
      while (files.hasNext()) {
        LocatedFileStatus file = files.next();
        String below = file.getPath().toUri().getPath().substring(above);
        if (!below.contains("/.") && !below.contains("/_")) {
          found.put(owned + below, file.getLen());
        }
      }
      return found;
    } catch (FileNotFoundException e) {
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to list " + folder, e);
    }
  }

  /** Whether a name is one that no reader looks at, a checksum's for one. */
  static boolean isHidden(String name) {
    return name.startsWith(".") || name.startsWith("_");
  }

  /**
   * The first difference in names and sizes.
   *
   * @param written what the manifest's list says
   * @param found what is there
   * @return for example {@code "tables/beats/part-0.parquet is missing (and 2 files more)"}
   */
  static Optional<String> difference(
      SortedMap<String, FileEntry> written, SortedMap<String, Long> found) {
    SortedMap<String, String> wrong = new TreeMap<>();
    written.forEach(
        (path, entry) -> {
          Long bytes = found.get(path);
          if (bytes == null) {
            wrong.put(path, path + " is missing");
          } else if (bytes != entry.bytes()) {
            wrong.put(path, path + " has " + bytes + " bytes instead of " + entry.bytes());
          }
        });
    found
        .keySet()
        .forEach(
            path -> {
              if (!written.containsKey(path)) {
                wrong.put(path, path + " has come from elsewhere");
              }
            });
    return summary(wrong);
  }

  /** The first of some findings, by path, and how many more there are. */
  static Optional<String> summary(SortedMap<String, String> wrong) {
    if (wrong.isEmpty()) {
      return Optional.empty();
    }
    int more = wrong.size() - 1;
    String first = wrong.get(wrong.firstKey());
    return Optional.of(
        more == 0 ? first : first + " (and " + more + (more == 1 ? " file" : " files") + " more)");
  }
}
