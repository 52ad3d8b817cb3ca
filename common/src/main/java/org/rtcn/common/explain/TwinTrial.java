package org.rtcn.common.explain;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.nn.ExplanationChecks;
import org.rtcn.common.nn.RtcnModel;

/**
 * How far a model's maps can be trusted, against the truth: simulated patients with an infarct and
 * without ({@link Twin}), where the difference of the two is known for every lead and segment.
 * Three maps are tried: {@link LeadSegmentExplainer}'s, the same of a network with random weights
 * (which should find nothing), and Grad-CAM with |image × gradient| for the leads.
 *
 * <p>Measures, each per twin: area under the ROC and Spearman's rank correlation of the map against
 * the true change over the 12 × 4 pieces (changed: a third of the largest change or more); the
 * pointing game (Zhang et al. 2018), whether the lead that says most, its segments together, is one
 * that the site is seen in, and whether the segment that says most, all leads together, changed at
 * least half as much as the most changed one (the maximum of the map itself would not do: random
 * weights find it, as pieces weigh with their change); dose response, whether the changed pieces
 * say more when the infarct is more severe.
 */
public final class TwinTrial {
  private static final double SEVERE = 0.8;
  private static final double MILD = 0.4;
  private static final int BEATS = 2;

  /** Leads in which each site is seen: textbook, and how the simulator turns its walls. */
  private static final Map<Label, Set<Lead>> SITE =
      Map.of(
          Label.IMI, Set.of(Lead.II, Lead.III, Lead.AVF),
          Label.ASMI, Set.of(Lead.V1, Lead.V2, Lead.V3),
          Label.AMI, Set.of(Lead.V2, Lead.V3, Lead.V4, Lead.V5),
          Label.ALMI, Set.of(Lead.I, Lead.AVL, Lead.V4, Lead.V5, Lead.V6),
          Label.ILMI, Set.of(Lead.II, Lead.III, Lead.AVF, Lead.V5, Lead.V6));

  /** The maps that are tried. */
  public enum Method {
    /** {@link LeadSegmentExplainer}. */
    LEAD_SEGMENT(MapKind.LEAD_SEGMENT.label()),
    /** The same with random weights. */
    RANDOM_WEIGHTS(MapKind.LEAD_SEGMENT.label() + ", random weights"),
    /** Grad-CAM in time, |image × gradient| over the leads. */
    GRAD_CAM(MapKind.GRAD_CAM.label());

    private final String label;

    Method(String label) {
      this.label = label;
    }

    /** In words. */
    public String label() {
      return label;
    }
  }

  /**
   * How one map of one twin fared.
   *
   * @param site class name
   * @param auroc against the changed pieces
   * @param rankCorrelation with the change
   * @param leadHit whether it points at a lead of the site
   * @param segmentHit whether it points at a segment that changed
   * @param doseHit 1 where the changed pieces say more at the higher severity, else 0; NaN where it
   *     was not asked
   */
  public record Finding(
      Method method,
      String site,
      double auroc,
      double rankCorrelation,
      boolean leadHit,
      boolean segmentHit,
      double doseHit)
      implements Serializable {}

  private final RtcnModel model;
  private final ModelInput input;
  private final LeadSegmentExplainer explainer;
  private final LeadSegmentExplainer random;
  private final GradCamSegments gradCam;
  private final long seed;

  /**
   * @param reference healthy beats of simulated patients, as the twins are
   * @param seed of the simulated patients and of the random weights
   */
  public TwinTrial(RtcnModel model, HealthyReference reference, long seed) {
    this.model = model;
    this.input = new ModelInput(model);
    this.explainer = new LeadSegmentExplainer(model, reference);
    this.random =
        new LeadSegmentExplainer(
            ExplanationChecks.randomised(model, ExplanationChecks.Depth.ALL, seed), reference);
    this.gradCam = new GradCamSegments(model);
    this.seed = seed;
  }

  /** The model's classes that can be simulated with and without. */
  public static List<Label> sites(RtcnModel model) {
    return model.classes().stream().map(Label::valueOf).filter(SITE::containsKey).toList();
  }

  /**
   * Tries all maps on one patient.
   *
   * @param patient from 1; a patient is the same for every model
   * @return a finding per method; empty where the twins cannot be cut or a map is not finite
   */
  public List<Finding> of(Label site, int patient) {
    Optional<Twin> severe = Twin.of(input, site, patient, SEVERE, seed, BEATS);
    Optional<Twin> mild = Twin.of(input, site, patient, MILD, seed, BEATS);
    if (severe.isEmpty() || mild.isEmpty()) {
      return List.of();
    }
    List<Finding> findings = new ArrayList<>();
    for (Method method : Method.values()) {
      Optional<LeadSegmentMap> map = map(method, severe.get());
      // Of random weights one map will do.
      Optional<LeadSegmentMap> lesser =
          method == Method.RANDOM_WEIGHTS ? map : map(method, mild.get());
      if (map.isPresent() && lesser.isPresent()) {
        findings.add(finding(method, site, severe.get().change(input), map.get(), lesser.get()));
      }
    }
    return findings;
  }

  private Optional<LeadSegmentMap> map(Method method, Twin twin) {
    int answer = model.classes().indexOf(twin.label().name());
    List<LeadSegmentMap> maps = new ArrayList<>();
    for (float[][] window : twin.sick()) {
      Optional<LeadSegmentMap> map =
          switch (method) {
            case LEAD_SEGMENT -> explainer.explain(window, answer);
            case RANDOM_WEIGHTS -> random.explain(window, answer);
            case GRAD_CAM -> gradCam.explain(window, answer);
          };
      map.ifPresent(maps::add);
    }
    return maps.isEmpty() ? Optional.empty() : Optional.of(LeadSegmentMap.mean(maps));
  }

  private static Finding finding(
      Method method, Label site, double[][] change, LeadSegmentMap map, LeadSegmentMap mild) {
    double threshold = Twin.threshold(change);
    double[] truth = Arrays.stream(change).flatMapToDouble(Arrays::stream).toArray();
    double[] said = new double[truth.length];
    double saysMuch = 0;
    double saysLittle = 0;
    float[] flat = map.flat();
    float[] lesser = mild.flat();
    for (int i = 0; i < said.length; i++) {
      said[i] = flat[i];
      if (truth[i] >= threshold) {
        saysMuch += flat[i];
        saysLittle += lesser[i];
      }
    }
    return new Finding(
        method,
        site.name(),
        auroc(said, truth, threshold),
        isConstant(said) ? 0 : new SpearmansCorrelation().correlation(said, truth),
        SITE.get(site).contains(map.topLead()),
        segmentChanged(change, map.topSegment()),
        method == Method.RANDOM_WEIGHTS ? Double.NaN : saysMuch > saysLittle ? 1 : 0);
  }

  private static boolean isConstant(double[] values) {
    return Arrays.stream(values).allMatch(value -> value == values[0]);
  }

  private static boolean segmentChanged(double[][] change, Segment pointedAt) {
    double[] sums = new double[Segment.values().length];
    for (double[] lead : change) {
      for (int s = 0; s < sums.length; s++) {
        sums[s] += lead[s];
      }
    }
    return sums[pointedAt.index()] >= Arrays.stream(sums).max().orElseThrow() / 2;
  }

  /** Share of pairs, a changed piece and one that is not, that the map orders correctly. */
  static double auroc(double[] said, double[] truth, double threshold) {
    double right = 0;
    long pairs = 0;
    for (int changed = 0; changed < said.length; changed++) {
      for (int other = 0; other < said.length; other++) {
        if (truth[changed] >= threshold && truth[other] < threshold) {
          pairs++;
          right += said[changed] > said[other] ? 1 : said[changed] == said[other] ? 0.5 : 0;
        }
      }
    }
    return pairs == 0 ? Double.NaN : right / pairs;
  }
}
