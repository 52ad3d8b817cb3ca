package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;

/**
 * An archive of recordings: where its headers lie and what it says about them. To add one,
 * implement this and name it in {@link SourceKind}.
 */
interface EcgSource extends Serializable {

  /** Name of the data set in the tables, unless the user gives another. */
  String dataset();

  /** The same for files of other formats than WFDB. */
  default String datasetOfFiles() {
    return "ecg";
  }

  /**
   * Finds the recordings. Runs on the driver: file names and label files only, no signals.
   *
   * @param root the input folder
   */
  Listing list(FileSystem fileSystem, Path root) throws IOException;

  /** What the archive says about a recording. Runs in tasks. */
  RecordFacts facts(ListedRecord record, WfdbHeader header);

  /**
   * What a source found.
   *
   * @param records to be read
   * @param refused inputs that cannot be read, known from the listing alone
   * @param orphans signal files without a header of their name: refused unless a header names them
   * @param unknownCodes statement codes that the archive does not define, with their recordings
   * @param labelFiles label files that were read, with how
   */
  record Listing(
      List<ListedRecord> records,
      List<Refusal> refused,
      List<String> orphans,
      Map<String, Long> unknownCodes,
      Map<String, String> labelFiles) {

    Listing(List<ListedRecord> records, List<Refusal> refused, List<String> orphans) {
      this(records, refused, orphans, Map.of(), Map.of());
    }

    /** Everything below a folder, for sources whose labels stand in the headers. */
    static Listing of(HeaderFiles tree) {
      return new Listing(new ArrayList<>(tree.records().values()), tree.refused(), tree.orphans());
    }

    /** These recordings, and what else was refused. */
    Listing with(List<ListedRecord> others, List<Refusal> more) {
      List<Refusal> all = new ArrayList<>(refused);
      all.addAll(more);
      return new Listing(others, all, orphans, unknownCodes, labelFiles);
    }

    /** These recordings and others. */
    Listing plus(Collection<ListedRecord> others) {
      List<ListedRecord> all = new ArrayList<>(records);
      all.addAll(others);
      return with(all, List.of());
    }

    /** Without files that turned out to be recordings themselves. */
    Listing without(Set<String> files) {
      return new Listing(
          records,
          refused,
          orphans.stream().filter(orphan -> !files.contains(orphan)).toList(),
          unknownCodes,
          labelFiles);
    }

    /** The recordings that a label file names, and what it does not. */
    Listing labelled(LabelJoin.Joined joined) {
      return with(joined.records(), joined.refused());
    }

    /** With the label files that were read. */
    Listing read(Map<String, String> files) {
      return new Listing(records, refused, orphans, unknownCodes, files);
    }
  }
}
