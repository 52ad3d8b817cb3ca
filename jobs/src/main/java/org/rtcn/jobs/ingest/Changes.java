package org.rtcn.jobs.ingest;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;

/**
 * What has to be read since the last run. Refused inputs are always tried again. Where segments,
 * files of other names or windows without samples are involved, or settings differ, everything is
 * read.
 *
 * @param isUpdate whether earlier rows are kept at all
 * @param reread recordings to read
 * @param unchanged headers whose rows stay as they are
 * @param gone recordings of the last run that are not there any more
 */
record Changes(boolean isUpdate, List<ListedRecord> reread, Set<String> unchanged, long gone) {

  static Changes all(Listing listing) {
    return new Changes(false, listing.records(), Set.of(), 0);
  }

  static Changes since(StageContext context, Map<String, String> settings, Listing listing) {
    if (!context.run().has("ingest")) {
      return all(listing);
    }
    Manifest earlier = context.run().requireStage("ingest");
    boolean entangled =
        !listing.orphans().isEmpty()
            || earlier.count("refused.SEGMENT_OF_RECORD") > 0
            || earlier.count(IngestStage.WINDOWS_LEFT_OUT) > 0;
    if (!earlier.configuration().equals(settings)
        || earlier.schemaVersion() != Table.SCHEMA_VERSION
        || entangled) {
      return new Changes(true, listing.records(), Set.of(), 0);
    }
    Map<String, String> before = new TreeMap<>();
    for (Row row :
        context
            .run()
            .read(context.spark(), Table.RECORDS)
            .select("source_path", "source_stamp")
            .distinct()
            .collectAsList()) {
      before.put(row.getString(0), row.getString(1));
    }
    List<ListedRecord> reread = new ArrayList<>();
    Set<String> unchanged = new TreeSet<>();
    for (ListedRecord record : listing.records()) {
      if (record.stamp().equals(before.get(record.header()))) {
        unchanged.add(record.header());
      } else {
        reread.add(record);
      }
      before.remove(record.header());
    }
    return new Changes(true, reread, unchanged, before.size());
  }

  /** The rows that stay. */
  Dataset<Row> keptRecords(StageContext context) {
    Dataset<Row> paths =
        context
            .spark()
            .createDataset(new ArrayList<>(unchanged), Encoders.STRING())
            .toDF("unchanged_path");
    return context
        .run()
        .read(context.spark(), Table.RECORDS)
        .join(paths, col("source_path").equalTo(col("unchanged_path")), "left_semi");
  }
}
