package org.rtcn.jobs.ingest;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.PtbLabels;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.wfdb.WfdbHeader;

/**
 * The PTB Diagnostic ECG Database, and simulated records: one folder a patient, labels in headers.
 */
record PtbSource(FormerInfarction former) implements EcgSource {

  @Override
  public String dataset() {
    return "ptbdb";
  }

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    return HeaderFiles.below(fileSystem, root).listing();
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    return PtbLabels.facts(patientName(record.name()), header::comment, former);
  }

  /** The folder that holds the record; a record at the root is a patient of its own. */
  static String patientName(String recordName) {
    int slash = recordName.lastIndexOf('/');
    return slash < 0 ? recordName : recordName.substring(0, slash);
  }
}
