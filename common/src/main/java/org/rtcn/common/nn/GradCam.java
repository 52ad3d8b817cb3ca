package org.rtcn.common.nn;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.error.UserException;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;

/**
 * Gradient-weighted class activation maps (Selvaraju et al. 2017): where in an image a class score
 * comes from. Three parts stand apart: what is asked ({@link Target}), the sweep that gathers
 * activations and gradients ({@link RtcnNetwork#explain}), and the rule that weighs channels
 * ({@link #weightedMap}). No parameter changes.
 */
public final class GradCam {
  /** Frees what the kernels hold once nobody holds the explainer. */
  private static final Cleaner CLEANER = Cleaner.create();

  private final RtcnModel model;
  private final Kernels kernels;
  private final RtcnNetwork network;
  private final Scratch scratch;

  /** Explains {@code model}; not for several threads. */
  public GradCam(RtcnModel model) {
    this.model = model;
    Kernels own = KernelChoice.open(DataType.FLOAT);
    RtcnNetwork made = new RtcnNetwork(model.config(), own);
    Scratch arrays = new Scratch(own);
    own.pass(() -> own.write(model.weights(), made.weights()));
    CLEANER.register(
        this,
        () -> {
          made.close();
          arrays.close();
        });
    this.kernels = own;
    this.network = made;
    this.scratch = arrays;
  }

  /**
   * What is asked.
   *
   * @param layer the vertex whose activations are weighed, for example {@link Rtcn#lastConvolution}
   * @param classIndex the class whose score (before softmax) is explained
   */
  public record Target(String layer, int classIndex) {}

  /**
   * An answer.
   *
   * @param map {@code [voice][column]} of the image, 0 to 1; all 0 where nothing speaks for the
   *     class
   * @param leadImportance per lead, the sum over voices and columns of |image × gradient|, made to
   *     sum to 1
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Explanation(float[][] map, float[] leadImportance) {}

  /**
   * What a sweep found, image after image.
   *
   * @param activations of the target layer, {@code [image][channel][row][column]}
   * @param gradients of the class score with respect to them, same shape
   * @param shape of one image's: channels, rows, columns
   * @param imageGradients of the class score with respect to the images
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Sweep(
      float[] activations, float[] gradients, long[] shape, float[] imageGradients) {}

  /**
   * Explains the score of one image.
   *
   * @param beat image as {@link ImageInput#image} gives it for the model's input; not changed
   * @throws IllegalArgumentException if the target is not in the network
   * @throws UserException if the network's gradients are not finite
   */
  public Explanation explain(float[] beat, Target target) {
    return find(beat, target).orElseThrow(() -> model.noAnswer("gradients"));
  }

  /**
   * As {@link #explain}, but empty where a value of the map or of the leads is not finite: no map
   * is ever shown that holds one.
   */
  public Optional<Explanation> find(float[] beat, Target target) {
    // A class's score is the sum of what the image and what the patient say: neither gradient
    // depends on the other.
    float[] image = Arrays.copyOf(beat, model.standardizer().imageLength());
    model.standardizer().transform(image);
    requireTarget(target);
    float[] asked = new float[model.config().classes()];
    asked[target.classIndex()] = 1;
    Sweep sweep = sweep(image, 1, target.layer(), asked);
    int channels = Math.toIntExact(sweep.shape()[0]);
    int rows = Math.toIntExact(sweep.shape()[1]);
    int columns = Math.toIntExact(sweep.shape()[2]);
    double[] map =
        weightedMap(planes(sweep.activations(), channels), planes(sweep.gradients(), channels));
    float[][] upsampled =
        upsample(map, rows, columns, model.config().voices(), model.config().columns());
    normalise(upsampled);
    float[] leads = leadImportance(image, sweep.imageGradients(), model.standardizer().leads());
    boolean isFinite = areFinite(leads);
    for (float[] row : upsampled) {
      isFinite &= areFinite(row);
    }
    return isFinite ? Optional.of(new Explanation(upsampled, leads)) : Optional.empty();
  }

  private static boolean areFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private void requireTarget(Target target) {
    if (!network.layers().contains(target.layer())
        || target.classIndex() < 0
        || target.classIndex() >= model.config().classes()) {
      throw new IllegalArgumentException(
          "Invalid Grad-CAM target "
              + target
              + ": layers are "
              + network.layers()
              + ", classes 0 to "
              + (model.config().classes() - 1));
    }
  }

  /**
   * The gradients of a weighted sum of class scores (before softmax) with respect to images, in one
   * pass: several cost little more than one.
   *
   * @param standardised images as the network reads them, {@code [channel · voice · column]}; what
   *     follows an image is not read
   * @param classWeights of each class's score, for example 1 for the answer and -1 for the class
   *     that it is asked against
   * @return {@code [image][channel · voice · column]}; may hold numbers that are not finite
   */
  public float[][] imageGradients(float[][] standardised, float[] classWeights) {
    int length = model.standardizer().imageLength();
    float[] images = new float[standardised.length * length];
    for (int i = 0; i < standardised.length; i++) {
      System.arraycopy(standardised[i], 0, images, i * length, length);
    }
    float[] flat =
        sweep(images, standardised.length, Rtcn.lastConvolution(model.config()), classWeights)
            .imageGradients();
    float[][] gradients = new float[standardised.length][];
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] = Arrays.copyOfRange(flat, i * length, (i + 1) * length);
    }
    return gradients;
  }

  private Sweep sweep(float[] images, int count, String layer, float[] classWeights) {
    float[] asked = new float[count * classWeights.length];
    for (int i = 0; i < count; i++) {
      System.arraycopy(classWeights, 0, asked, i * classWeights.length, classWeights.length);
    }
    try {
      return sweepOf(images, asked, count, layer);
    } finally {
      // The cleaner must not free the network while it works.
      Reference.reachabilityFence(this);
    }
  }

  private Sweep sweepOf(float[] images, float[] asked, int count, String layer) {
    RtcnConfig config = model.config();
    Sweep[] found = new Sweep[1];
    kernels.pass(
        () -> {
          Array x = scratch.array("x", count, config.channels(), config.voices(), config.columns());
          kernels.write(images, x);
          Array dLogits = scratch.array("dLogits", count, config.classes());
          kernels.write(asked, dLogits);
          Array dImage = scratch.array("dImage", x.shape());
          network.features(x, null, Block.Mode.INFERENCE);
          Array gradients = network.explain(x, dLogits, layer, dImage);
          Array activations = network.activations(layer, count);
          long[] shape = activations.shape();
          found[0] =
              new Sweep(
                  kernels.floats(activations),
                  kernels.floats(gradients),
                  Arrays.copyOfRange(shape, 1, shape.length),
                  kernels.floats(dImage));
        });
    return found[0];
  }

  /**
   * Grad-CAM's weight rule, equations 1 and 2: channel k weighs the mean of its gradients, the map
   * is the positive part of the weighted sum of activations.
   *
   * @param activations {@code [channel][position]}
   * @param gradients the same shape
   * @return {@code [position]}
   */
  static double[] weightedMap(double[][] activations, double[][] gradients) {
    double[] map = new double[activations[0].length];
    for (int channel = 0; channel < activations.length; channel++) {
      double weight = 0;
      for (double gradient : gradients[channel]) {
        weight += gradient;
      }
      weight /= gradients[channel].length;
      for (int position = 0; position < map.length; position++) {
        map[position] += weight * activations[channel][position];
      }
    }
    for (int position = 0; position < map.length; position++) {
      map[position] = Math.max(0, map[position]);
    }
    return map;
  }

  /** Bilinear, cell centres on cell centres, the border held. */
  static float[][] upsample(double[] map, int rows, int columns, int toRows, int toColumns) {
    float[][] result = new float[toRows][toColumns];
    for (int r = 0; r < toRows; r++) {
      double y = clamp((r + 0.5) * rows / toRows - 0.5, rows);
      int y0 = (int) y;
      int y1 = Math.min(y0 + 1, rows - 1);
      for (int c = 0; c < toColumns; c++) {
        double x = clamp((c + 0.5) * columns / toColumns - 0.5, columns);
        int x0 = (int) x;
        int x1 = Math.min(x0 + 1, columns - 1);
        double top = mix(map[y0 * columns + x0], map[y0 * columns + x1], x - x0);
        double bottom = mix(map[y1 * columns + x0], map[y1 * columns + x1], x - x0);
        result[r][c] = (float) mix(top, bottom, y - y0);
      }
    }
    return result;
  }

  private static double clamp(double position, int size) {
    return Math.max(0, Math.min(size - 1, position));
  }

  private static double mix(double a, double b, double share) {
    return a + (b - a) * share;
  }

  private static void normalise(float[][] map) {
    float max = 0;
    for (float[] row : map) {
      for (float value : row) {
        max = Math.max(max, value);
      }
    }
    if (max > 0) {
      for (float[] row : map) {
        for (int i = 0; i < row.length; i++) {
          row[i] /= max;
        }
      }
    }
  }

  private float[] leadImportance(float[] image, float[] gradients, int leads) {
    double[] perLead = new double[leads];
    double total = 0;
    int plane = model.config().voices() * model.config().columns();
    for (int i = 0; i < image.length; i++) {
      double product = Math.abs((double) image[i] * gradients[i]);
      // Channels are leads, part by part.
      perLead[i / plane % leads] += product;
      total += product;
    }
    float[] shares = new float[leads];
    for (int lead = 0; lead < leads; lead++) {
      shares[lead] = (float) (total > 0 ? perLead[lead] / total : perLead[lead]);
    }
    return shares;
  }

  private static double[][] planes(float[] values, int channels) {
    int size = values.length / channels;
    double[][] planes = new double[channels][size];
    for (int i = 0; i < values.length; i++) {
      planes[i / size][i % size] = values[i];
    }
    return planes;
  }
}
