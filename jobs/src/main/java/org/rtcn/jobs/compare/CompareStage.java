package org.rtcn.jobs.compare;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.rtcn.common.error.UserException;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.PredictionRows;
import org.rtcn.jobs.evaluate.VariantPredictions;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;

/** The predictions that several runs left, side by side. */
public final class CompareStage {
  private static final String FOLDER = "comparison";

  private CompareStage() {}

  /** Refuses runs without predictions, and reads none. */
  static void require(Configuration configuration, List<String> named) {
    named.forEach(argument -> runOf(argument, configuration));
  }

  private static RunDirectory runOf(String argument, Configuration configuration) {
    RunDirectory run =
        RunDirectory.at(argument.substring(argument.indexOf('=') + 1), configuration);
    if (!run.has(Table.PREDICTIONS)) {
      throw new UserException(
          "Cannot compare: "
              + run.root()
              + " holds no predictions; give a run that evaluate, or its folder crossval that"
              + " crossval has written");
    }
    return run;
  }

  /**
   * Compares.
   *
   * @param named runs as {@code PATH} or {@code NAME=PATH}; the first is what the others are set
   *     against
   * @throws UserException if a run holds no predictions with truths, or classes differ
   */
  public static Manifest run(StageContext context, EvaluateOptions options, List<String> named) {
    StagePlan plan =
        StagePlan.named("compare", named.size() + " runs compared")
            .owns(Table.COMPARISONS)
            .owns(FOLDER)
            .reads(context.settings().flatten("evaluate", "seed"));
    List<Comparison.Contender> contenders = new ArrayList<>();
    List<String> classes = new ArrayList<>();
    Set<String> first = new HashSet<>();
    List<String> remarks = new ArrayList<>();
    for (String argument : named) {
      int equals = argument.indexOf('=');
      RunDirectory run = runOf(argument, context.spark().sparkContext().hadoopConfiguration());
      String name = equals > 0 ? argument.substring(0, equals) : nameOf(run.root());
      Manifest evaluated = run.requireStage(run.writerOf(Table.PREDICTIONS).orElseThrow());
      List<Row> any =
          run.read(context.spark(), Table.PREDICTIONS)
              .select("classes", "model_id")
              .distinct()
              .takeAsList(2);
      if (any.size() != 1) {
        throw new UserException(
            "Cannot compare: "
                + run.root()
                + (any.isEmpty() ? " holds no prediction" : " holds those of several models"));
      }
      List<String> own = any.get(0).getList(0);
      if (classes.isEmpty()) {
        classes.addAll(own);
      } else if (!classes.equals(own)) {
        throw new UserException(
            "Cannot compare: " + name + " has the classes " + own + ", the first run " + classes);
      }
      plan.input(name, evaluated.identity() + " " + run.root());
      VariantPredictions predictions =
          PredictionRows.read(context.spark(), run, Set.of(Level.RECORD, Level.PATIENT));
      requireTruths(run, predictions);
      contenders.addAll(
          Comparison.atEveryPoint(
              name,
              "model " + any.get(0).getString(1) + " in " + run.root(),
              List.of(predictions)));
      Set<String> ids = new HashSet<>();
      predictions.of(Variant.AS_TRAINED, Level.PATIENT).forEach(row -> ids.add(row.id()));
      if (first.isEmpty()) {
        first.addAll(ids);
        contenders.addAll(
            Comparison.logistic(
                "on the median beat, from the same training patients as " + name,
                List.of(predictions)));
      } else if (!ids.equals(first)) {
        ids.retainAll(first);
        remarks.add(
            name
                + " was measured on other patients than the first run; differences rest on the "
                + ids.size()
                + " that both have, the figures above them on each run's own.");
      }
    }
    Manifest manifest =
        StageRunner.run(
            context.replacing(),
            plan,
            output -> {
              Comparison comparison = Comparison.of(classes, options, contenders);
              comparison.write(context.spark(), output, FOLDER, "Runs compared", remarks);
              output.fact(CompareFacts.LINES, comparison.lines());
            });
    CompareFacts.LINES.require(manifest).forEach(line -> context.console().println("  " + line));
    context.console().println("Comparison: " + context.run().path(FOLDER + "/comparison.html"));
    context.console().println("Research use only, not a medical device.");
    return manifest;
  }

  private static void requireTruths(RunDirectory run, VariantPredictions predictions) {
    for (Level level : List.of(Level.RECORD, Level.PATIENT)) {
      if (predictions.of(Variant.AS_TRAINED, level).stream()
          .anyMatch(row -> row.truth().isEmpty())) {
        throw new UserException(
            "Cannot compare: predictions in " + run.root() + " have no truth to be measured by");
      }
    }
  }

  private static String nameOf(Path root) {
    String last = root.getName();
    return last.equals("crossval") && root.getParent() != null
        ? root.getParent().getName() + "/crossval"
        : last;
  }
}
