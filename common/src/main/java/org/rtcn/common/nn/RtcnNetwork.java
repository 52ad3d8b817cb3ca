package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;

/**
 * An {@link Rtcn} that computes with {@link Kernels}: the one pass forward and the one pass back
 * that training, answers and explanations are made of. It owns the flat vector of the weights, in
 * the order of {@link RtcnLayout}, and the activations of the last batch. What its methods give is
 * good until the next pass.
 *
 * <p>All passes belong into {@link Kernels#pass}. Not thread-safe.
 */
final class RtcnNetwork implements AutoCloseable {
  private final Kernels kernels;
  private final Scratch scratch;
  private final List<Part> chain = new ArrayList<>();
  private final Part patient;
  private final Array weights;
  private final long headAt;
  private final long headIn;
  private final long headOut;
  private final Array headWeights;
  private final Array headBias;
  private Gradients gradients;

  /** A block, where its parameters begin in the vector, and views of them. */
  private record Part(String name, Block block, long from, Map<String, Array> parameters) {
    Map<String, Array> viewsOf(Array vector) {
      Map<String, Array> views = new LinkedHashMap<>();
      long at = from;
      for (Parameter parameter : block.parameters()) {
        long to = at + parameter.length();
        views.put(parameter.name(), vector.slice(0, at, to).reshape(parameter.shape()));
        at = to;
      }
      return views;
    }
  }

  /** The vector of the gradients and views of it. */
  private record Gradients(
      Array vector, Map<String, Map<String, Array>> ofParts, Array headWeights, Array headBias) {}

  /** A network of this configuration; its weights are 0. */
  RtcnNetwork(RtcnConfig config, Kernels kernels) {
    this(Rtcn.allBlocks(config), config.modelDim(), config.classes(), kernels);
  }

  /**
   * A network of these blocks.
   *
   * @param blocks in the order of the flat vector, before the head
   */
  RtcnNetwork(Map<String, BlockSpec> blocks, long headIn, long headOut, Kernels kernels) {
    this.kernels = kernels;
    this.scratch = new Scratch(kernels);
    this.headIn = headIn;
    this.headOut = headOut;
    Map<String, Block> made = new LinkedHashMap<>();
    long length = headIn * headOut + headOut;
    for (Map.Entry<String, BlockSpec> entry : blocks.entrySet()) {
      Block block = entry.getValue().create(kernels);
      made.put(entry.getKey(), block);
      length += length(block);
    }
    weights = kernels.zeros(length);
    Part ofPatient = null;
    long at = 0;
    for (Map.Entry<String, Block> entry : made.entrySet()) {
      Part part = part(entry.getKey(), entry.getValue(), at);
      if (part.name().equals(Rtcn.PATIENT)) {
        ofPatient = part;
      } else {
        chain.add(part);
      }
      at += length(entry.getValue());
    }
    patient = ofPatient;
    headAt = at;
    headWeights = headWeights(weights);
    headBias = headBias(weights);
  }

  private static long length(Block block) {
    return block.parameters().stream().mapToLong(Parameter::length).sum();
  }

  private Part part(String name, Block block, long from) {
    Part bare = new Part(name, block, from, Map.of());
    return new Part(name, block, from, bare.viewsOf(weights));
  }

  /** {@code [class][modelDim]}: DL4J keeps the head's weights column by column. */
  private Array headWeights(Array vector) {
    return vector.slice(0, headAt, headAt + headIn * headOut).reshape(headOut, headIn);
  }

  private Array headBias(Array vector) {
    long from = headAt + headIn * headOut;
    return vector.slice(0, from, from + headOut);
  }

  /** The flat vector of the weights. */
  Array weights() {
    return weights;
  }

  /** The flat vector of the gradients, in the order of the weights; see {@link #backward}. */
  Array gradients() {
    return slopes().vector();
  }

  private Gradients slopes() {
    if (gradients == null) {
      Array vector = kernels.zeros(weights.length());
      Map<String, Map<String, Array>> ofParts = new LinkedHashMap<>();
      for (Part part : chain) {
        ofParts.put(part.name(), part.viewsOf(vector));
      }
      if (patient != null) {
        ofParts.put(patient.name(), patient.viewsOf(vector));
      }
      gradients = new Gradients(vector, ofParts, headWeights(vector), headBias(vector));
    }
    return gradients;
  }

  /** Told of every parameter that weight decay applies to. */
  interface DecayedParameters {
    /** Of the layer {@code layer}, the numbers {@code from} to {@code to - 1} of the vector. */
    void at(String layer, long from, long to);
  }

  /** Names what weight decay applies to. */
  void eachDecayed(DecayedParameters visitor) {
    List<Part> parts = new ArrayList<>(chain);
    if (patient != null) {
      parts.add(patient);
    }
    for (Part part : parts) {
      long at = part.from();
      for (Parameter parameter : part.block().parameters()) {
        long to = at + parameter.length();
        if (parameter.kind() == Parameter.Kind.WEIGHT) {
          visitor.at(part.name(), at, to);
        }
        at = to;
      }
    }
    visitor.at(Rtcn.HEAD, headAt, headAt + headIn * headOut);
  }

  /** Whether facts of the patient have a part in the answer. */
  boolean readsPatients() {
    return patient != null;
  }

  /** The layers from the image to the pooling, without the map of the patient and the head. */
  List<String> layers() {
    return chain.stream().map(Part::name).toList();
  }

  /**
   * The pass forward.
   *
   * @param x {@code [batch][channel][voice][column]}, standardised
   * @param numbers {@code [batch][number]} of the patients; null leaves them out
   * @return the numbers before softmax, {@code [batch][class]}
   */
  Array logits(Array x, Array numbers, Block.Mode mode) {
    Array features = features(x, numbers, mode);
    Array logits = scratch.array(Rtcn.HEAD, x.size(0), headOut);
    if (mode == Block.Mode.INFERENCE) {
      // A linear map keeps examples apart where that is asked for; a product of matrices does not.
      Array turned = scratch.array("headByFeature", headIn, headOut);
      kernels.copy(headWeights.permute(1, 0), turned);
      kernels.affine(features, turned, headBias, logits);
    } else {
      kernels.matmul(features, headWeights, logits, false, true);
      kernels.addRow(logits, headBias);
    }
    return logits;
  }

  /** As {@link #logits}, but what the head reads, {@code [batch][modelDim]}. */
  Array features(Array x, Array numbers, Block.Mode mode) {
    Array h = x;
    for (Part part : chain) {
      Array y = output(part, x.size(0));
      part.block().forward(h, y, part.parameters(), mode);
      h = y;
    }
    if (patient == null || numbers == null) {
      return h;
    }
    Array said = scratch.array(Rtcn.PATIENT, h.shape());
    patient.block().forward(numbers, said, patient.parameters(), mode);
    Array features = scratch.array(Rtcn.WITH_PATIENT, h.shape());
    kernels.add(h, said, features);
    return features;
  }

  private Array output(Part part, long batch) {
    return scratch.array(part.name(), part.block().outputShape(batch));
  }

  /** What a layer gave in the last pass, of a batch of this size. */
  Array activations(String layer, long batch) {
    for (Part part : chain) {
      if (part.name().equals(layer)) {
        return output(part, batch);
      }
    }
    throw new IllegalArgumentException("Invalid layer " + layer + ": must be among " + layers());
  }

  /**
   * Fills {@link #gradients}, after {@link #logits} with the same {@code x} and {@code numbers}.
   *
   * @param dLogits gradient of what that gave
   */
  void backward(Array x, Array numbers, Array dLogits) {
    Gradients slopes = slopes();
    Array pooled = output(chain.get(chain.size() - 1), x.size(0));
    boolean told = patient != null && numbers != null;
    Array features = told ? scratch.array(Rtcn.WITH_PATIENT, pooled.shape()) : pooled;
    kernels.matmul(dLogits, features, slopes.headWeights(), true, false);
    kernels.sumRows(dLogits, slopes.headBias());
    Array dFeatures = dFeatures(dLogits, pooled.shape());
    if (told) {
      patient
          .block()
          .backward(
              numbers,
              scratch.array(Rtcn.PATIENT, pooled.shape()),
              dFeatures,
              null,
              patient.parameters(),
              slopes.ofParts().get(patient.name()));
    }
    sweep(x, dFeatures, null, null);
  }

  /**
   * The gradients of a weighted sum of class scores, after {@link #logits} or {@link #features} of
   * {@code x}. What the patient says has no part in them: scores are the sum of what image and
   * patient say.
   *
   * @param dLogits the weights of the scores, {@code [batch][class]}
   * @param layer one of {@link #layers}
   * @param dImage receives the gradient with respect to {@code x}
   * @return the gradient with respect to what {@code layer} gave
   */
  Array explain(Array x, Array dLogits, String layer, Array dImage) {
    Array pooled = output(chain.get(chain.size() - 1), x.size(0));
    return sweep(x, dFeatures(dLogits, pooled.shape()), layer, dImage);
  }

  private Array dFeatures(Array dLogits, long[] shape) {
    Array dFeatures = scratch.array("dFeatures", shape);
    kernels.matmul(dLogits, headWeights, dFeatures, false, false);
    return dFeatures;
  }

  private Array sweep(Array x, Array dFeatures, String layer, Array dImage) {
    Array found = null;
    Array d = dFeatures;
    for (int i = chain.size() - 1; i >= 0; i--) {
      Part part = chain.get(i);
      if (part.name().equals(layer)) {
        found = d;
      }
      Array in = i == 0 ? x : output(chain.get(i - 1), x.size(0));
      Array dx = i == 0 ? dImage : scratch.array(part.name() + ".dx", in.shape());
      part.block()
          .backward(
              in,
              output(part, x.size(0)),
              d,
              dx,
              part.parameters(),
              slopes().ofParts().get(part.name()));
      d = dx;
    }
    return found;
  }

  /** The logits of a batch made into probabilities; a row with one that is not finite gets NaN. */
  static void softmax(float[] logits, int classes) {
    double[] powers = new double[classes];
    for (int from = 0; from < logits.length; from += classes) {
      double largest = Double.NEGATIVE_INFINITY;
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        largest = Math.max(largest, logits[from + c]);
        // 0, or NaN where the logit is not finite.
        sum += 0 * logits[from + c];
      }
      for (int c = 0; c < classes; c++) {
        powers[c] = Math.exp(logits[from + c] - largest);
        sum += powers[c];
      }
      for (int c = 0; c < classes; c++) {
        logits[from + c] = (float) (powers[c] / sum);
      }
    }
  }

  @Override
  public void close() {
    scratch.close();
    chain.forEach(part -> part.block().close());
    weights.close();
    if (gradients != null) {
      gradients.vector().close();
    }
  }

  @Override
  public String toString() {
    return "RtcnNetwork" + layers() + Arrays.toString(weights.shape());
  }
}
