package org.rtcn.common.drift;

import java.util.stream.IntStream;

/**
 * Bins that are the same for every night, so that nights are compared, and added up, by counts
 * alone. The first and the last bin hold what lies beyond them, too.
 */
public final class Bins {
  private final double low;
  private final double width;
  private final int count;
  private final boolean isLogarithmic;

  private Bins(double low, double high, int count, boolean isLogarithmic) {
    this.low = low;
    this.width = (high - low) / count;
    this.count = count;
    this.isLogarithmic = isLogarithmic;
  }

  /** Bins of equal width. */
  public static Bins linear(double low, double high, int count) {
    return new Bins(low, high, count, false);
  }

  /** Sixteen bins for each power of ten; whatever is below the lowest, 0 too, is in the first. */
  public static Bins logarithmic(int lowestPower, int highestPower) {
    return new Bins(lowestPower, highestPower, 16 * (highestPower - lowestPower), true);
  }

  public int count() {
    return count;
  }

  /**
   * The bin that a value belongs to.
   *
   * @throws IllegalArgumentException if it is not a number
   */
  public int of(double value) {
    if (Double.isNaN(value)) {
      throw new IllegalArgumentException("Cannot find the bin of NaN");
    }
    double place = ((isLogarithmic ? Math.log10(value) : value) - low) / width;
    // Log of 0 is minus infinity, which is cast to the smallest number.
    return Math.max(0, Math.min(count - 1, (int) Math.floor(place)));
  }

  /** The middle of a bin, of logarithmic bins the geometric one. */
  public double middle(int bin) {
    double place = low + (bin + 0.5) * width;
    return isLogarithmic ? Math.pow(10, place) : place;
  }

  /**
   * The middle of the bin that holds the middle value.
   *
   * @param counts by bin; not all 0
   */
  public double median(long[] counts) {
    long all = IntStream.range(0, counts.length).mapToLong(bin -> counts[bin]).sum();
    long before = 0;
    int bin = 0;
    while (2 * (before + counts[bin]) < all) {
      before += counts[bin];
      bin++;
    }
    return middle(bin);
  }
}
