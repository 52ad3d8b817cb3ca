package org.rtcn.jobs.predict;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.error.UserException;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.ModelImages;

/**
 * Class probabilities and features of beats, computed where the beats are: the model is broadcast
 * once, each task streams its rows through it in batches. A row's result depends on its own image
 * only.
 */
public final class BeatScorer {
  private static final int ROWS_PER_PASS = 128;
  private static final StructType FEATURES =
      new StructType()
          .add("beat_id", DataTypes.StringType, false)
          .add("patient_id", DataTypes.StringType, false)
          .add("label", DataTypes.StringType, false)
          .add("features", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  private static final StructType ANSWERS = nullable(Table.PREDICTIONS.schema());

  private BeatScorer() {}

  private static StructType nullable(StructType schema) {
    StructType relaxed = new StructType();
    for (StructField field : schema.fields()) {
      relaxed = relaxed.add(field.name(), field.dataType(), true, field.metadata());
    }
    return relaxed;
  }

  /**
   * Scores spectrograms.
   *
   * @param modelFiles the RTCN's files ({@code ModelFiles.read})
   * @param spectrograms rows of {@link ModelImages#recorded}; a label of {@code UNKNOWN} gives a
   *     null truth
   * @return rows of {@link Table#PREDICTIONS} at level {@code beat}
   * @throws UserException if the images do not have the shape that the model was trained on, or the
   *     model gives no finite probabilities for one of them
   */
  public static Dataset<Row> score(
      SparkSession spark, Map<String, byte[]> modelFiles, Dataset<Row> spectrograms) {
    return pass(spark, modelFiles, spectrograms, Scoring::predictions, Table.PREDICTIONS.schema());
  }

  /**
   * As {@link #score}, but where the model gives no finite probabilities {@code predicted}, {@code
   * probabilities} and {@code probability_mi} are null.
   */
  public static Dataset<Row> answers(
      SparkSession spark, Map<String, byte[]> modelFiles, Dataset<Row> spectrograms) {
    return pass(spark, modelFiles, spectrograms, Scoring::answers, ANSWERS);
  }

  /**
   * What the model's head reads of spectrograms ({@link RtcnModel#features}).
   *
   * @param modelFiles and spectrograms as {@link #score} takes them
   * @return rows of beat_id, patient_id, label and {@code features} (array of float)
   * @throws UserException as {@link #score}
   */
  public static Dataset<Row> features(
      SparkSession spark, Map<String, byte[]> modelFiles, Dataset<Row> spectrograms) {
    return pass(spark, modelFiles, spectrograms, Scoring::features, FEATURES);
  }

  private static Dataset<Row> pass(
      SparkSession spark,
      Map<String, byte[]> modelFiles,
      Dataset<Row> spectrograms,
      Answer answer,
      StructType schema) {
    Broadcast<Map<String, byte[]>> model =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(modelFiles);
    return ModelImages.conform(spectrograms, RtcnModel.parse(modelFiles).config().patientInput())
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>)
                rows -> {
                  if (!rows.hasNext()) {
                    return Collections.emptyIterator();
                  }
                  return new Scoring(RtcnModel.parse(model.value()), rows, answer);
                },
            Encoders.row(schema));
  }

  /** Rows that answer a batch of beats, one each. */
  private interface Answer extends Serializable {
    List<Row> of(Scoring scoring, List<Row> batch, float[][] images);
  }

  /** Streams rows through the model, {@value #ROWS_PER_PASS} at a time. */
  private static final class Scoring implements Iterator<Row> {
    private final RtcnModel model;
    private final Iterator<Row> rows;
    private final Answer answer;
    private final String[] classes;
    private final Decision decision;
    private Iterator<Row> ready = Collections.emptyIterator();

    Scoring(RtcnModel model, Iterator<Row> rows, Answer answer) {
      this.model = model;
      this.rows = rows;
      this.answer = answer;
      this.classes = model.classes().toArray(new String[0]);
      this.decision = Decision.among(model.classes());
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
      return answer.of(this, batch, images).iterator();
    }

    List<Row> predictions(List<Row> batch, float[][] images) {
      float[][] probabilities = model.predict(images);
      List<Row> scored = new ArrayList<>(batch.size());
      for (int i = 0; i < images.length; i++) {
        scored.add(prediction(batch.get(i), probabilities[i]));
      }
      return scored;
    }

    List<Row> answers(List<Row> batch, float[][] images) {
      List<Optional<float[]>> answers = model.answers(images);
      List<Row> rows = new ArrayList<>(batch.size());
      for (int i = 0; i < images.length; i++) {
        rows.add(prediction(batch.get(i), answers.get(i).orElse(null)));
      }
      return rows;
    }

    List<Row> features(List<Row> batch, float[][] images) {
      float[][] features = model.features(images);
      List<Row> rows = new ArrayList<>(batch.size());
      for (int i = 0; i < images.length; i++) {
        Row beat = batch.get(i);
        rows.add(
            RowFactory.create(
                beat.getAs("beat_id"), beat.getAs("patient_id"), beat.getAs("label"), features[i]));
      }
      return rows;
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

    /**
     * @param probabilities null where there is no answer
     */
    private Row prediction(Row beat, float[] probabilities) {
      double[] answered = doubles(probabilities);
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
          answered == null
              ? null
              : classes[decision.answer(answered, model.detection().probability())],
          classes,
          probabilities,
          answered == null ? null : decision.infarctProbability(answered),
          model.detection().probability(),
          beat.getAs("simulated"));
    }

    private static double[] doubles(float[] values) {
      if (values == null) {
        return null;
      }
      double[] doubles = new double[values.length];
      for (int i = 0; i < doubles.length; i++) {
        doubles[i] = values[i];
      }
      return doubles;
    }
  }
}
