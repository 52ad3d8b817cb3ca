package org.rtcn.jobs.ingest;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.ecg.SnomedLabels;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;

/** The PhysioNet/CinC Challenges 2020 and 2021: SNOMED CT codes in headers, no patients named. */
record CincSource(FormerInfarction former) implements EcgSource {

  @Override
  public String dataset() {
    return "cinc";
  }

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    return Listing.of(HeaderFiles.below(fileSystem, root));
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    return SnomedLabels.facts(record.name(), header::comment, former);
  }
}
