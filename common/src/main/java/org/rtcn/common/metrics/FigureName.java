package org.rtcn.common.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is measured. Figures of one class treat it as positive and all others as negative. */
public enum FigureName {
  ACCURACY(Scope.ALL_CLASSES, "Accuracy"),
  BALANCED_ACCURACY(Scope.ALL_CLASSES, "Balanced accuracy"),
  MACRO_F1(Scope.ALL_CLASSES, "Macro F1"),
  MCC(Scope.ALL_CLASSES, "Matthews correlation"),
  KAPPA(Scope.ALL_CLASSES, "Cohen's kappa"),
  MACRO_AUROC(Scope.ALL_CLASSES, "Macro AUROC"),
  MACRO_AVERAGE_PRECISION(Scope.ALL_CLASSES, "Macro AUPRC (average precision)"),
  LOG_LOSS(Scope.ALL_CLASSES, "Log loss (nats)"),
  BRIER(Scope.ALL_CLASSES, "Brier score"),
  ECE(Scope.ALL_CLASSES, "Expected calibration error"),
  MAJORITY_ACCURACY(Scope.ALL_CLASSES, "Accuracy of the majority class"),
  MAJORITY_BALANCED_ACCURACY(Scope.ALL_CLASSES, "Balanced accuracy of the majority class"),
  SENSITIVITY(Scope.ONE_CLASS, "Sensitivity"),
  SPECIFICITY(Scope.ONE_CLASS, "Specificity"),
  PPV(Scope.ONE_CLASS, "Positive predictive value"),
  NPV(Scope.ONE_CLASS, "Negative predictive value"),
  F1(Scope.ONE_CLASS, "F1"),
  CLASS_ACCURACY(Scope.ONE_CLASS, "Accuracy, this class against the others"),
  CLASS_BALANCED_ACCURACY(Scope.ONE_CLASS, "Balanced accuracy, this class against the others"),
  AUROC(Scope.ONE_CLASS, "AUROC"),
  AVERAGE_PRECISION(Scope.ONE_CLASS, "AUPRC (average precision)"),
  DETECTION_ACCURACY(Scope.DETECTION, "Accuracy"),
  DETECTION_BALANCED_ACCURACY(Scope.DETECTION, "Balanced accuracy"),
  DETECTION_SENSITIVITY(Scope.DETECTION, "Sensitivity"),
  DETECTION_SPECIFICITY(Scope.DETECTION, "Specificity"),
  DETECTION_PPV(Scope.DETECTION, "Positive predictive value"),
  DETECTION_NPV(Scope.DETECTION, "Negative predictive value"),
  DETECTION_F1(Scope.DETECTION, "F1"),
  DETECTION_AUROC(Scope.DETECTION, "AUROC"),
  DETECTION_SENSITIVITY_AT_SPECIFICITY_90(
      Scope.DETECTION, "Sensitivity at 90 % specificity (threshold found on these cases)"),
  DETECTION_SENSITIVITY_AT_SPECIFICITY_95(
      Scope.DETECTION, "Sensitivity at 95 % specificity (threshold found on these cases)"),
  DETECTION_AVERAGE_PRECISION(Scope.DETECTION, "AUPRC (average precision)"),
  DETECTION_MCC(Scope.DETECTION, "Matthews correlation"),
  DETECTION_KAPPA(Scope.DETECTION, "Cohen's kappa"),
  DETECTION_BRIER(Scope.DETECTION, "Brier score (0 to 1)"),
  DETECTION_CALIBRATION_SLOPE(Scope.DETECTION, "Calibration slope (1 is right)"),
  DETECTION_CALIBRATION_INTERCEPT(Scope.DETECTION, "Calibration intercept (0 is right)"),
  DETECTION_MAJORITY_ACCURACY(Scope.DETECTION, "Accuracy of the more frequent answer, always");

  /** What a figure speaks of. */
  public enum Scope {
    /** All classes together. */
    ALL_CLASSES,
    /** One class against all others. */
    ONE_CLASS,
    /** Infarction of whatever site against none. */
    DETECTION
  }

  private final Scope scope;
  private final String label;

  FigureName(Scope scope, String label) {
    this.scope = scope;
    this.label = label;
  }

  /** The figures of a scope, in their order. */
  public static List<FigureName> of(Scope scope) {
    return Arrays.stream(values()).filter(name -> name.scope == scope).toList();
  }

  /** What the figure speaks of. */
  public Scope scope() {
    return scope;
  }

  /** In words, for people. */
  public String label() {
    return label;
  }

  /** Column {@code task} of the {@code metrics} table. */
  public String task() {
    return isMajority()
        ? "baseline_majority"
        : scope == Scope.DETECTION ? "detection" : "localisation";
  }

  /**
   * Column {@code name} of the {@code metrics} table, for example {@code balanced_accuracy}: what
   * the column {@code task} says already is left out.
   */
  public String columnValue() {
    String full = name().toLowerCase(Locale.ROOT);
    if (isMajority()) {
      return full.replace("majority_", "");
    }
    return switch (scope) {
      case DETECTION -> full.substring("detection_".length());
      case ONE_CLASS -> full.replace("class_", "");
      case ALL_CLASSES -> full;
    };
  }

  /** Whether it is what the constant answer of the majority would score. */
  public boolean isMajority() {
    return name().contains("MAJORITY");
  }
}
