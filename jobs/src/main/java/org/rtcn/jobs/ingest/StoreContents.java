package org.rtcn.jobs.ingest;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;

/**
 * What {@link RecordsCommand} says, counted by this process from three tables of the run. It holds
 * one entry per patient and header.
 */
final class StoreContents {
  /** The order of the answer: {@code what}, dataset, a fold's number, name. */
  private record Group(int place, String what, String dataset, int number, String name)
      implements Comparable<Group> {
    private static final Comparator<Group> ORDER =
        Comparator.comparingInt(Group::place)
            .thenComparing(Group::dataset)
            .thenComparingInt(Group::number)
            .thenComparing(Group::name);

    @Override
    public int compareTo(Group other) {
      return ORDER.compare(this, other);
    }
  }

  private static final class Count {
    private final Set<String> patients = new HashSet<>();
    private final Set<String> inputs = new HashSet<>();
    private double seconds;
    private boolean simulated;

    Row row(Group group) {
      BigDecimal hours = BigDecimal.valueOf(seconds / 3600).setScale(3, RoundingMode.HALF_UP);
      return RowFactory.create(
          group.what(),
          group.dataset(),
          group.name(),
          (long) patients.size(),
          (long) inputs.size(),
          hours.doubleValue(),
          simulated);
    }
  }

  private final Map<String, Integer> folds = new HashMap<>();
  private final Map<Group, Count> counts = new TreeMap<>();
  private final Map<Group, Long> refused = new TreeMap<>();

  /** One text is held once, in however many sets it is. */
  private final Map<String, String> texts = new HashMap<>();

  private StoreContents() {}

  /** The rows that {@link RecordsCommand#contents} has, in the same order. */
  static List<Row> of(StageContext context) {
    RecordsCommand.requireRecordings(context);
    StoreContents contents = new StoreContents();
    context.each(Table.SPLITS, Optional.empty(), contents::addSplit, "patient_id", "fold");
    context.each(
        Table.RECORDS,
        Optional.empty(),
        contents::addRecord,
        "dataset",
        "label",
        "patient_id",
        "source_path",
        "n_samples",
        "fs_hz",
        "simulated");
    context.each(Table.REJECTS, Optional.empty(), contents::addReject, "dataset", "reason");
    return contents.rows();
  }

  private boolean addSplit(Row row) {
    folds.put(row.getString(0), row.getInt(1));
    return true;
  }

  private boolean addRecord(Row row) {
    String dataset = row.getString(0);
    String patient = texts.computeIfAbsent(row.getString(2), text -> text);
    add(new Group(1, "label", dataset, 0, row.getString(1)), patient, row);
    Integer fold = folds.get(patient);
    if (fold != null) {
      add(new Group(2, "fold", dataset, fold, fold.toString()), patient, row);
    }
    add(new Group(4, "all", dataset, 0, "kept"), patient, row);
    return true;
  }

  /** A long recording stands in several rows, one a window, that share its header. */
  private void add(Group group, String patient, Row row) {
    Count count = counts.computeIfAbsent(group, key -> new Count());
    count.patients.add(patient);
    count.inputs.add(texts.computeIfAbsent(row.getString(3), text -> text));
    count.seconds += row.getInt(4) / row.getDouble(5);
    count.simulated |= row.getBoolean(6);
  }

  private boolean addReject(Row row) {
    refused.merge(new Group(3, "refused", row.getString(0), 0, row.getString(1)), 1L, Long::sum);
    return true;
  }

  private List<Row> rows() {
    Map<Group, Row> rows = new TreeMap<>();
    counts.forEach((group, count) -> rows.put(group, count.row(group)));
    refused.forEach(
        (group, inputs) ->
            rows.put(
                group,
                RowFactory.create(
                    group.what(), group.dataset(), group.name(), null, inputs, null, null)));
    return new ArrayList<>(rows.values());
  }
}
