package org.rtcn.common.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The word that was meant, where one is near. */
public final class Nearest {
  private Nearest() {}

  /**
   * The nearest of the known words, if a slip of the hand explains the difference: at most one
   * letter in three wrong, lost, added.
   */
  public static Optional<String> of(String word, Collection<String> known) {
    return known.stream()
        .filter(candidate -> isNear(distance(word, candidate), word))
        .min(
            Comparator.comparingInt((String candidate) -> distance(word, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** Whether a word may have been meant that is so far from what was written. */
  static boolean isNear(int distance, String written) {
    return distance <= Math.max(1, written.length() / 3);
  }

  /** Levenshtein's distance. */
  static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[b.length()];
  }
}
