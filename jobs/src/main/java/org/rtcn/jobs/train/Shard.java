package org.rtcn.jobs.train;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The examples of one worker in the order of an epoch, which follows from (seed, epoch, id) alone.
 * Every batch is full: where the epoch's steps ask for more than the shard holds, it begins again,
 * and where they ask for less, others are left out in each epoch. So workers with shards of
 * slightly different sizes make equally many equally dear steps, and nobody waits.
 */
final class Shard {
  private final ShardFile examples;
  private final TrainingOptions options;
  private int orderedEpoch = -1;
  private Order order;

  /**
   * @param examples closed by the caller
   */
  Shard(ShardFile examples, TrainingOptions options) {
    this.examples = examples;
    this.options = options;
  }

  /** The worker that an example belongs to. */
  static int worker(Example example, int workers) {
    return Math.floorMod(Long.hashCode(example.key()), workers);
  }

  int size() {
    return examples.size();
  }

  boolean isEmpty() {
    return examples.size() == 0;
  }

  /** What an epoch looks at, in order. */
  private static final class Order {
    private final int[] examples;
    private final int[] looks;

    /**
     * @param examples their numbers in the shard
     * @param looks which of the epoch's looks at this example it is, from 0
     */
    Order(int[] examples, int[] looks) {
      this.examples = examples;
      this.looks = looks;
    }

    int size() {
      return examples.length;
    }
  }

  /** Sorted once an epoch, not once a round. */
  private synchronized Order order(int epoch) {
    if (order == null || orderedEpoch != epoch) {
      order = ordered(epoch);
      orderedEpoch = epoch;
    }
    return order;
  }

  private Order ordered(int epoch) {
    int most = 0;
    int[] looks = new int[examples.size()];
    for (int i = 0; i < looks.length; i++) {
      looks[i] = looks(i, random(i, epoch));
      most = Math.addExact(most, looks[i]);
    }
    if (most == 0) {
      // Weights below 1 may leave nothing of a very small shard.
      return new Order(IntStream.range(0, looks.length).toArray(), new int[looks.length]);
    }
    int[] example = new int[most];
    int[] look = new int[most];
    long[] place = new long[most];
    int drawn = 0;
    for (int i = 0; i < looks.length; i++) {
      SplittableRandom random = random(i, epoch);
      looks(i, random);
      for (int k = 0; k < looks[i]; k++) {
        example[drawn] = i;
        look[drawn] = k;
        place[drawn++] = random.nextLong();
      }
    }
    // Examples are sorted already and the sort is stable, so equal places stay in a fixed order.
    int[] sorted =
        IntStream.range(0, most)
            .boxed()
            .sorted(Comparator.comparingLong(i -> place[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    return new Order(
        Arrays.stream(sorted).map(i -> example[i]).toArray(),
        Arrays.stream(sorted).map(i -> look[i]).toArray());
  }

  /** How often an epoch looks at an example; takes one number where weights are draws. */
  private int looks(int example, SplittableRandom random) {
    return options.weighting() == TrainingOptions.Weighting.LOSS
        ? 1
        : (int) Math.floor(examples.weight(example) + random.nextDouble());
  }

  private SplittableRandom random(int example, int epoch) {
    return new SplittableRandom(examples.key(example) + 0x9E3779B97F4A7C15L * (epoch + 1L));
  }

  /**
   * Batches {@code from} (inclusive) to {@code to} (exclusive) of an epoch, made as they are asked
   * for.
   */
  Iterator<MultiDataSet> batches(int epoch, int from, int to) {
    Order order = order(epoch);
    float[] image = new float[examples.imageLength()];
    ByteBuffer scratch = examples.scratch();
    return new Iterator<>() {
      private int next = from;

      @Override
      public boolean hasNext() {
        return next < to && order.size() > 0;
      }

      @Override
      public MultiDataSet next() {
        if (!hasNext()) {
          throw new NoSuchElementException("No batch after " + to);
        }
        return batch(order, epoch, next++, image, scratch);
      }
    };
  }

  private MultiDataSet batch(Order order, int epoch, int index, float[] image, ByteBuffer scratch) {
    TrainingOptions.RtcnConfigShape shape = options.network();
    int size = options.batchSize();
    float[] images = new float[size * shape.imageSize()];
    float[] labels = new float[size * shape.classes()];
    int numbers = shape.patientNumbers();
    float[] patients = new float[size * numbers];
    for (int i = 0; i < size; i++) {
      long position = (long) index * size + i;
      int drawn = (int) (position % order.size());
      int example = order.examples[drawn];
      examples.image(example, scratch, image);
      // Apart from the draws that placed the example, and other for each look at it.
      SplittableRandom random = random(example, epoch).split();
      for (long look = order.looks[drawn] + 1000 * (position / order.size()); look > 0; look--) {
        random = random.split();
      }
      options
          .perturbation()
          .apply(
              image,
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
            .applyToPatient(image, shape.imageSize(), patients, i * numbers, random);
      }
      // Smoothed (Szegedy et al. 2016) and weighted: the row sums to the weight.
      float weight =
          options.weighting() == TrainingOptions.Weighting.LOSS ? examples.weight(example) : 1;
      float spread = (float) (weight * shape.labelSmoothing() / shape.classes());
      for (int c = 0; c < shape.classes(); c++) {
        labels[i * shape.classes() + c] = spread;
      }
      labels[i * shape.classes() + examples.label(example)] +=
          (float) (weight * (1 - shape.labelSmoothing()));
    }
    double mixup = options.perturbation().mixup();
    if (mixup > 0) {
      int first = order.examples[(int) ((long) index * size % order.size())];
      mix(List.of(images, labels, patients), size, mixup, random(first, ~epoch));
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
