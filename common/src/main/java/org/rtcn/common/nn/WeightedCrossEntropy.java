package org.rtcn.common.nn;

import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * Cross-entropy after softmax whose label rows need not sum to 1: a row that sums to w counts w
 * times. So an example's weight (of its class, its patient) is multiplied into its label row.
 *
 * <p>DL4J's other two ways do not do here: its label mask also multiplies the numbers before
 * softmax, which is right for 0 and 1 only, and {@link LossMCXENT}'s shortcut for the gradient
 * takes rows to sum to 1. Public because DL4J writes it as JSON.
 */
public final class WeightedCrossEntropy extends LossMCXENT {
  private static final long serialVersionUID = 1L;

  @Override
  public INDArray computeGradient(
      INDArray labels, INDArray preOutput, IActivation activationFn, INDArray mask) {
    if (mask != null) {
      throw new UnsupportedOperationException(
          "Cannot mask labels: multiply an example's weight into its label row");
    }
    INDArray gradient = activationFn.getActivation(preOutput.dup(), true);
    INDArray rows = labels.castTo(gradient.dataType());
    return gradient.muliColumnVector(rows.sum(true, 1)).subi(rows);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WeightedCrossEntropy;
  }

  @Override
  public int hashCode() {
    return WeightedCrossEntropy.class.hashCode();
  }

  @Override
  public String toString() {
    return "WeightedCrossEntropy()";
  }
}
