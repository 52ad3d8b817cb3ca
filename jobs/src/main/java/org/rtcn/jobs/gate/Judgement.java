package org.rtcn.jobs.gate;

import java.util.Locale;
import org.rtcn.common.drift.Drift;

/**
 * What is thought of a figure.
 *
 * @param figure of the night
 * @param reference the same of the earlier nights together; null where there is none
 * @param drift between them; null where they are not compared
 * @param limit of the share, or of the distance
 * @param verdict whether it may pass
 * @param detail a sentence without its full stop
 */
record Judgement(
    Figure figure, Figure reference, Drift drift, double limit, Verdict verdict, String detail) {

  /** Whether a figure lets the night pass. */
  enum Verdict {
    PASS,
    FAIL,
    NOT_JUDGED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Of a share, by its limit alone. */
  static Judgement ofShare(Figure figure, double limit) {
    boolean fails = figure.n() > 0 && figure.value() > limit;
    return new Judgement(
        figure,
        null,
        null,
        limit,
        fails ? Verdict.FAIL : Verdict.PASS,
        say("%s %.1f %% of %d (at most %.1f %%)", figure, 100 * limit));
  }

  /**
   * Of a figure that is compared with earlier nights.
   *
   * @param reference null if there is none
   * @param significance that this figure must reach, in addition to the distance
   */
  static Judgement ofDrift(
      Figure figure, Figure reference, GateOptions options, double significance) {
    long earlier = reference == null ? 0 : reference.n();
    if (Math.min(earlier, figure.n()) < options.minRecordings()) {
      String few =
          reference == null
              ? figure.name() + " has no earlier night to be compared with"
              : String.format(
                  Locale.ROOT,
                  "%s of %d recordings and %d earlier ones: fewer than %d are not compared",
                  figure.name(),
                  figure.n(),
                  earlier,
                  options.minRecordings());
      return new Judgement(figure, reference, null, options.maxDistance(), Verdict.NOT_JUDGED, few);
    }
    Drift drift = figure.from(reference);
    boolean fails = drift.distance() > options.maxDistance() && drift.pValue() < significance;
    String detail =
        String.format(
            Locale.ROOT,
            "%s %s, before %s: distance %.2f (at most %.2f), p %.2g",
            figure.name(),
            shown(figure),
            shown(reference),
            drift.distance(),
            options.maxDistance(),
            drift.pValue());
    return new Judgement(
        figure,
        reference,
        drift,
        options.maxDistance(),
        fails ? Verdict.FAIL : Verdict.PASS,
        detail);
  }

  private static String say(String format, Figure figure, double limit) {
    double value = figure.n() == 0 ? 0 : 100 * figure.value();
    return String.format(Locale.ROOT, format, figure.name(), value, figure.n(), limit);
  }

  /** A median, or the classes' shares. */
  private static String shown(Figure figure) {
    if (figure.kind() == Figure.Kind.MEASURE) {
      return String.format(Locale.ROOT, "%.3g", figure.value());
    }
    StringBuilder shares = new StringBuilder();
    for (int bin = 0; bin < figure.counts().size(); bin++) {
      shares.append(
          String.format(
              Locale.ROOT,
              "%s%s %.0f %%",
              bin == 0 ? "" : " ",
              figure.bins().get(bin),
              100.0 * figure.counts().get(bin) / figure.n()));
    }
    return shares.toString();
  }
}
