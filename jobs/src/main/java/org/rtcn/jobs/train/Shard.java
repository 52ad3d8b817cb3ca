package org.rtcn.jobs.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The examples of one worker. Their order in an epoch follows from (seed, epoch, id) alone. Every
 * batch is full: where the epoch's steps ask for more than the shard holds, it begins again, and
 * where they ask for less, others are left out in each epoch. So workers with shards of slightly
 * different sizes make equally many equally dear steps, and nobody waits.
 */
final class Shard {
  private static final Comparator<Example> STABLE =
      Comparator.comparingLong(Example::key).thenComparing(Example::id);

  private final List<Example> examples;
  private final TrainingOptions options;

  /**
   * @param examples in any order
   */
  Shard(List<Example> examples, TrainingOptions options) {
    this.examples = sorted(examples);
    this.options = options;
  }

  static List<Example> sorted(List<Example> examples) {
    List<Example> sorted = new ArrayList<>(examples);
    sorted.sort(STABLE);
    return sorted;
  }

  /** The worker that an example belongs to. */
  static int worker(Example example, int workers) {
    return Math.floorMod(Long.hashCode(example.key()), workers);
  }

  boolean isEmpty() {
    return examples.isEmpty();
  }

  /**
   * One look at an example.
   *
   * @param place where it stands in the epoch
   * @param look which of the epoch's looks at this example, from 0
   */
  private record Drawn(long place, Example example, int look) {}

  /** What an epoch looks at, in order. */
  private List<Drawn> ordered(int epoch) {
    List<Drawn> drawn = new ArrayList<>(examples.size());
    for (Example example : examples) {
      SplittableRandom random = random(example, epoch);
      int looks =
          options.weighting() == TrainingOptions.Weighting.LOSS
              ? 1
              : (int) Math.floor(example.weight() + random.nextDouble());
      for (int look = 0; look < looks; look++) {
        drawn.add(new Drawn(random.nextLong(), example, look));
      }
    }
    if (drawn.isEmpty()) {
      // Weights below 1 may leave nothing of a very small shard.
      examples.forEach(example -> drawn.add(new Drawn(example.key(), example, 0)));
    }
    // The list is sorted already, so equal places stay in a fixed order.
    drawn.sort(Comparator.comparingLong(Drawn::place));
    return drawn;
  }

  private static SplittableRandom random(Example example, int epoch) {
    return new SplittableRandom(example.key() + 0x9E3779B97F4A7C15L * (epoch + 1L));
  }

  /**
   * Batches {@code from} (inclusive) to {@code to} (exclusive) of an epoch, made as they are asked
   * for.
   */
  Iterator<MultiDataSet> batches(int epoch, int from, int to) {
    List<Drawn> order = ordered(epoch);
    return new Iterator<>() {
      private int next = from;

      @Override
      public boolean hasNext() {
        return next < to && !order.isEmpty();
      }

      @Override
      public MultiDataSet next() {
        if (!hasNext()) {
          throw new NoSuchElementException("No batch after " + to);
        }
        return batch(order, epoch, next++);
      }
    };
  }

  private MultiDataSet batch(List<Drawn> order, int epoch, int index) {
    TrainingOptions.RtcnConfigShape shape = options.network();
    int size = options.batchSize();
    float[] images = new float[size * shape.imageSize()];
    float[] labels = new float[size * shape.classes()];
    int numbers = shape.patientNumbers();
    float[] patients = new float[size * numbers];
    for (int i = 0; i < size; i++) {
      long position = (long) index * size + i;
      Drawn drawn = order.get((int) (position % order.size()));
      Example example = drawn.example();
      // Apart from the draws that placed the example, and other for each look at it.
      SplittableRandom random = random(example, epoch).split();
      for (long look = drawn.look() + 1000 * (position / order.size()); look > 0; look--) {
        random = random.split();
      }
      options
          .perturbation()
          .apply(
              example.image(),
              images,
              i * shape.imageSize(),
              shape.channels(),
              shape.leads(),
              shape.voices(),
              shape.columns(),
              random);
      if (numbers > 0) {
        options
            .perturbation()
            .applyToPatient(example.image(), shape.imageSize(), patients, i * numbers, random);
      }
      // Smoothed (Szegedy et al. 2016) and weighted: the row sums to the weight.
      float weight = options.weighting() == TrainingOptions.Weighting.LOSS ? example.weight() : 1;
      float spread = (float) (weight * shape.labelSmoothing() / shape.classes());
      for (int c = 0; c < shape.classes(); c++) {
        labels[i * shape.classes() + c] = spread;
      }
      labels[i * shape.classes() + example.label()] +=
          (float) (weight * (1 - shape.labelSmoothing()));
    }
    double mixup = options.perturbation().mixup();
    if (mixup > 0) {
      Drawn first = order.get((int) ((long) index * size % order.size()));
      mix(List.of(images, labels, patients), size, mixup, random(first.example(), ~epoch));
    }
    INDArray x =
        Nd4j.create(
            images, new long[] {size, shape.channels(), shape.voices(), shape.columns()}, 'c');
    INDArray y = Nd4j.create(labels, new long[] {size, shape.classes()}, 'c');
    if (numbers == 0) {
      return new org.nd4j.linalg.dataset.MultiDataSet(x, y);
    }
    INDArray p = Nd4j.create(patients, new long[] {size, numbers}, 'c');
    return new org.nd4j.linalg.dataset.MultiDataSet(new INDArray[] {x, p}, new INDArray[] {y});
  }

  /**
   * Gives each example a share of another of its batch. Label rows mix with their weights, so that
   * a class keeps its weight.
   */
  private static void mix(List<float[]> batch, int size, double mixup, SplittableRandom random) {
    List<float[]> originals = batch.stream().map(float[]::clone).toList();
    for (int i = 0; i < size; i++) {
      int other = random.nextInt(size);
      float share = (float) (mixup * random.nextDouble());
      for (int part = 0; part < originals.size(); part++) {
        float[] to = batch.get(part);
        blend(to, originals.get(part), to.length / size, i, other, share);
      }
    }
  }

  private static void blend(
      float[] to, float[] original, int width, int row, int other, float share) {
    for (int k = 0; k < width; k++) {
      to[row * width + k] =
          (1 - share) * original[row * width + k] + share * original[other * width + k];
    }
  }
}
