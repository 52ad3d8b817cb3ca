package org.rtcn.jobs.crossval;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.ReportWriter;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.Evaluation;
import org.rtcn.jobs.evaluate.ExplainedModels;
import org.rtcn.jobs.evaluate.ReportAssembler;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.train.ModelFiles;

/** The report of all folds together. */
final class CrossvalReport {
  private CrossvalReport() {}

  static byte[] html(
      StageContext context,
      EvaluateOptions options,
      CrossvalOptions crossval,
      Evaluation evaluation,
      List<Folds.Fold> folds,
      Map<String, Long> counts) {
    Map<Integer, RtcnModel> models = new TreeMap<>();
    for (Folds.Fold fold : folds) {
      models.put(
          fold.number(),
          ModelFiles.load(
              fold.run().path(ModelFiles.RTCN),
              context.spark().sparkContext().hadoopConfiguration()));
    }
    return new ReportWriter()
        .html(
            new ReportAssembler(context, options, new ExplainedModels(models), counts)
                .assemble(evaluation))
        .getBytes(StandardCharsets.UTF_8);
  }
}
