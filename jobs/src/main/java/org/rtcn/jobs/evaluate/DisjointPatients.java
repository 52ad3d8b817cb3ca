package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.Table;

/**
 * Looks at the data themselves, not at what a stage promised: no patient in two folds, no fold
 * other than the one that splits says, and no recording under two names in two folds. A leak of
 * this kind turns memory into skill and is invisible in every figure.
 */
public final class DisjointPatients {
  private DisjointPatients() {}

  /**
   * Checks images, beats and signals of the run. Only ids, folds and checksums reach the driver.
   *
   * @param verb what is refused, for the message
   * @return records whose very signal stands in another fold under another name: archives do hold
   *     such pairs (PTB-XL 145 and 463), and a model that has learned the one knows the other. They
   *     must not be measured
   * @throws UserException if a patient stands on two sides
   */
  public static SortedSet<String> require(StageContext context, String verb) {
    Map<String, SortedSet<Integer>> splits = folds(context, Table.SPLITS);
    requireOneFold(verb, "splits has", splits);
    for (Table table : List.of(Table.SPECTROGRAMS, Table.BEATS)) {
      if (!context.run().has(table)) {
        continue;
      }
      Map<String, SortedSet<Integer>> seen = folds(context, table);
      requireOneFold(verb, table.tableName() + " have", seen);
      seen.forEach(
          (patient, fold) -> {
            if (!fold.equals(splits.get(patient))) {
              throw new UserException(
                  String.format(
                      "Cannot %s: %s have patient %s in fold %s, splits in %s. Run transform again.",
                      verb,
                      table.tableName(),
                      patient,
                      fold.first(),
                      splits.containsKey(patient)
                          ? "fold " + splits.get(patient).first()
                          : "no fold"));
            }
          });
    }
    SortedSet<String> twins = twins(context, splits);
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

  private static Map<String, SortedSet<Integer>> folds(StageContext context, Table table) {
    Map<String, SortedSet<Integer>> folds = new TreeMap<>();
    context
        .run()
        .read(context.spark(), table)
        .select("patient_id", "fold")
        .distinct()
        .collectAsList()
        .forEach(
            row ->
                folds.computeIfAbsent(row.getString(0), id -> new TreeSet<>()).add(row.getInt(1)));
    return folds;
  }

  private static void requireOneFold(
      String verb, String what, Map<String, SortedSet<Integer>> folds) {
    folds.forEach(
        (patient, in) -> {
          if (in.size() > 1) {
            throw new UserException(
                String.format(
                    "Cannot %s: %s patient %s in the folds %s at once. A patient on both sides turns"
                        + " memory into skill; run ingest and transform again.",
                    verb, what, patient, in));
          }
        });
  }

  private static SortedSet<String> twins(
      StageContext context, Map<String, SortedSet<Integer>> splits) {
    SortedSet<String> twins = new TreeSet<>();
    if (!context.run().has(Table.SIGNALS) || !context.run().has(Table.RECORDS)) {
      return twins;
    }
    Map<String, String> patients = new HashMap<>();
    context
        .run()
        .read(context.spark(), Table.RECORDS)
        .select("record_id", "patient_id")
        .collectAsList()
        .forEach(row -> patients.put(row.getString(0), row.getString(1)));
    Column[] leads = LeadColumns.NAMES.stream().map(name -> col(name)).toArray(Column[]::new);
    Map<Long, List<String>> named = new HashMap<>();
    context
        .run()
        .read(context.spark(), Table.SIGNALS)
        .select(col("record_id"), xxhash64(leads))
        .collectAsList()
        .forEach(
            row ->
                named
                    .computeIfAbsent(row.getLong(1), hash -> new ArrayList<>())
                    .add(row.getString(0)));
    for (List<String> same : named.values()) {
      Set<SortedSet<Integer>> folds = new HashSet<>();
      same.forEach(record -> folds.add(splits.get(patients.get(record))));
      if (folds.size() > 1) {
        twins.addAll(same);
      }
    }
    return twins;
  }
}
