package org.rtcn.common.nn;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.random.impl.BernoulliDistribution;
import org.nd4j.linalg.factory.Broadcast;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Native operations that write where they are told to. */
final class Ops {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);

  private Ops() {}

  private static void run(DynamicCustomOp.DynamicCustomOpsBuilder op) {
    Nd4j.exec(op.build());
  }

  /**
   * Cross-correlation, NCHW, weights {@code [out][in][kernelHeight][kernelWidth]}, both odd, with
   * so many zeros on each side that stride 1 keeps the size. {@code bias} may be null.
   */
  static void conv2d(INDArray x, INDArray weights, INDArray bias, INDArray y, int stride) {
    DynamicCustomOp.DynamicCustomOpsBuilder op = DynamicCustomOp.builder("conv2d");
    if (bias == null) {
      op.addInputs(x, weights);
    } else {
      op.addInputs(x, weights, bias);
    }
    run(op.addOutputs(y).addIntegerArguments(convolution(weights, stride)));
  }

  /** Gradients of {@link #conv2d}. {@code bias} and {@code dBias} may be null together. */
  static void conv2dBackward(
      INDArray x,
      INDArray weights,
      INDArray bias,
      INDArray dy,
      INDArray dx,
      INDArray dWeights,
      INDArray dBias,
      int stride) {
    DynamicCustomOp.DynamicCustomOpsBuilder op = DynamicCustomOp.builder("conv2d_bp");
    if (bias == null) {
      op.addInputs(x, weights, dy).addOutputs(dx, dWeights);
    } else {
      op.addInputs(x, weights, bias, dy).addOutputs(dx, dWeights, dBias);
    }
    run(op.addIntegerArguments(convolution(weights, stride)));
  }

  private static int[] convolution(INDArray weights, int stride) {
    int height = (int) weights.size(2);
    int width = (int) weights.size(3);
    // kH kW sH sW pH pW dH dW, explicit padding, NCHW, OIHW
    return new int[] {
      height, width, stride, stride, (height - 1) / 2, (width - 1) / 2, 1, 1, 0, 0, 1
    };
  }

  /** {@code z = op(a) · op(b)}, for matrices or stacks of them {@code [stack][row][column]}. */
  static void matmul(INDArray a, INDArray b, INDArray z, boolean transposeA, boolean transposeB) {
    run(
        DynamicCustomOp.builder("matmul")
            .addInputs(a, b)
            .addOutputs(z)
            .addIntegerArguments(transposeA ? 1 : 0, transposeB ? 1 : 0, 0));
  }

  /** {@code y = x · w + b}, {@code b} a vector over the columns. */
  static void affine(INDArray x, INDArray weights, INDArray bias, INDArray y) {
    run(
        DynamicCustomOp.builder("xw_plus_b")
            .addInputs(x, weights, bias.reshape(bias.length()))
            .addOutputs(y));
  }

  /** {@code z = x · v}, {@code v} a vector over the columns. */
  static void timesRow(INDArray x, INDArray v, INDArray z) {
    Broadcast.mul(x, v, z, 1);
  }

  /** {@code z = x · v}, {@code v} a vector over the rows. */
  static void timesColumn(INDArray x, INDArray v, INDArray z) {
    Broadcast.mul(x, v, z, 0);
  }

  /** {@code z = x - v}, {@code v} a vector over the rows. */
  static void minusColumn(INDArray x, INDArray v, INDArray z) {
    Broadcast.sub(x, v, z, 0);
  }

  /** {@code x += v}, {@code v} a vector over the columns. */
  static void addRow(INDArray x, INDArray v) {
    Broadcast.add(x, v, x, 1);
  }

  /** Softmax over the last axis. */
  static void softmax(INDArray x, INDArray y) {
    run(
        DynamicCustomOp.builder("softmax")
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(x.rank() - 1));
  }

  /** {@code y = max(x, 0)}; {@code y} may be {@code x}. */
  static void relu(INDArray x, INDArray y) {
    run(DynamicCustomOp.builder("relu").addInputs(x).addOutputs(y).addFloatingPointArguments(0.0));
  }

  /**
   * {@code dx = dy where y > 0, else 0}; {@code dx} may be {@code dy}, which spoils {@code mask}
   * only. Two vectorised passes: ND4J's {@code relu_bp} is scalar and takes six times as long.
   */
  static void reluBackward(INDArray y, INDArray dy, INDArray dx, INDArray mask) {
    Nd4j.exec(new Step(y, mask));
    dy.muli(mask, dx);
  }

  /**
   * The exact GELU, {@code y = x Φ(x)} (Hendrycks and Gimpel 2016), and {@code Φ(x)} into {@code
   * phi} for the way back.
   */
  static void gelu(INDArray x, INDArray y, INDArray phi) {
    x.muli(SQRT_HALF, phi);
    Nd4j.exec(new Erf(phi, phi));
    phi.addi(1).muli(0.5);
    x.muli(phi, y);
  }

  /** {@code dx = dy (Φ(x) + x φ(x))}; {@code dx} may be {@code dy}. */
  static void geluBackward(INDArray x, INDArray phi, INDArray dy, INDArray dx) {
    INDArray slope = x.mul(x).muli(-0.5);
    Transforms.exp(slope, false);
    slope.muli(INVERSE_SQRT_2PI).muli(x).addi(phi);
    dy.muli(slope, dx);
  }

  /**
   * Inverted dropout: {@code mask} becomes 0 or 1/keep, drawn from ND4J's generator of this thread,
   * and {@code x} is multiplied by it.
   */
  static void dropout(INDArray x, INDArray mask, double dropProbability) {
    double keep = 1 - dropProbability;
    Nd4j.getExecutioner().exec(new BernoulliDistribution(mask, keep), Nd4j.getRandom());
    mask.divi(keep);
    x.muli(mask);
  }
}
