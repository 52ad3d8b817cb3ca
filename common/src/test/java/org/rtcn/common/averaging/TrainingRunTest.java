package org.rtcn.common.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rtcn.common.error.UserException;

/** Rounds of two workers that count: step n adds n and the worker's number to the only weight. */
class TrainingRunTest {
  private static final TrainingState FRESH =
      new TrainingState(0, new float[1], new float[1], new float[1], new float[0]);

  private final ByteArrayOutputStream console = new ByteArrayOutputStream();
  private final TreeMap<Integer, byte[]> saved = new TreeMap<>();
  private final List<Round> rounds = new ArrayList<>();

  private Rounds.Averaged round(TrainingState from, Round round) {
    rounds.add(round);
    return Rounds.Averaged.of(
        WeightedSum.ofShares(
            IntStream.range(0, 2).mapToObj(worker -> share(from, round, worker)).toList()));
  }

  private static Share share(TrainingState from, Round round, int worker) {
    float weight = from.weights()[0];
    int end = from.step() + round.steps();
    for (int step = from.step(); step < end; step++) {
      weight += step + worker;
    }
    float[] one = {weight};
    TrainingState state = new TrainingState(end, one, one, one, new float[0]);
    return new Share(worker, state, weight, 1 + worker, "");
  }

  private TrainingRun run(Course course, String fingerprint, int patience, double... validation) {
    int[] asked = new int[1];
    return new TrainingRun(
        course,
        new TrainingRun.Words("train", "rtcn.train", "lower the rate"),
        new TrainingRun.Keeping(fingerprint, 1e-9, patience),
        new LearningCurve(
            step -> 1.0 / (step + 1),
            0.5,
            state ->
                validation.length == 0
                    ? null
                    : new LearningCurve.Verdict(validation[asked[0]++], 0.5)),
        (bytes, step) -> saved.put(step, bytes),
        new PrintStream(console, true, StandardCharsets.UTF_8));
  }

  @Test
  void roundsEndWithTheirEpochAndRowsWithTheirReport() {
    TrainingRun epochs = run(new Course(2, 2, 5, 2, 5, 8), "a", 0);
    TrainingState end = epochs.train(FRESH, this::round);
    assertThat(rounds)
        .extracting(round -> round.epoch() + ":" + round.from() + "-" + round.to())
        .containsExactly("0:0-2", "0:2-4", "0:4-5", "1:0-2", "1:2-4", "1:4-5");
    assertThat(epochs.curve().rows()).extracting(CurveRow::step).containsExactly(5, 10);
    assertThat(epochs.curve().rows()).extracting(CurveRow::learningRate).containsExactly(0.2, 0.1);
    // 45 of the steps, and of ten steps the mean of workers 0 and 1 that count 1 and 2.
    assertThat(end.weights()[0]).isCloseTo(45 + 10 * 2 / 3f, within(1e-5f));
    assertThat(end.step()).isEqualTo(10);
    assertThat(saved).containsOnlyKeys(2, 4, 5, 7, 9, 10);
    assertThat(console.toString(StandardCharsets.UTF_8)).contains("epoch   2/2  loss ");
    assertThat(epochs.log().toCsv().lines()).hasSize(7);
    assertThat(epochs.curve().toCsv().lines()).hasSize(3);

    TrainingRun drawn = run(new Course(2, 1, 10, 3, 4, 8), "a", 0);
    drawn.train(FRESH, this::round);
    assertThat(drawn.curve().rows()).extracting(CurveRow::step).containsExactly(6, 10);
    assertThat(console.toString(StandardCharsets.UTF_8)).contains("step 6/10  loss ");
    assertThatThrownBy(() -> new Course(1, 1 << 16, 1 << 16, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("with fewer than 2^31 steps");
  }

  @Test
  void aTrainingGoesOnFromAnyOfItsCheckpointsToTheSameEnd() {
    Course course = new Course(2, 3, 5, 2, 5, 8);
    double[] losses = {3, 2, 2.5};
    TrainingRun whole = run(course, "a", 0, losses);
    TrainingState end = whole.train(FRESH, this::round);
    for (byte[] bytes : List.copyOf(saved.values())) {
      Checkpoint checkpoint = Checkpoint.parse(bytes);
      int done = checkpoint.header().curve().size();
      TrainingRun again = run(course, "a", 0, Arrays.copyOfRange(losses, done, 3));
      TrainingState from = again.resume(Optional.of(checkpoint), FRESH);
      TrainingState same = again.train(from, this::round);
      assertThat(same).usingRecursiveComparison().isEqualTo(end);
      assertThat(again.best().bestRow()).isEqualTo(2);
      assertThat(again.best().best()).isEqualTo(whole.best().best());
      assertThat(again.curve().rows())
          .extracting(CurveRow::loss)
          .isEqualTo(whole.curve().rows().stream().map(CurveRow::loss).toList());
    }
    assertThat(console.toString(StandardCharsets.UTF_8)).contains("resumed at step 14");
  }

  @Test
  void theLowestLossIsKeptAndPatienceEnds() {
    TrainingRun run = run(new Course(2, 9, 1, 1, 1, 8), "a", 2, 3, 1, 2, 1.5, 0);
    TrainingState end = run.train(FRESH, this::round);
    assertThat(end.step()).isEqualTo(4);
    assertThat(run.best().bestRow()).isEqualTo(2);
    assertThat(run.best().bestLoss()).isEqualTo(1);
    assertThat(run.best().best()[0]).isCloseTo(1 + 4 / 3f, within(1e-6f));
    // A training that had ended so ends at once.
    TrainingRun again = run(new Course(2, 9, 1, 1, 1, 8), "a", 2, 0);
    Checkpoint last = Checkpoint.parse(saved.lastEntry().getValue());
    assertThat(again.train(again.resume(Optional.of(last), FRESH), this::round).step())
        .isEqualTo(4);
  }

  @Test
  void numbersThatAreNotFiniteEndTheTrainingBeforeTheyAreKept() {
    for (int v = 0; v < 3; v++) {
      float[][] vectors = {{1}, {1}, {1}, {}};
      vectors[v][0] = v == 0 ? Float.NaN : Float.POSITIVE_INFINITY;
      TrainingRun run = run(new Course(1, 1, 4, 2, 4, 8), "a", 0);
      assertThatThrownBy(
              () ->
                  run.train(
                      FRESH, (from, round) -> new Rounds.Averaged(TrainingState.of(2, vectors), 1)))
          .isInstanceOf(UserException.class)
          .hasMessage(
              "Failed to train: a "
                  + (v == 0 ? "weight" : "moment of Adam")
                  + " is no longer finite at step 2; lower the rate");
    }
    TrainingRun run = run(new Course(1, 1, 4, 2, 4, 8), "a", 0);
    assertThatThrownBy(
            () -> run.train(FRESH, (from, round) -> new Rounds.Averaged(FRESH, Double.NaN)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Failed to train: the loss is no longer finite");
    assertThat(saved).isEmpty();
  }

  @Test
  void checkpointsOfOtherTrainingsAreRefused() {
    Course course = new Course(2, 3, 5, 2, 5, 8);
    run(course, "a", 0).train(FRESH, this::round);
    Optional<Checkpoint> seventh = Optional.of(Checkpoint.parse(saved.get(7)));
    String other =
        "Cannot resume: the checkpoint at step 7 was written with other settings or inputs; give"
            + " the same ones, or train without --resume";
    TrainingState larger =
        new TrainingState(0, new float[2], new float[2], new float[2], new float[0]);
    assertThatThrownBy(() -> run(course, "b", 0).resume(seventh, FRESH)).hasMessage(other);
    assertThatThrownBy(() -> run(course, "a", 0).resume(seventh, larger)).hasMessage(other);
    // Not where it could ever stand: it ends before, or would have a row since.
    for (Course never : List.of(new Course(2, 1, 5, 2, 5, 8), new Course(2, 3, 5, 2, 2, 8))) {
      assertThatThrownBy(() -> run(never, "a", 0).resume(seventh, FRESH)).hasMessage(other);
    }
    assertThatThrownBy(() -> run(new Course(3, 3, 5, 2, 5, 8), "a", 0).resume(seventh, FRESH))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot resume with 3 workers: the checkpoint was written with 2; set"
                + " rtcn.train.workers=2");
    assertThat(run(course, "a", 0).resume(Optional.empty(), FRESH)).isSameAs(FRESH);
    assertThat(console.toString(StandardCharsets.UTF_8)).contains("no checkpoint: from the start");
  }

  @Test
  void checkpointsComeBackAsTheyWere() {
    Checkpoint at = SampleCheckpoint.at(15);
    Checkpoint read = Checkpoint.parse(at.toBytes());
    assertThat(read).usingRecursiveComparison().isEqualTo(at);
    byte[] bytes = at.toBytes();
    bytes[bytes.length / 2] ^= 1;
    assertThatThrownBy(() -> Checkpoint.parse(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "Invalid rtcn-training/1: its content does not have the SHA-256 that it states");
    assertThatThrownBy(() -> Checkpoint.parse(Arrays.copyOf(at.toBytes(), 30)))
        .isInstanceOf(IllegalArgumentException.class);
    float[] negative = {1, 2, -1};
    Checkpoint never =
        new Checkpoint(
            at.header(),
            new TrainingState(15, negative, negative, negative, new float[0]),
            negative);
    assertThatThrownBy(() -> Checkpoint.parse(never.toBytes()))
        .hasMessage("Invalid checkpoint: a second moment is -1.0");
    Checkpoint.Header early = new Checkpoint.Header("a", 1, 3, 0, at.header().curve(), 0, null);
    assertThatThrownBy(
            () -> Checkpoint.parse(new Checkpoint(early, at.state(), new float[0]).toBytes()))
        .hasMessageStartingWith("Invalid checkpoint: no training was ever at step 3 like this");
  }

  @Test
  void theEndIsKeptWhereCheckpointsAreRare() {
    for (double seconds : new double[] {0, 1e9}) {
      TrainingRun run =
          new TrainingRun(
              new Course(2, 2, 5, 2, 5, 8),
              new TrainingRun.Words("train", "rtcn.train", ""),
              new TrainingRun.Keeping("a", seconds, 0),
              new LearningCurve(step -> 1, 0, state -> null),
              (bytes, step) -> saved.put(step, bytes),
              new PrintStream(console, true, StandardCharsets.UTF_8));
      run.train(FRESH, this::round);
      assertThat(saved.keySet()).isEqualTo(seconds == 0 ? Set.of() : Set.of(10));
    }
  }

  @Test
  void sumsDoNotDependOnTheOrderInWhichSharesArrive() {
    // In any other order the three is lost.
    float[] weights = {1e20f, -1e20f, 3};
    List<Share> shares = new ArrayList<>();
    for (int worker : new int[] {2, 0, 1}) {
      float[] one = {weights[worker]};
      TrainingState end = new TrainingState(3, one, one, one, new float[0]);
      shares.add(new Share(worker, end, 1, 1, "place " + worker));
    }
    assertThat(WeightedSum.ofShares(shares).mean().weights()).containsExactly(1);
    WeightedSum tree =
        WeightedSum.ofSums(
            List.of(
                WeightedSum.ofShares(shares.subList(0, 1)),
                WeightedSum.ofShares(shares.subList(1, 3))));
    assertThat(tree.mean().weights()).containsExactly(1);
    assertThat(tree.mean().step()).isEqualTo(3);
    assertThat(tree.places()).containsEntry(1, "place 1").hasSize(3);
    assertThatThrownBy(() -> WeightedSum.ofShares(List.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot average: no worker had data");
  }
}
