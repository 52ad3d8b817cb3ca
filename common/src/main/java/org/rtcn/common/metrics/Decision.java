package org.rtcn.common.metrics;

import java.util.List;
import org.rtcn.common.ecg.Label;

/**
 * The one rule that turns probabilities into an answer, for both questions at once: first whether
 * there is an infarct, then which. The probability of infarction is the sum over the infarct
 * classes; from {@link #THRESHOLD} on the answer is the most probable of the infarct classes, below
 * it the most probable of the others. Where the classes do not hold both kinds it is the most
 * probable class of all. Of equally probable classes the first is taken.
 *
 * <p>A threshold other than one half is applied by moving the probabilities until it lies at one
 * half ({@link DetectionThreshold#rule}), so that rows of every variant are read in the same way.
 *
 * <p>Everything is decided in single precision, in which the tables hold the probabilities: rows
 * that were written and read again get the same answer.
 */
public final class Decision {
  /** From this probability of infarction on, a case counts as detected. */
  public static final double THRESHOLD = 0.5;

  private final boolean[] infarct;
  private final boolean decidesDetection;

  private Decision(List<String> classes) {
    infarct = new boolean[classes.size()];
    int infarcts = 0;
    for (int c = 0; c < infarct.length; c++) {
      infarct[c] = Label.valueOf(classes.get(c)).isInfarction();
      infarcts += infarct[c] ? 1 : 0;
    }
    decidesDetection = infarcts > 0 && infarcts < infarct.length;
  }

  /**
   * The rule for some classes.
   *
   * @param classes names of {@link Label}s, in the order of the probabilities
   */
  public static Decision among(List<String> classes) {
    return new Decision(classes);
  }

  /** Whether the classes hold both infarcts and others. */
  public boolean decidesDetection() {
    return decidesDetection;
  }

  /** Whether a class is an infarct. */
  public boolean isInfarct(int classIndex) {
    return infarct[classIndex];
  }

  /** The probability of infarction: the sum over the classes that are infarcts, at most 1. */
  public float infarctProbability(double[] probabilities) {
    double sum = 0;
    for (int c = 0; c < infarct.length; c++) {
      sum += infarct[c] ? (float) probabilities[c] : 0;
    }
    return (float) Math.min(1, sum);
  }

  /** Whether an infarct is detected. */
  public boolean detects(double[] probabilities) {
    return infarctProbability(probabilities) >= THRESHOLD;
  }

  /** Index of the class that is answered. */
  public int answer(double[] probabilities) {
    boolean detected = detects(probabilities);
    int best = -1;
    for (int c = 0; c < infarct.length; c++) {
      boolean isOpen = !decidesDetection || infarct[c] == detected;
      if (isOpen && (best < 0 || (float) probabilities[c] > (float) probabilities[best])) {
        best = c;
      }
    }
    return best;
  }
}
