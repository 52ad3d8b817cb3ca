package org.rtcn.common.averaging;

import org.rtcn.common.error.UserException;

/**
 * Ends a training whose numbers are no longer finite, so that neither a checkpoint nor a model is
 * ever made of them.
 */
final class Divergence implements TrainingListener {
  private static final String[] NAMES = {
    "a weight is", "a moment of Adam is", "a moment of Adam is", "a mean of weights is"
  };

  private final String remedy;

  Divergence(String remedy) {
    this.remedy = remedy;
  }

  @Override
  public void afterRound(Progress progress) {
    if (!Double.isFinite(progress.loss())) {
      throw noLongerFinite("the loss is", progress.step());
    }
    float[][] vectors = progress.state().vectors();
    for (int v = 0; v < vectors.length; v++) {
      for (float value : vectors[v]) {
        if (!Float.isFinite(value)) {
          throw noLongerFinite(NAMES[v], progress.step());
        }
      }
    }
  }

  private UserException noLongerFinite(String what, int step) {
    return new UserException(
        "Failed to train: " + what + " no longer finite at step " + step + "; " + remedy);
  }
}
