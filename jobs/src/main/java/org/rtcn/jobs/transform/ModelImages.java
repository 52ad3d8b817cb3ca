package org.rtcn.jobs.transform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.ImageStandardizer;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.Table;
import scala.collection.JavaConverters;

/**
 * What networks read of a run's beats, in the columns of the spectrogram tables: the images
 * themselves, or for {@link ImageInput#WAVEFORM} the beats as images of one voice whose {@code
 * magnitude} holds {@code [lead][sample]} in mV, with its sign.
 */
public final class ModelImages {
  private ModelImages() {}

  /**
   * Rows of {@link Table#SPECTROGRAMS}; for {@link PatientInput#AGE_SEX} with {@code age_years} and
   * {@code sex} of their {@link Table#RECORDS}.
   */
  public static Dataset<Row> recorded(
      RunDirectory run, SparkSession spark, ImageInput input, PatientInput patient) {
    Dataset<Row> images =
        input.isImage()
            ? run.read(spark, Table.SPECTROGRAMS)
            : Table.SPECTROGRAMS.conform(asImages(run.read(spark, Table.BEATS)));
    if (patient == PatientInput.NONE) {
      return images;
    }
    Dataset<Row> facts = run.read(spark, Table.RECORDS).select("record_id", "age_years", "sex");
    // Small next to the images, which must not be shuffled.
    return images.join(
        broadcast(facts), JavaConverters.asScalaBuffer(List.of("record_id")), "left");
  }

  /** What {@link #recorded} reads for a model. */
  public static Dataset<Row> recorded(
      RunDirectory run, SparkSession spark, ImageStandardizer standardizer) {
    return recorded(run, spark, standardizer.input(), standardizer.patientInput());
  }

  /** Exactly the columns of {@link #recorded}, in order. */
  public static Dataset<Row> conform(Dataset<Row> rows, PatientInput patient) {
    if (patient == PatientInput.NONE) {
      return Table.SPECTROGRAMS.conform(rows);
    }
    List<Column> columns = new ArrayList<>();
    for (String name : Table.SPECTROGRAMS.schema().fieldNames()) {
      columns.add(col(name));
    }
    columns.add(col("age_years"));
    columns.add(col("sex"));
    return rows.select(columns.toArray(new Column[0]));
  }

  /**
   * What a model reads of a row of {@link #recorded}: the image, and after it what is known of the
   * patient, where the model is told.
   *
   * @throws IllegalArgumentException if the phase is wanted and the row has none
   */
  public static float[] values(Row row, ImageStandardizer standardizer) {
    ImageInput input = standardizer.input();
    PatientInput patient = standardizer.patientInput();
    int phase = row.fieldIndex("phase");
    boolean told = patient != PatientInput.NONE;
    Float age = told ? row.getAs("age_years") : null;
    return ModelInput.values(
        input,
        patient,
        Signals.floats(row, row.fieldIndex("magnitude")),
        input == ImageInput.MAGNITUDE || row.isNullAt(phase) ? null : Signals.floats(row, phase),
        age == null ? Float.NaN : age,
        told ? row.getAs("sex") : null);
  }

  /** Rows of {@link Table#SYNTHETIC_SPECTROGRAMS}. */
  public static Dataset<Row> generated(RunDirectory run, SparkSession spark, ImageInput input) {
    return input.isImage()
        ? run.read(spark, Table.SYNTHETIC_SPECTROGRAMS)
        : Table.SYNTHETIC_SPECTROGRAMS.conform(asImages(run.read(spark, Table.SYNTHETIC_BEATS)));
  }

  /**
   * Generated images in the columns of {@link #recorded}: {@code synthetic_id} is the beat, the
   * record and the patient; fold 0; nothing is known of the patient.
   */
  public static Dataset<Row> generatedAsRecorded(
      RunDirectory run, SparkSession spark, ImageStandardizer standardizer) {
    return conform(
        generated(run, spark, standardizer.input())
            .withColumnRenamed("synthetic_id", "beat_id")
            .withColumn("record_id", col("beat_id"))
            .withColumn("patient_id", col("beat_id"))
            .withColumn("dataset", lit("generated"))
            .withColumn("fold", lit(0))
            .withColumn("age_years", lit(null).cast("float"))
            .withColumn("sex", lit(null).cast("string")),
        standardizer.patientInput());
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
