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
import org.rtcn.common.random.RandomStreams;
import org.rtcn.common.wfdb.WfdbHeader;

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

  /**
   * A recording to be read.
   *
   * @param header full path of the header file; of another format the file, and of a file of
   *     several recordings the recording's name behind it
   * @param name path of the header below the root, without {@code .hea}
   * @param bytes size of header and signals, for balance
   * @param stamp changes when the files change
   * @param facts what a label file says, null where the header says it
   * @param part its name within a file of another format, empty where the file holds but one; null
   *     for WFDB
   */
  record ListedRecord(
      String header, String name, long bytes, String stamp, RecordFacts facts, String part)
      implements Serializable {

    /** A WFDB record. */
    ListedRecord(String header, String name, long bytes, String stamp, RecordFacts facts) {
      this(header, name, bytes, stamp, facts, null);
    }

    /** One of {@code count} recordings of this file. */
    ListedRecord part(String within, int count) {
      return within.isEmpty()
          ? new ListedRecord(header, name, bytes, stamp, facts, within)
          : new ListedRecord(
              header + "/" + within,
              name + "/" + within,
              Math.max(1, bytes / count),
              stamp,
              facts,
              within);
    }

    /** Whether it is a WFDB record. */
    boolean isWfdb() {
      return part == null;
    }

    /** Full path of the file that holds it. */
    String file() {
      return part == null || part.isEmpty()
          ? header
          : header.substring(0, header.length() - part.length() - 1);
    }

    /** This record with what a label file says, which then belongs to its stamp. */
    ListedRecord with(RecordFacts stated) {
      String known = Long.toHexString(RandomStreams.seedOf(0, "facts", stated.toString()));
      return new ListedRecord(header, name, bytes, stamp + "#" + known, stated, part);
    }

    /** What its files say, without the label file's part. */
    String stampOfFiles() {
      return stamp.split("#", 2)[0];
    }

    /** This record with another stamp of its files. */
    ListedRecord stamped(String ofFiles) {
      return new ListedRecord(
          header, name, bytes, ofFiles + stamp.substring(stampOfFiles().length()), facts, part);
    }

    /** This record under another name. */
    ListedRecord named(String other) {
      return new ListedRecord(header, other, bytes, stamp, facts, part);
    }
  }

  /** An input that was refused: a row of {@code rejects}. */
  record Refusal(String path, String reason, String detail) implements Serializable {}
}
