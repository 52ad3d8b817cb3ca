package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.PtbLabels;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.wfdb.WfdbEcgReader;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;

/**
 * The PTB Diagnostic ECG Database, and simulated records: one folder a patient, labels in headers.
 */
record PtbSource(FormerInfarction former) implements EcgSource {
  private static final Pattern SUBJECT =
      Pattern.compile("^(?:(.*?/p\\d+|p\\d+)/s\\d+|(.*?/sub-[^/]+|sub-[^/]+)/ses-[^/]+)/");

  @Override
  public String dataset() {
    return "ptbdb";
  }

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    return Listing.of(HeaderFiles.below(fileSystem, root));
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    return facts(record, header, former);
  }

  /**
   * What PTB's comments say, and where they do not, those of {@code rtcn convert}: the patient, who
   * is then not the folder, and statements.
   */
  static RecordFacts facts(ListedRecord record, WfdbHeader header, FormerInfarction former) {
    EcgFacts written = WfdbEcgReader.facts(header);
    String patient = written.patientId().orElseGet(() -> patientName(record.name()));
    return FormatRecordReader.facts(
        PtbLabels.facts(patient, header::comment, former), record.name(), written);
  }

  /**
   * The folder that holds the record; a record at the root is a patient of its own. Where folders
   * of studies stand in folders of subjects, the subject's: {@code p10000032/s40689238}
   * (MIMIC-IV-ECG), {@code sub-01/ses-02} (BIDS).
   */
  static String patientName(String recordName) {
    Matcher subject = SUBJECT.matcher(recordName);
    if (subject.find()) {
      return subject.group(1) == null ? subject.group(2) : subject.group(1);
    }
    int slash = recordName.lastIndexOf('/');
    return slash < 0 ? recordName : recordName.substring(0, slash);
  }
}
