package org.rtcn.common.report;

import java.util.ArrayDeque;
import java.util.Deque;

/** Leaves out points of a line that nobody would see (Douglas and Peucker 1973). */
final class Polyline {
  private Polyline() {}

  /** Which points to keep so that none left out lies further than {@code tolerance} away. */
  static boolean[] simplify(double[] x, double[] y, double tolerance) {
    boolean[] kept = new boolean[x.length];
    if (x.length == 0) {
      return kept;
    }
    kept[0] = true;
    kept[x.length - 1] = true;
    Deque<int[]> open = new ArrayDeque<>();
    open.push(new int[] {0, x.length - 1});
    while (!open.isEmpty()) {
      int[] span = open.pop();
      int first = span[0];
      int last = span[1];
      double dx = x[last] - x[first];
      double dy = y[last] - y[first];
      double length = Math.hypot(dx, dy);
      int farthest = -1;
      double most = tolerance;
      for (int i = first + 1; i < last; i++) {
        double distance =
            length == 0
                ? Math.hypot(x[i] - x[first], y[i] - y[first])
                : Math.abs(dy * (x[i] - x[first]) - dx * (y[i] - y[first])) / length;
        if (distance > most) {
          most = distance;
          farthest = i;
        }
      }
      if (farthest >= 0) {
        kept[farthest] = true;
        open.push(new int[] {first, farthest});
        open.push(new int[] {farthest, last});
      }
    }
    return kept;
  }
}
