package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.error.UserException;

/**
 * Gradient-weighted class activation maps (Selvaraju et al. 2017): where in an image a class score
 * comes from. Three parts stand apart: what is asked ({@link Target}), the sweep that gathers
 * activations and gradients ({@link #trace}), and the rule that weighs channels ({@link
 * #weightedMap}).
 *
 * <p>DL4J has no public gradient with respect to an activation. The network being a chain of
 * vertices, a sweep of its own from the head back to the image gives it; no parameter changes.
 */
public final class GradCam {
  private final RtcnModel model;
  private final List<String> chain;

  /** Explains {@code model}; not for several threads. */
  public GradCam(RtcnModel model) {
    this.model = model;
    this.chain = new ArrayList<>();
    ComputationGraph graph = model.graph();
    for (int vertex : graph.topologicalSortOrder()) {
      // Facts of the patient take no part in a map.
      if (graph.getVertices()[vertex].hasLayer()
          && !graph.getVertices()[vertex].getVertexName().equals(Rtcn.PATIENT)) {
        chain.add(graph.getVertices()[vertex].getVertexName());
      }
    }
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
   * Activations and gradients of one image.
   *
   * @param activations of the target layer, {@code [channel][row][column]}
   * @param gradients of the class score with respect to them, same shape
   * @param image standardised, {@code [lead][voice][column]}
   * @param imageGradients of the class score with respect to the image
   */
  record Trace(INDArray activations, INDArray gradients, INDArray image, INDArray imageGradients) {}

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
    Trace trace = trace(model.input(image, 1), target);
    double[][] activations = planes(trace.activations());
    double[][] gradients = planes(trace.gradients());
    double[] map = weightedMap(activations, gradients);
    int rows = (int) trace.activations().size(1);
    int columns = (int) trace.activations().size(2);
    float[][] upsampled =
        upsample(map, rows, columns, model.config().voices(), model.config().columns());
    normalise(upsampled);
    float[] leads = leadImportance(trace, model.standardizer().leads());
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

  /** The sweep: forward, keeping every layer's input, then back from the class score. */
  Trace trace(INDArray image, Target target) {
    if (!chain.contains(target.layer())
        || target.layer().equals(Rtcn.HEAD)
        || target.classIndex() < 0
        || target.classIndex() >= model.config().classes()) {
      throw new IllegalArgumentException(
          "Invalid Grad-CAM target "
              + target
              + ": layers are "
              + chain.subList(0, chain.size() - 1)
              + ", classes 0 to "
              + (model.config().classes() - 1));
    }
    float[] asked = new float[model.config().classes()];
    asked[target.classIndex()] = 1;
    Trace batch = sweep(image, target.layer(), asked);
    return new Trace(
        withoutBatch(batch.activations()),
        withoutBatch(batch.gradients()),
        withoutBatch(batch.image()),
        withoutBatch(batch.imageGradients()));
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
        sweep(
                model.input(images, standardised.length),
                Rtcn.lastConvolution(model.config()),
                classWeights)
            .imageGradients()
            .dup('c')
            .data()
            .asFloat();
    float[][] gradients = new float[standardised.length][];
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] = Arrays.copyOfRange(flat, i * length, (i + 1) * length);
    }
    return gradients;
  }

  /** Of a batch, which all arrays keep as their first dimension. */
  private Trace sweep(INDArray images, String targetLayer, float[] classWeights) {
    ComputationGraph graph = model.graph();
    LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
    INDArray activation = images;
    INDArray targetActivation = null;
    for (String name : chain.subList(0, chain.size() - 1)) {
      activation = graph.getLayer(name).activate(activation, false, workspaces);
      if (name.equals(targetLayer)) {
        targetActivation = activation.dup('c');
      }
    }
    // Scores are linear in the pooled features: their gradients are columns of the head's weights.
    INDArray weights = graph.getLayer(Rtcn.HEAD).getParam("W");
    INDArray asked = Nd4j.create(classWeights, new long[] {classWeights.length, 1}, 'c');
    INDArray gradient =
        weights
            .mmul(asked.castTo(weights.dataType()))
            .dup()
            .reshape('c', 1, weights.size(0))
            .repeat(0, images.size(0));
    withGradientArrays(graph);
    INDArray targetGradient = null;
    for (int i = chain.size() - 2; i >= 0; i--) {
      if (chain.get(i).equals(targetLayer)) {
        targetGradient = gradient.dup('c');
      }
      Layer layer = graph.getLayer(chain.get(i));
      gradient = layer.backpropGradient(gradient, workspaces).getSecond();
    }
    for (String name : chain) {
      graph.getLayer(name).clear();
    }
    return new Trace(targetActivation, targetGradient, images, gradient);
  }

  /** A graph that was only loaded has nowhere to put parameter gradients yet. */
  private void withGradientArrays(ComputationGraph graph) {
    if (graph.getFlattenedGradients() == null) {
      graph.initGradientsView();
    }
  }

  private static INDArray withoutBatch(INDArray array) {
    long[] shape = array.shape();
    return array.reshape('c', Arrays.copyOfRange(shape, 1, shape.length));
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

  private static float[] leadImportance(Trace trace, int leads) {
    INDArray product = Nd4j.math().abs(trace.image().mul(trace.imageGradients()));
    // Channels are leads, part by part.
    INDArray perLead = product.sum(1, 2).reshape('c', -1, leads).sum(0);
    double total = perLead.sumNumber().doubleValue();
    return (total > 0 ? perLead.div(total) : perLead).toFloatVector();
  }

  private static double[][] planes(INDArray array) {
    int channels = (int) array.size(0);
    double[] flat = array.dup('c').data().asDouble();
    int size = flat.length / channels;
    double[][] planes = new double[channels][];
    for (int channel = 0; channel < channels; channel++) {
      planes[channel] = Arrays.copyOfRange(flat, channel * size, (channel + 1) * size);
    }
    return planes;
  }
}
