package org.rtcn.jobs.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rtcn.jobs.tables.Table;

/**
 * Which stages write a path of a run: it holds it from one of them, whose manifest speaks for it.
 * All that any stage owns stands here, so that what holds for all of it can be tried on all of it.
 */
final class Writers {
  /** Path below the run to stages, the usual one first. */
  private static final Map<String, List<String>> STAGES = new LinkedHashMap<>();

  static {
    put(List.of("ingest"), Table.RECORDS, Table.SIGNALS, Table.REJECTS);
    // A run with a leaking split has its own splits from its own transform.
    put(List.of("ingest", "transform"), Table.SPLITS);
    put(List.of("transform"), Table.BEATS, Table.SPECTROGRAMS);
    put(List.of("augment"), Table.SYNTHETIC_BEATS, Table.SYNTHETIC_SPECTROGRAMS);
    put(List.of("evaluate", "crossval", "predict"), Table.PREDICTIONS);
    put(List.of("predict"), Table.UNANSWERED);
    put(List.of("gate"), Table.GATE);
    put(
        List.of("evaluate", "crossval"),
        Table.PREDICTION_VARIANTS,
        Table.METRICS,
        Table.BOOTSTRAP,
        Table.GRADCAM);
    put(List.of("compare", "ablate"), Table.COMPARISONS);
    STAGES.put("raw", List.of("simulate"));
    STAGES.put("models/ddpm", List.of("augment"));
    STAGES.put("models/rtcn", List.of("train"));
    STAGES.put("models/rtcn-beats.safetensors", List.of("train"));
    STAGES.put("models/rtcn-evaluation.json", List.of("evaluate"));
    STAGES.put("report", List.of("evaluate", "crossval", "ablate"));
    STAGES.put("report/records", List.of("predict"));
    STAGES.put("comparison", List.of("compare"));
  }

  private Writers() {}

  private static void put(List<String> stages, Table... tables) {
    for (Table table : tables) {
      STAGES.put(RunDirectory.relative(table), stages);
    }
  }

  /** Stages that may have written the table, the usual one first. */
  static List<String> of(Table table) {
    return STAGES.getOrDefault(RunDirectory.relative(table), List.of());
  }

  /** All that each stage may own, tables first. */
  static Map<String, List<String>> byStage() {
    Map<String, List<String>> owned = new TreeMap<>();
    STAGES.forEach(
        (path, stages) ->
            stages.forEach(
                stage -> owned.computeIfAbsent(stage, name -> new ArrayList<>()).add(path)));
    return owned;
  }

  /** A stage that writes a path must be named here, or nobody would find its manifest. */
  static void require(String path, String stage) {
    if (!STAGES.getOrDefault(path, List.of()).contains(stage)) {
      throw new IllegalStateException(
          "Cannot let " + stage + " own " + path + ": name it in Writers");
    }
  }
}
