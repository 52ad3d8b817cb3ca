package org.rtcn.jobs.ingest;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.PtbLabels;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.wfdb.WfdbHeader;

/** Any tree of WFDB records without labels: what {@code predict} reads. */
record UnlabelledSource() implements EcgSource {

  @Override
  public String dataset() {
    return "wfdb";
  }

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    return HeaderFiles.below(fileSystem, root).listing();
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    // Age, sex and whether it is simulated are taken where PTB would say them; labels never are.
    RecordFacts stated =
        PtbLabels.facts(
            PtbSource.patientName(record.name()), header::comment, FormerInfarction.IGNORE);
    return new RecordFacts(
        stated.patientName(),
        stated.ageYears(),
        stated.sex(),
        null,
        null,
        Label.UNKNOWN,
        stated.simulated(),
        null);
  }
}
