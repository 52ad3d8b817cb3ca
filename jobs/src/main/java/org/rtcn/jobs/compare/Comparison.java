package org.rtcn.jobs.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.error.UserException;
import org.rtcn.common.metrics.Difference;
import org.rtcn.common.metrics.Evaluator;
import org.rtcn.common.metrics.Figure;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.report.ComparisonReport;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.Version;
import org.rtcn.jobs.tables.Table;

/** Figures of several sets of predictions, and their differences from the first on shared cases. */
public final class Comparison {
  /** Levels that are compared; the last is the page's. */
  private static final List<Level> LEVELS = List.of(Level.RECORD, Level.PATIENT);

  private final Evaluator evaluator;
  private final List<Contender> contenders;
  private final Map<Level, List<ComparisonReport.Contender>> measured = new LinkedHashMap<>();
  private final Map<Level, List<ComparisonReport.Pair>> pairs = new LinkedHashMap<>();
  private final List<Row> rows = new ArrayList<>();

  /**
   * A set of predictions.
   *
   * @param name short and unlike the others
   * @param note what it is
   * @param rows by level
   */
  public record Contender(String name, String note, Map<Level, List<Prediction>> rows) {}

  private Comparison(Evaluator evaluator, List<Contender> contenders) {
    this.evaluator = evaluator;
    this.contenders = contenders;
  }

  /**
   * Measures.
   *
   * @throws UserException if names repeat or there are fewer than two
   */
  public static Comparison of(
      List<String> classes, EvaluateOptions options, List<Contender> contenders) {
    if (contenders.size() < 2) {
      throw new UserException("Cannot compare: name two runs or more");
    }
    if (contenders.stream().map(Contender::name).distinct().count() < contenders.size()) {
      throw new UserException(
          "Cannot compare: two runs are called alike; write NAME=RUN to tell them apart");
    }
    Comparison comparison =
        new Comparison(
            new Evaluator(classes, Map.of(), options.bootstrap(), options.calibrationBins()),
            contenders);
    LEVELS.forEach(comparison::measure);
    return comparison;
  }

  private void measure(Level level) {
    List<ComparisonReport.Contender> of = new ArrayList<>();
    Contender first = contenders.get(0);
    for (Contender contender : contenders) {
      List<Prediction> own = contender.rows().getOrDefault(level, List.of());
      if (own.isEmpty()) {
        continue;
      }
      List<Difference> differences =
          contender.name().equals(first.name())
              ? List.of()
              : differences(level, first, contender, ComparisonReport.FIGURES);
      of.add(
          new ComparisonReport.Contender(
              contender.name(),
              contender.note(),
              own.size(),
              evaluator.evaluate(level, own),
              differences));
    }
    measured.put(level, of);
    List<ComparisonReport.Pair> others = new ArrayList<>();
    for (int i = 1; i < contenders.size(); i++) {
      for (int j = i + 1; j < contenders.size(); j++) {
        Contender reference = contenders.get(i);
        Contender second = contenders.get(j);
        List<Difference> differences =
            differences(level, reference, second, ComparisonReport.PAIR_FIGURES);
        if (!differences.isEmpty()) {
          others.add(new ComparisonReport.Pair(second.name(), reference.name(), differences));
        }
      }
    }
    pairs.put(level, others);
  }

  /** On the cases that both have; empty if there are none. */
  private List<Difference> differences(
      Level level, Contender reference, Contender second, List<FigureName> figures) {
    List<Prediction> own = second.rows().getOrDefault(level, List.of());
    List<Prediction> others = reference.rows().getOrDefault(level, List.of());
    List<Prediction> mine = shared(own, others);
    List<Prediction> theirs = shared(others, own);
    if (mine.isEmpty()) {
      return List.of();
    }
    List<Difference> differences = evaluator.differences(level, theirs, mine, figures);
    addRows(level, reference, second, theirs, mine, differences);
    return differences;
  }

  /** Those of {@code rows} that the others hold as well, with the same truth and patient. */
  private static List<Prediction> shared(List<Prediction> rows, List<Prediction> others) {
    Map<String, Prediction> byId =
        others.stream().collect(Collectors.toMap(Prediction::id, row -> row, (a, b) -> a));
    return rows.stream()
        .filter(
            row -> {
              Prediction other = byId.get(row.id());
              return other != null
                  && other.truth().equals(row.truth())
                  && other.patientId().equals(row.patientId());
            })
        .toList();
  }

  private void addRows(
      Level level,
      Contender first,
      Contender second,
      List<Prediction> theirs,
      List<Prediction> mine,
      List<Difference> differences) {
    LevelEvaluation a = evaluator.evaluate(level, theirs);
    LevelEvaluation b = evaluator.evaluate(level, mine);
    for (Difference difference : differences) {
      rows.add(
          RowFactory.create(
              second.name(),
              first.name(),
              difference.name().columnValue(),
              level.word(),
              difference.name().task(),
              difference.className().orElse(null),
              value(a.figure(difference.name())),
              value(b.figure(difference.name())),
              defined(difference.interval().value()),
              defined(difference.interval().low()),
              defined(difference.interval().high()),
              (long) mine.size(),
              simulated()));
    }
  }

  private static Double value(Optional<Figure> figure) {
    return figure.map(f -> defined(f.interval().value())).orElse(null);
  }

  private static Double defined(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** Whether any of it is simulated. */
  public boolean simulated() {
    return contenders.stream()
        .flatMap(c -> c.rows().values().stream())
        .flatMap(List::stream)
        .anyMatch(Prediction::simulated);
  }

  /** What was measured at a level, in the order of the contenders. */
  public List<ComparisonReport.Contender> at(Level level) {
    return List.copyOf(measured.get(level));
  }

  /**
   * Writes the table comparisons, the page and its numbers.
   *
   * @param folder of page and numbers, for example {@code report}
   */
  public void write(
      SparkSession spark, StageOutput output, String folder, String title, List<String> remarks) {
    output.write(
        Table.COMPARISONS, spark.createDataFrame(rows, Table.COMPARISONS.schema()).coalesce(1));
    List<ComparisonReport.Contender> patients = at(Level.PATIENT);
    output.write(
        folder + "/comparison.html",
        ComparisonReport.html(
                new ComparisonReport.Data(
                    title,
                    Version.current(),
                    DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
                        .withZone(ZoneOffset.UTC)
                        .format(Instant.now()),
                    simulated(),
                    Level.PATIENT.word(),
                    patients,
                    pairs.get(Level.PATIENT),
                    remarks))
            .getBytes(StandardCharsets.UTF_8));
    output.write(folder + "/comparison.json", json(remarks));
    output.simulated(simulated());
    output.count("contenders", contenders.size());
  }

  private byte[] json(List<String> remarks) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("notice", "Research use only, not a medical device.");
    root.put("simulated", simulated());
    root.put("remarks", remarks);
    measured.forEach(
        (level, of) -> {
          List<Object> list = new ArrayList<>();
          for (ComparisonReport.Contender contender : of) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", contender.name());
            entry.put("note", contender.note());
            entry.put("n", contender.cases());
            Map<String, Object> figures = new LinkedHashMap<>();
            contender
                .evaluation()
                .figures()
                .forEach(
                    f -> {
                      if (f.className().isEmpty()) {
                        figures.put(
                            f.name().task() + "." + f.name().columnValue(), interval(f.interval()));
                      }
                    });
            entry.put("figures", figures);
            entry.put("difference_from_first", byName(contender.differences()));
            list.add(entry);
          }
          root.put(level.word(), list);
          List<Object> others = new ArrayList<>();
          for (ComparisonReport.Pair pair : pairs.get(level)) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", pair.name());
            entry.put("reference", pair.reference());
            entry.put("difference", byName(pair.differences()));
            others.add(entry);
          }
          root.put(level.word() + "_pairs", others);
        });
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to write comparison.json", e);
    }
  }

  private static Map<String, Object> byName(List<Difference> differences) {
    Map<String, Object> entry = new LinkedHashMap<>();
    differences.forEach(
        d -> entry.put(d.name().task() + "." + d.name().columnValue(), interval(d.interval())));
    return entry;
  }

  private static Map<String, Double> interval(Interval interval) {
    Map<String, Double> entry = new LinkedHashMap<>();
    entry.put("value", defined(interval.value()));
    entry.put("ci_low", defined(interval.low()));
    entry.put("ci_high", defined(interval.high()));
    return entry;
  }

  /** Lines for the console: one per contender, then the last one against those in between. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (ComparisonReport.Contender contender : at(Level.PATIENT)) {
      Interval balanced =
          contender.evaluation().figure(FigureName.BALANCED_ACCURACY).orElseThrow().interval();
      String difference = against(contender.differences(), contenders.get(0).name());
      lines.add(
          String.format(
              Locale.ROOT,
              "%-24s balanced accuracy %.3f [%.3f, %.3f]%s",
              contender.name(),
              balanced.value(),
              balanced.low(),
              balanced.high(),
              difference));
    }
    String last = contenders.get(contenders.size() - 1).name();
    for (ComparisonReport.Pair pair : pairs.get(Level.PATIENT)) {
      if (pair.name().equals(last)) {
        lines.add(
            String.format(
                Locale.ROOT,
                "%-24s%s",
                pair.name(),
                against(pair.differences(), pair.reference())));
      }
    }
    return lines;
  }

  private static String against(List<Difference> differences, String reference) {
    return differences.stream()
        .filter(d -> d.name() == FigureName.BALANCED_ACCURACY)
        .map(
            d ->
                String.format(
                    Locale.ROOT,
                    "   %+.3f [%+.3f, %+.3f] against %s",
                    d.interval().value(),
                    d.interval().low(),
                    d.interval().high(),
                    reference))
        .findFirst()
        .orElse("");
  }
}
