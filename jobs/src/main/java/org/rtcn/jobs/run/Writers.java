package org.rtcn.jobs.run;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.rtcn.jobs.tables.Table;

/** Which stages write a table: a run holds it from one of them, whose manifest speaks for it. */
final class Writers {
  private static final Map<Table, List<String>> STAGES = new EnumMap<>(Table.class);

  static {
    for (Table table : List.of(Table.RECORDS, Table.SIGNALS, Table.REJECTS)) {
      STAGES.put(table, List.of("ingest"));
    }
    // A run with a leaking split has its own splits from its own transform.
    STAGES.put(Table.SPLITS, List.of("ingest", "transform"));
    for (Table table : List.of(Table.BEATS, Table.SPECTROGRAMS)) {
      STAGES.put(table, List.of("transform"));
    }
    for (Table table : List.of(Table.SYNTHETIC_BEATS, Table.SYNTHETIC_SPECTROGRAMS)) {
      STAGES.put(table, List.of("augment"));
    }
    STAGES.put(Table.PREDICTIONS, List.of("evaluate", "crossval", "predict"));
    STAGES.put(Table.UNANSWERED, List.of("predict"));
    for (Table table :
        List.of(Table.PREDICTION_VARIANTS, Table.METRICS, Table.BOOTSTRAP, Table.GRADCAM)) {
      STAGES.put(table, List.of("evaluate", "crossval"));
    }
    STAGES.put(Table.COMPARISONS, List.of("compare", "ablate"));
  }

  private Writers() {}

  /** Stages that may have written the table, the usual one first. */
  static List<String> of(Table table) {
    return STAGES.getOrDefault(table, List.of());
  }

  /** A stage that writes a table must be named here, or nobody would find its manifest. */
  static void require(Table table, String stage) {
    if (!of(table).contains(stage)) {
      throw new IllegalStateException(
          "Cannot let " + stage + " own " + table.tableName() + ": name it in Writers");
    }
  }
}
