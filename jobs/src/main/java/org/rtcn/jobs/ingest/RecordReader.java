package org.rtcn.jobs.ingest;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;

/**
 * Reads recordings of one format to their rows ({@link RecordRows} makes them), or to the reason
 * why not. One instance serves one task.
 */
interface RecordReader {

  /** The outcomes of a recording, at least one; windows are read as they are asked for. */
  Iterator<Outcome> read(ListedRecord listed);

  /**
   * What became of a recording or of a window of it: either both rows, or a refusal. A window
   * without any valid sample of a recording that has others is left out and has neither.
   *
   * @param path what was listed
   * @param record a row of the table RECORDS
   * @param signals a row of the table SIGNALS
   * @param opened files that belong to it: opened, or named by what was refused; of windows, only
   *     with the first
   */
  record Outcome(String path, Row record, Row signals, Refusal refusal, List<String> opened) {

    static Outcome leftOut(ListedRecord listed) {
      return new Outcome(listed.header(), null, null, null, List.of());
    }

    static Outcome refused(
        ListedRecord listed, String reason, String detail, Iterable<String> opened) {
      List<String> files = new java.util.ArrayList<>();
      opened.forEach(files::add);
      return new Outcome(
          listed.header(), null, null, new Refusal(listed.header(), reason, detail), files);
    }
  }
}
