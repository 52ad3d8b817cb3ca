package org.rtcn.jobs.train;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.LearningRateSchedule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes on around the steps of an engine: the learning curve, validation after each epoch,
 * early stopping, the best epoch's weights, checkpoints, and what the user is told.
 */
final class TrainingLoop implements TrainingProgress.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

  private final ComputationGraph graph;
  private final TrainOptions.Loop options;
  private final LearningRateSchedule schedule;
  private final Supplier<Validation.Result> validation;
  private final CheckpointStore checkpoints;
  private final String fingerprint;
  private final int workers;
  private final double gigaflopsPerExample;
  private final PrintStream console;

  private final List<EpochRow> epochs = new ArrayList<>();
  private final StringBuilder scalars =
      new StringBuilder("step,epoch,loss,learning_rate,examples_per_second\n");
  private int step;
  private double lossSum;
  private int epochStartStep;
  private int bestEpoch;
  private Double bestLoss;
  private float[] best = new float[0];
  private long savedNanos = System.nanoTime();

  /**
   * @param validation scores the graph as it stands; null without validation patients
   * @param fingerprint of the settings and inputs, so that a checkpoint of another training is not
   *     taken for one of this
   * @param gigaflopsPerExample 10⁹ operations of a training step per example
   */
  TrainingLoop(
      ComputationGraph graph,
      TrainOptions.Loop options,
      LearningRateSchedule schedule,
      Supplier<Validation.Result> validation,
      CheckpointStore checkpoints,
      String fingerprint,
      int workers,
      double gigaflopsPerExample,
      PrintStream console) {
    this.graph = graph;
    this.options = options;
    this.schedule = schedule;
    this.validation = validation;
    this.checkpoints = checkpoints;
    this.fingerprint = fingerprint;
    this.workers = workers;
    this.gigaflopsPerExample = gigaflopsPerExample;
    this.console = console;
  }

  /**
   * Goes on where a checkpoint was written.
   *
   * @throws UserException if it belongs to another training
   */
  void resume(Checkpoint checkpoint) {
    Checkpoint.State state = checkpoint.state();
    if (!state.fingerprint().equals(fingerprint)
        || checkpoint.parameters().length != graph.numParams()
        || checkpoint.updater().length != updaterState().length) {
      throw new UserException(
          "Cannot resume: the checkpoint at step "
              + state.step()
              + " was written with other settings or inputs; give the same ones, or train without"
              + " --resume");
    }
    if (state.workers() != workers) {
      throw new UserException(
          "Cannot resume with "
              + workers
              + " workers: the checkpoint was written with "
              + state.workers()
              + "; set rtcn.train.workers="
              + state.workers());
    }
    graph.setParams(row(checkpoint.parameters()));
    if (checkpoint.updater().length > 0) {
      graph.getUpdater(true).setStateViewArray(row(checkpoint.updater()));
      requireMoments(state.step());
    }
    graph.getConfiguration().setIterationCount(state.step());
    step = state.step();
    lossSum = state.lossSum();
    epochs.addAll(state.epochs());
    epochStartStep = epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).step();
    bestEpoch = state.bestEpoch();
    bestLoss = state.bestLoss();
    best = checkpoint.best();
  }

  /** Of each block's moments the second half are means of squares. */
  private void requireMoments(int at) {
    for (UpdaterBlock block : graph.getUpdater(true).getUpdaterBlocks()) {
      INDArray moments = block.getUpdaterView();
      if (moments == null || moments.length() == 0) {
        continue;
      }
      INDArray flat = moments.reshape(moments.length());
      INDArray second = flat.get(NDArrayIndex.interval(flat.length() / 2, flat.length()));
      if (second.minNumber().doubleValue() < 0) {
        throw new UserException(
            "Cannot resume: the checkpoint at step "
                + at
                + " holds a negative second moment, which no training writes; train without"
                + " --resume");
      }
    }
  }

  private static INDArray row(float[] values) {
    return Nd4j.create(values, new long[] {1, values.length}, 'c');
  }

  @Override
  public void on(TrainingProgress progress) {
    if (!Double.isFinite(progress.loss())) {
      step = progress.step();
      throw noLongerFinite("the loss is");
    }
    double rate = schedule.valueAt(progress.step() - 1, 0);
    LOG.info(
        String.format(
            Locale.ROOT,
            "step %d of %d, epoch %d, loss %.5f, learning rate %.3g, %.0f examples/s, %.1f GFLOP/s,"
                + " %.0f s to go",
            progress.step(),
            progress.steps(),
            progress.epoch(),
            progress.loss(),
            rate,
            progress.examplesPerSecond(),
            progress.examplesPerSecond() * gigaflopsPerExample,
            progress.remainingSeconds()));
    scalars.append(
        String.format(
            Locale.ROOT,
            "%d,%d,%.6f,%.6g,%.1f%n",
            progress.step(),
            progress.epoch(),
            progress.loss(),
            rate,
            progress.examplesPerSecond()));
    lossSum += progress.loss() * (progress.step() - step);
    step = progress.step();
    if (progress.epochDone()) {
      epochDone(progress, rate);
    }
    if (options.checkpointSeconds() > 0
        && System.nanoTime() - savedNanos >= options.checkpointSeconds() * 1e9) {
      save();
    }
  }

  private void epochDone(TrainingProgress progress, double rate) {
    Validation.Result result = validation == null ? null : validation.get();
    EpochRow row =
        new EpochRow(
            progress.epoch(),
            step,
            lossSum / (step - epochStartStep),
            rate,
            result == null ? null : result.loss(),
            result == null ? null : result.balancedAccuracy(),
            progress.examplesPerSecond(),
            progress.examplesPerSecond() * gigaflopsPerExample,
            progress.elapsedSeconds());
    epochs.add(row);
    lossSum = 0;
    epochStartStep = step;
    if (result != null && (bestLoss == null || result.loss() < bestLoss)) {
      bestLoss = result.loss();
      bestEpoch = progress.epoch();
      best = graph.params().toFloatVector();
    }
    console.printf(
        Locale.ROOT,
        "           epoch %3d/%d  loss %.4f%s  %,.0f examples/s  %.1f GFLOP/s  %.0f s done, %.0f s"
            + " to go%n",
        progress.epoch(),
        progress.epochs(),
        row.loss(),
        result == null
            ? ""
            : String.format(
                Locale.ROOT,
                "  validation loss %.4f, balanced accuracy %.3f",
                result.loss(),
                result.balancedAccuracy()),
        progress.examplesPerSecond(),
        row.gigaflopsPerSecond(),
        progress.elapsedSeconds(),
        progress.remainingSeconds());
  }

  private void save() {
    float[] parameters = graph.params().toFloatVector();
    float[] updater = updaterState();
    requireFinite(parameters, "a weight is");
    requireFinite(updater, "a moment of Adam is");
    checkpoints.save(
        new Checkpoint(
            new Checkpoint.State(
                fingerprint, workers, step, lossSum, List.copyOf(epochs), bestEpoch, bestLoss),
            parameters,
            updater,
            best));
    savedNanos = System.nanoTime();
  }

  private float[] updaterState() {
    INDArray state = graph.getUpdater(true).getStateViewArray();
    return state == null ? new float[0] : state.toFloatVector();
  }

  /** Neither a checkpoint nor a model is ever made of numbers that are not finite. */
  private void requireFinite(float[] values, String what) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw noLongerFinite(what);
      }
    }
  }

  private UserException noLongerFinite(String what) {
    return new UserException(
        "Failed to train: "
            + what
            + " no longer finite at step "
            + step
            + "; lower rtcn.train.learning-rate or set rtcn.train.gradient-clip=1");
  }

  /** False once validation has not improved for the configured number of epochs. */
  @Override
  public boolean goOn() {
    if (validation == null || options.patience() == 0 || epochs.isEmpty()) {
      return true;
    }
    int last = epochs.get(epochs.size() - 1).epoch();
    return last - bestEpoch < options.patience();
  }

  /**
   * Ends the training: the best epoch's weights, where there was validation. Checkpoints stay until
   * the model is in its place.
   */
  void finish() {
    if (bestEpoch > 0) {
      graph.setParams(row(best));
      console.printf(
          Locale.ROOT,
          "           kept epoch %d of %d: the lowest validation loss, %.4f%n",
          bestEpoch,
          epochs.get(epochs.size() - 1).epoch(),
          bestLoss);
    }
    requireFinite(graph.params().toFloatVector(), "a weight is");
  }

  List<EpochRow> epochs() {
    return List.copyOf(epochs);
  }

  /** The epoch whose weights were kept; 0 without validation. */
  int bestEpoch() {
    return bestEpoch;
  }

  /** One line per averaging: step, epoch, loss, learning rate, examples per second. */
  String scalars() {
    return scalars.toString();
  }

  /** One line per epoch. */
  String curve() {
    StringBuilder csv =
        new StringBuilder(
            "epoch,step,loss,learning_rate,validation_loss,validation_balanced_accuracy,"
                + "examples_per_second,gigaflops_per_second,elapsed_s\n");
    for (EpochRow row : epochs) {
      csv.append(
          String.format(
              Locale.ROOT,
              "%d,%d,%.6f,%.6g,%s,%s,%.1f,%.2f,%.2f%n",
              row.epoch(),
              row.step(),
              row.loss(),
              row.learningRate(),
              orEmpty(row.validationLoss()),
              orEmpty(row.validationBalancedAccuracy()),
              row.examplesPerSecond(),
              row.gigaflopsPerSecond(),
              row.elapsedS()));
    }
    return csv.toString();
  }

  private static String orEmpty(Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.6f", value);
  }
}
