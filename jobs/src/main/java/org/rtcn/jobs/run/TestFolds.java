package org.rtcn.jobs.run;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.tables.Table;

/** The folds that are held out from whatever learns. */
public final class TestFolds {
  private TestFolds() {}

  /**
   * Checks that there is somebody in them. With folds that do not exist everybody would be learned
   * from, those of the run's own test folds among them.
   *
   * @param what the stage, as messages name it
   * @throws UserException if folds are to be held out and none of them holds a patient
   */
  public static void require(
      RunDirectory run, SparkSession spark, List<Integer> testFolds, String what) {
    Set<Integer> folds = new TreeSet<>();
    run.read(spark, Table.SPLITS)
        .select("fold")
        .distinct()
        .collectAsList()
        .forEach(row -> folds.add(row.getInt(0)));
    if (!testFolds.isEmpty() && testFolds.stream().noneMatch(folds::contains)) {
      throw new UserException(
          "Cannot %s: nobody is in the test folds %s, the run has the folds %s; set rtcn.split.test-folds to some of them (a run made with --config is gone on with by the same)"
              .formatted(what, testFolds, folds));
    }
  }
}
