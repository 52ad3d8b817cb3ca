package org.rtcn.jobs.train;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.error.UserException;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.PatientInput;

/** Images of the spectrogram tables, unboxed. */
public final class Images {
  private Images() {}

  /**
   * The one size that all images of a table have.
   *
   * @param leads rows of leads
   * @param voices frequencies
   * @param columns time steps
   */
  public record Size(int leads, int voices, int columns) implements Serializable {

    /** Magnitudes of an image. */
    public int length() {
      return leads * voices * columns;
    }
  }

  /** One image and its key. A class, no record: Kryo 4 cannot fill records. */
  public static final class Image implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String id;
    private final String patientId;
    private final String label;
    private final float[] values;

    Image(String id, String patientId, String label, float[] values) {
      this.id = id;
      this.patientId = patientId;
      this.label = label;
      this.values = values;
    }

    public String id() {
      return id;
    }

    /** Null for generated beats. */
    public String patientId() {
      return patientId;
    }

    public String label() {
      return label;
    }

    /** As {@link ImageInput#image} gives it, then what {@link PatientInput#write} writes. */
    public float[] values() {
      return values;
    }
  }

  /**
   * The size of the images, which must all agree.
   *
   * @param input what the network will read of them
   * @throws UserException if there are none, they differ, or they lack what the network reads
   */
  public static Size size(Dataset<Row> images, ImageInput input) {
    if (input == ImageInput.COMPLEX && !images.where(col("phase").isNull()).isEmpty()) {
      throw new UserException(
          "Cannot use these images: they have no phase; transform with"
              + " rtcn.transform.image.phase = keep, or train with rtcn.train.input = magnitude");
    }
    List<Row> sizes =
        images.select("n_leads", "n_voices", "n_columns").distinct().limit(3).collectAsList();
    if (sizes.size() != 1) {
      throw new UserException(
          "Cannot use these images: "
              + (sizes.isEmpty() ? "there are none" : "their sizes differ, " + sizes)
              + "; run transform again with one setting of rtcn.transform.image");
    }
    Row size = sizes.get(0);
    return new Size(size.getInt(0), size.getInt(1), size.getInt(2));
  }

  /**
   * Reads images.
   *
   * @param rows with {@code label}, {@code magnitude}, {@code phase} and the named columns
   * @param idColumn beat_id or synthetic_id
   * @param patientColumn patient_id, or null where there is none
   * @param input what the network reads of an image
   * @param patient what it knows of the patient; generated beats have none, and nothing is known
   */
  public static JavaRDD<Image> of(
      Dataset<Row> rows,
      String idColumn,
      String patientColumn,
      ImageInput input,
      PatientInput patient) {
    boolean told = patient != PatientInput.NONE && patientColumn != null;
    Dataset<Row> selected =
        rows.select(
            col(idColumn),
            patientColumn == null ? col(idColumn) : col(patientColumn),
            col("label"),
            col("magnitude"),
            input == ImageInput.COMPLEX ? col("phase") : lit(null),
            told ? col("age_years") : lit(null).cast("float"),
            told ? col("sex") : lit(null).cast("string"));
    boolean hasPatient = patientColumn != null;
    // Spark's internal rows: a Row would box each of the ten thousands of magnitudes.
    return selected
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .map(
            row ->
                new Image(
                    row.getUTF8String(0).toString(),
                    hasPatient ? row.getUTF8String(1).toString() : null,
                    row.getUTF8String(2).toString(),
                    ModelInput.values(
                        input,
                        patient,
                        row.getArray(3).toFloatArray(),
                        row.isNullAt(4) ? null : row.getArray(4).toFloatArray(),
                        row.isNullAt(5) ? Float.NaN : row.getFloat(5),
                        row.isNullAt(6) ? null : row.getUTF8String(6).toString())));
  }
}
