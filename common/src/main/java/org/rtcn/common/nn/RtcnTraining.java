package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;
import org.rtcn.common.optimise.AdamDescent;
import org.rtcn.common.optimise.ClippedUpdater;

/**
 * The training steps of an {@link Rtcn}, from batch to weights, without DL4J: the same network, the
 * same loss, the same updater as {@code graph.fit}, in the same vectors. Weights, moments and
 * activations stay with the kernels from {@link #load} to {@link #store}, on whatever device that
 * is. What nobody reads, the gradient of the image, is not computed.
 *
 * <p>Not thread-safe.
 */
public final class RtcnTraining implements AutoCloseable {
  /** One block and its parts of the two vectors. */
  private record Part(
      Block block, Map<String, Array> parameters, Map<String, Array> gradients, String name) {}

  private final Kernels kernels;
  private final Scratch scratch;
  private final List<Part> chain = new ArrayList<>();
  private final Part patient;
  private final Array weights;
  private final Array gradients;
  private final Array decay;
  private final Array headWeights;
  private final Array headBias;
  private final Array dHeadWeights;
  private final Array dHeadBias;
  private final AdamDescent descent;
  private final double gamma;
  private Kernels.Total loss;
  private int steps;

  /**
   * Training of a graph that {@link Rtcn#build} made.
   *
   * @throws IllegalArgumentException if its updater or loss is none of ours
   */
  public RtcnTraining(ComputationGraph graph, Kernels kernels) {
    this.kernels = kernels;
    this.scratch = new Scratch(kernels);
    long length = graph.numParams();
    weights = kernels.zeros(length);
    gradients = kernels.zeros(length);
    decay = kernels.zeros(length);
    Part told = null;
    long at = 0;
    Layer head = null;
    long headAt = 0;
    for (int index : graph.topologicalSortOrder()) {
      GraphVertex vertex = graph.getVertices()[index];
      if (!vertex.hasLayer()) {
        continue;
      }
      Layer layer = vertex.getLayer().conf().getLayer();
      if (layer instanceof BlockLayer block) {
        Part part = part(vertex.getVertexName(), block, at);
        if (part.name().equals(Rtcn.PATIENT)) {
          told = part;
        } else {
          chain.add(part);
        }
      } else {
        head = layer;
        headAt = at;
      }
      at += vertex.getLayer().numParams();
    }
    patient = told;
    BaseOutputLayer output = (BaseOutputLayer) head;
    long in = output.getNIn();
    long out = output.getNOut();
    // DL4J keeps the head's weights column by column.
    headWeights = weights.slice(0, headAt, headAt + in * out).reshape(out, in);
    dHeadWeights = gradients.slice(0, headAt, headAt + in * out).reshape(out, in);
    headBias = weights.slice(0, headAt + in * out, headAt + in * out + out);
    dHeadBias = gradients.slice(0, headAt + in * out, headAt + in * out + out);
    kernels.fill(decay.slice(0, headAt, headAt + in * out), coefficient(output));
    gamma = gamma(output.getLossFn());
    descent = descent(output.getIUpdater(), length);
  }

  private AdamDescent descent(IUpdater stated, long length) {
    double maxNorm = stated instanceof ClippedUpdater clipped ? clipped.maxNorm() : 0;
    IUpdater updater = stated instanceof ClippedUpdater clipped ? clipped.updater() : stated;
    if (!(updater instanceof Adam adam)) {
      throw new IllegalArgumentException("Cannot train with " + updater + ": must be Adam");
    }
    return new AdamDescent(
        kernels,
        length,
        new Kernels.Adam(adam.getBeta1(), adam.getBeta2(), adam.getEpsilon()),
        iteration -> adam.getLearningRate(iteration, 0),
        maxNorm);
  }

  private Part part(String name, BlockLayer layer, long from) {
    Block block = layer.spec().create(kernels);
    Map<String, Array> values = new LinkedHashMap<>();
    Map<String, Array> slopes = new LinkedHashMap<>();
    long at = from;
    for (Parameter parameter : block.parameters()) {
      long to = at + parameter.length();
      values.put(parameter.name(), weights.slice(0, at, to).reshape(parameter.shape()));
      slopes.put(parameter.name(), gradients.slice(0, at, to).reshape(parameter.shape()));
      if (parameter.kind() == Parameter.Kind.WEIGHT) {
        kernels.fill(decay.slice(0, at, to), coefficient(layer));
      }
      at = to;
    }
    return new Part(block, values, slopes, name);
  }

  private static double coefficient(BaseLayer layer) {
    // DL4J may list the decay twice, and then applies it twice.
    double sum = 0;
    for (Regularization regularization : layer.getRegularization()) {
      if (regularization instanceof WeightDecay weightDecay) {
        sum += weightDecay.getCoeff().valueAt(0, 0);
      }
    }
    return sum;
  }

  private static double gamma(ILossFunction loss) {
    if (loss instanceof FocalCrossEntropy focal) {
      return focal.gamma();
    }
    if (loss instanceof WeightedCrossEntropy) {
      return 0;
    }
    throw new IllegalArgumentException(
        "Cannot train with " + loss + ": must be WeightedCrossEntropy or FocalCrossEntropy");
  }

  /** Takes weights and moments from a graph of the same form; the loss begins again. */
  public void load(ComputationGraph graph) {
    long length = weights.length();
    INDArray state = graph.getUpdater(true).getStateViewArray().reshape(2 * length);
    kernels.pass(
        () -> {
          kernels.copy(kernels.adopt(graph.params().reshape(length)), weights);
          kernels.copy(
              kernels.adopt(state.get(NDArrayIndex.interval(0, length))), descent.moment1());
          kernels.copy(
              kernels.adopt(state.get(NDArrayIndex.interval(length, 2 * length))),
              descent.moment2());
        });
    loss = kernels.total();
    steps = 0;
  }

  /** Writes weights and moments to a graph. */
  public void store(ComputationGraph graph) {
    long length = weights.length();
    graph.setParams(vector(weights).reshape(1, length));
    INDArray state = graph.getUpdater(true).getStateViewArray().reshape(2 * length);
    state.get(NDArrayIndex.interval(0, length)).assign(vector(descent.moment1()));
    state.get(NDArrayIndex.interval(length, 2 * length)).assign(vector(descent.moment2()));
  }

  private INDArray vector(Array array) {
    return kernels.type() == DataType.FLOAT
        ? Nd4j.createFromArray(kernels.floats(array))
        : Nd4j.createFromArray(kernels.doubles(array));
  }

  /**
   * Makes one step.
   *
   * @param images {@code [batch][channel][voice][column]}, standardised, dense in C order
   * @param patients {@code [batch][number]}, null for a network that reads images alone
   * @param labels {@code [batch][class]}, each row times the example's weight
   * @param iteration of the whole training, from 0
   * @param seed of dropout
   */
  public void step(INDArray images, INDArray patients, INDArray labels, int iteration, long seed) {
    kernels.seed(seed);
    kernels.pass(
        () -> {
          Array x = kernels.adopt(images);
          Array numbers = patients == null ? null : kernels.adopt(patients);
          gradients(x, numbers, kernels.adopt(labels));
          descent.step(weights, gradients, decay, iteration);
        });
    steps++;
  }

  /** The mean loss since {@link #load}; waits for the steps to end. */
  public double meanLoss() {
    return loss.value() / steps;
  }

  /** The gradient of the mean loss of a batch; with dropout if the network has it. */
  float[] gradient(INDArray images, INDArray patients, INDArray labels) {
    kernels.pass(
        () ->
            gradients(
                kernels.adopt(images),
                patients == null ? null : kernels.adopt(patients),
                kernels.adopt(labels)));
    return kernels.floats(gradients);
  }

  /** The numbers before softmax, {@code [batch][class]}, without dropout. */
  float[] logits(INDArray images, INDArray patients) {
    float[][] result = new float[1][];
    kernels.pass(
        () ->
            result[0] =
                kernels.floats(
                    forward(
                        kernels.adopt(images),
                        patients == null ? null : kernels.adopt(patients),
                        Block.Mode.INFERENCE)));
    return result[0];
  }

  private Array forward(Array x, Array numbers, Block.Mode mode) {
    Array h = x;
    for (Part part : chain) {
      Array y = scratch.array(part.name(), part.block().outputShape(x.size(0)));
      part.block().forward(h, y, part.parameters(), mode);
      h = y;
    }
    Array features = h;
    if (patient != null) {
      Array said = scratch.array(Rtcn.PATIENT, h.shape());
      patient.block().forward(numbers, said, patient.parameters(), mode);
      features = scratch.array(Rtcn.WITH_PATIENT, h.shape());
      kernels.add(h, said, features);
    }
    Array logits = scratch.array(Rtcn.HEAD, x.size(0), headBias.length());
    kernels.matmul(features, headWeights, logits, false, true);
    kernels.addRow(logits, headBias);
    return logits;
  }

  private void gradients(Array x, Array numbers, Array labels) {
    Array logits = forward(x, numbers, Block.Mode.TRAINING);
    Array dLogits = scratch.array("dLogits", logits.shape());
    kernels.crossEntropy(logits, labels, gamma, dLogits, loss);
    Array pooled = output(chain.size() - 1, x);
    Array features = patient == null ? pooled : scratch.array(Rtcn.WITH_PATIENT, pooled.shape());
    kernels.matmul(dLogits, features, dHeadWeights, true, false);
    kernels.sumRows(dLogits, dHeadBias);
    Array d = scratch.array("dFeatures", features.shape());
    kernels.matmul(dLogits, headWeights, d, false, false);
    if (patient != null) {
      patient
          .block()
          .backward(
              numbers,
              scratch.array(Rtcn.PATIENT, pooled.shape()),
              d,
              null,
              patient.parameters(),
              patient.gradients());
    }
    for (int i = chain.size() - 1; i >= 0; i--) {
      Part part = chain.get(i);
      Array in = i == 0 ? x : output(i - 1, x);
      Array dx = i == 0 ? null : scratch.array(part.name() + ".dx", in.shape());
      part.block().backward(in, output(i, x), d, dx, part.parameters(), part.gradients());
      d = dx;
    }
  }

  private Array output(int index, Array x) {
    Part part = chain.get(index);
    return scratch.array(part.name(), part.block().outputShape(x.size(0)));
  }

  @Override
  public void close() {
    scratch.close();
    weights.close();
    gradients.close();
    descent.close();
    decay.close();
  }
}
