package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.nn.ExplanationChecks;
import org.rtcn.common.report.HeatMap;
import org.rtcn.common.report.LooksSection;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.Signals;

/**
 * Mean maps per class and the findings of the sanity checks, from the rows of the gradcam table.
 */
final class LooksAssembler {
  private final StageContext context;
  private final List<Row> rows;
  private final List<LooksSection.TrialRow> trial;
  private final MapKind kind;

  /**
   * @param context the run that holds beats and images
   * @param gradcam rows of {@link Table#GRADCAM}
   * @param trial of the maps on simulated twins; may be empty
   * @param kind of the maps of leads and segments
   */
  LooksAssembler(
      StageContext context, Dataset<Row> gradcam, List<LooksSection.TrialRow> trial, MapKind kind) {
    this.kind = kind;
    this.context = context;
    this.trial = List.copyOf(trial);
    this.rows = new ArrayList<>(gradcam.collectAsList());
    // The mean must not depend on the order in which rows arrive.
    rows.sort(Comparator.comparing(row -> row.getAs("beat_id")));
  }

  Optional<LooksSection> assemble(List<String> classes) {
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    List<String> right =
        rows.stream()
            .filter(row -> row.<String>getAs("truth").equals(row.getAs("predicted")))
            .map(row -> row.<String>getAs("beat_id"))
            .toList();
    Map<String, Row> windows = byId(Table.BEATS, right);
    Map<String, Row> images = byId(Table.SPECTROGRAMS, right);
    List<LooksSection.ClassLook> looks = new ArrayList<>();
    for (String name : classes) {
      List<Row> of =
          rows.stream()
              .filter(row -> row.getAs("truth").equals(name) && row.getAs("predicted").equals(name))
              .filter(row -> windows.containsKey(row.<String>getAs("beat_id")))
              .filter(row -> images.containsKey(row.<String>getAs("beat_id")))
              .toList();
      if (!of.isEmpty()) {
        looks.add(look(name, of, windows, images));
      }
    }
    return Optional.of(
        new LooksSection(
            looks,
            rows.size(),
            sanity(),
            ExplanationChecks.SHARES,
            meanCurve("deletion"),
            meanCurve("deletion_random"),
            trial));
  }

  private LooksSection.ClassLook look(
      String name, List<Row> of, Map<String, Row> windows, Map<String, Row> images) {
    float[] importance = new float[floats(of.get(0), "importance").length];
    float[] perLead = new float[floats(of.get(0), "importance_by_lead").length];
    for (Row row : of) {
      add(importance, floats(row, "importance"), of.size());
      add(perLead, floats(row, "importance_by_lead"), of.size());
    }
    float highest = 0;
    for (float value : importance) {
      highest = Math.max(highest, value);
    }
    int voices = of.get(0).getAs("n_voices");
    int columns = of.get(0).getAs("n_columns");
    float[][] map = new float[voices][columns];
    for (int v = 0; v < voices; v++) {
      for (int c = 0; c < columns; c++) {
        map[v][c] = highest > 0 ? importance[v * columns + c] / highest : 0;
      }
    }
    int[] byImportance =
        IntStream.range(0, perLead.length)
            .boxed()
            .sorted(Comparator.comparingDouble(lead -> -perLead[lead]))
            .mapToInt(Integer::intValue)
            .toArray();
    int lead = byImportance[0];
    float[][] plane = new float[voices][columns];
    EcgSignal first = Signals.of(windows.get(of.get(0).<String>getAs("beat_id")));
    float[][] mean = new float[first.millivolts().length][first.sampleCount()];
    for (Row row : of) {
      String id = row.getAs("beat_id");
      float[] magnitude = floats(images.get(id), "magnitude");
      for (int v = 0; v < voices; v++) {
        int from = (lead * voices + v) * columns;
        add(plane[v], Arrays.copyOfRange(magnitude, from, from + columns), of.size());
      }
      EcgSignal window = Signals.of(windows.get(id));
      for (int i = 0; i < mean.length && i < window.millivolts().length; i++) {
        add(mean[i], window.millivolts()[i], of.size());
      }
    }
    List<LeadSegmentMap> maps =
        of.stream()
            .filter(row -> !row.isNullAt(row.fieldIndex("lead_segment")))
            .map(row -> LeadSegmentMap.ofFlat(kind, floats(row, "lead_segment")))
            .toList();
    return new LooksSection.ClassLook(
        name,
        of.size(),
        new EcgSignal(first.fsHz(), first.leads(), mean),
        windows.get(of.get(0).<String>getAs("beat_id")).getAs("r_in_window"),
        new HeatMap.Spectrogram(
            Lead.STANDARD_12.get(lead).label(),
            plane,
            floats(of.get(0), "voice_hz"),
            floats(of.get(0), "column_ms")),
        map,
        maps.isEmpty() ? Optional.empty() : Optional.of(LeadSegmentMap.mean(maps)));
  }

  private List<LooksSection.SanityRow> sanity() {
    List<LooksSection.SanityRow> found = new ArrayList<>();
    for (ExplanationChecks.Depth depth : ExplanationChecks.Depth.values()) {
      double[] values =
          rows.stream()
              .map(row -> row.<Float>getList(row.fieldIndex("similarity_randomised")))
              .map(
                  similarities ->
                      similarities.get(List.of(ExplanationChecks.Depth.values()).indexOf(depth)))
              // Null where a map is flat.
              .filter(Objects::nonNull)
              .mapToDouble(Float::doubleValue)
              .sorted()
              .toArray();
      found.add(
          new LooksSection.SanityRow(
              depth.label(),
              Arrays.stream(values).average().orElse(Double.NaN),
              values.length == 0 ? Double.NaN : values[values.length / 10],
              values.length == 0 ? Double.NaN : values[values.length - 1 - values.length / 10]));
    }
    return found;
  }

  private List<Double> meanCurve(String column) {
    double[] sum = new double[ExplanationChecks.SHARES.size()];
    for (Row row : rows) {
      float[] curve = floats(row, column);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += curve[i] / (double) rows.size();
      }
    }
    return Arrays.stream(sum).boxed().toList();
  }

  private Map<String, Row> byId(Table table, List<String> ids) {
    Map<String, Row> found = new HashMap<>();
    if (ids.isEmpty() || !context.run().has(table)) {
      return found;
    }
    context
        .run()
        .read(context.spark(), table)
        .where(col("beat_id").isInCollection(ids))
        .collectAsList()
        .forEach(row -> found.put(row.getAs("beat_id"), row));
    return found;
  }

  private static float[] floats(Row row, String column) {
    return Signals.floats(row, row.fieldIndex(column));
  }

  private static void add(float[] sum, float[] values, int count) {
    for (int i = 0; i < sum.length && i < values.length; i++) {
      sum[i] += values[i] / count;
    }
  }
}
