package org.rtcn.common.kernels;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Adam in the JVM's memory, in single precision. Not for several threads. */
final class HostAdam {
  /** So many numbers of each array stay in the cache. */
  private static final int CHUNK = 8192;

  private final float[] gradients = new float[CHUNK];
  private final float[] means = new float[CHUNK];
  private final float[] variances = new float[CHUNK];

  /** The numbers of one step. */
  record Step(float size, float beta1, float beta2, float epsilon) {
    static Step of(double rate, int iteration, Kernels.Adam constants) {
      double root2 = Math.sqrt(1 - Math.pow(constants.beta2(), iteration + 1.0));
      double size = rate * root2 / (1 - Math.pow(constants.beta1(), iteration + 1.0));
      return new Step(
          (float) size,
          (float) constants.beta1(),
          (float) constants.beta2(),
          (float) (constants.epsilon() * root2));
    }
  }

  private static FloatPointer start(INDArray array) {
    return array == null ? null : new FloatPointer(HostFloats.pointer(array));
  }

  /**
   * Where the numbers are.
   *
   * @param weights from which the change is subtracted, or null: then it replaces the gradient
   * @param decay of the weights, or null
   */
  record Memory(
      FloatPointer weights,
      FloatPointer gradient,
      FloatPointer mean,
      FloatPointer variance,
      FloatPointer decay) {}

  /**
   * Replaces the gradient by what is to be subtracted, or subtracts it.
   *
   * @param weights from which it is subtracted, or null: then the gradient is replaced
   * @param decay of the weights, or null
   */
  void step(
      INDArray weights,
      INDArray gradient,
      INDArray mean,
      INDArray variance,
      INDArray decay,
      double rate,
      Step step) {
    try {
      step(
          new Memory(start(weights), start(gradient), start(mean), start(variance), start(decay)),
          gradient.length(),
          rate,
          step);
    } finally {
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(gradient);
      Reference.reachabilityFence(mean);
      Reference.reachabilityFence(variance);
      Reference.reachabilityFence(decay);
    }
  }

  /** The same of {@code length} numbers wherever they are; moves the pointers. */
  void step(Memory memory, long length, double rate, Step step) {
    for (long from = 0; from < length; from += CHUNK) {
      int count = (int) Math.min(CHUNK, length - from);
      memory.gradient().position(from).get(gradients, 0, count);
      memory.mean().position(from).get(means, 0, count);
      memory.variance().position(from).get(variances, 0, count);
      advance(gradients, means, variances, count, step);
      memory.mean().put(means, 0, count);
      memory.variance().put(variances, 0, count);
      if (memory.weights() == null) {
        memory.gradient().put(gradients, 0, count);
        continue;
      }
      memory.weights().position(from).get(means, 0, count);
      if (memory.decay() != null) {
        memory.decay().position(from).get(variances, 0, count);
        subtract(means, gradients, variances, (float) rate, count);
      } else {
        subtract(means, gradients, count);
      }
      memory.weights().put(means, 0, count);
    }
  }

  void descend(INDArray weights, INDArray change, INDArray decay, float rate) {
    FloatPointer w = start(weights);
    FloatPointer c = start(change);
    FloatPointer d = start(decay);
    try {
      for (long from = 0; from < weights.length(); from += CHUNK) {
        int count = (int) Math.min(CHUNK, weights.length() - from);
        w.position(from).get(means, 0, count);
        c.position(from).get(gradients, 0, count);
        if (d == null) {
          subtract(means, gradients, count);
        } else {
          d.position(from).get(variances, 0, count);
          subtract(means, gradients, variances, rate, count);
        }
        w.put(means, 0, count);
      }
    } finally {
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(change);
      Reference.reachabilityFence(decay);
    }
  }

  private static void subtract(float[] weights, float[] change, int count) {
    for (int i = 0; i < count; i++) {
      weights[i] -= change[i];
    }
  }

  private static void subtract(
      float[] weights, float[] change, float[] decay, float rate, int count) {
    for (int i = 0; i < count; i++) {
      weights[i] -= change[i] + rate * decay[i] * weights[i];
    }
  }

  private static void advance(
      float[] gradients, float[] means, float[] variances, int count, Step step) {
    float size = step.size();
    float beta1 = step.beta1();
    float beta2 = step.beta2();
    float epsilon = step.epsilon();
    for (int i = 0; i < count; i++) {
      float g = gradients[i];
      float m = beta1 * means[i] + (1 - beta1) * g;
      float v = beta2 * variances[i] + (1 - beta2) * g * g;
      means[i] = m;
      variances[i] = v;
      gradients[i] = size * m / ((float) Math.sqrt(v) + epsilon);
    }
  }
}
