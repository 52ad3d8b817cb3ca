package org.rtcn.jobs.crossval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.diagnose.ModelEvidence;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.FoldsSection;
import org.rtcn.common.report.TrainingSection;
import org.rtcn.jobs.evaluate.EvaluateFacts;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.Evaluation;
import org.rtcn.jobs.evaluate.ExplainedModels;
import org.rtcn.jobs.evaluate.ReportAssembler;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.train.ModelFiles;
import org.rtcn.jobs.train.TrainFacts;

/** The report of all folds together. */
final class CrossvalReport {
  private CrossvalReport() {}

  static ReportAssembler.Made made(
      StageContext context,
      EvaluateOptions options,
      CrossvalOptions crossval,
      Evaluation evaluation,
      List<Folds.Fold> folds,
      Map<String, Long> counts,
      Dataset<Row> gradcam) {
    Map<Integer, ModelEvidence> models = new TreeMap<>();
    Configuration configuration = context.spark().sparkContext().hadoopConfiguration();
    for (Folds.Fold fold : folds) {
      Path folder = fold.run().path(ModelFiles.RTCN);
      RtcnModel model = ModelFiles.load(folder, configuration);
      models.put(
          fold.number(),
          ModelEvidence.of(
                  model, ModelFiles.trainingBeats(folder, model, configuration), Optional.empty())
              .explainedBy(map(fold)));
    }
    List<FoldsSection.Row> rows = new ArrayList<>();
    List<TrainingSection.Curve> curves = new ArrayList<>();
    for (Folds.Fold fold : folds) {
      rows.add(row(fold));
      curve(fold).ifPresent(curves::add);
    }
    String protocol =
        crossval.protocol() == Protocol.INTRA_PATIENT_LEAKING
            ? "INTRA-PATIENT SPLIT, LEAKING: single beats were assigned to "
                + folds.size()
                + " folds, so each model has learned other beats of the patients it is measured on."
                + " \"Patients\" and \"records\" on this page are single beats. Nothing here says"
                + " how well new patients are read."
            : folds.size()
                + "-fold cross-validation over patients: each patient is held out once and measured"
                + " by a model that has not seen them; checked on the data.";
    return new ReportAssembler(context, options, new ExplainedModels(models), counts, gradcam)
        .page(
            evaluation,
            protocol,
            rows,
            curves.isEmpty()
                ? List.of()
                : List.of(
                    new TrainingSection.Graph(
                        "Loss on the training beats, one line per fold",
                        "epoch",
                        "weighted cross-entropy (nats)",
                        curves)));
  }

  /** The kind of map that a fold's evaluation shows. */
  static MapKind map(Folds.Fold fold) {
    return EvaluateFacts.SHOWN_MAP.require(fold.evaluate());
  }

  private static FoldsSection.Row row(Folds.Fold fold) {
    return new FoldsSection.Row(
        fold.number(),
        fold.evaluate().count("patients.kept"),
        fold.train().count("patients"),
        headline(fold, "Balanced accuracy"),
        headline(fold, "Accuracy"),
        headline(fold, "Macro AUROC"),
        headline(fold, "Detection of MI, AUROC"));
  }

  private static double headline(Folds.Fold fold, String label) {
    return EvaluateFacts.HEADLINES.require(fold.evaluate()).stream()
        .filter(fact -> fact.isOfPatients() && label.equals(fact.label()) && fact.value() != null)
        .mapToDouble(EvaluateFacts.HeadlineFact::value)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static Optional<TrainingSection.Curve> curve(Folds.Fold fold) {
    return ReportAssembler.curve(
        "fold " + fold.number(),
        TrainFacts.TRAINING_CURVE.require(fold.train()),
        TrainFacts.Epoch::loss);
  }
}
