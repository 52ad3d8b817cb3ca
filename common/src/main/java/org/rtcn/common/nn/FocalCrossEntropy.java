package org.rtcn.common.nn;

import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Focal loss after softmax (Lin et al. 2017, equation 4), for label rows of any sum as in {@link
 * WeightedCrossEntropy}: {@code L = -Σ y_c (1 - p_c)^γ log p_c}. With γ = 0 it is the weighted
 * cross-entropy; the larger γ, the less an example counts that the network already gets right.
 * Public because DL4J writes it as JSON.
 */
public final class FocalCrossEntropy extends LossMCXENT {
  private static final long serialVersionUID = 1L;
  private static final double TINY = 1e-7;

  @JsonProperty private double gamma;

  /** For DL4J's JSON. */
  FocalCrossEntropy() {}

  /**
   * @param gamma 0 or more; Lin et al. use 2
   * @throws IllegalArgumentException if it is negative
   */
  public FocalCrossEntropy(double gamma) {
    if (!(gamma >= 0) || !(gamma <= 20)) {
      throw new IllegalArgumentException(
          "Invalid focal-gamma " + gamma + ": must lie between 0 and 20, 2 is usual");
    }
    this.gamma = gamma;
  }

  double gamma() {
    return gamma;
  }

  @Override
  protected INDArray scoreArray(
      INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
    refuse(mask);
    INDArray p = probabilities(preOutput, activation);
    INDArray loss = Transforms.log(p, true).negi();
    loss.muli(Transforms.pow(p.rsub(1.0), gamma, false));
    return loss.muli(labels.castTo(loss.dataType()));
  }

  @Override
  public double computeScore(
      INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
    double sum = scoreArray(labels, preOutput, activation, mask).sumNumber().doubleValue();
    return average ? sum / preOutput.size(0) : sum;
  }

  @Override
  public INDArray computeScoreArray(
      INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
    return scoreArray(labels, preOutput, activation, mask).sum(true, 1);
  }

  /**
   * With {@code h_c = y_c p_c dL_c/dp_c = y_c (γ p_c (1 - p_c)^(γ-1) log p_c - (1 - p_c)^γ)}, the
   * gradient before softmax is {@code h_k - p_k Σ h_c}.
   */
  @Override
  public INDArray computeGradient(
      INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
    refuse(mask);
    INDArray p = probabilities(preOutput, activation);
    INDArray rest = p.rsub(1.0);
    INDArray h = Transforms.pow(rest, gamma, true).negi();
    if (gamma > 0) {
      INDArray steep = Transforms.pow(rest, gamma - 1, true);
      h.addi(steep.muli(gamma).muli(p).muli(Transforms.log(p, true)));
    }
    h.muli(labels.castTo(h.dataType()));
    return h.subi(p.mulColumnVector(h.sum(true, 1)));
  }

  @Override
  public Pair<Double, INDArray> computeGradientAndScore(
      INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
    return new Pair<>(
        computeScore(labels, preOutput, activation, mask, average),
        computeGradient(labels, preOutput, activation, mask));
  }

  /** Kept off 0 and 1, where logarithms and powers below 1 end. */
  private static INDArray probabilities(INDArray preOutput, IActivation activation) {
    INDArray p = activation.getActivation(preOutput.dup(), true);
    return Transforms.min(Transforms.max(p, TINY, false), 1 - TINY, false);
  }

  private static void refuse(INDArray mask) {
    if (mask != null) {
      throw new UnsupportedOperationException(
          "Cannot mask labels: multiply an example's weight into its label row");
    }
  }

  @Override
  public String name() {
    return toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FocalCrossEntropy focal && focal.gamma == gamma;
  }

  @Override
  protected boolean canEqual(Object other) {
    return other instanceof FocalCrossEntropy;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(gamma);
  }

  @Override
  public String toString() {
    return "FocalCrossEntropy(gamma=" + gamma + ")";
  }
}
