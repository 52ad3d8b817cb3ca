package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.List;

/** Predictions as flat arrays, so that a bootstrap over them costs no objects per case. */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record Cases(
    List<String> classes,
    List<String> patients,
    int[] truth,
    int[] predicted,
    double[][] probabilities,
    Decision decision) {

  static Cases of(List<String> classes, Level level, List<Prediction> rows) {
    List<String> patients = new ArrayList<>(rows.size());
    int[] truth = new int[rows.size()];
    int[] predicted = new int[rows.size()];
    double[][] probabilities = new double[rows.size()][];
    Decision decision = Decision.among(classes);
    int i = 0;
    for (Prediction row : rows) {
      if (row.level() != level) {
        throw new IllegalArgumentException(
            "Invalid row " + row.id() + ": of level " + row.level() + ", expected " + level);
      }
      if (row.probabilities().size() != classes.size()) {
        throw new IllegalArgumentException(
            "Invalid row "
                + row.id()
                + ": "
                + row.probabilities().size()
                + " probabilities for "
                + classes.size()
                + " classes");
      }
      truth[i] = row.truth().map(classes::indexOf).orElse(-1);
      if (truth[i] < 0) {
        throw new IllegalArgumentException(
            "Invalid truth "
                + row.truth().orElse("(none)")
                + " of "
                + row.id()
                + ": must be one of "
                + classes);
      }
      patients.add(
          row.patientId()
              .orElseThrow(
                  () -> new IllegalArgumentException("Invalid row " + row.id() + ": no patient")));
      probabilities[i] = row.probabilityArray();
      predicted[i] = decision.answer(probabilities[i]);
      i++;
    }
    return new Cases(classes, List.copyOf(patients), truth, predicted, probabilities, decision);
  }

  /** The cases at these positions; their patients are not carried along. */
  Cases at(int[] positions) {
    int[] t = new int[positions.length];
    int[] p = new int[positions.length];
    double[][] rows = new double[positions.length][];
    for (int i = 0; i < positions.length; i++) {
      t[i] = truth[positions[i]];
      p[i] = predicted[positions[i]];
      rows[i] = probabilities[positions[i]];
    }
    return new Cases(classes, List.of(), t, p, rows, decision);
  }

  int size() {
    return truth.length;
  }

  ConfusionMatrix matrix() {
    return ConfusionMatrix.of(classes, truth, predicted);
  }

  boolean[] isClass(int c) {
    boolean[] is = new boolean[truth.length];
    for (int i = 0; i < is.length; i++) {
      is[i] = truth[i] == c;
    }
    return is;
  }

  double[] scores(int c) {
    double[] scores = new double[truth.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = probabilities[i][c];
    }
    return scores;
  }

  boolean[] isInfarct() {
    boolean[] is = new boolean[truth.length];
    for (int i = 0; i < is.length; i++) {
      is[i] = decision.isInfarct(truth[i]);
    }
    return is;
  }

  boolean[] isDetected() {
    boolean[] is = new boolean[truth.length];
    for (int i = 0; i < is.length; i++) {
      is[i] = decision.detects(probabilities[i]);
    }
    return is;
  }

  double[] infarctScores() {
    double[] scores = new double[truth.length];
    for (int i = 0; i < scores.length; i++) {
      for (int c = 0; c < classes.size(); c++) {
        scores[i] += decision.isInfarct(c) ? probabilities[i][c] : 0;
      }
    }
    return scores;
  }

  /** No infarction (0) against infarction (1). */
  ConfusionMatrix detectionMatrix() {
    boolean[] infarct = isInfarct();
    boolean[] detected = isDetected();
    int[] t = new int[truth.length];
    int[] p = new int[truth.length];
    for (int i = 0; i < t.length; i++) {
      t[i] = infarct[i] ? 1 : 0;
      p[i] = detected[i] ? 1 : 0;
    }
    return ConfusionMatrix.of(List.of("no MI", "MI"), t, p);
  }
}
