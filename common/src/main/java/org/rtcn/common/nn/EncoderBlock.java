package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.rtcn.common.nn.BlockSpec.FeedForwardActivation;
import org.rtcn.common.nn.BlockSpec.NormPlacement;

/**
 * A Transformer encoder layer (Vaswani et al. 2017, section 3.1): self-attention and a two-layer
 * feed-forward part, each with a residual sum, layer normalisation and dropout on what is added.
 */
final class EncoderBlock implements Block {
  private final BlockSpec.Encoder spec;
  private final Scratch scratch;
  private final LayerNormalisation norm1;
  private final LayerNormalisation norm2;
  private final SelfAttention attention;
  private boolean dropped;

  EncoderBlock(BlockSpec.Encoder spec, DataType type) {
    this.spec = spec;
    this.scratch = new Scratch(type);
    this.norm1 = new LayerNormalisation(scratch, "norm1");
    this.norm2 = new LayerNormalisation(scratch, "norm2");
    this.attention = new SelfAttention(scratch, spec.tokens(), spec.dim(), spec.heads());
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
  public void forward(INDArray x, INDArray y, Map<String, INDArray> parameters, Mode mode) {
    dropped = mode == Mode.TRAINING && spec.dropout() > 0;
    INDArray rows = rows(x);
    INDArray out = rows(y);
    INDArray branch = rowArray("branch1", rows);
    INDArray middle = rowArray("middle", rows);
    if (spec.norm() == NormPlacement.BEFORE) {
      INDArray normed = rowArray("normed1", rows);
      norm1.forward(rows, parameters.get("g1"), parameters.get("n1"), normed);
      attend(normed, branch, parameters);
      rows.addi(branch, middle);
      INDArray normed2 = rowArray("normed2", rows);
      norm2.forward(middle, parameters.get("g2"), parameters.get("n2"), normed2);
      feedForward(normed2, out, parameters);
      out.addi(middle);
    } else {
      attend(rows, branch, parameters);
      branch.addi(rows);
      norm1.forward(branch, parameters.get("g1"), parameters.get("n1"), middle);
      INDArray branch2 = rowArray("branch2", rows);
      feedForward(middle, branch2, parameters);
      branch2.addi(middle);
      norm2.forward(branch2, parameters.get("g2"), parameters.get("n2"), out);
    }
  }

  private void attend(INDArray x, INDArray y, Map<String, INDArray> p) {
    attention.forward(x, p.get("Wqkv"), p.get("bqkv"), p.get("Wo"), p.get("bo"), y);
    if (dropped) {
      Ops.dropout(y, rowArray("mask1", y), spec.dropout());
    }
  }

  private void feedForward(INDArray x, INDArray y, Map<String, INDArray> p) {
    INDArray z = scratch.array("z", x.size(0), spec.feedForward());
    INDArray a = scratch.array("a", x.size(0), spec.feedForward());
    Linear.forward(x, p.get("W1"), p.get("b1"), z);
    if (spec.activation() == FeedForwardActivation.GELU) {
      Ops.gelu(z, a, scratch.array("phi", x.size(0), spec.feedForward()));
    } else {
      Ops.relu(z, a);
    }
    Linear.forward(a, p.get("W2"), p.get("b2"), y);
    if (dropped) {
      Ops.dropout(y, rowArray("mask2", y), spec.dropout());
    }
  }

  @Override
  public void backward(
      INDArray x,
      INDArray y,
      INDArray dy,
      INDArray dx,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients) {
    INDArray rows = rows(x);
    INDArray dOut = rows(dy);
    INDArray dIn = rows(dx);
    INDArray dMiddle = rowArray("dMiddle", rows);
    INDArray inner = rowArray("dInner", rows);
    INDArray middle = rowArray("middle", rows);
    if (spec.norm() == NormPlacement.BEFORE) {
      backFeedForward(rowArray("normed2", rows), dOut, inner, parameters, gradients);
      norm2.backward(
          inner, parameters.get("g2"), dMiddle, gradients.get("g2"), gradients.get("n2"));
      dMiddle.addi(dOut);
      backAttend(rowArray("normed1", rows), dMiddle, inner, parameters, gradients);
      norm1.backward(inner, parameters.get("g1"), dIn, gradients.get("g1"), gradients.get("n1"));
      dIn.addi(dMiddle);
    } else {
      INDArray dSum = rowArray("dSum", rows);
      norm2.backward(dOut, parameters.get("g2"), dSum, gradients.get("g2"), gradients.get("n2"));
      backFeedForward(middle, dSum, dMiddle, parameters, gradients);
      dMiddle.addi(dSum);
      norm1.backward(dMiddle, parameters.get("g1"), dSum, gradients.get("g1"), gradients.get("n1"));
      backAttend(rows, dSum, dIn, parameters, gradients);
      dIn.addi(dSum);
    }
  }

  private void backAttend(
      INDArray x,
      INDArray dy,
      INDArray dx,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients) {
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
      INDArray x,
      INDArray dy,
      INDArray dx,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients) {
    INDArray z = scratch.array("z", x.size(0), spec.feedForward());
    INDArray a = scratch.array("a", x.size(0), spec.feedForward());
    INDArray dA = scratch.array("dA", x.size(0), spec.feedForward());
    Linear.backward(
        a, parameters.get("W2"), masked(dy, "mask2"), dA, gradients.get("W2"), gradients.get("b2"));
    if (spec.activation() == FeedForwardActivation.GELU) {
      Ops.geluBackward(z, scratch.array("phi", x.size(0), spec.feedForward()), dA, dA);
    } else {
      Ops.reluBackward(a, dA, dA, scratch.array("positive", a.shape()));
    }
    Linear.backward(x, parameters.get("W1"), dA, dx, gradients.get("W1"), gradients.get("b1"));
  }

  private INDArray masked(INDArray dy, String mask) {
    return dropped ? dy.muli(rowArray(mask, dy), rowArray(mask + ".gradient", dy)) : dy;
  }

  private INDArray rows(INDArray x) {
    return x.reshape('c', x.size(0) * spec.tokens(), spec.dim());
  }

  private INDArray rowArray(String name, INDArray like) {
    return scratch.array(name, like.size(0), like.size(1));
  }
}
