package org.rtcn.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.rtcn.jobs.SparkTestSession;

class LogisticBaselineSparkTest {
  private static final SparkSession SPARK = SparkTestSession.get();
  private static final List<String> CLASSES = List.of("HC", "ASMI", "IMI");
  private static final int FEATURES = 400;

  /** Medians whose first numbers tell their class. */
  private static List<MedianBeats.Median> medians(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<MedianBeats.Median> medians = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      float[] features = new float[FEATURES];
      for (int j = 0; j < FEATURES; j++) {
        features[j] = (float) random.nextGaussian() + (j < 60 && j / 20 == i % 3 ? 3 : 0);
      }
      String name = "r" + i;
      medians.add(
          new MedianBeats.Median(name, name, "test", CLASSES.get(i % 3), 1, true, features));
    }
    return medians;
  }

  private static double[] answer(int seed) {
    LogisticBaseline baseline =
        LogisticBaseline.fit(
                SPARK, medians(seed), CLASSES, 40, 1, LogisticBaseline.Balance.values()[seed % 2])
            .orElseThrow();
    return baseline.probabilities(medians(seed + 100).get(1).features());
  }

  @Test
  void bothWaysOfBalancingFindTheRareClassAndNoneDoesNot() {
    // Features that tell nothing: what is answered is the prior.
    List<MedianBeats.Median> rare = new ArrayList<>();
    for (MedianBeats.Median median : medians(5)) {
      if (!median.label().equals(CLASSES.get(1)) || rare.size() % 9 == 0) {
        rare.add(median);
      }
    }
    for (LogisticBaseline.Balance balance : LogisticBaseline.Balance.values()) {
      LogisticBaseline fitted =
          LogisticBaseline.fit(SPARK, rare, CLASSES, 1, 1e3, balance).orElseThrow();
      for (double probability : fitted.probabilities(new float[FEATURES])) {
        assertThat(probability).isCloseTo(1 / 3.0, within(0.02));
      }
    }
  }

  @Test
  void foldsSideBySideGiveWhatTheyGiveAlone() throws Exception {
    List<double[]> alone = new ArrayList<>();
    for (int seed = 0; seed < 2; seed++) {
      alone.add(answer(seed));
      assertThat(alone.get(seed)[1]).isGreaterThan(0.5);
    }
    ExecutorService folds = Executors.newFixedThreadPool(2);
    try {
      List<Future<double[]>> together = new ArrayList<>();
      for (int seed = 0; seed < 2; seed++) {
        int own = seed;
        together.add(folds.submit(() -> answer(own)));
      }
      for (int seed = 0; seed < 2; seed++) {
        assertThat(together.get(seed).get()).containsExactly(alone.get(seed));
      }
    } finally {
      folds.shutdownNow();
    }
  }
}
