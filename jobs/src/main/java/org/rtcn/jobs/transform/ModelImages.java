package org.rtcn.jobs.transform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.Table;

/**
 * What networks read of a run's beats, in the columns of the spectrogram tables: the images
 * themselves, or for {@link ImageInput#WAVEFORM} the beats as images of one voice whose {@code
 * magnitude} holds {@code [lead][sample]} in mV, with its sign.
 */
public final class ModelImages {
  private ModelImages() {}

  /** Rows of {@link Table#SPECTROGRAMS}. */
  public static Dataset<Row> recorded(RunDirectory run, SparkSession spark, ImageInput input) {
    return input.isImage()
        ? run.read(spark, Table.SPECTROGRAMS)
        : Table.SPECTROGRAMS.conform(asImages(run.read(spark, Table.BEATS)));
  }

  /** Rows of {@link Table#SYNTHETIC_SPECTROGRAMS}. */
  public static Dataset<Row> generated(RunDirectory run, SparkSession spark, ImageInput input) {
    return input.isImage()
        ? run.read(spark, Table.SYNTHETIC_SPECTROGRAMS)
        : Table.SYNTHETIC_SPECTROGRAMS.conform(asImages(run.read(spark, Table.SYNTHETIC_BEATS)));
  }

  private static Dataset<Row> asImages(Dataset<Row> windows) {
    Column[] leads = LeadColumns.NAMES.stream().map(name -> col(name)).toArray(Column[]::new);
    return windows
        .withColumn("n_leads", lit(leads.length))
        .withColumn("n_voices", lit(1))
        .withColumn("n_columns", size(leads[0]))
        .withColumn("voice_hz", array(lit(0f)))
        .withColumn(
            "column_ms",
            expr(
                "transform(sequence(0, n_columns - 1),"
                    + " i -> cast(1000 * (i - r_in_window) / fs_hz as float))"))
        .withColumn("magnitude", concat(leads))
        .withColumn("phase", lit(null).cast("array<float>"));
  }
}
