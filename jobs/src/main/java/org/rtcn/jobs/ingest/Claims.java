package org.rtcn.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.rtcn.jobs.ingest.EcgSource.ListedRecord;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.ingest.EcgSource.Refusal;

/**
 * Which inputs belong to others: headers that were read as segments of a recording, and signal
 * files that a header of another name names. What nobody claims is refused, not forgotten.
 *
 * @param segments headers, full paths
 * @param orphans signal files that no header names
 */
record Claims(List<String> segments, List<String> orphans) {

  static Claims of(SparkSession spark, Dataset<Row> outcomes, Listing listing) {
    Set<String> headers = new TreeSet<>();
    for (ListedRecord record : listing.records()) {
      headers.add(record.header());
    }
    Set<String> orphans = new TreeSet<>(listing.orphans());
    Set<String> segments = new TreeSet<>();
    Dataset<Row> foreign =
        outcomes.select(col("path"), explode(col("opened")).as("file")).where("file <> path");
    if (orphans.isEmpty()) {
      foreign = foreign.where("lower(file) LIKE '%.hea' OR lower(file) LIKE '%.hea.gz'");
    }
    for (Row row : foreign.select("file").distinct().collectAsList()) {
      orphans.remove(row.getString(0));
      if (headers.contains(row.getString(0))) {
        segments.add(row.getString(0));
      }
    }
    return new Claims(new ArrayList<>(segments), new ArrayList<>(orphans));
  }

  /** True of outcomes that stand for themselves. */
  Column notSegments() {
    return segments.isEmpty()
        ? functions.lit(true)
        : functions.not(col("path").isInCollection(segments));
  }

  /** One for each claimed header and for each file that nobody claims. */
  List<Refusal> refusals() {
    List<Refusal> refusals = new ArrayList<>();
    for (String segment : segments) {
      refusals.add(
          new Refusal(
              segment,
              "SEGMENT_OF_RECORD",
              "Not a recording of its own: it was read as a segment of another header"));
    }
    for (String orphan : orphans) {
      refusals.add(
          new Refusal(
              orphan,
              "HEADER_MISSING",
              "Cannot use " + orphan + ": no header names it; fetch its header"));
    }
    return refusals;
  }

  int orphanCount() {
    return orphans.size();
  }
}
