package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.explain.MapKind;

/**
 * Grad-CAM over many beats.
 *
 * @param classes mean maps of beats that were classified correctly, aligned at R
 * @param beats how many beats were explained
 * @param sanity how much maps of randomised networks resemble the model's
 * @param shares of the image deleted
 * @param deletion mean probability of the answer, most important cells gone
 * @param deletionAtRandom the same with random cells gone
 * @param trial of the maps on simulated twins, a row per kind of map; may be empty
 */
public record LooksSection(
    List<ClassLook> classes,
    long beats,
    List<SanityRow> sanity,
    List<Double> shares,
    List<Double> deletion,
    List<Double> deletionAtRandom,
    List<TrialRow> trial)
    implements Section {
  /**
   * How one kind of map fared on simulated patients with and without their infarct.
   *
   * @param method which map, in words
   * @param twins patients
   * @param auroc against the lead segments that the infarct changed, mean
   * @param rankCorrelation Spearman's, with the size of the change, mean
   * @param leads share that points at a lead of the site
   * @param segments share that points at a segment that changed
   * @param dose share where the changed segments say more at the higher severity
   */
  public record TrialRow(
      String method,
      int twins,
      double auroc,
      double rankCorrelation,
      double leads,
      double segments,
      double dose) {}

  /**
   * The mean look at one class.
   *
   * @param beats how many it is the mean of
   * @param meanBeat mean of their windows
   * @param spectrogram axes, and the mean magnitude of the lead that told most
   * @param importance mean map, the highest made 1
   * @param pieces mean of what each lead and segment says for the answer
   */
  @SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
  public record ClassLook(
      String className,
      long beats,
      EcgSignal meanBeat,
      int rSample,
      HeatMap.Spectrogram spectrogram,
      float[][] importance,
      Optional<LeadSegmentMap> pieces) {}

  /**
   * One depth of weight randomisation.
   *
   * @param depth what was drawn anew, in words
   * @param mean Spearman's correlation of the maps, mean over beats
   * @param low its 10th percentile
   * @param high its 90th percentile
   */
  public record SanityRow(String depth, double mean, double low, double high) {}

  public LooksSection {
    trial = List.copyOf(trial);
    classes = List.copyOf(classes);
    sanity = List.copyOf(sanity);
    shares = List.copyOf(shares);
    deletion = List.copyOf(deletion);
    deletionAtRandom = List.copyOf(deletionAtRandom);
  }

  @Override
  public String id() {
    return "looks";
  }

  @Override
  public String heading() {
    return "Where the answers come from";
  }

  @Override
  public String html() {
    return Templates.fill("looks.ftlh", view());
  }

  private Map<String, Object> view() {
    List<Map<String, Object>> means = new ArrayList<>();
    for (ClassLook look : classes) {
      String id = "look-" + means.size();
      means.add(
          Map.of(
              "name", look.className(),
              "words", Views.className(look.className()),
              "beats", Figures.count(look.beats()),
              "pieces", look.pieces().map(Views::strongest).orElse(""),
              "ecg",
                  EcgDrawing.beat(
                      id + "-ecg",
                      "Mean of " + look.beats() + " beats of " + look.className(),
                      look.meanBeat(),
                      look.rSample(),
                      look.pieces().map(Views::shades).orElse(List.of())),
              "cam", HeatMap.importance(id + "-cam", look.spectrogram(), look.importance())));
    }
    List<Map<String, String>> redrawn =
        sanity.stream()
            .map(
                row ->
                    Map.of(
                        "depth",
                        row.depth(),
                        "mean",
                        Figures.three(row.mean()),
                        "range",
                        Figures.three(row.low()) + " to " + Figures.three(row.high())))
            .toList();
    Optional<LeadSegmentMap> drawn =
        classes.stream().flatMap(look -> look.pieces().stream()).findFirst();
    return Map.of(
        "shading",
        Views.shading(drawn),
        "logodds",
        drawn.isEmpty() || drawn.get().kind() == MapKind.LEAD_SEGMENT,
        "trial",
        trial.stream().map(LooksSection::trial).toList(),
        "belief",
        belief(trial),
        "classes",
        means,
        "beats",
        Figures.count(beats),
        "sanity",
        redrawn,
        "deletion",
        deletion.isEmpty()
            ? ""
            : new Chart(
                    "deletion",
                    "Deletion: the answer's probability as the image goes",
                    "share of the image deleted",
                    "mean probability of the answer")
                .lines(
                    List.of(
                        new Chart.Series("most important first", shares, deletion),
                        new Chart.Series("at random", shares, deletionAtRandom)),
                    Chart.Form.LINE_AND_POINTS)
                .limits("x", 0, 1)
                .limits("y", 0, 1)
                .svg(460, 380));
  }

  private static Map<String, String> trial(TrialRow row) {
    return Map.of(
        "method", row.method(),
        "twins", Figures.count(row.twins()),
        "auroc", Figures.three(row.auroc()),
        "rank", Figures.three(row.rankCorrelation()),
        "leads", Figures.percent(row.leads()),
        "segments", Figures.percent(row.segments()),
        "dose", Figures.percent(row.dose()));
  }

  /**
   * The map that ranked changed before unchanged pieces best: it is the one to show. Contributions
   * in log odds where nothing was tried, or where they are as good.
   */
  public static MapKind best(List<TrialRow> trial) {
    return auroc(trial, MapKind.GRAD_CAM) > auroc(trial, MapKind.LEAD_SEGMENT)
        ? MapKind.GRAD_CAM
        : MapKind.LEAD_SEGMENT;
  }

  /** How that map fared; empty without a trial. */
  public static Optional<TrialRow> shown(List<TrialRow> trial) {
    String label = best(trial).label();
    return trial.stream().filter(row -> row.method().equals(label)).findFirst();
  }

  private static double auroc(List<TrialRow> trial, MapKind kind) {
    return trial.stream()
        .filter(row -> row.method().equals(kind.label()))
        .mapToDouble(TrialRow::auroc)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** How far this model's maps can be trusted, in one sentence. */
  private static String belief(List<TrialRow> trial) {
    if (trial.isEmpty()) {
      return "";
    }
    TrialRow own = shown(trial).orElseThrow();
    String verdict =
        own.auroc() >= 0.8 && own.leads() >= 0.8 && own.segments() >= 0.6
            ? "can be read as a hint at where the infarct shows"
            : own.auroc() >= 0.65
                ? "point roughly the right way and are often wrong in detail"
                : "are no evidence of where an infarct shows";
    return String.format(
        Locale.ROOT,
        "On %d simulated patients whose infarct could be taken away, this model's maps of lead and"
            + " segment (%s, of the kinds tried the best) found a lead of the site in %s, a changed"
            + " segment in %s, and ranked changed before unchanged pieces with an AUROC of %s: they"
            + " %s.",
        own.twins(),
        own.method(),
        Figures.percent(own.leads()),
        Figures.percent(own.segments()),
        Figures.three(own.auroc()),
        verdict);
  }
}
