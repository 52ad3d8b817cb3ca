package org.rtcn.common.averaging;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import org.rtcn.common.error.UserException;

/**
 * One training with all that goes on around its rounds: the learning curve with validation, early
 * stopping, the end of what diverges, what the user is told, and checkpoints.
 */
public final class TrainingRun {
  private final Course course;
  private final Words words;
  private final Keeping keeping;
  private final PrintStream console;
  private final LearningCurve curve;
  private final EarlyStopping best;
  private final RoundLog log;
  private final Checkpoints checkpoints;
  private final List<TrainingListener> listeners;

  /**
   * What its messages say.
   *
   * @param command of the command line, for example {@code train}
   * @param section of the settings, for example {@code rtcn.train}
   * @param remedy where numbers stop being finite
   */
  public record Words(String command, String section, String remedy) {}

  /**
   * What is kept.
   *
   * @param fingerprint of the settings and inputs, so that a checkpoint of another training is not
   *     taken for one of this
   * @param seconds at least so long between two checkpoints, 0 for none
   * @param patience rows of the curve without a lower validation loss after which training ends, 0
   *     for never
   */
  public record Keeping(String fingerprint, double seconds, int patience) {}

  /**
   * A training that has not begun.
   *
   * @param store takes a checkpoint and its step
   */
  public TrainingRun(
      Course course,
      Words words,
      Keeping keeping,
      LearningCurve curve,
      ObjIntConsumer<byte[]> store,
      PrintStream console) {
    this.course = course;
    this.words = words;
    this.keeping = keeping;
    this.console = console;
    this.curve = curve;
    this.best = new EarlyStopping(curve, keeping.patience());
    this.log = new RoundLog(curve);
    this.checkpoints = new Checkpoints(keeping, store, course.workers(), curve, best);
    this.listeners =
        List.of(
            new Divergence(words.remedy()),
            curve,
            best,
            // Kept before it is told.
            checkpoints,
            log,
            new ConsoleProgress(curve, console));
  }

  /**
   * Goes on from a checkpoint, or from the start where there is none.
   *
   * @param fresh the state before the first step
   * @return where to go on
   * @throws UserException if the checkpoint belongs to another training
   */
  public TrainingState resume(Optional<Checkpoint> last, TrainingState fresh) {
    if (last.isEmpty()) {
      console.printf("           no checkpoint: from the start%n");
      return fresh;
    }
    Checkpoint checkpoint = last.get();
    Checkpoint.Header header = checkpoint.header();
    if (!header.fingerprint().equals(keeping.fingerprint()) || !checkpoint.state().fits(fresh)) {
      throw ofAnotherTraining(header.step());
    }
    if (header.workers() != course.workers()) {
      throw new UserException(
          "Cannot resume with "
              + course.workers()
              + " workers: the checkpoint was written with "
              + header.workers()
              + "; set "
              + words.section()
              + ".workers="
              + header.workers());
    }
    if (!course.passes(header.step(), header.lastReported())) {
      throw ofAnotherTraining(header.step());
    }
    curve.resume(header);
    best.resume(checkpoint);
    checkpoints.resume(checkpoint);
    console.printf(Locale.ROOT, "           resumed at step %,d%n", header.step());
    return checkpoint.state();
  }

  private UserException ofAnotherTraining(int step) {
    return new UserException(
        "Cannot resume: the checkpoint at step "
            + step
            + " was written with other settings or inputs; give the same ones, or "
            + words.command()
            + " without --resume");
  }

  /**
   * Trains to the end; returns where it has arrived.
   *
   * @param watchers hear of every round after all others
   */
  public TrainingState train(TrainingState from, Rounds rounds, TrainingListener... watchers) {
    List<TrainingListener> all = new ArrayList<>(listeners);
    all.addAll(List.of(watchers));
    return AveragingTrainer.train(from, course, rounds, all);
  }

  /** The learning curve. */
  public LearningCurve curve() {
    return curve;
  }

  /** The best row of the curve. */
  public EarlyStopping best() {
    return best;
  }

  /** Every round. */
  public RoundLog log() {
    return log;
  }
}
