package org.rtcn.jobs.crossval;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.augment.AugmentOptions;
import org.rtcn.jobs.augment.AugmentStage;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.EvaluateStage;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.train.TrainOptions;
import org.rtcn.jobs.train.TrainStage;

/**
 * Trains and measures one model per split. Each is a run of its own below the given one, reading
 * its beats and images from there; what a fold has finished is not done again.
 */
public final class Folds {
  private final StageContext context;
  private final RunDirectory base;
  private final int parallel;

  /**
   * @param context session, settings and console
   * @param base the run that the folds stand in; its beats, images and splits are used
   * @param parallel folds at work at the same time
   */
  public Folds(StageContext context, RunDirectory base, int parallel) {
    this.context = context;
    this.base = base;
    this.parallel = parallel;
  }

  /**
   * Which patients train and which are measured.
   *
   * @param number names the run: the fold that is held out, or the only one that trains
   * @param heldOut the folds that are measured; all others train
   */
  public record Split(int number, List<Integer> heldOut) {
    public Split {
      heldOut = List.copyOf(heldOut);
    }

    /** A fold is measured, all others train. */
    public static Split holdingOut(int fold) {
      return new Split(fold, List.of(fold));
    }

    /** A fold trains, all others are measured. */
    public static Split trainingOn(int fold, List<Integer> all) {
      return new Split(fold, all.stream().filter(other -> other != fold).toList());
    }

    private boolean isFoldHeldOut() {
      return heldOut.equals(List.of(number));
    }

    /** Below the base, for example {@code fold-03} or {@code trained-on-03}. */
    private String folder() {
      return String.format("%s-%02d", isFoldHeldOut() ? "fold" : "trained-on", number);
    }
  }

  /** One finished split. */
  public record Fold(int number, RunDirectory run, Manifest train, Manifest evaluate) {}

  /**
   * The folds that hold somebody of the classes.
   *
   * @param wanted folds to choose from; empty for all
   * @throws UserException if fewer than two are left
   */
  public static List<Integer> numbers(
      StageContext context, RunDirectory base, List<Integer> wanted) {
    TreeSet<Integer> all = new TreeSet<>();
    base.read(context.spark(), Table.SPECTROGRAMS)
        .where(col("label").isInCollection(context.settings().classes()))
        .select("fold")
        .distinct()
        .collectAsList()
        .forEach(row -> all.add(row.getInt(0)));
    if (!wanted.isEmpty()) {
      for (int fold : wanted) {
        if (!all.contains(fold)) {
          throw new UserException(
              "Invalid crossval.folds: fold "
                  + fold
                  + " holds no beat of the classes; there are "
                  + all);
        }
      }
      all.retainAll(wanted);
    }
    if (all.size() < 2) {
      throw new UserException(
          "Cannot cross-validate: the beats of the classes lie in the folds "
              + all
              + ", two are needed; see rtcn.split.folds");
    }
    return List.copyOf(all);
  }

  /**
   * Runs the splits.
   *
   * @param splits one after the other, or some side by side
   * @param augmentation whether a diffusion model is trained in each
   * @param assignments settings on top of the context's
   */
  public List<Fold> run(
      List<Split> splits, CrossvalOptions.Augmentation augmentation, String... assignments) {
    if (parallel == 1) {
      List<Fold> done = new ArrayList<>();
      for (Split split : splits) {
        done.add(run(split, augmentation, assignments));
      }
      return done;
    }
    // Spark schedules the jobs of all threads onto the executors; job groups are per thread.
    ExecutorService threads = Executors.newFixedThreadPool(parallel);
    try {
      List<Future<Fold>> running = new ArrayList<>();
      for (Split split : splits) {
        running.add(threads.submit(() -> run(split, augmentation, assignments)));
      }
      List<Fold> done = new ArrayList<>();
      for (Future<Fold> future : running) {
        done.add(future.get());
      }
      return done;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("Failed to run a fold: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Failed to run the folds: interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private Fold run(Split split, CrossvalOptions.Augmentation augmentation, String... assignments) {
    boolean augmented = augmentation == CrossvalOptions.Augmentation.DDPM;
    Settings settings =
        context
            .settings()
            .with(assignments)
            .with(
                "split.test-folds=" + split.heldOut(),
                "train.synthetic=" + (augmented ? "use" : "ignore"),
                // The report of all folds together has the gallery.
                "evaluate.gallery-per-class=0",
                "evaluate.examples-per-class=0");
    RunDirectory run = base.below(split.folder());
    StageContext fold = context.in(run, settings);
    context.console().printf("%n%s%n", words(split));
    if (augmented) {
      AugmentStage.run(fold, AugmentOptions.of(settings));
    }
    Manifest train = TrainStage.run(fold, TrainOptions.of(settings));
    Manifest evaluate = EvaluateStage.run(fold.replacing(), EvaluateOptions.of(settings));
    return new Fold(split.number(), run, train, evaluate);
  }

  private static String words(Split split) {
    return split.isFoldHeldOut()
        ? "fold " + split.number() + " held out"
        : "fold " + split.number() + " trains, the folds " + split.heldOut() + " are held out";
  }
}
