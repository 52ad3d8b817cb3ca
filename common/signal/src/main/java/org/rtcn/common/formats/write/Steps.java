package org.rtcn.common.formats.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.ReadLimits;

/**
 * The integers of a recording, found in one pass over it: each channel in the source's own steps
 * where these give its values, in those of the other channels or halves of them where it was made
 * of these (aVR is half a sum), else in steps so fine that 31 bits hold the largest value.
 */
final class Steps {
  /** Stands for a missing sample. */
  static final int MISSING = Integer.MIN_VALUE;

  /** Samples over all channels to hold at once. */
  private static final int WINDOW = 1 << 22;

  /**
   * How far from a whole step a value may lie: what a float loses, and what a gain's text loses.
   */
  private static final double TOLERANCE_MV = 1e-6;

  private static final double TOLERANCE = 1.3e-7;

  /** Of so many samples of a long recording, one must be valid. */
  private static final int MOST_MISSING = 64;

  private static final double FINEST_RANGE = 1 << 30;
  private static final int FINEST_EXPONENT = 40;

  /**
   * A channel.
   *
   * @param stepMillivolts of one integer
   * @param largest magnitude of its integers
   * @param missing whether it has missing samples
   */
  record Channel(EcgChannel source, double stepMillivolts, int largest, boolean missing) {

    int adu(double millivolts) {
      return Double.isFinite(millivolts) ? (int) Math.rint(millivolts / stepMillivolts) : MISSING;
    }
  }

  /** Takes a window of {@code [channel][sample]} in mV. */
  @FunctionalInterface
  interface Visitor {
    void window(double[][] millivolts, int count) throws IOException;
  }

  private Steps() {}

  /** Visits a recording in windows of a multiple of so many samples; the last may be shorter. */
  static void visit(EcgRecord record, int multipleOf, Visitor visitor) throws IOException {
    long fit = Math.max(1, WINDOW / record.channels().size() / multipleOf) * (long) multipleOf;
    int length = (int) Math.min(record.sampleCount(), fit);
    for (long from = 0; from < record.sampleCount(); from += length) {
      int count = (int) Math.min(length, record.sampleCount() - from);
      visitor.window(record.read(from, count), count);
    }
  }

  /**
   * The channels of a recording.
   *
   * @throws FormatException if it is long and nearly all of it a gap: a small file may claim a
   *     month
   */
  static List<Channel> of(EcgRecord record) throws IOException {
    TreeSet<Double> stated = new TreeSet<>();
    record.channels().forEach(channel -> stated.add(channel.millivoltsPerStep()));
    stated.removeIf(step -> !(step > 0));
    List<Look> looks =
        record.channels().stream().map(channel -> new Look(channel, stated)).toList();
    long[] seen = {0, 0};
    visit(
        record,
        1,
        (rows, count) -> {
          for (int c = 0; c < rows.length; c++) {
            seen[1] += looks.get(c).add(rows[c], count);
          }
          seen[0] += (long) count * rows.length;
          if (seen[0] > ReadLimits.DEFAULT.samples() && seen[1] < seen[0] / MOST_MISSING) {
            throw new FormatException(
                Reason.RECORD_TOO_LONG,
                "Cannot convert a recording of %d samples, of which the first %d hold but %d that are valid; split it at its gaps"
                    .formatted(record.sampleCount(), seen[0], seen[1]));
          }
        });
    return looks.stream().map(Look::channel).toList();
  }

  /** What is known of a channel so far. */
  private static final class Look {
    private final EcgChannel channel;
    private final List<Double> candidates = new ArrayList<>();
    private double largest;
    private boolean missing;

    Look(EcgChannel channel, NavigableSet<Double> stated) {
      this.channel = channel;
      if (channel.millivoltsPerStep() > 0) {
        candidates.add(channel.millivoltsPerStep());
      } else if (channel.lead().isPresent() && !stated.isEmpty()) {
        candidates.addAll(stated.descendingSet());
        candidates.add(stated.first() / 2);
      }
    }

    /** Takes a window; how many of its samples are valid. */
    int add(double[] row, int count) {
      int valid = 0;
      for (int i = 0; i < count; i++) {
        double value = row[i];
        if (Double.isFinite(value)) {
          largest = Math.max(largest, Math.abs(value));
          valid++;
        }
      }
      missing |= valid < count;
      candidates.removeIf(step -> !isWhole(row, count, step));
      return valid;
    }

    private static boolean isWhole(double[] row, int count, double step) {
      for (int i = 0; i < count; i++) {
        double value = row[i];
        double off = Math.abs(value - Math.rint(value / step) * step);
        if (off > TOLERANCE_MV && off > TOLERANCE * Math.abs(value)) {
          return false;
        }
      }
      return true;
    }

    Channel channel() {
      double step =
          candidates.stream().filter(s -> largest / s <= FINEST_RANGE).findFirst().orElse(0.0);
      if (step == 0) {
        // A power of two, which a header writes exactly.
        double exponent =
            largest == 0 ? 0 : Math.floor(Math.log(FINEST_RANGE / largest) / Math.log(2));
        step = Math.pow(2, -Math.min(FINEST_EXPONENT, exponent));
      }
      return new Channel(channel, step, (int) Math.rint(largest / step), missing);
    }
  }
}
