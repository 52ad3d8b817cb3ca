package org.rtcn.jobs.crossval;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;
import org.rtcn.common.random.RandomStreams;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;

/**
 * The split that leaks, made on purpose: every beat with its image counts as a patient of its own,
 * and beats are assigned to folds one by one. All stages then run unchanged, their checks included.
 */
final class LeakingSplit {
  private LeakingSplit() {}

  /** Writes beats, images and splits of such a run into {@code folder} below the context's run. */
  static RunDirectory make(StageContext context, String folder, int folds) {
    RunDirectory leaking = context.run().below(folder);
    Manifest transform = context.run().requireStage("transform");
    StagePlan plan =
        // The name of the stage whose output it replaces.
        StagePlan.named("transform", "LEAKING split: beats of one patient in several folds")
            .owns(Table.SPLITS, Table.BEATS, Table.SPECTROGRAMS)
            .reads(transform.configuration())
            .reads(context.settings().flatten("seed"))
            .input(context.run(), "transform")
            .input("folds", Integer.toString(folds));
    long seed = context.settings().seed();
    UserDefinedFunction dealt =
        udf(
            (UDF1<String, Integer>)
                id -> 1 + Math.floorMod(RandomStreams.seedOf(seed, "leaking-fold", id), folds),
            DataTypes.IntegerType);
    StageRunner.run(
        context.in(leaking, context.settings()),
        plan,
        output -> {
          Dataset<Row> images =
              leak(context.run().read(context.spark(), Table.SPECTROGRAMS), dealt);
          output.write(Table.SPECTROGRAMS, images);
          output.write(Table.BEATS, leak(context.run().read(context.spark(), Table.BEATS), dealt));
          output.write(Table.SPLITS, images.select("patient_id", "dataset", "label", "fold"));
          output.simulated(Boolean.TRUE.equals(transform.simulated()));
        });
    return leaking;
  }

  private static Dataset<Row> leak(Dataset<Row> rows, UserDefinedFunction dealt) {
    return rows.withColumn("patient_id", col("beat_id"))
        .withColumn("record_id", col("beat_id"))
        .withColumn("fold", dealt.apply(col("beat_id")));
  }
}
