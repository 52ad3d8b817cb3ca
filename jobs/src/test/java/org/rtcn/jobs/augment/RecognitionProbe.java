package org.rtcn.jobs.augment;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.PatientBootstrap;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.predict.BeatScorer;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.spark.SparkSessions;
import org.rtcn.jobs.train.ModelFiles;
import org.rtcn.jobs.transform.ModelImages;

/**
 * Whether an RTCN that has learned from recorded beats alone recognises the class of generated
 * beats as often as that of recorded ones, neither of whose patients it has seen. A model that
 * judges beats of a diffusion model of its own training patients has seen the people behind them
 * and flatters them; so there are two halves of the patients: one trains the judge, the other the
 * diffusion model, and the judge reads the other half's recorded and generated beats.
 *
 * <p>{@code RecognitionProbe JUDGE-RUN GENERATOR-RUN [JUDGE-RUN GENERATOR-RUN …]}, pairs pooled;
 * see benchmarks/diffusion/recognise.sh.
 */
final class RecognitionProbe {
  private RecognitionProbe() {}

  private record Answer(String patient, boolean right) {}

  public static void main(String[] args) {
    SparkSession spark = SparkSessions.open("recognition");
    spark.sparkContext().setLogLevel("ERROR");
    List<String> classes = new ArrayList<>();
    List<Row> recorded = new ArrayList<>();
    List<Row> generated = new ArrayList<>();
    for (int i = 0; i < args.length; i += 2) {
      Configuration hadoop = spark.sparkContext().hadoopConfiguration();
      RunDirectory judge = RunDirectory.at(args[i], hadoop);
      RunDirectory generator = RunDirectory.at(args[i + 1], hadoop);
      Map<String, byte[]> files = ModelFiles.read(new Path(args[i], ModelFiles.RTCN), hadoop);
      RtcnModel model = RtcnModel.parse(files);
      classes = model.classes();
      Set<String> known = model.trainingPatients();
      Set<String> behind =
          ModelFiles.load(new Path(args[i + 1], ModelFiles.RTCN), hadoop).trainingPatients();
      Set<String> both = new TreeSet<>(known);
      both.retainAll(behind);
      if (!both.isEmpty()) {
        throw new IllegalStateException("Patients on both sides: " + both);
      }
      Dataset<Row> images =
          ModelImages.recorded(judge, spark, model.standardizer())
              .where(col("label").isInCollection(classes))
              .where(col("patient_id").isInCollection(behind));
      recorded.addAll(answers(BeatScorer.score(spark, files, images)));
      Dataset<Row> made = ModelImages.generatedAsRecorded(generator, spark, model.standardizer());
      generated.addAll(answers(BeatScorer.score(spark, files, made)));
    }
    System.out.println(
        "| class | recorded beats (patients) | recognised [95 %] | generated | recognised | difference |");
    System.out.println("|---|---:|---:|---:|---:|---:|");
    double difference = 0;
    int rows = 0;
    for (String label : classes) {
      List<Answer> real = of(recorded, label);
      List<Answer> made = of(generated, label);
      if (made.isEmpty() || real.isEmpty()) {
        continue;
      }
      List<String> patients = real.stream().map(Answer::patient).toList();
      Interval interval =
          new PatientBootstrap(1, 1000, 0.95)
              .interval(
                  patients,
                  positions -> {
                    int right = 0;
                    for (int position : positions) {
                      right += real.get(position).right() ? 1 : 0;
                    }
                    return right / (double) positions.length;
                  });
      double share = made.stream().filter(Answer::right).count() / (double) made.size();
      System.out.printf(
          Locale.ROOT,
          "| %s | %,d (%d) | %.3f [%.3f, %.3f] | %,d | %.3f | %+.3f |%n",
          label,
          real.size(),
          new TreeSet<>(patients).size(),
          interval.value(),
          interval.low(),
          interval.high(),
          made.size(),
          share,
          share - interval.value());
      difference += share - interval.value();
      rows++;
    }
    System.out.printf(
        Locale.ROOT, "Mean difference %+.3f over %d classes%n", difference / rows, rows);
    spark.stop();
  }

  private static List<Row> answers(Dataset<Row> predictions) {
    return predictions.select("patient_id", "truth", "predicted").collectAsList();
  }

  private static List<Answer> of(List<Row> rows, String label) {
    return rows.stream()
        .filter(row -> row.getString(1).equals(label))
        .map(row -> new Answer(row.getString(0), row.getString(2).equals(label)))
        .toList();
  }
}
