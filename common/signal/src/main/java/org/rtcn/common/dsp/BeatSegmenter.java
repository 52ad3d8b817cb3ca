package org.rtcn.common.dsp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Cuts windows around R peaks, judges them, and refuses those that cannot be trusted. */
final class BeatSegmenter {
  /** The filters' mirror image is felt this near to an end. */
  private static final double EDGE_SECONDS = 0.2;

  private static final double LEAST_RR_SECONDS = 0.3;
  private static final double MOST_RR_SECONDS = 2;

  private final BeatOptions options;
  private final EctopicMarker ectopicMarker;
  private final QualityAssessor quality;

  BeatSegmenter(BeatOptions options) {
    this.options = options;
    this.ectopicMarker = new EctopicMarker(options.fsHz());
    this.quality = new QualityAssessor(options.flatMillivolts());
  }

  /**
   * A recording ready to be cut.
   *
   * @param cleaned {@code [lead][sample]} at the window's rate, in mV
   * @param raw {@code [lead][sample]} at the recording's rate, NaN bridged: a filter rings where a
   *     lead goes flat, so flatness is judged before it
   * @param sourceFsHz the recording's rate
   * @param invalid per lead, samples of {@code raw} within long gaps
   * @param inconsistentLimbLeads whether the limb leads contradict each other
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Recording(
      float[][] cleaned,
      double[][] raw,
      double sourceFsHz,
      BitSet[] invalid,
      boolean inconsistentLimbLeads) {}

  /**
   * @param rPeaks indices into {@code recording.cleaned()}, ascending
   * @param from first sample at the recording's rate whose R peaks count
   * @param to the sample behind the last
   */
  BeatExtraction segment(Recording recording, int[] rPeaks, int from, int to) {
    float[][] cleaned = recording.cleaned();
    int samples = cleaned[0].length;
    double sourcePerWindow = recording.sourceFsHz() / options.fsHz();
    BitSet anyInvalid = new BitSet();
    for (BitSet lead : recording.invalid()) {
      anyInvalid.or(lead);
    }
    boolean[] ectopic = ectopicMarker.mark(cleaned, rPeaks);
    ElectrodeSwap swap = QualityAssessor.swap(cleaned, rPeaks, options.fsHz());
    boolean[] nearPeak = QualityAssessor.nearPeaks(rPeaks, samples, options.fsHz());
    Map<BeatRefusal, Integer> refused = new EnumMap<>(BeatRefusal.class);
    List<Candidate> sound = new ArrayList<>();
    int previousR = -1;
    int own = 0;
    for (int b = 0; b < rPeaks.length; b++) {
      int rSample = (int) Math.round(rPeaks[b] * sourcePerWindow);
      float rrBefore =
          previousR < 0 || touches(anyInvalid, previousR, rSample)
              ? Float.NaN
              : (float) ((rSample - previousR) / recording.sourceFsHz());
      previousR = rSample;
      if (rSample < from || rSample >= to) {
        continue;
      }
      Span span = span(rPeaks, b);
      Candidate candidate =
          new Candidate(b, own++, rPeaks[b], rSample - from, rrBefore, span, ectopic[b]);
      Optional<BeatRefusal> refusal = refusal(recording, anyInvalid, nearPeak, candidate);
      if (refusal.isPresent()) {
        refused.merge(refusal.get(), 1, Integer::sum);
      } else {
        sound.add(candidate);
      }
    }
    List<Beat> kept = choose(sound, candidate -> beat(recording, candidate, swap, nearPeak));
    if (kept.size() < sound.size()) {
      refused.put(BeatRefusal.OVER_CAP, sound.size() - kept.size());
    }
    if (kept.isEmpty()) {
      return new BeatExtraction(
          own,
          kept,
          refused,
          Optional.of(RecordRefusal.NO_BEATS_KEPT),
          own + " R peaks found, each refused: " + refused);
    }
    return new BeatExtraction(own, kept, refused, Optional.empty(), "");
  }

  /**
   * @param index among all R peaks
   * @param beatIndex among those of the stretch
   * @param r R peak in the cleaned recording
   * @param rSample R peak in the stretch, at the recording's rate
   */
  private record Candidate(
      int index, int beatIndex, int r, int rSample, float rrBefore, Span span, boolean ectopic) {}

  /**
   * A window in the cleaned recording.
   *
   * @param start sample of the window's first, whole where the step is one
   * @param step distance of its samples
   */
  private record Span(double start, double step, int count) {
    int from() {
      return (int) Math.floor(start);
    }

    int to() {
      return (int) Math.ceil(start + step * (count - 1)) + 1;
    }
  }

  private Span span(int[] rPeaks, int b) {
    int count = options.windowSamples();
    if (options.cut() == BeatOptions.Cut.FIXED) {
      return new Span(rPeaks[b] - options.samplesBeforeR(), 1, count);
    }
    double step = options.rrSpan() * localInterval(rPeaks, b) / count;
    return new Span(rPeaks[b] - step * options.samplesBeforeR(), step, count);
  }

  /** Median of the two intervals before and the two after; one second if there is none. */
  private double localInterval(int[] rPeaks, int b) {
    int from = Math.max(0, b - 2);
    int to = Math.min(rPeaks.length - 1, b + 2);
    if (from == to) {
      return options.fsHz();
    }
    double[] intervals = new double[to - from];
    for (int k = from; k < to; k++) {
      intervals[k - from] = rPeaks[k + 1] - rPeaks[k];
    }
    Arrays.sort(intervals);
    int half = intervals.length / 2;
    double median =
        intervals.length % 2 == 1 ? intervals[half] : (intervals[half - 1] + intervals[half]) / 2;
    return Math.max(
        LEAST_RR_SECONDS * options.fsHz(), Math.min(MOST_RR_SECONDS * options.fsHz(), median));
  }

  private Optional<BeatRefusal> refusal(
      Recording recording, BitSet anyInvalid, boolean[] nearPeak, Candidate candidate) {
    Span span = candidate.span();
    int samples = recording.cleaned()[0].length;
    boolean beyond = span.from() < 0 || span.to() > samples;
    if (beyond && options.beyondEnds() == BeatOptions.Doubtful.REFUSE) {
      return Optional.of(BeatRefusal.EDGE);
    }
    QualityAssessor.Stretch raw = rawStretch(recording, span);
    if (options.poor() == BeatOptions.Doubtful.REFUSE) {
      if (touches(anyInvalid, raw.from(), raw.to())) {
        return Optional.of(BeatRefusal.INVALID_SAMPLES);
      }
      for (double[] lead : recording.raw()) {
        if (isFlat(lead, raw.from(), raw.to(), options.flatMillivolts())) {
          return Optional.of(BeatRefusal.FLAT_LEAD);
        }
      }
    }
    int from = Math.max(0, span.from());
    int to = Math.min(samples, span.to());
    if (anyBeyond(recording.cleaned(), from, to)) {
      return Optional.of(BeatRefusal.IMPLAUSIBLE_AMPLITUDE);
    }
    boolean noise =
        QualityAssessor.isOnlyNoise(
            recording.cleaned(),
            new QualityAssessor.Stretch(options.fsHz(), from, to),
            nearPeak,
            candidate.r());
    return noise ? Optional.of(BeatRefusal.NOISE) : Optional.empty();
  }

  private QualityAssessor.Stretch rawStretch(Recording recording, Span span) {
    double sourcePerWindow = recording.sourceFsHz() / options.fsHz();
    return new QualityAssessor.Stretch(
        recording.sourceFsHz(),
        Math.max(0, (int) Math.floor(span.from() * sourcePerWindow)),
        Math.min(recording.raw()[0].length, (int) Math.ceil(span.to() * sourcePerWindow)));
  }

  private Beat beat(
      Recording recording, Candidate candidate, ElectrodeSwap swap, boolean[] nearPeak) {
    float[][] cleaned = recording.cleaned();
    int samples = cleaned[0].length;
    Span span = candidate.span();
    QualityAssessor.Stretch raw = rawStretch(recording, span);
    QualityAssessor.Stretch stretch =
        new QualityAssessor.Stretch(
            options.fsHz(), Math.max(0, span.from()), Math.min(samples, span.to()));
    List<Set<QualityFlag>> flags = new ArrayList<>(cleaned.length);
    float[][] window = new float[cleaned.length][];
    for (int lead = 0; lead < cleaned.length; lead++) {
      flags.add(
          quality.flags(
              recording.raw()[lead],
              raw,
              recording.invalid()[lead],
              cleaned[lead],
              stretch,
              nearPeak,
              candidate.r()));
      window[lead] = window(cleaned[lead], span);
    }
    int margin = (int) Math.round(EDGE_SECONDS * options.fsHz());
    boolean edge = span.from() < margin || span.to() > samples - margin;
    return new Beat(
        candidate.beatIndex(),
        candidate.rSample(),
        candidate.rrBefore(),
        options.fsHz() / span.step(),
        candidate.ectopic(),
        edge,
        new SignalQuality(flags, swap, recording.inconsistentLimbLeads()),
        window);
  }

  /** The window; beyond the ends the recording goes on as its mirror image. */
  private static float[] window(float[] lead, Span span) {
    boolean whole = span.step() == 1;
    if (whole && span.from() >= 0 && span.from() + span.count() <= lead.length) {
      return Arrays.copyOfRange(lead, span.from(), span.from() + span.count());
    }
    float[] window = new float[span.count()];
    for (int i = 0; i < window.length; i++) {
      double position = span.start() + i * span.step();
      window[i] = whole ? mirrored(lead, (int) Math.round(position)) : between(lead, position);
    }
    return window;
  }

  /** Six-point Lagrange interpolation: true to 1e-3 for waves up to 40 Hz at 500 Hz. */
  private static float between(float[] lead, double position) {
    int left = (int) Math.floor(position);
    double t = position - left;
    double sum = 0;
    for (int j = -2; j <= 3; j++) {
      double weight = 1;
      for (int k = -2; k <= 3; k++) {
        if (k != j) {
          weight *= (t - k) / (j - k);
        }
      }
      sum += weight * mirrored(lead, left + j);
    }
    return (float) sum;
  }

  private static float mirrored(float[] lead, int index) {
    int n = lead.length;
    if (index >= 0 && index < n) {
      return lead[index];
    }
    int folded = Math.floorMod(index, 2 * n - 2);
    return lead[folded < n ? folded : 2 * n - 2 - folded];
  }

  /**
   * At most the cap, evenly spread over the recording and the same at every run: unmarked beats as
   * long as there are any, then marked ones.
   *
   * <p>Only what may be kept is judged and copied: a long recording may give many times the cap.
   */
  private List<Beat> choose(List<Candidate> sound, Function<Candidate, Beat> judge) {
    int cap = options.maxBeatsPerRecord();
    if (cap == 0 || sound.size() <= cap) {
      return sound.stream().map(judge).toList();
    }
    List<Beat> even = spread(sound, cap).stream().map(judge).toList();
    if (even.stream().noneMatch(BeatSegmenter::isMarked)) {
      return even;
    }
    List<Candidate> good = new ArrayList<>();
    List<Candidate> marked = new ArrayList<>();
    for (Candidate candidate : sound) {
      (isMarked(judge.apply(candidate)) ? marked : good).add(candidate);
    }
    List<Candidate> kept = new ArrayList<>(spread(good, cap));
    kept.addAll(spread(marked, cap - kept.size()));
    kept.sort(Comparator.comparingInt(Candidate::index));
    return kept.stream().map(judge).toList();
  }

  /** Whether a lead's quality, its place or its rhythm speaks against a beat. */
  private static boolean isMarked(Beat beat) {
    return beat.ectopic()
        || beat.edge()
        || beat.quality().leads().stream().anyMatch(flags -> !flags.isEmpty());
  }

  private static List<Candidate> spread(List<Candidate> from, int count) {
    if (from.size() <= count) {
      return from;
    }
    List<Candidate> kept = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      // The middle of the i-th of `count` equal stretches.
      kept.add(from.get((int) ((2L * i + 1) * from.size() / (2L * count))));
    }
    return kept;
  }

  static boolean isFlat(double[] lead, int from, int to, double flatMillivolts) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      low = Math.min(low, lead[i]);
      high = Math.max(high, lead[i]);
      if (high - low >= flatMillivolts) {
        return false;
      }
    }
    return true;
  }

  private boolean anyBeyond(float[][] filtered, int from, int to) {
    for (float[] lead : filtered) {
      for (int i = from; i < to; i++) {
        if (Math.abs(lead[i]) > options.maxMillivolts()) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean touches(BitSet invalid, int from, int to) {
    int next = invalid.nextSetBit(Math.max(0, from));
    return next >= 0 && next < to;
  }
}
