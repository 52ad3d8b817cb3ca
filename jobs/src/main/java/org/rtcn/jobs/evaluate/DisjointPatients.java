package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sort_array;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import scala.collection.JavaConverters;

/**
 * Looks at the data themselves, not at what a stage promised: no patient in two folds, no fold
 * other than the one that splits says, and no recording under two names in two folds. A leak of
 * this kind turns memory into skill and is invisible in every figure.
 */
public final class DisjointPatients {
  /** The fold of patients that splits does not know. */
  private static final int NOBODY = -1;

  private DisjointPatients() {}

  /**
   * Checks images, beats and recordings of the run, on the executors: what is wrong reaches the
   * driver, and nothing else.
   *
   * @param verb what is refused, for the message
   * @return records whose very signal stands in another fold under another name: archives do hold
   *     such pairs (PTB-XL 145 and 463), and a model that has learned the one knows the other. They
   *     must not be measured
   * @throws UserException if a patient stands on two sides
   */
  public static SortedSet<String> require(StageContext context, String verb) {
    requireOneFold(verb, "splits has", folds(context, Table.SPLITS));
    for (Table table : List.of(Table.SPECTROGRAMS, Table.BEATS)) {
      if (context.run().has(table)) {
        requireOneFold(verb, table.tableName() + " have", folds(context, table));
        requireFoldsOfSplits(context, verb, table);
      }
    }
    SortedSet<String> twins = twins(context);
    if (!twins.isEmpty()) {
      context
          .console()
          .printf(
              "           %d recordings stand under several names in several folds and are not"
                  + " measured, for example %s%n",
              twins.size(), twins.first());
    }
    return twins;
  }

  private static Dataset<Row> folds(StageContext context, Table table) {
    return context.run().read(context.spark(), table).select("patient_id", "fold").distinct();
  }

  private static void requireOneFold(String verb, String what, Dataset<Row> folds) {
    folds
        .groupBy("patient_id")
        .agg(sort_array(collect_set("fold")).as("folds"))
        .where(size(col("folds")).gt(1))
        .orderBy("patient_id")
        .takeAsList(1)
        .forEach(
            row -> {
              throw new UserException(
                  String.format(
                      "Cannot %s: %s patient %s in the folds %s at once. A patient on both sides"
                          + " turns memory into skill; run ingest and transform again.",
                      verb, what, row.getString(0), row.<Integer>getList(1)));
            });
  }

  private static void requireFoldsOfSplits(StageContext context, String verb, Table table) {
    folds(context, table)
        .join(
            folds(context, Table.SPLITS).withColumnRenamed("fold", "stated"),
            JavaConverters.asScalaBuffer(List.of("patient_id")),
            "left_outer")
        .where(not(col("fold").eqNullSafe(col("stated"))))
        .orderBy("patient_id")
        .takeAsList(1)
        .forEach(
            row -> {
              throw new UserException(
                  String.format(
                      "Cannot %s: %s have patient %s in fold %s, splits in %s. Run transform"
                          + " again.",
                      verb,
                      table.tableName(),
                      row.getString(0),
                      row.getInt(1),
                      row.isNullAt(2) ? "no fold" : "fold " + row.getInt(2)));
            });
  }

  private static SortedSet<String> twins(StageContext context) {
    SortedSet<String> twins = new TreeSet<>();
    if (!context.run().has(Table.RECORDS)) {
      return twins;
    }
    context
        .run()
        .read(context.spark(), Table.RECORDS)
        .select("record_id", "patient_id", "signal_hash")
        .join(
            folds(context, Table.SPLITS),
            JavaConverters.asScalaBuffer(List.of("patient_id")),
            "left_outer")
        .groupBy("signal_hash")
        .agg(
            countDistinct(coalesce(col("fold"), lit(NOBODY))).as("folds"),
            collect_list("record_id").as("records"))
        .where(col("folds").gt(1))
        .select(explode(col("records")))
        .collectAsList()
        .forEach(row -> twins.add(row.getString(0)));
    return twins;
  }
}
