package org.rtcn.jobs.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.rtcn.common.metrics.ClassOffsets;

/**
 * What a deep network has to beat: logistic regression on the first principal components of the
 * median beat, by Spark MLlib, from the same training patients, its classes balanced in one of two
 * ways. The rows lie in one partition in the order of their ids, so that the sums, and with them
 * the answers, do not depend on the cluster.
 */
final class LogisticBaseline implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int MOST_ITERATIONS = 200;
  private static final StructType SCHEMA =
      new StructType()
          .add("label", DataTypes.DoubleType, false)
          .add("weight", DataTypes.DoubleType, false)
          .add("features", SQLDataTypes.VectorType(), false);

  /** How classes of unequal size are made to count alike. */
  enum Balance {
    /** Each class weighs the same in the loss. */
    WEIGHTED,
    /** Every record weighs the same; probabilities are divided by the classes' shares. */
    DIVIDED
  }

  private final double[] mean;
  private final double[][] components;
  private final LogisticRegressionModel regression;
  private final int[] classOf;
  private final int classCount;
  private final ClassOffsets offsets;

  private LogisticBaseline(
      double[] mean,
      double[][] components,
      LogisticRegressionModel regression,
      int[] classOf,
      int classCount,
      ClassOffsets offsets) {
    this.mean = mean;
    this.components = components;
    this.regression = regression;
    this.classOf = classOf;
    this.classCount = classCount;
    this.offsets = offsets;
  }

  /**
   * Fits.
   *
   * @param training records of the training patients, by record id
   * @param classes all classes; those without a record get probability 0
   * @param componentCount principal components at most
   * @param strength of the penalty on squared weights: 1 is one unit of log loss in all (C = 1)
   * @param balance of classes of unequal size
   * @return empty where the training records are too few or all of one class
   */
  static Optional<LogisticBaseline> fit(
      SparkSession spark,
      List<MedianBeats.Median> training,
      List<String> classes,
      int componentCount,
      double strength,
      Balance balance) {
    List<Integer> present = new ArrayList<>();
    int[] support = new int[classes.size()];
    training.forEach(median -> support[classes.indexOf(median.label())]++);
    for (int c = 0; c < support.length; c++) {
      if (support[c] > 0) {
        present.add(c);
      }
    }
    if (present.size() < 2 || training.size() < 4) {
      return Optional.empty();
    }
    int width = training.get(0).features().length;
    double[] mean = new double[width];
    for (MedianBeats.Median median : training) {
      for (int i = 0; i < width; i++) {
        mean[i] += median.features()[i] / training.size();
      }
    }
    double[][] centred =
        training.stream().map(of -> minus(of.features(), mean)).toArray(double[][]::new);
    int k = Math.min(componentCount, Math.min(training.size() - 1, width));
    double[][] components = PrincipalComponents.of(centred, k);
    List<Row> rows = new ArrayList<>();
    for (MedianBeats.Median median : training) {
      int c = classes.indexOf(median.label());
      rows.add(
          RowFactory.create(
              (double) present.indexOf(c),
              balance == Balance.DIVIDED
                  ? 1.0
                  : (double) training.size() / (present.size() * support[c]),
              project(minus(median.features(), mean), components)));
    }
    List<Double> equal = Collections.nCopies(present.size(), 1.0 / present.size());
    List<Double> shares =
        balance == Balance.DIVIDED
            ? present.stream().map(c -> (double) support[c] / training.size()).toList()
            : equal;
    Dataset<Row> data = spark.createDataFrame(rows, SCHEMA).coalesce(1).cache();
    try {
      LogisticRegressionModel regression =
          new LogisticRegression()
              .setFamily("multinomial")
              .setWeightCol("weight")
              .setRegParam(strength / training.size())
              .setMaxIter(MOST_ITERATIONS)
              .fit(data);
      return Optional.of(
          new LogisticBaseline(
              mean,
              components,
              regression,
              present.stream().mapToInt(Integer::intValue).toArray(),
              classes.size(),
              ClassOffsets.between(shares, equal)));
    } finally {
      data.unpersist();
    }
  }

  /** Probabilities of all classes. */
  double[] probabilities(float[] features) {
    Vector known = regression.predictProbability(project(minus(features, mean), components));
    double[] moved = offsets.apply(known.toArray());
    double[] probabilities = new double[classCount];
    for (int i = 0; i < classOf.length; i++) {
      probabilities[classOf[i]] = Math.min(1, moved[i]);
    }
    return probabilities;
  }

  private static double[] minus(float[] features, double[] mean) {
    double[] difference = new double[mean.length];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = features[i] - mean[i];
    }
    return difference;
  }

  private static Vector project(double[] centred, double[][] components) {
    double[] projected = new double[components.length];
    for (int c = 0; c < projected.length; c++) {
      for (int i = 0; i < centred.length; i++) {
        projected[c] += centred[i] * components[c][i];
      }
    }
    return Vectors.dense(projected);
  }
}
