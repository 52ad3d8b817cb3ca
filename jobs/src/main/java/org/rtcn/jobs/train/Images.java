package org.rtcn.jobs.train;

import static org.apache.spark.sql.functions.col;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.error.UserException;

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
    private final float[] magnitudes;

    Image(String id, String patientId, String label, float[] magnitudes) {
      this.id = id;
      this.patientId = patientId;
      this.label = label;
      this.magnitudes = magnitudes;
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

    /** {@code [lead · voice · column]}, mV. */
    public float[] magnitudes() {
      return magnitudes;
    }
  }

  /**
   * The size of the images, which must all agree.
   *
   * @throws UserException if there are none, or they differ
   */
  public static Size size(Dataset<Row> images) {
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
   * @param rows with {@code label}, {@code magnitude} and the named columns
   * @param idColumn beat_id or synthetic_id
   * @param patientColumn patient_id, or null where there is none
   */
  public static JavaRDD<Image> of(Dataset<Row> rows, String idColumn, String patientColumn) {
    Dataset<Row> selected =
        rows.select(
            col(idColumn),
            patientColumn == null ? col(idColumn) : col(patientColumn),
            col("label"),
            col("magnitude"));
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
                    row.getArray(3).toFloatArray()));
  }
}
