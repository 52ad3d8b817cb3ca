package org.rtcn.jobs.predict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.ModelImages;

/**
 * Class probabilities of beats, computed where the beats are: the model is broadcast once, each
 * task streams its rows through it in batches. A row's result depends on its own image only.
 */
public final class BeatScorer {
  private static final int ROWS_PER_PASS = 128;

  private BeatScorer() {}

  /**
   * Scores spectrograms.
   *
   * @param modelFiles the RTCN's files ({@code ModelFiles.read})
   * @param spectrograms rows of {@link ModelImages#recorded}; a label of {@code UNKNOWN} gives a
   *     null truth
   * @return rows of {@link Table#PREDICTIONS} at level {@code beat}
   * @throws UserException if the images do not have the shape that the model was trained on
   */
  public static Dataset<Row> score(
      SparkSession spark, Map<String, byte[]> modelFiles, Dataset<Row> spectrograms) {
    Broadcast<Map<String, byte[]>> model =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(modelFiles);
    return ModelImages.conform(spectrograms, RtcnModel.parse(modelFiles).config().patientInput())
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>)
                rows -> {
                  if (!rows.hasNext()) {
                    return Collections.emptyIterator();
                  }
                  return new Scoring(RtcnModel.parse(model.value()), rows);
                },
            Encoders.row(Table.PREDICTIONS.schema()));
  }

  /** Streams rows through the model, {@value #ROWS_PER_PASS} at a time. */
  private static final class Scoring implements Iterator<Row> {
    private final RtcnModel model;
    private final Iterator<Row> rows;
    private final String[] classes;
    private Iterator<Row> ready = Collections.emptyIterator();

    Scoring(RtcnModel model, Iterator<Row> rows) {
      this.model = model;
      this.rows = rows;
      this.classes = model.classes().toArray(new String[0]);
    }

    @Override
    public boolean hasNext() {
      if (!ready.hasNext() && rows.hasNext()) {
        ready = nextPass();
      }
      return ready.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.next();
    }

    private Iterator<Row> nextPass() {
      List<Row> batch = new ArrayList<>(ROWS_PER_PASS);
      while (batch.size() < ROWS_PER_PASS && rows.hasNext()) {
        batch.add(rows.next());
      }
      float[][] images = new float[batch.size()][];
      for (int i = 0; i < images.length; i++) {
        images[i] = image(batch.get(i));
      }
      float[][] probabilities = model.predict(images);
      List<Row> scored = new ArrayList<>(batch.size());
      for (int i = 0; i < images.length; i++) {
        scored.add(prediction(batch.get(i), probabilities[i]));
      }
      return scored.iterator();
    }

    private float[] image(Row row) {
      int leads = row.getInt(row.fieldIndex("n_leads"));
      int voices = row.getInt(row.fieldIndex("n_voices"));
      int columns = row.getInt(row.fieldIndex("n_columns"));
      if (leads != model.standardizer().leads()
          || voices != model.config().voices()
          || columns != model.config().columns()) {
        throw new UserException(
            String.format(
                "Cannot score images of %d leads x %d voices x %d columns: the model reads"
                    + " %d x %d x %d. Transform with the model's own settings.",
                leads,
                voices,
                columns,
                model.standardizer().leads(),
                model.config().voices(),
                model.config().columns()));
      }
      try {
        return ModelImages.values(row, model.standardizer());
      } catch (IllegalArgumentException e) {
        throw new UserException(e.getMessage());
      }
    }

    private Row prediction(Row beat, float[] probabilities) {
      int best = 0;
      float infarction = 0;
      for (int i = 0; i < probabilities.length; i++) {
        if (probabilities[i] > probabilities[best]) {
          best = i;
        }
        if (Label.valueOf(classes[i]).isInfarction()) {
          infarction += probabilities[i];
        }
      }
      String label = beat.getAs("label");
      return RowFactory.create(
          "beat",
          beat.getAs("beat_id"),
          model.modelId(),
          beat.getAs("dataset"),
          beat.getAs("record_id"),
          beat.getAs("patient_id"),
          beat.getAs("fold"),
          label.equals(Label.UNKNOWN.name()) ? null : label,
          classes[best],
          classes,
          probabilities,
          infarction,
          beat.getAs("simulated"));
    }
  }
}
