package org.rtcn.jobs.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.Version;
import org.rtcn.common.error.UserException;
import org.rtcn.common.metrics.Difference;
import org.rtcn.common.metrics.Evaluator;
import org.rtcn.common.metrics.Figure;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.Resampled;
import org.rtcn.common.metrics.Variant;
import org.rtcn.common.report.ContendersSection;
import org.rtcn.common.report.Page;
import org.rtcn.common.report.PointSection;
import org.rtcn.common.report.Section;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.VariantPredictions;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.tables.Table;

/** Figures of several sets of predictions, and their differences from the first on shared cases. */
public final class Comparison {
  /** Where a network is compared, and the predictions that it is compared with there. */
  private static final Map<Variant, Variant> POINTS = new LinkedHashMap<>();

  static {
    List.of(Variant.AS_TRAINED, Variant.EQUAL_SHARES, Variant.NATURAL_SHARES)
        .forEach(point -> POINTS.put(point, point));
  }

  /** Levels that are compared; the last is the page's. */
  private static final List<Level> LEVELS = List.of(Level.RECORD, Level.PATIENT);

  private final Evaluator evaluator;
  private final List<Contender> contenders;
  private final Map<Level, List<PointSection>> sections = new LinkedHashMap<>();
  private final List<Row> rows = new ArrayList<>();

  /** Every contender's figures on its own cases, which most pairs share. */
  private final Map<Key, Resampled> whole = new HashMap<>();

  /**
   * Predictions of the same cases by one training or, with other seeds, several.
   *
   * @param name short and unlike the others at its point
   * @param note what it is
   * @param point at which it is compared with those of the same point
   * @param trainings by level, one list of rows per training; the figures are means over them
   */
  public record Contender(
      String name, String note, Variant point, Map<Level, List<List<Prediction>>> trainings) {
    private Key key() {
      return new Key(point, name);
    }

    private List<List<Prediction>> at(Level level) {
      return trainings.getOrDefault(level, List.of()).stream()
          .filter(rows -> !rows.isEmpty())
          .toList();
    }
  }

  /** What tells contenders apart. */
  private record Key(Variant point, String name) {}

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
    if (contenders.stream().map(Contender::key).distinct().count() < contenders.size()) {
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

  /**
   * The predictions of trainings at each operating point that all of them have been measured at.
   *
   * @param trainings what each training's evaluation holds
   */
  public static List<Contender> atEveryPoint(
      String name, String note, List<VariantPredictions> trainings) {
    return contenders(name, note, POINTS, trainings);
  }

  /** The two kinds of logistic regression, each at the operating point that it is made for. */
  public static List<Contender> logistic(String note, List<VariantPredictions> trainings) {
    Map<Variant, Variant> points = new LinkedHashMap<>();
    points.put(Variant.AS_TRAINED, Variant.LOGISTIC);
    points.put(Variant.EQUAL_SHARES, Variant.LOGISTIC_EQUAL_SHARES);
    return contenders("logistic regression", note, points, trainings);
  }

  private static List<Contender> contenders(
      String name, String note, Map<Variant, Variant> points, List<VariantPredictions> trainings) {
    List<Contender> list = new ArrayList<>();
    points.forEach(
        (point, variant) -> {
          Map<Level, List<List<Prediction>>> rows = new EnumMap<>(Level.class);
          for (Level level : LEVELS) {
            rows.put(level, trainings.stream().map(of -> of.of(variant, level)).toList());
          }
          if (rows.get(Level.PATIENT).stream().noneMatch(List::isEmpty)) {
            list.add(new Contender(name, note, point, rows));
          }
        });
    return list;
  }

  private void measure(Level level) {
    whole.clear();
    Map<Variant, List<Contender>> byPoint = new LinkedHashMap<>();
    for (Contender contender : contenders) {
      if (!contender.at(level).isEmpty()) {
        byPoint.computeIfAbsent(contender.point(), point -> new ArrayList<>()).add(contender);
      }
    }
    List<PointSection> list = new ArrayList<>();
    Optional<Contender> asTrained = byPoint.values().stream().findFirst().map(all -> all.get(0));
    byPoint.forEach(
        (point, group) -> {
          List<PointSection.Contender> measured = new ArrayList<>();
          List<PointSection.Pair> pairs = new ArrayList<>();
          for (Contender contender : group) {
            measured.add(measured(level, group.get(0), contender));
          }
          asTrained
              .filter(first -> first.point() != point)
              .ifPresent(
                  first ->
                      addPair(
                          pairs,
                          level,
                          first,
                          first.name() + ", " + first.point().label(),
                          group.get(0)));
          for (int i = 1; i < group.size(); i++) {
            for (int j = i + 1; j < group.size(); j++) {
              addPair(pairs, level, group.get(i), group.get(i).name(), group.get(j));
            }
          }
          list.add(
              new PointSection(
                  list.size() + 1, point.label(), measured, pairs, level.word(), over()));
        });
    sections.put(level, list);
  }

  private PointSection.Contender measured(Level level, Contender first, Contender contender) {
    List<List<Prediction>> trainings = contender.at(level);
    List<Figure> figures =
        trainings.size() == 1
            // Exact intervals where there are such.
            ? evaluator.evaluate(level, trainings.get(0)).figures()
            : whole(level, contender).figures();
    return new PointSection.Contender(
        contender.name(),
        contender.note(),
        whole(level, contender).size(),
        figures,
        contender.key().equals(first.key())
            ? List.of()
            : differences(level, first, first.name(), contender, PointSection.FIGURES));
  }

  private void addPair(
      List<PointSection.Pair> pairs,
      Level level,
      Contender reference,
      String referenceName,
      Contender second) {
    List<Difference> differences =
        differences(level, reference, referenceName, second, PointSection.PAIR_FIGURES);
    if (!differences.isEmpty()) {
      pairs.add(new PointSection.Pair(second.name(), referenceName, differences));
    }
  }

  private Resampled whole(Level level, Contender contender) {
    return whole.computeIfAbsent(
        contender.key(), key -> evaluator.resample(level, contender.at(level)));
  }

  /** On the cases that both have; empty if there are none. */
  private List<Difference> differences(
      Level level,
      Contender reference,
      String referenceName,
      Contender second,
      List<FigureName> figures) {
    Set<CaseKey> own = cases(second.at(level));
    Set<CaseKey> others = cases(reference.at(level));
    Set<CaseKey> both = new HashSet<>(own);
    both.retainAll(others);
    if (both.isEmpty()) {
      return List.of();
    }
    boolean isSame = own.size() == both.size() && others.size() == both.size();
    Resampled mine = isSame ? whole(level, second) : resample(level, second, both);
    Resampled theirs = isSame ? whole(level, reference) : resample(level, reference, both);
    List<Difference> differences = mine.minus(theirs, figures);
    for (Difference difference : differences) {
      rows.add(
          RowFactory.create(
              second.name(),
              referenceName,
              second.point().word(),
              (long) second.at(level).size(),
              difference.name().columnValue(),
              level.word(),
              difference.name().task(),
              difference.className().orElse(null),
              value(theirs, difference),
              value(mine, difference),
              defined(difference.interval().value()),
              defined(difference.interval().low()),
              defined(difference.interval().high()),
              (long) mine.size(),
              simulated()));
    }
    return differences;
  }

  /** A case is the same for both if patient and truth agree as well. */
  private record CaseKey(String id, Optional<String> patientId, Optional<String> truth) {
    static CaseKey of(Prediction row) {
      return new CaseKey(row.id(), row.patientId(), row.truth());
    }
  }

  private static Set<CaseKey> cases(List<List<Prediction>> trainings) {
    return trainings.get(0).stream().map(CaseKey::of).collect(Collectors.toSet());
  }

  private Resampled resample(Level level, Contender contender, Set<CaseKey> of) {
    return evaluator.resample(
        level,
        contender.at(level).stream()
            .map(rows -> rows.stream().filter(row -> of.contains(CaseKey.of(row))).toList())
            .toList());
  }

  private static Double value(Resampled of, Difference difference) {
    return of.value(difference.name(), difference.className())
        .map(Comparison::defined)
        .orElse(null);
  }

  private static Double defined(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** Whether any of it is simulated. */
  public boolean simulated() {
    return contenders.stream()
        .flatMap(c -> c.trainings().values().stream())
        .flatMap(List::stream)
        .flatMap(List::stream)
        .anyMatch(Prediction::simulated);
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
    output.write(
        folder + "/comparison.html", page(title, remarks).getBytes(StandardCharsets.UTF_8));
    output.write(folder + "/comparison.json", json(remarks));
    output.simulated(simulated());
    output.count("contenders", contenders.size());
  }

  private byte[] json(List<String> remarks) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("notice", "Research use only, not a medical device.");
    root.put("simulated", simulated());
    root.put("remarks", remarks);
    sections.forEach(
        (level, list) -> root.put(level.word(), list.stream().map(Comparison::section).toList()));
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to write comparison.json", e);
    }
  }

  private String page(String title, List<String> remarks) {
    List<PointSection> points = sections.get(Level.PATIENT);
    List<Section> all = new ArrayList<>();
    all.add(new ContendersSection(Level.PATIENT.word(), points, remarks));
    all.addAll(points);
    return Page.html(
        new Page.Head(
            "comparison",
            "comparison, " + title,
            title,
            Map.of(
                "compared",
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC)
                    .format(Instant.now())),
            simulated()
                ? "SIMULATED ECG. These recordings were made by a generator, not recorded from"
                    + " people. The figures say nothing about patients."
                : "",
            Version.current()),
        all);
  }

  private static Map<String, Object> section(PointSection section) {
    List<Object> list = new ArrayList<>();
    for (PointSection.Contender contender : section.contenders()) {
      Map<String, Object> figures = new LinkedHashMap<>();
      contender
          .figures()
          .forEach(
              f -> {
                if (f.className().isEmpty()) {
                  figures.put(
                      f.name().task() + "." + f.name().columnValue(), interval(f.interval()));
                }
              });
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", contender.name());
      entry.put("note", contender.note());
      entry.put("n", contender.cases());
      entry.put("figures", figures);
      entry.put("difference_from_first", byName(contender.differences()));
      list.add(entry);
    }
    List<Object> others = new ArrayList<>();
    for (PointSection.Pair pair : section.pairs()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", pair.name());
      entry.put("reference", pair.reference());
      entry.put("difference", byName(pair.differences()));
      others.add(entry);
    }
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("point", section.title());
    whole.put("contenders", list);
    whole.put("pairs", others);
    return whole;
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

  /** What intervals are over. */
  private String over() {
    int most = contenders.stream().mapToInt(c -> c.at(Level.PATIENT).size()).max().orElse(1);
    return most > 1 ? "patients and " + most + " seeds" : "patients";
  }

  /** Lines for the console: one per contender and point, with the difference from the first. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (PointSection section : sections.get(Level.PATIENT)) {
      lines.add(section.title() + ", per patient, 95 % intervals over " + over() + ":");
      for (PointSection.Contender contender : section.contenders()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "  %-20s balanced accuracy %s  macro AUROC %s%s",
                contender.name(),
                text(contender.figure(FigureName.BALANCED_ACCURACY), ""),
                text(contender.figure(FigureName.MACRO_AUROC), ""),
                contender.differences().isEmpty()
                    ? ""
                    : "   AUROC "
                        + text(difference(contender.differences(), FigureName.MACRO_AUROC), "+")
                        + " against "
                        + section.contenders().get(0).name()));
      }
    }
    return lines;
  }

  /**
   * The difference of two contenders as trained, per patient, in words.
   *
   * @return empty where the two were not set against each other
   */
  public Optional<String> difference(FigureName name, String second, String reference) {
    PointSection section = sections.get(Level.PATIENT).get(0);
    boolean isFirst = section.contenders().get(0).name().equals(reference);
    List<Difference> differences =
        isFirst
            ? section.contenders().stream()
                .filter(contender -> contender.name().equals(second))
                .findFirst()
                .map(PointSection.Contender::differences)
                .orElse(List.of())
            : section.pairs().stream()
                .filter(pair -> pair.name().equals(second) && pair.reference().equals(reference))
                .findFirst()
                .map(PointSection.Pair::differences)
                .orElse(List.of());
    return difference(differences, name)
        .map(
            interval ->
                name.label()
                    + ", "
                    + section.title()
                    + ", "
                    + second
                    + " minus "
                    + reference
                    + ": "
                    + text(Optional.of(interval), "+")
                    + ", 95 % interval over "
                    + over());
  }

  private static Optional<Interval> difference(List<Difference> differences, FigureName name) {
    return differences.stream()
        .filter(d -> d.name() == name && d.className().isEmpty())
        .map(Difference::interval)
        .findFirst();
  }

  private static String text(Optional<Interval> figure, String sign) {
    return figure
        .map(
            of ->
                String.format(
                    Locale.ROOT,
                    "%1$" + sign + ".3f [%2$" + sign + ".3f, %3$" + sign + ".3f]",
                    of.value(),
                    of.low(),
                    of.high()))
        .orElse("not measured");
  }
}
