package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;
import org.rtcn.common.nn.BlockSpec.FeedForwardActivation;
import org.rtcn.common.nn.BlockSpec.NormPlacement;

/**
 * A Transformer encoder layer (Vaswani et al. 2017, section 3.1): self-attention and a two-layer
 * feed-forward part, each with a residual sum, layer normalisation and dropout on what is added.
 */
final class EncoderBlock implements Block {
  private final BlockSpec.Encoder spec;
  private final Kernels kernels;
  private final Scratch scratch;
  private final Kernels.Normalisation norm1;
  private final Kernels.Normalisation norm2;
  private final SelfAttention attention;
  private boolean dropped;

  EncoderBlock(BlockSpec.Encoder spec, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    this.scratch = new Scratch(kernels);
    this.norm1 = kernels.normalisation();
    this.norm2 = kernels.normalisation();
    this.attention = new SelfAttention(kernels, spec.tokens(), spec.dim(), spec.heads());
  }

  @Override
  public List<Parameter> parameters() {
    int dim = spec.dim();
    int hidden = spec.feedForward();
    double scale = Math.sqrt(1.0 / dim);
    return List.of(
        Parameter.weight("Wqkv", scale, dim, 3L * dim),
        Parameter.bias("bqkv", 0, 3L * dim),
        Parameter.weight("Wo", scale, dim, dim),
        Parameter.bias("bo", 0, dim),
        Parameter.bias("g1", 1, dim),
        Parameter.bias("n1", 0, dim),
        Parameter.weight("W1", scale, dim, hidden),
        Parameter.bias("b1", 0, hidden),
        Parameter.weight("W2", Math.sqrt(1.0 / hidden), hidden, dim),
        Parameter.bias("b2", 0, dim),
        Parameter.bias("g2", 1, dim),
        Parameter.bias("n2", 0, dim));
  }

  @Override
  public long[] outputShape(long batch) {
    return new long[] {batch, spec.tokens(), spec.dim()};
  }

  @Override
  public void forward(Array x, Array y, Map<String, Array> parameters, Mode mode) {
    dropped = mode == Mode.TRAINING && spec.dropout() > 0;
    Array rows = rows(x);
    Array out = rows(y);
    Array branch = rowArray("branch1", rows);
    Array middle = rowArray("middle", rows);
    if (spec.norm() == NormPlacement.BEFORE) {
      Array normed = rowArray("normed1", rows);
      norm1.forward(rows, parameters.get("g1"), parameters.get("n1"), normed);
      attend(normed, branch, parameters);
      kernels.add(rows, branch, middle);
      Array normed2 = rowArray("normed2", rows);
      norm2.forward(middle, parameters.get("g2"), parameters.get("n2"), normed2);
      feedForward(normed2, out, parameters);
      kernels.add(out, middle, out);
    } else {
      attend(rows, branch, parameters);
      kernels.add(branch, rows, branch);
      norm1.forward(branch, parameters.get("g1"), parameters.get("n1"), middle);
      Array branch2 = rowArray("branch2", rows);
      feedForward(middle, branch2, parameters);
      kernels.add(branch2, middle, branch2);
      norm2.forward(branch2, parameters.get("g2"), parameters.get("n2"), out);
    }
  }

  private void attend(Array x, Array y, Map<String, Array> p) {
    attention.forward(x, p.get("Wqkv"), p.get("bqkv"), p.get("Wo"), p.get("bo"), y);
    if (dropped) {
      kernels.dropout(y, rowArray("mask1", y), spec.dropout());
    }
  }

  private void feedForward(Array x, Array y, Map<String, Array> p) {
    Array z = scratch.array("z", x.size(0), spec.feedForward());
    Array a = scratch.array("a", x.size(0), spec.feedForward());
    kernels.affine(x, p.get("W1"), p.get("b1"), z);
    if (spec.activation() == FeedForwardActivation.GELU) {
      kernels.gelu(z, a, scratch.array("phi", x.size(0), spec.feedForward()));
    } else {
      kernels.relu(z, a);
    }
    kernels.affine(a, p.get("W2"), p.get("b2"), y);
    if (dropped) {
      kernels.dropout(y, rowArray("mask2", y), spec.dropout());
    }
  }

  @Override
  public void backward(
      Array x,
      Array y,
      Array dy,
      Array dx,
      Map<String, Array> parameters,
      Map<String, Array> gradients) {
    Array rows = rows(x);
    Array dOut = rows(dy);
    Array dIn = rows(dx);
    Array dMiddle = rowArray("dMiddle", rows);
    Array inner = rowArray("dInner", rows);
    Array middle = rowArray("middle", rows);
    if (spec.norm() == NormPlacement.BEFORE) {
      backFeedForward(rowArray("normed2", rows), dOut, inner, parameters, gradients);
      norm2.backward(
          inner, parameters.get("g2"), dMiddle, gradients.get("g2"), gradients.get("n2"));
      kernels.add(dMiddle, dOut, dMiddle);
      backAttend(rowArray("normed1", rows), dMiddle, inner, parameters, gradients);
      norm1.backward(inner, parameters.get("g1"), dIn, gradients.get("g1"), gradients.get("n1"));
      kernels.add(dIn, dMiddle, dIn);
    } else {
      Array dSum = rowArray("dSum", rows);
      norm2.backward(dOut, parameters.get("g2"), dSum, gradients.get("g2"), gradients.get("n2"));
      backFeedForward(middle, dSum, dMiddle, parameters, gradients);
      kernels.add(dMiddle, dSum, dMiddle);
      norm1.backward(dMiddle, parameters.get("g1"), dSum, gradients.get("g1"), gradients.get("n1"));
      backAttend(rows, dSum, dIn, parameters, gradients);
      kernels.add(dIn, dSum, dIn);
    }
  }

  private void backAttend(
      Array x, Array dy, Array dx, Map<String, Array> parameters, Map<String, Array> gradients) {
    attention.backward(
        x,
        parameters.get("Wqkv"),
        parameters.get("Wo"),
        masked(dy, "mask1"),
        dx,
        gradients.get("Wqkv"),
        gradients.get("bqkv"),
        gradients.get("Wo"),
        gradients.get("bo"));
  }

  private void backFeedForward(
      Array x, Array dy, Array dx, Map<String, Array> parameters, Map<String, Array> gradients) {
    Array z = scratch.array("z", x.size(0), spec.feedForward());
    Array a = scratch.array("a", x.size(0), spec.feedForward());
    Array dA = scratch.array("dA", x.size(0), spec.feedForward());
    kernels.affineBackward(
        a, parameters.get("W2"), masked(dy, "mask2"), dA, gradients.get("W2"), gradients.get("b2"));
    if (spec.activation() == FeedForwardActivation.GELU) {
      kernels.geluBackward(z, scratch.array("phi", x.size(0), spec.feedForward()), dA, dA);
    } else {
      kernels.reluBackward(a, dA, dA);
    }
    kernels.affineBackward(
        x, parameters.get("W1"), dA, dx, gradients.get("W1"), gradients.get("b1"));
  }

  private Array masked(Array dy, String mask) {
    if (!dropped) {
      return dy;
    }
    Array product = rowArray(mask + ".gradient", dy);
    kernels.multiply(dy, rowArray(mask, dy), product);
    return product;
  }

  private Array rows(Array x) {
    return x.reshape(x.size(0) * spec.tokens(), spec.dim());
  }

  private Array rowArray(String name, Array like) {
    return scratch.array(name, like.size(0), like.size(1));
  }

  @Override
  public void close() {
    scratch.close();
    attention.close();
  }
}
