package org.rtcn.common.stockwell;

import java.util.ArrayList;
import java.util.List;

/**
 * Unscaled inverse DFTs of many rows at once, {@code y[j] = sum_m x[m] exp(i 2 pi m j / N)}, for N
 * without prime factors beyond 5. The rows lie side by side (sample m of row r at {@code m * LANES
 * + r}), so that the inner loops run over neighbouring numbers under one twiddle factor. Twice as
 * fast per row as a library's transform of one row after the other.
 *
 * <p>Rows of which only the first N / p samples can differ from 0 skip the steps that would add up
 * zeros: the first step then only multiplies.
 *
 * <p>Source: the autosort of Stockham in decimation by frequency, Van Loan, Computational
 * Frameworks for the Fast Fourier Transform, SIAM 1992, 1.7.
 */
final class RowsInverse {
  /** Rows at once: more no longer fit the cache. */
  static final int LANES = 16;

  private static final double COS_72 = Math.cos(2 * Math.PI / 5);
  private static final double COS_144 = Math.cos(4 * Math.PI / 5);
  private static final double SIN_72 = Math.sin(2 * Math.PI / 5);
  private static final double SIN_144 = Math.sin(4 * Math.PI / 5);
  private static final double SIN_60 = Math.sin(Math.PI / 3);

  private final int sampleCount;

  /** Factor of the first step that only multiplies, 1 if there is none. */
  private final int spread;

  private final double[] spreadTurns;
  private final int[] radices;

  /** Per step and butterfly the turns of its outputs but the first; the last step has none. */
  private final double[][] turns;

  /**
   * @param sampleCount N
   * @param support samples of a row that may differ from 0
   */
  RowsInverse(int sampleCount, int support) {
    this.sampleCount = sampleCount;
    int factor = 1;
    for (int p = 2; p <= sampleCount; p++) {
      if (sampleCount % p == 0 && sampleCount / p >= support) {
        factor = p;
      }
    }
    this.spread = factor;
    this.spreadTurns = turns(sampleCount, factor);
    int length = sampleCount / factor;
    this.radices = radices(length);
    this.turns = new double[radices.length][];
    for (int step = 0; step < radices.length; step++) {
      turns[step] = turns(length, radices[step]);
      length /= radices[step];
    }
  }

  /** Whether N has no prime factor beyond 5. */
  static boolean fits(int sampleCount) {
    int rest = sampleCount;
    for (int p : new int[] {2, 3, 5}) {
      while (rest % p == 0) {
        rest /= p;
      }
    }
    return rest == 1;
  }

  private static int[] radices(int length) {
    List<Integer> found = new ArrayList<>();
    int rest = length;
    // A factor of 6 at the end, where a butterfly of 6 needs no turns.
    boolean six = rest % 6 == 0;
    if (six) {
      rest /= 6;
    }
    for (int p : new int[] {4, 5, 3, 2}) {
      while (rest % p == 0) {
        found.add(p);
        rest /= p;
      }
    }
    if (six) {
      found.add(6);
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  private static double[] turns(int length, int p) {
    int butterflies = length / p;
    double[] turns = new double[2 * butterflies * (p - 1)];
    int at = 0;
    for (int i = 0; i < butterflies; i++) {
      for (int k = 1; k < p; k++) {
        double angle = 2 * Math.PI * ((long) i * k % length) / length;
        turns[at++] = Math.cos(angle);
        turns[at++] = Math.sin(angle);
      }
    }
    return turns;
  }

  /** Room for the rows of one thread, real and imaginary parts, twice. */
  Rows rows() {
    return new Rows(sampleCount * LANES);
  }

  /** The rows, before and after. */
  static final class Rows {
    double[] re;
    double[] im;
    private double[] otherRe;
    private double[] otherIm;

    private Rows(int count) {
      re = new double[count];
      im = new double[count];
      otherRe = new double[count];
      otherIm = new double[count];
    }

    private void swap() {
      double[] keptRe = re;
      double[] keptIm = im;
      re = otherRe;
      im = otherIm;
      otherRe = keptRe;
      otherIm = keptIm;
    }
  }

  /** Samples of a row that are read: N divided by a whole number. */
  int support() {
    return sampleCount / spread;
  }

  /** Transforms the rows; {@code rows} then holds the result. */
  void transform(Rows rows) {
    int lanes = LANES;
    int length = sampleCount;
    if (spread > 1) {
      length /= spread;
      spread(rows, length);
      rows.swap();
      lanes *= spread;
    }
    for (int step = 0; step < radices.length; step++) {
      int p = radices[step];
      length /= p;
      double[] w = turns[step];
      switch (p) {
        case 2 -> two(rows, length, lanes, w);
        case 3 -> three(rows, length, lanes, w);
        case 4 -> four(rows, length, lanes, w);
        case 5 -> five(rows, length, lanes, w);
        default -> six(rows, lanes);
      }
      rows.swap();
      lanes *= p;
    }
  }

  private void spread(Rows rows, int length) {
    double[] xr = rows.re;
    double[] xi = rows.im;
    double[] yr = rows.otherRe;
    double[] yi = rows.otherIm;
    int t = 0;
    for (int i = 0; i < length; i++) {
      int x = LANES * i;
      int y = LANES * spread * i;
      System.arraycopy(xr, x, yr, y, LANES);
      System.arraycopy(xi, x, yi, y, LANES);
      for (int k = 1; k < spread; k++) {
        y += LANES;
        double cos = spreadTurns[t++];
        double sin = spreadTurns[t++];
        for (int q = 0; q < LANES; q++) {
          yr[y + q] = xr[x + q] * cos - xi[x + q] * sin;
          yi[y + q] = xr[x + q] * sin + xi[x + q] * cos;
        }
      }
    }
  }

  private static void two(Rows rows, int length, int lanes, double[] w) {
    double[] xr = rows.re;
    double[] xi = rows.im;
    double[] yr = rows.otherRe;
    double[] yi = rows.otherIm;
    int step = lanes * length;
    for (int i = 0; i < length; i++) {
      int t = 2 * i;
      double cos1 = w[t + 0];
      double sin1 = w[t + 1];
      int x0 = lanes * i;
      int x1 = x0 + step;
      int y0 = 2 * lanes * i;
      int y1 = y0 + lanes;
      for (int q = 0; q < lanes; q++) {
        double ar = xr[x0 + q];
        double ai = xi[x0 + q];
        double br = xr[x1 + q];
        double bi = xi[x1 + q];
        yr[y0 + q] = ar + br;
        yi[y0 + q] = ai + bi;
        double ur = ar - br;
        double ui = ai - bi;
        yr[y1 + q] = ur * cos1 - ui * sin1;
        yi[y1 + q] = ur * sin1 + ui * cos1;
      }
    }
  }

  private static void three(Rows rows, int length, int lanes, double[] w) {
    double[] xr = rows.re;
    double[] xi = rows.im;
    double[] yr = rows.otherRe;
    double[] yi = rows.otherIm;
    int step = lanes * length;
    for (int i = 0; i < length; i++) {
      int t = 4 * i;
      double cos1 = w[t + 0];
      double sin1 = w[t + 1];
      double cos2 = w[t + 2];
      double sin2 = w[t + 3];
      int x0 = lanes * i;
      int x1 = x0 + step;
      int x2 = x1 + step;
      int y0 = 3 * lanes * i;
      int y1 = y0 + lanes;
      int y2 = y1 + lanes;
      for (int q = 0; q < lanes; q++) {
        double ar = xr[x0 + q];
        double ai = xi[x0 + q];
        double br = xr[x1 + q];
        double bi = xi[x1 + q];
        double cr = xr[x2 + q];
        double ci = xi[x2 + q];
        double pr = br + cr;
        double pi = bi + ci;
        double mr = SIN_60 * (br - cr);
        double mi = SIN_60 * (bi - ci);
        yr[y0 + q] = ar + pr;
        yi[y0 + q] = ai + pi;
        double hr = ar - 0.5 * pr;
        double hi = ai - 0.5 * pi;
        double ur = hr - mi;
        double ui = hi + mr;
        yr[y1 + q] = ur * cos1 - ui * sin1;
        yi[y1 + q] = ur * sin1 + ui * cos1;
        ur = hr + mi;
        ui = hi - mr;
        yr[y2 + q] = ur * cos2 - ui * sin2;
        yi[y2 + q] = ur * sin2 + ui * cos2;
      }
    }
  }

  private static void four(Rows rows, int length, int lanes, double[] w) {
    double[] xr = rows.re;
    double[] xi = rows.im;
    double[] yr = rows.otherRe;
    double[] yi = rows.otherIm;
    int step = lanes * length;
    for (int i = 0; i < length; i++) {
      int t = 6 * i;
      double cos1 = w[t + 0];
      double sin1 = w[t + 1];
      double cos2 = w[t + 2];
      double sin2 = w[t + 3];
      double cos3 = w[t + 4];
      double sin3 = w[t + 5];
      int x0 = lanes * i;
      int x1 = x0 + step;
      int x2 = x1 + step;
      int x3 = x2 + step;
      int y0 = 4 * lanes * i;
      int y1 = y0 + lanes;
      int y2 = y1 + lanes;
      int y3 = y2 + lanes;
      for (int q = 0; q < lanes; q++) {
        double ar = xr[x0 + q];
        double ai = xi[x0 + q];
        double br = xr[x1 + q];
        double bi = xi[x1 + q];
        double cr = xr[x2 + q];
        double ci = xi[x2 + q];
        double dr = xr[x3 + q];
        double di = xi[x3 + q];
        double pr = ar + cr;
        double pi = ai + ci;
        double mr = ar - cr;
        double mi = ai - ci;
        double er = br + dr;
        double ei = bi + di;
        double fr = di - bi;
        double fi = br - dr;
        yr[y0 + q] = pr + er;
        yi[y0 + q] = pi + ei;
        double ur = mr + fr;
        double ui = mi + fi;
        yr[y1 + q] = ur * cos1 - ui * sin1;
        yi[y1 + q] = ur * sin1 + ui * cos1;
        ur = pr - er;
        ui = pi - ei;
        yr[y2 + q] = ur * cos2 - ui * sin2;
        yi[y2 + q] = ur * sin2 + ui * cos2;
        ur = mr - fr;
        ui = mi - fi;
        yr[y3 + q] = ur * cos3 - ui * sin3;
        yi[y3 + q] = ur * sin3 + ui * cos3;
      }
    }
  }

  private static void five(Rows rows, int length, int lanes, double[] w) {
    double[] xr = rows.re;
    double[] xi = rows.im;
    double[] yr = rows.otherRe;
    double[] yi = rows.otherIm;
    int step = lanes * length;
    for (int i = 0; i < length; i++) {
      int t = 8 * i;
      double cos1 = w[t + 0];
      double sin1 = w[t + 1];
      double cos2 = w[t + 2];
      double sin2 = w[t + 3];
      double cos3 = w[t + 4];
      double sin3 = w[t + 5];
      double cos4 = w[t + 6];
      double sin4 = w[t + 7];
      int x0 = lanes * i;
      int x1 = x0 + step;
      int x2 = x1 + step;
      int x3 = x2 + step;
      int x4 = x3 + step;
      int y0 = 5 * lanes * i;
      int y1 = y0 + lanes;
      int y2 = y1 + lanes;
      int y3 = y2 + lanes;
      int y4 = y3 + lanes;
      for (int q = 0; q < lanes; q++) {
        double ar = xr[x0 + q];
        double ai = xi[x0 + q];
        double br = xr[x1 + q];
        double bi = xi[x1 + q];
        double cr = xr[x2 + q];
        double ci = xi[x2 + q];
        double dr = xr[x3 + q];
        double di = xi[x3 + q];
        double er = xr[x4 + q];
        double ei = xi[x4 + q];
        double p1r = br + er;
        double p1i = bi + ei;
        double m1r = br - er;
        double m1i = bi - ei;
        double p2r = cr + dr;
        double p2i = ci + di;
        double m2r = cr - dr;
        double m2i = ci - di;
        yr[y0 + q] = ar + p1r + p2r;
        yi[y0 + q] = ai + p1i + p2i;
        double h1r = ar + COS_72 * p1r + COS_144 * p2r;
        double h1i = ai + COS_72 * p1i + COS_144 * p2i;
        double h2r = ar + COS_144 * p1r + COS_72 * p2r;
        double h2i = ai + COS_144 * p1i + COS_72 * p2i;
        double g1r = SIN_72 * m1r + SIN_144 * m2r;
        double g1i = SIN_72 * m1i + SIN_144 * m2i;
        double g2r = SIN_144 * m1r - SIN_72 * m2r;
        double g2i = SIN_144 * m1i - SIN_72 * m2i;
        double ur = h1r - g1i;
        double ui = h1i + g1r;
        yr[y1 + q] = ur * cos1 - ui * sin1;
        yi[y1 + q] = ur * sin1 + ui * cos1;
        ur = h2r - g2i;
        ui = h2i + g2r;
        yr[y2 + q] = ur * cos2 - ui * sin2;
        yi[y2 + q] = ur * sin2 + ui * cos2;
        ur = h2r + g2i;
        ui = h2i - g2r;
        yr[y3 + q] = ur * cos3 - ui * sin3;
        yi[y3 + q] = ur * sin3 + ui * cos3;
        ur = h1r + g1i;
        ui = h1i - g1r;
        yr[y4 + q] = ur * cos4 - ui * sin4;
        yi[y4 + q] = ur * sin4 + ui * cos4;
      }
    }
  }

  /** The last step: a butterfly of 6 out of 2 and 3, which have no factor in common. */
  private static void six(Rows rows, int lanes) {
    double[] xr = rows.re;
    double[] xi = rows.im;
    double[] yr = rows.otherRe;
    double[] yi = rows.otherIm;
    int at1 = lanes;
    int at2 = 2 * lanes;
    int at3 = 3 * lanes;
    int at4 = 4 * lanes;
    int at5 = 5 * lanes;
    for (int q = 0; q < lanes; q++) {
      double ar = xr[q];
      double dr = xr[at3 + q];
      double br = xr[at2 + q];
      double er = xr[at5 + q];
      double cr = xr[at4 + q];
      double fr = xr[at1 + q];
      double ai = xi[q];
      double di = xi[at3 + q];
      double bi = xi[at2 + q];
      double ei = xi[at5 + q];
      double ci = xi[at4 + q];
      double fi = xi[at1 + q];
      double pr = br + er;
      double psr = pr + (cr + fr);
      double pdr = SIN_60 * (pr - (cr + fr));
      double phr = ar + dr;
      double pi = bi + ei;
      double psi = pi + (ci + fi);
      double pdi = SIN_60 * (pi - (ci + fi));
      double phi = ai + di;
      yr[q] = phr + psr;
      yi[q] = phi + psi;
      phr -= 0.5 * psr;
      phi -= 0.5 * psi;
      yr[at4 + q] = phr - pdi;
      yi[at4 + q] = phi + pdr;
      yr[at2 + q] = phr + pdi;
      yi[at2 + q] = phi - pdr;
      double mr = br - er;
      double msr = mr + (cr - fr);
      double mdr = SIN_60 * (mr - (cr - fr));
      double mhr = ar - dr;
      double mi = bi - ei;
      double msi = mi + (ci - fi);
      double mdi = SIN_60 * (mi - (ci - fi));
      double mhi = ai - di;
      yr[at3 + q] = mhr + msr;
      yi[at3 + q] = mhi + msi;
      mhr -= 0.5 * msr;
      mhi -= 0.5 * msi;
      yr[at1 + q] = mhr - mdi;
      yi[at1 + q] = mhi + mdr;
      yr[at5 + q] = mhr + mdi;
      yi[at5 + q] = mhi - mdr;
    }
  }
}
