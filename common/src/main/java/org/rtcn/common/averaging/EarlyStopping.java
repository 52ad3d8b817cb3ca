package org.rtcn.common.averaging;

/**
 * Keeps the weights of the lowest validation loss, and ends the training once it has not become
 * lower for a number of rows of the curve.
 */
public final class EarlyStopping implements TrainingListener {
  private final LearningCurve curve;
  private final int patience;
  private int bestRow;
  private Double bestLoss;
  private float[] best = new float[0];

  /**
   * @param curve hears of each round before this
   * @param patience rows without a lower loss after which training ends, 0 for never
   */
  EarlyStopping(LearningCurve curve, int patience) {
    this.curve = curve;
    this.patience = patience;
  }

  /** Goes on with what a checkpoint remembers. */
  void resume(Checkpoint checkpoint) {
    bestRow = checkpoint.header().bestRow();
    bestLoss = checkpoint.header().bestLoss();
    best = checkpoint.best();
  }

  @Override
  public void afterRound(Progress progress) {
    if (!curve.hasRowOf(progress)) {
      return;
    }
    Double loss = curve.last().validationLoss();
    if (loss != null && (bestLoss == null || loss < bestLoss)) {
      bestLoss = loss;
      bestRow = curve.size();
      best = progress.state().weights();
    }
  }

  @Override
  public boolean goesOn() {
    return patience == 0 || bestRow == 0 || curve.size() - bestRow < patience;
  }

  /** The row of the curve, from 1, whose weights were kept; 0 without validation. */
  public int bestRow() {
    return bestRow;
  }

  /** Its validation loss; null without validation. */
  public Double bestLoss() {
    return bestLoss;
  }

  /** Its weights; empty without validation. */
  public float[] best() {
    return best;
  }
}
