package org.rtcn.jobs.inputs;

import java.io.Serializable;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.random.RandomStreams;

/**
 * A recording to be read.
 *
 * @param header full path of the header file; of another format the file, and of a file of several
 *     recordings the recording's name behind it
 * @param name path of the header below the root, without {@code .hea}
 * @param bytes size of header and signals, for balance
 * @param stamp changes when the files change
 * @param facts what a label file says, null where the header says it
 * @param part its name within a file of another format, empty where the file holds but one; null
 *     for WFDB
 */
public record ListedRecord(
    String header, String name, long bytes, String stamp, RecordFacts facts, String part)
    implements Serializable {

  /** A WFDB record. */
  public ListedRecord(String header, String name, long bytes, String stamp, RecordFacts facts) {
    this(header, name, bytes, stamp, facts, null);
  }

  /** One of {@code count} recordings of this file. */
  public ListedRecord part(String within, int count) {
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
  public boolean isWfdb() {
    return part == null;
  }

  /** Full path of the file that holds it. */
  public String file() {
    return part == null || part.isEmpty()
        ? header
        : header.substring(0, header.length() - part.length() - 1);
  }

  /** This record with what a label file says, which then belongs to its stamp. */
  public ListedRecord with(RecordFacts stated) {
    String known = Long.toHexString(RandomStreams.seedOf(0, "facts", stated.toString()));
    return new ListedRecord(header, name, bytes, stamp + "#" + known, stated, part);
  }

  /** What its files say, without the label file's part. */
  public String stampOfFiles() {
    return stamp.split("#", 2)[0];
  }

  /** This record with another stamp of its files. */
  public ListedRecord stamped(String ofFiles) {
    return new ListedRecord(
        header, name, bytes, ofFiles + stamp.substring(stampOfFiles().length()), facts, part);
  }

  /** This record under another name. */
  public ListedRecord named(String other) {
    return new ListedRecord(header, other, bytes, stamp, facts, part);
  }
}
