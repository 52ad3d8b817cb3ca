package org.rtcn.common.metrics;

import java.util.Locale;

/** Whose probabilities are measured: the model's, the model's after a rule, or a baseline's. */
public enum Variant {
  /** The network's own probabilities. */
  AS_TRAINED("the network as trained"),
  /** After temperature scaling fitted on validation patients. */
  CALIBRATED("after temperature scaling"),
  /** Classes decided with offsets fitted on validation patients; for localisation. */
  BALANCED("classes decided with offsets from validation patients"),
  /** As if every class had been equally frequent in training. */
  EQUAL_SHARES("probabilities divided by the classes' shares in training"),
  /** As if every class had been as frequent in training as among its patients. */
  NATURAL_SHARES("probabilities as for the classes' shares among the training patients"),
  /** Infarction decided at one half, where the model's own threshold is another. */
  HALF("infarction decided at 0.5 instead of the model's threshold"),
  /** Always the class of most training patients. */
  MAJORITY("always the most frequent class of training"),
  /** Always the classes' shares among the training patients. */
  PRIOR("always the classes' shares in training"),
  /** Logistic regression on principal components of the median beat. */
  LOGISTIC("logistic regression on the median beat, classes weighted"),
  /** The same without class weights, its probabilities divided by the classes' shares. */
  LOGISTIC_EQUAL_SHARES(
      "logistic regression on the median beat, divided by the classes' shares in training");

  private final String label;

  Variant(String label) {
    this.label = label;
  }

  /** In words, for people. */
  public String label() {
    return label;
  }

  /** The word of the tables, for example {@code as_trained}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is a baseline next to the model. */
  public boolean isBaseline() {
    return compareTo(MAJORITY) >= 0;
  }

  /**
   * Whether a figure of this scope tells something: a rule for one task says nothing of the other.
   */
  public boolean measures(FigureName.Scope scope) {
    return switch (this) {
      case BALANCED -> scope != FigureName.Scope.DETECTION;
      default -> true;
    };
  }
}
