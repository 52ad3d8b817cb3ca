package org.rtcn.common.formats.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgRecord;

/**
 * A channel as integers: in the source's own steps where these give its values, else in steps so
 * fine that 31 bits hold the largest value.
 *
 * @param stepMillivolts of one integer
 * @param adu values; {@link #MISSING} where there is none
 * @param largest of their magnitudes
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over.
record Digitised(EcgChannel channel, double stepMillivolts, int[] adu, int largest) {
  static final int MISSING = Integer.MIN_VALUE;

  /** How far from a whole step a value may lie: what a float loses. */
  private static final double TOLERANCE_MV = 1e-6;

  private static final double FINEST_RANGE = 1 << 30;

  /** All channels of a recording. */
  static List<Digitised> of(EcgRecord record) throws IOException {
    double[][] rows = record.read(0, Math.toIntExact(record.sampleCount()));
    List<Digitised> all = new ArrayList<>();
    for (int c = 0; c < rows.length; c++) {
      all.add(of(record.channels().get(c), rows[c]));
    }
    return all;
  }

  private static Digitised of(EcgChannel channel, double[] row) {
    double largest = 0;
    for (double value : row) {
      largest = Double.isNaN(value) ? largest : Math.max(largest, Math.abs(value));
    }
    double step = channel.millivoltsPerStep();
    if (!(step > 0) || largest / step > FINEST_RANGE || !isWhole(row, step)) {
      // A power of two, which a header writes exactly.
      double exponent =
          largest == 0 ? 0 : Math.floor(Math.log(FINEST_RANGE / largest) / Math.log(2));
      step = Math.pow(2, -Math.min(40, exponent));
    }
    int[] adu = new int[row.length];
    int most = 0;
    for (int i = 0; i < row.length; i++) {
      adu[i] = Double.isNaN(row[i]) ? MISSING : (int) Math.rint(row[i] / step);
      most = adu[i] == MISSING ? most : Math.max(most, Math.abs(adu[i]));
    }
    return new Digitised(channel, step, adu, most);
  }

  private static boolean isWhole(double[] row, double step) {
    for (double value : row) {
      if (Math.abs(value - Math.rint(value / step) * step) > TOLERANCE_MV) {
        return false;
      }
    }
    return true;
  }

  boolean hasMissing() {
    for (int value : adu) {
      if (value == MISSING) {
        return true;
      }
    }
    return false;
  }
}
