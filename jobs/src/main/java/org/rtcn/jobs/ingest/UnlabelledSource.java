package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.error.UserException;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;

/**
 * Any tree of WFDB records, labels laid aside: what {@code predict} reads. The folder is the
 * patient, see {@link PtbSource#patientName}. Of PTB-XL, which carries each recording at two rates,
 * one is read, and patients are those of its database.
 *
 * @param ptbxlRateHz 100 or 500
 */
record UnlabelledSource(int ptbxlRateHz) implements EcgSource {

  @Override
  public String dataset() {
    return "wfdb";
  }

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    HeaderFiles all = HeaderFiles.below(fileSystem, root);
    boolean bothRates =
        fileSystem.exists(new Path(root, PtbXlSource.folder(100)))
            && fileSystem.exists(new Path(root, PtbXlSource.folder(500)));
    HeaderFiles one = bothRates ? all.without(PtbXlSource.folder(600 - ptbxlRateHz) + "/") : all;
    if (!fileSystem.exists(new Path(root, PtbXlSource.DATABASE))
        || !fileSystem.exists(new Path(root, PtbXlSource.folder(ptbxlRateHz)))) {
      return Listing.of(one);
    }
    Listing database;
    try {
      database = new PtbXlSource(ptbxlRateHz).list(fileSystem, root);
    } catch (UserException e) {
      // Its labels are not wanted: without it folders are patients.
      return Listing.of(one);
    }
    return Listing.of(one).with(withPatients(one, database), List.of());
  }

  /** The recordings, with what the database knows of those that it names. */
  private static List<ListedRecord> withPatients(HeaderFiles one, Listing database) {
    java.util.Map<String, ListedRecord> named = new java.util.HashMap<>();
    database.records().forEach(record -> named.put(record.header(), record));
    List<ListedRecord> records = new ArrayList<>();
    for (ListedRecord record : one.records().values()) {
      ListedRecord known = named.get(record.header());
      records.add(known == null ? record : record.with(known.facts().withoutLabel()));
    }
    return records;
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    if (record.facts() != null) {
      return record.facts();
    }
    // Age, sex and whether it is simulated are taken where PTB would say them; labels never are.
    return PtbSource.facts(record, header, FormerInfarction.IGNORE).withoutLabel();
  }
}
