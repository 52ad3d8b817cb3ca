package org.rtcn.jobs.ingest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.ingest.EcgSource.ListedRecord;

/** Finds WFDB headers below a folder. */
final class HeaderFiles {
  private static final String HEADER = ".hea";

  private HeaderFiles() {}

  /**
   * All headers below a folder, by name relative to it; sizes include the files of the same stem.
   *
   * @throws UserException if the folder does not exist
   */
  static Map<String, ListedRecord> below(FileSystem fileSystem, Path root) throws IOException {
    Map<String, Long> bytesByStem = new TreeMap<>();
    Map<String, Long> newestByStem = new TreeMap<>();
    Map<String, String> headerByStem = new TreeMap<>();
    Path qualified = fileSystem.makeQualified(root);
    String prefix = qualified.toUri().getPath();
    try {
      RemoteIterator<LocatedFileStatus> files = fileSystem.listFiles(qualified, true);
      while (files.hasNext()) {
        LocatedFileStatus file = files.next();
        String path = file.getPath().toUri().getPath();
        String relative = path.substring(prefix.length()).replaceFirst("^/+", "");
        int dot = relative.lastIndexOf('.');
        String stem = dot > relative.lastIndexOf('/') ? relative.substring(0, dot) : relative;
        bytesByStem.merge(stem, file.getLen(), Long::sum);
        newestByStem.merge(stem, file.getModificationTime(), Math::max);
        if (relative.endsWith(HEADER)) {
          headerByStem.put(stem, file.getPath().toString());
        }
      }
    } catch (FileNotFoundException e) {
      throw new UserException(
          "Cannot find the input " + root + ": give a folder of WFDB records with --input", e);
    }
    Map<String, ListedRecord> records = new TreeMap<>();
    headerByStem.forEach(
        (stem, header) ->
            records.put(
                stem,
                new ListedRecord(
                    header,
                    stem,
                    bytesByStem.get(stem),
                    bytesByStem.get(stem) + "@" + newestByStem.get(stem),
                    null)));
    return records;
  }
}
