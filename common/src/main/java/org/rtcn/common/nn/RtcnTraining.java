package org.rtcn.common.nn;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;
import org.rtcn.common.optimise.AdamDescent;
import org.rtcn.common.optimise.ClippedUpdater;
import org.rtcn.common.optimise.OnePassAdam;

/**
 * The training steps of an {@link Rtcn}, from batch to weights, without DL4J: the same network, the
 * same loss, the same updater as {@code graph.fit}, in the same vectors. Weights, moments and
 * activations stay with the kernels from {@link #load} to {@link #store}, on whatever device that
 * is. What nobody reads, the gradient of the image, is not computed.
 *
 * <p>Not thread-safe.
 */
public final class RtcnTraining implements AutoCloseable {
  private final Kernels kernels;
  private final Scratch scratch;
  private final RtcnNetwork network;
  private final Array decay;
  private final Descent descent;
  private final double gamma;
  private Kernels.Total loss;
  private int steps;

  /** How gradients become steps. */
  private interface Descent extends AutoCloseable {
    void step(Array weights, Array gradients, Array decay, int iteration);

    /** The vectors of the updater's state, in DL4J's order. */
    List<Array> state();

    @Override
    void close();
  }

  /**
   * Training of a graph that {@link Rtcn#build} made.
   *
   * @throws IllegalArgumentException if its updater or loss is none of ours
   */
  public RtcnTraining(ComputationGraph graph, Kernels kernels) {
    this.kernels = kernels;
    this.scratch = new Scratch(kernels);
    Map<String, BlockSpec> blocks = new LinkedHashMap<>();
    Map<String, BaseLayer> layers = new HashMap<>();
    BaseOutputLayer output = null;
    for (int index : graph.topologicalSortOrder()) {
      GraphVertex vertex = graph.getVertices()[index];
      if (!vertex.hasLayer()) {
        continue;
      }
      BaseLayer layer = (BaseLayer) vertex.getLayer().conf().getLayer();
      layers.put(vertex.getVertexName(), layer);
      if (layer instanceof BlockLayer block) {
        blocks.put(vertex.getVertexName(), block.spec());
      } else {
        output = (BaseOutputLayer) layer;
      }
    }
    network = new RtcnNetwork(blocks, output.getNIn(), output.getNOut(), kernels);
    decay = kernels.zeros(network.weights().length());
    network.eachDecayed(
        (layer, from, to) ->
            kernels.fill(decay.slice(0, from, to), coefficient(layers.get(layer))));
    gamma = gamma(output.getLossFn());
    descent = descent(output.getIUpdater());
  }

  private Descent descent(IUpdater stated) {
    double maxNorm = stated instanceof ClippedUpdater clipped ? clipped.maxNorm() : 0;
    IUpdater updater = stated instanceof ClippedUpdater clipped ? clipped.updater() : stated;
    if (updater instanceof OnePassAdam adam) {
      return new ByAdam(
          new AdamDescent(
              kernels,
              network.weights().length(),
              new Kernels.Adam(adam.getBeta1(), adam.getBeta2(), adam.getEpsilon()),
              iteration -> adam.getLearningRate(iteration, 0),
              maxNorm));
    }
    if (updater instanceof Sgd sgd) {
      return new ByGradient(kernels, sgd, maxNorm);
    }
    throw new IllegalArgumentException(
        "Cannot train with " + updater + ": must be OnePassAdam or Sgd");
  }

  private record ByAdam(AdamDescent adam) implements Descent {
    @Override
    public void step(Array weights, Array gradients, Array decay, int iteration) {
      adam.step(weights, gradients, decay, iteration);
    }

    @Override
    public List<Array> state() {
      return List.of(adam.moment1(), adam.moment2());
    }

    @Override
    public void close() {
      adam.close();
    }
  }

  private record ByGradient(Kernels kernels, Sgd sgd, double maxNorm) implements Descent {
    @Override
    public void step(Array weights, Array gradients, Array decay, int iteration) {
      if (maxNorm > 0) {
        kernels.clip(gradients, maxNorm);
      }
      double rate = sgd.getLearningRate(iteration, 0);
      kernels.scale(gradients, rate, gradients);
      kernels.descend(weights, gradients, decay, rate);
    }

    @Override
    public List<Array> state() {
      return List.of();
    }

    @Override
    public void close() {
      // Keeps nothing.
    }
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
    long length = network.weights().length();
    List<Array> state = descent.state();
    kernels.pass(
        () -> {
          kernels.copy(kernels.adopt(graph.params().reshape(length)), network.weights());
          for (int i = 0; i < state.size(); i++) {
            kernels.copy(kernels.adopt(part(graph, i, state.size())), state.get(i));
          }
        });
    loss = kernels.total();
    steps = 0;
  }

  /** Writes weights and moments to a graph. */
  public void store(ComputationGraph graph) {
    graph.setParams(vector(network.weights()).reshape(1, network.weights().length()));
    List<Array> state = descent.state();
    for (int i = 0; i < state.size(); i++) {
      part(graph, i, state.size()).assign(vector(state.get(i)));
    }
  }

  /** One vector of the updater's state. */
  private INDArray part(ComputationGraph graph, int which, int of) {
    long length = network.weights().length();
    INDArray all = graph.getUpdater(true).getStateViewArray().reshape(of * length);
    return all.get(NDArrayIndex.interval(which * length, (which + 1) * length));
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
          gradients(images, patients, labels);
          descent.step(network.weights(), network.gradients(), decay, iteration);
        });
    steps++;
  }

  /** The mean loss since {@link #load}; waits for the steps to end. */
  public double meanLoss() {
    return loss.value() / steps;
  }

  /** The gradient of the mean loss of a batch; with dropout if the network has it. */
  float[] gradient(INDArray images, INDArray patients, INDArray labels) {
    kernels.pass(() -> gradients(images, patients, labels));
    return kernels.floats(network.gradients());
  }

  private void gradients(INDArray images, INDArray patients, INDArray labels) {
    if (network.readsPatients() != (patients != null)) {
      throw new IllegalArgumentException(
          "Invalid batch: the network "
              + (network.readsPatients() ? "reads" : "does not read")
              + " facts of the patient");
    }
    Array x = kernels.adopt(images);
    Array numbers = patients == null ? null : kernels.adopt(patients);
    Array logits = network.logits(x, numbers, Block.Mode.TRAINING);
    Array dLogits = scratch.array("dLogits", logits.shape());
    kernels.crossEntropy(logits, kernels.adopt(labels), gamma, dLogits, loss);
    network.backward(x, numbers, dLogits);
  }

  @Override
  public void close() {
    scratch.close();
    network.close();
    descent.close();
    decay.close();
  }
}
