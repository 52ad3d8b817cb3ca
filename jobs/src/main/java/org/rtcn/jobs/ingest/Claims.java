package org.rtcn.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;

/**
 * Which inputs belong to others: headers that another header names as its segments, and signal
 * files that a header of another name names. It is the naming that counts, not what became of the
 * recording: a piece of one that is refused is not a recording of its own either. What nobody
 * claims is refused, not forgotten.
 *
 * @param segments headers, full paths, with the header that names each
 * @param orphans signal files that no header names
 */
record Claims(Map<String, String> segments, List<String> orphans) {

  static Claims of(SparkSession spark, Dataset<Row> outcomes, Listing listing) {
    Set<String> headers = new TreeSet<>();
    for (ListedRecord record : listing.records()) {
      headers.add(record.header());
    }
    Set<String> orphans = new TreeSet<>(listing.orphans());
    Map<String, String> segments = new TreeMap<>();
    Dataset<Row> foreign =
        outcomes.select(col("path"), explode(col("opened")).as("file")).where("file <> path");
    if (orphans.isEmpty()) {
      foreign = foreign.where("lower(file) LIKE '%.hea' OR lower(file) LIKE '%.hea.gz'");
    }
    for (Row row : foreign.groupBy("file").agg(functions.min("path")).collectAsList()) {
      orphans.remove(row.getString(0));
      if (headers.contains(row.getString(0))) {
        segments.put(row.getString(0), row.getString(1));
      }
    }
    return new Claims(segments, new ArrayList<>(orphans));
  }

  /** True of outcomes that stand for themselves. */
  Column notSegments() {
    return segments.isEmpty()
        ? functions.lit(true)
        : functions.not(col("path").isInCollection(segments.keySet()));
  }

  /** One for each claimed header and for each file that nobody claims. */
  List<Refusal> refusals() {
    List<Refusal> refusals = new ArrayList<>();
    segments.forEach(
        (segment, header) ->
            refusals.add(
                new Refusal(
                    segment,
                    "SEGMENT_OF_RECORD",
                    "Not a recording of its own: " + header + " names it as a segment")));
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
