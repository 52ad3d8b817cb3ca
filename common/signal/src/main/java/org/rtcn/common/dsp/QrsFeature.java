package org.rtcn.common.dsp;

import java.util.Arrays;
import java.util.BitSet;

/**
 * How much each instant of a recording looks like a QRS complex, from the steepness of all leads:
 * about 1 at a heartbeat, whatever the leads' amplitudes.
 *
 * <p>Everything it is measured by is local. A lead's <i>level</i> is the median height of the
 * steepest waves of the {@link Blocks} within {@value #REACH_SECONDS} s, where a block counts by
 * how far its waves stand out of its background: a burst of noise or a flat stretch says nothing
 * about the beats next to it. A lead's <i>vote</i> falls with the fourth power of
 *
 * <ul>
 *   <li>what its level has over its background there,
 *   <li>how steady its level is (motion of an electrode is not),
 *   <li>how much of its steepness lies in the band of QRS complexes (little in muscle noise),
 *   <li>how well it {@link LeadAgreement agrees} with the other leads,
 * </ul>
 *
 * relative to the best lead's, of twelve to the fourth best's: noise does not outvote signal, and
 * one lead does not speak for all.
 */
final class QrsFeature {
  private static final double REACH_SECONDS = 10;
  private static final double AVERAGE_SECONDS = 0.09;
  private static final double SLOPE_SECONDS = 0.016;
  private static final double SLOW_SECONDS = 0.06;

  private static final double BAND_LOW_HZ = 6;
  private static final double BAND_HIGH_HZ = 16;

  /**
   * Least slope of a beat in a lead that counts, root mean square in mV/s. The quietest of 500
   * recordings of PTB-XL has 8.5; slow waves without a QRS complex stay below 0.2.
   */
  static final double LEAST_SLOPE_MV_PER_SECOND = 0.5;

  /**
   * Least {@link #clarity} of a stretch whose beats can be told from noise. White noise in one lead
   * has 0.8 to 1.8, muscle noise 0.5 to 1.8, noise in twelve leads 0.8 to 1.3; MIT-BIH records with
   * a third of a millivolt of white noise in one lead 2.3 and more.
   */
  static final double LEAST_CLARITY = 1.6;

  /** Noise has less than this share of its steepness in the band of QRS complexes. */
  private static final double PURE = 0.2;

  /** A stretch without noise may have broad waves: a ventricular tachycardia of 220 per minute. */
  private static final double MOST_FACTOR = 1.4;

  /** A contrast beyond this makes a lead no better: its background is as good as silent. */
  private static final double MOST_CONTRAST = 20;

  /** A contrast beyond this makes a block's height no surer: it may be an artefact's. */
  private static final double SURE_CONTRAST = 6;

  /** A lead that stands out this far by itself. */
  private static final double STANDS_OUT = 2.2;

  /**
   * Where the first of two leads stands out further than this, it begins to need no other; from the
   * second on it needs none.
   */
  private static final double BEGINS_ALONE = 6;

  private static final double ALONE = 12;

  /**
   * A wave of less energy than this, relative to the lead's beats, is a faint beat if one at all.
   */
  private static final double FAINT_ENERGY = 0.7;

  /** Most energy of a lead, relative to its beats': an artefact of one lead is capped. */
  private static final double MOST_ENERGY = 4;

  private static final double LEAST_STEADINESS = 0.05;

  /**
   * A lead that stays below this share of its beats' energy for so long is silent there: lifted
   * off, switched off or at its amplifier's end. The noise of any lead that records is above it.
   */
  private static final double SILENT_SHARE = 1e-4;

  private static final double SILENT_SECONDS = 1;

  /** A wide complex from its first to its last peak lies within this of its steepest part. */
  private static final double HEIGHT_SECONDS = 0.1;

  /** Next to a silent stretch are the steps to it and from it. */
  private static final double STEP_SECONDS = 0.6;

  private final double fsHz;
  private final Blocks blocks;
  private final int stride;
  private final double[][] waves;
  private final double[] values;
  private final double[][] leadContrasts;
  private final double[][] votes;
  private final BitSet[] silent;
  private final double[] level;
  private final double[] background;
  private final double[] clarity;
  private final double greatestSlope;
  private final double[][] energies;
  private final double[][] levels;

  /**
   * @param waves {@code [lead][sample]} in mV
   * @param fsHz their rate, 50 Hz or more
   * @param band from {@link #band}
   */
  QrsFeature(double[][] waves, double fsHz, SosFilter band) {
    this.waves = waves;
    this.fsHz = fsHz;
    this.stride = Math.max(1, samples(AVERAGE_SECONDS / 4));
    this.blocks = new Blocks(waves[0].length, fsHz, stride);
    int leads = waves.length;
    energies = new double[leads][];
    levels = new double[leads][];
    double[][] purities = new double[leads][];
    double[][] steadiness = new double[leads][];
    leadContrasts = new double[leads][];
    double greatest = 0;
    for (int lead = 0; lead < leads; lead++) {
      energies[lead] = slopeEnergy(band.zeroPhase(waves[lead]));
      double[] maxima = blocks.maxima(energies[lead]);
      double[] medians = blocks.medians(energies[lead]);
      double least = LEAST_SLOPE_MV_PER_SECOND * LEAST_SLOPE_MV_PER_SECOND;
      double[] weights = weights(maxima, ratios(maxima, medians), least);
      levels[lead] = local(maxima, weights, 0.5);
      leadContrasts[lead] = leadContrasts(maxima, levels[lead], medians);
      purities[lead] = purity(energies[lead], waves[lead]);
      steadiness[lead] = steadiness(maxima, weights);
      greatest = Math.max(greatest, Arrays.stream(maxima).max().orElse(0));
    }
    greatestSlope = Math.sqrt(greatest);
    boolean[] standsOut = new boolean[blocks.count()];
    double[] alone = new double[blocks.count()];
    for (int b = 0; b < standsOut.length; b++) {
      double clear = leadContrasts[0][b] * Math.min(1, purities[0][b] / PURE);
      standsOut[b] = clear >= STANDS_OUT;
      alone[b] = Math.max(0, Math.min(1, (clear - BEGINS_ALONE) / (ALONE - BEGINS_ALONE)));
    }
    LeadAgreement agreement = new LeadAgreement(energies, levels, blocks, stride, fsHz);
    votes = votes(levels, steadiness, purities, agreement.factors(standsOut));
    silent = silent(energies, levels);
    values = combine(energies, levels);
    if (leads == 2) {
      keepFaintWaves(values, energies[0], levels[0], alone);
    }
    double[] squares = Arrays.stream(values).map(value -> value * value).toArray();
    double[] maxima = blocks.maxima(squares);
    double[] medians = blocks.medians(squares);
    double[] contrasts = ratios(maxima, medians);
    level = roots(local(maxima, weights(maxima, contrasts, 1e-6), 0.5));
    background = roots(medians);
    clarity = clarity(contrasts, purities);
  }

  /** The band of QRS complexes' slopes at a rate. */
  static SosFilter band(double fsHz) {
    return Filters.butterworthBandPass(2, BAND_LOW_HZ, BAND_HIGH_HZ, fsHz);
  }

  /** {@code [lead][sample]}, mV. */
  double[][] waves() {
    return waves;
  }

  /** Per sample; about 1 at a beat, 0 where no lead has beats within reach. */
  double[] values() {
    return values;
  }

  /**
   * From peak to peak around an instant, of all leads by their votes, each relative to the
   * steepness of its beats: a lead's gain changes nothing.
   */
  double height(int at) {
    int half = samples(HEIGHT_SECONDS);
    double sum = 0;
    for (int lead = 0; lead < waves.length; lead++) {
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      for (int i = Math.max(0, at - half); i <= Math.min(waves[lead].length - 1, at + half); i++) {
        low = Math.min(low, waves[lead][i]);
        high = Math.max(high, waves[lead][i]);
      }
      double level = blocks.between(levels[lead], at);
      sum += level == 0 ? 0 : vote(lead, at) * (high - low) * (high - low) / level;
    }
    return Math.sqrt(sum);
  }

  /** Steepest wave of all leads, mV/s. */
  double greatestSlope() {
    return greatestSlope;
  }

  /** Local height of the beats. */
  double level(int at) {
    return blocks.between(level, at);
  }

  /** Local background. */
  double background(int at) {
    return blocks.between(background, at);
  }

  /**
   * What the steepest waves have over the background around an instant, at most {@value
   * #MOST_CONTRAST}, times a factor that is below one where the waves are those of noise. Median of
   * five blocks; next to an edge of noise, the better side's.
   */
  double clarity(int at) {
    return blocks.higher(clarity, at);
  }

  /** The greatest of the recording. */
  double greatestClarity() {
    return Arrays.stream(clarity).max().orElse(0);
  }

  /** A lead's vote at an instant, 1 for the best one. */
  double vote(int lead, int at) {
    return silent[lead].get(at) ? 0 : blocks.between(votes[lead], at);
  }

  /** Height of a lead's own steepest wave near an instant, 1 at its beats. */
  double own(int lead, int at) {
    double level = blocks.between(levels[lead], at);
    if (level == 0 || silent[lead].get(at)) {
      return 0;
    }
    double most = 0;
    int near = samples(HEIGHT_SECONDS);
    for (int i = Math.max(0, at - near); i <= Math.min(energies[lead].length - 1, at + near); i++) {
      most = Math.max(most, energies[lead][i]);
    }
    return Math.sqrt(most / level);
  }

  /** What a lead's beats have over its background around an instant. */
  double contrast(int lead, int at) {
    return silent[lead].get(at) ? 0 : blocks.between(leadContrasts[lead], at);
  }

  /**
   * Where each lead is silent while another is not: there, and at the steps at its edges, it has no
   * vote.
   */
  private BitSet[] silent(double[][] energies, double[][] levels) {
    BitSet[] silent = new BitSet[energies.length];
    BitSet all = new BitSet();
    all.set(0, energies[0].length);
    for (int lead = 0; lead < silent.length; lead++) {
      silent[lead] = silent(energies[lead], levels[lead]);
      all.and(silent[lead]);
    }
    for (BitSet one : silent) {
      one.andNot(all);
    }
    return silent;
  }

  private BitSet silent(double[] energy, double[] level) {
    double[] own = blocks.spread(level);
    BitSet silent = new BitSet();
    int least = samples(SILENT_SECONDS);
    int beside = samples(STEP_SECONDS);
    int from = 0;
    for (int i = 0; i <= energy.length; i++) {
      if (i == energy.length || energy[i] > SILENT_SHARE * own[i]) {
        if (i - from >= least) {
          silent.set(Math.max(0, from - beside), Math.min(energy.length, i + beside));
        }
        from = i + 1;
      }
    }
    return silent;
  }

  private double[][] votes(
      double[][] levels, double[][] steadiness, double[][] purities, double[][] agreement) {
    int leads = levels.length;
    double[][] shares = new double[leads][blocks.count()];
    double[] ordered = new double[leads];
    for (int b = 0; b < blocks.count(); b++) {
      for (int lead = 0; lead < leads; lead++) {
        if (levels[lead][b] > 0) {
          shares[lead][b] =
              Math.max(0.01, leadContrasts[lead][b] - 1)
                  * steadiness[lead][b]
                  * Math.sqrt(purities[lead][b])
                  * agreement[lead][b];
        }
        ordered[lead] = shares[lead][b];
      }
      // The best quarter has a full vote each: one lead of many must not speak for all.
      Arrays.sort(ordered);
      double full = ordered[leads - 1 - leads / 4];
      full = full == 0 ? ordered[leads - 1] : full;
      for (int lead = 0; lead < leads; lead++) {
        double share = full == 0 ? 0 : Math.min(1, shares[lead][b] / full);
        shares[lead][b] = share * share * share * share;
      }
    }
    return shares;
  }

  private double[] combine(double[][] energies, double[][] levels) {
    int n = energies[0].length;
    double[] sum = new double[n];
    double[] total = new double[n];
    for (int lead = 0; lead < energies.length; lead++) {
      double[] vote = blocks.spread(votes[lead]);
      double[] own = blocks.spread(levels[lead]);
      for (int i = 0; i < n; i++) {
        if (own[i] > 0 && !silent[lead].get(i)) {
          total[i] += vote[i];
          sum[i] += vote[i] * Math.min(MOST_ENERGY, energies[lead][i] / own[i]);
        }
      }
    }
    for (int i = 0; i < n; i++) {
      sum[i] = total[i] < 1e-9 ? 0 : Math.sqrt(sum[i] / total[i]);
    }
    return sum;
  }

  /**
   * Of two leads the first is not outvoted where it needs no other: a faint wave of its own, say an
   * extrasystole that the other lead does not show, counts there as it would alone. What is higher
   * needs no help, so that an artefact of the first lead gets none.
   */
  private void keepFaintWaves(double[] values, double[] energy, double[] level, double[] alone) {
    double[] own = blocks.spread(level);
    double[] share = blocks.spread(alone);
    for (int i = 0; i < values.length; i++) {
      double relative = own[i] > 0 ? energy[i] / own[i] : 0;
      if (relative < FAINT_ENERGY) {
        values[i] = Math.max(values[i], Math.sqrt(share[i] * relative));
      }
    }
  }

  private double[] clarity(double[] contrasts, double[][] purities) {
    double[] clear = new double[contrasts.length];
    for (int b = 0; b < clear.length; b++) {
      double purity = 0;
      double total = 1e-12;
      for (int lead = 0; lead < purities.length; lead++) {
        purity += votes[lead][b] * purities[lead][b];
        total += votes[lead][b];
      }
      clear[b] = contrasts[b] * Math.min(MOST_FACTOR, purity / total / PURE);
    }
    double[] smooth = new double[clear.length];
    for (int b = 0; b < clear.length; b++) {
      double[] near = Arrays.copyOfRange(clear, Math.max(0, b - 2), Math.min(clear.length, b + 3));
      Arrays.sort(near);
      smooth[b] = near[near.length / 2];
    }
    return smooth;
  }

  /** Per block, the energy of its steepest wave over that of its background, in amplitudes. */
  private static double[] ratios(double[] maxima, double[] medians) {
    double[] ratios = new double[maxima.length];
    for (int b = 0; b < maxima.length; b++) {
      ratios[b] = Math.min(MOST_CONTRAST, Math.sqrt(maxima[b] / Math.max(1e-12, medians[b])));
    }
    return ratios;
  }

  /** What the level has over the background; less where the lead itself is silent. */
  private static double[] leadContrasts(double[] maxima, double[] levels, double[] medians) {
    double[] contrasts = ratios(levels, medians);
    for (int b = 0; b < contrasts.length; b++) {
      contrasts[b] *= levels[b] == 0 ? 0 : Math.min(1, Math.sqrt(maxima[b] / levels[b]));
    }
    return contrasts;
  }

  /**
   * Per block, how much of the steepness of a lead's quicker waves lies in the band of QRS
   * complexes: about 0.12 in white noise, 0.06 in muscle noise, 0.2 and more in ECG.
   */
  private double[] purity(double[] energy, double[] wave) {
    int n = wave.length;
    int near = Math.max(1, samples(SLOPE_SECONDS / 2));
    int far = Math.max(near + 1, samples(SLOW_SECONDS / 2));
    double[] all = new double[n];
    for (int i = far; i < n - far; i++) {
      // The slope less that of the moving mean, which the slow waves have.
      double slope =
          (wave[i + near] - wave[i - near]) / (2 * near)
              - (wave[i + far] - wave[i - far]) / (2 * far);
      all[i] = slope * slope;
    }
    double[] quick = blocks.sums(all, 1);
    double[] inBand = blocks.sums(energy, stride);
    for (int b = 0; b < quick.length; b++) {
      quick[b] = Math.min(1, inBand[b] * stride / (quick[b] * fsHz * fsHz + 1e-12));
    }
    return quick;
  }

  /** Lower over upper quartile of the beats' heights within reach. */
  private static double[] steadiness(double[] maxima, double[] weights) {
    double[] lower = local(maxima, weights, 0.25);
    double[] upper = local(maxima, weights, 0.75);
    for (int b = 0; b < lower.length; b++) {
      lower[b] = Math.max(LEAST_STEADINESS, Math.sqrt(lower[b] / (upper[b] + 1e-12)));
    }
    return lower;
  }

  private static int reach() {
    return (int) Math.round(REACH_SECONDS / Blocks.HOP_SECONDS);
  }

  /**
   * How much the height of a block's steepest wave says about beats: the more the further it stands
   * out of its background, nothing where it is less than the least.
   */
  private static double[] weights(double[] maxima, double[] contrasts, double least) {
    double[] weights = new double[maxima.length];
    for (int b = 0; b < maxima.length; b++) {
      double over = Math.max(0.01, Math.min(SURE_CONTRAST, contrasts[b]) - 1);
      weights[b] = maxima[b] < least ? 0 : over * over;
    }
    return weights;
  }

  /**
   * A weighted quantile of the blocks within reach of each block: the least value that this share
   * of the weight lies at or below; zero without weight.
   */
  private static double[] local(double[] values, double[] weights, double share) {
    double[] quantiles = new double[values.length];
    for (int b = 0; b < values.length; b++) {
      int from = Math.max(0, b - reach());
      int to = Math.min(values.length, b + reach() + 1);
      double[][] ordered = new double[to - from][];
      double total = 0;
      for (int i = from; i < to; i++) {
        ordered[i - from] = new double[] {values[i], weights[i]};
        total += weights[i];
      }
      Arrays.sort(ordered, (one, other) -> Double.compare(one[0], other[0]));
      double sum = 0;
      for (int i = 0; i < ordered.length && total > 0 && quantiles[b] == 0; i++) {
        sum += ordered[i][1];
        quantiles[b] = sum >= share * total ? ordered[i][0] : 0;
      }
    }
    return quantiles;
  }

  private double[] slopeEnergy(double[] wave) {
    int n = wave.length;
    int span = Math.max(1, samples(SLOPE_SECONDS / 2));
    double[] cumulative = new double[n + 1];
    for (int i = 0; i < n; i++) {
      int after = Math.min(n - 1, i + span);
      int before = Math.max(0, i - span);
      double slope = (wave[after] - wave[before]) * fsHz / (after - before);
      cumulative[i + 1] = cumulative[i] + slope * slope;
    }
    int half = Math.max(1, samples(AVERAGE_SECONDS / 2));
    double[] mean = new double[n];
    for (int i = 0; i < n; i++) {
      double sum = cumulative[Math.min(n, i + half + 1)] - cumulative[Math.max(0, i - half)];
      mean[i] = Math.max(0, sum / (2 * half + 1));
    }
    return mean;
  }

  private static double[] roots(double[] values) {
    return Arrays.stream(values).map(Math::sqrt).toArray();
  }

  private int samples(double seconds) {
    return (int) Math.round(seconds * fsHz);
  }
}
