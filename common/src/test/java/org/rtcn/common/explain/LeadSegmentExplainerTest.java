package org.rtcn.common.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.rtcn.common.config.Settings;
import org.rtcn.common.dsp.Beat;
import org.rtcn.common.dsp.BeatExtractor;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.input.BeatImager;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.input.ModelPreprocessing;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.common.nn.ExplanationChecks;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.ImageStandardizer;
import org.rtcn.common.nn.NetworkSize;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.simulate.EcgSimulator;
import org.rtcn.common.simulate.SimulationOptions;

class LeadSegmentExplainerTest {
  private static final int IMI = 2;
  private static RtcnModel model;
  private static HealthyReference reference;

  /** A network with random weights: what is tested here holds for any. */
  @BeforeAll
  static void model() {
    TransformOptions options = TransformOptions.of(Settings.defaults());
    BeatImager imager = new BeatImager(options.image());
    ImageStandardizer.Moments moments =
        ImageStandardizer.moments(
            12,
            options.image().voiceCount(),
            options.image().columns(),
            ImageInput.COMPLEX,
            ImageStandardizer.Compression.SQRT);
    for (Beat beat : new BeatExtractor(options.beats()).extract(sick()).beats()) {
      BeatImager.Image image = imager.image(beat.window(), options.beats().samplesBeforeR());
      moments.add(ImageInput.COMPLEX.image(image.magnitude(), image.phase()));
    }
    RtcnConfig config =
        NetworkSize.TINY.config(24, options.image().voiceCount(), options.image().columns(), 3, 7);
    model =
        new RtcnModel(
            config,
            Rtcn.weights(Rtcn.build(config)),
            List.of("HC", "AMI", "IMI"),
            moments.fit(),
            ModelPreprocessing.of(Settings.defaults().flatten("transform")),
            List.of(),
            true);
    reference = HealthyReference.simulated(new ModelInput(model));
  }

  private static EcgSignal sick() {
    return new EcgSimulator(
            new SimulationOptions(3, Map.of(Label.IMI, 1), 1, 1, 500, 10, 1, 0.9, 0.9))
        .recordsOf(1)
        .get(0)
        .signal();
  }

  @Test
  void segmentsShareEveryInstant() {
    for (double ms = -240; ms <= 400; ms += 0.5) {
      double sum = 0;
      for (Segment segment : Segment.values()) {
        sum += segment.share(ms);
      }
      assertThat(sum).isEqualTo(1, within(1e-12));
    }
    assertThat(Segment.at(0)).isEqualTo(Segment.QRS);
    assertThat(Segment.at(-60)).isEqualTo(Segment.QRS);
    assertThat(Segment.at(60)).isEqualTo(Segment.ST);
    assertThat(Segment.at(160)).isEqualTo(Segment.T);
    assertThat(Segment.at(-61)).isEqualTo(Segment.P);
  }

  /** Aumann and Shapley's pieces sum to what the whole way changes. */
  @Test
  void piecesSumToWhatSeparatesTheBeatFromItsReference() {
    ModelInput input = new ModelInput(model);
    LeadSegmentExplainer explainer = new LeadSegmentExplainer(model, reference, 60);
    for (Beat beat : input.beats(sick()).beats().subList(0, 2)) {
      LeadSegmentMap map = explainer.explain(beat.window(), IMI).orElseThrow();
      double sum = 0;
      for (float value : map.flat()) {
        sum += value;
      }
      double whole =
          contrast(input.exactImage(beat.window()))
              - contrast(input.exactImage(reference.like(beat.window())));
      assertThat(sum).isEqualTo(whole, within(0.02 + 0.1 * Math.abs(whole)));
    }
  }

  /** log p(IMI) - log p(HC). */
  private static double contrast(float[] image) {
    float[] probabilities = model.predict(new float[][] {image})[0];
    return Math.log(probabilities[IMI]) - Math.log(probabilities[0]);
  }

  @Test
  void aPieceThatIsLikeItsReferenceSaysNothing() {
    ModelInput input = new ModelInput(model);
    float[][] healthy = input.beats(sick()).beats().get(0).window();
    HealthyReference itself = new HealthyReference(List.<float[][]>of(healthy));
    float[][] changed = new float[12][];
    for (int lead = 0; lead < 12; lead++) {
      changed[lead] = healthy[lead].clone();
    }
    // ST of V2 raised, between the ramps: 80 to 140 ms behind R.
    int v2 = Lead.STANDARD_12.indexOf(Lead.V2);
    for (int i = 160; i < 190; i++) {
      changed[v2][i] += 0.4f;
    }
    LeadSegmentMap map =
        new LeadSegmentExplainer(model, itself).explain(changed, IMI).orElseThrow();
    for (int lead = 0; lead < 12; lead++) {
      for (Segment segment : Segment.values()) {
        float value = map.values()[lead][segment.index()];
        if (lead == v2 && segment == Segment.ST) {
          assertThat(Math.abs(value)).isGreaterThan(1e-4f);
        } else {
          assertThat(value).isEqualTo(0, within(1e-6f));
        }
      }
    }
    assertThat(LeadSegmentMap.ofFlat(MapKind.LEAD_SEGMENT, map.flat()).flat())
        .isEqualTo(map.flat());
  }

  @Test
  void aNetworkWithoutProbabilitiesIsNotExplained() {
    RtcnModel broken = ExplanationChecks.randomised(model, ExplanationChecks.Depth.ALL, 5);
    float[][] window = new ModelInput(model).beats(sick()).beats().get(0).window();
    assertThat(new LeadSegmentExplainer(broken, reference).explain(window, IMI)).isPresent();
    float[] weights = broken.weights();
    Arrays.fill(weights, 1e30f);
    RtcnModel without = broken.withWeights(weights, List.of());
    assertThat(new LeadSegmentExplainer(without, reference).explain(window, IMI)).isEmpty();
  }

  @Test
  void referenceIsTheMeanOfTheNearest() {
    List<float[][]> windows = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      windows.add(new float[][] {{i, 0}});
    }
    assertThat(new HealthyReference(windows).like(new float[][] {{0, 5}})[0])
        .containsExactly(4.5f, 0f);
    assertThatThrownBy(() -> new HealthyReference(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid healthy reference: it has no beat");
  }

  @Test
  void twinsDifferWhereTheInfarctIs() {
    ModelInput input = new ModelInput(model);
    double[][] change = Twin.of(input, Label.IMI, 1, 0.8, 5, 3).orElseThrow().change(input);
    double inferior = change[Lead.STANDARD_12.indexOf(Lead.III)][Segment.QRS.index()];
    double anterior = change[Lead.STANDARD_12.indexOf(Lead.V3)][Segment.QRS.index()];
    assertThat(inferior).isGreaterThan(2 * anterior).isGreaterThan(0.05);
    assertThat(change[Lead.STANDARD_12.indexOf(Lead.III)][Segment.P.index()])
        .isLessThan(inferior / 5);
    double[][] none = Twin.of(input, Label.IMI, 1, 0, 5, 3).orElseThrow().change(input);
    for (double[] lead : none) {
      assertThat(lead).containsOnly(0);
    }
  }

  @Test
  void randomWeightsFindNothing() {
    TwinTrial trial = new TwinTrial(model, reference, 5);
    assertThat(TwinTrial.sites(model)).containsExactly(Label.AMI, Label.IMI);
    List<TwinTrial.Finding> findings = new ArrayList<>();
    for (int patient = 1; patient <= 4; patient++) {
      findings.addAll(trial.of(Label.IMI, patient));
    }
    assertThat(findings).hasSize(12);
    assertThat(
            findings.stream()
                .filter(finding -> finding.method() == TwinTrial.Method.RANDOM_WEIGHTS)
                .mapToDouble(TwinTrial.Finding::auroc)
                .average()
                .orElseThrow())
        .isBetween(0.25, 0.75);
    assertThat(new TwinTrial(model, reference, 5).of(Label.IMI, 2))
        .isEqualTo(findings.subList(3, 6));
  }

  @Test
  void aurocCountsPairsAndTies() {
    double[] truth = {3, 1, 0, 0};
    assertThat(TwinTrial.auroc(new double[] {2, 1, 0, 0}, truth, 1)).isEqualTo(1);
    assertThat(TwinTrial.auroc(new double[] {0, 0, 1, 2}, truth, 1)).isEqualTo(0);
    assertThat(TwinTrial.auroc(new double[] {1, 1, 1, 1}, truth, 1)).isEqualTo(0.5);
    assertThat(TwinTrial.auroc(new double[] {2, 0, 1, 1}, truth, 1)).isEqualTo(0.5);
    assertThat(TwinTrial.auroc(truth, truth, 4)).isNaN();
  }
}
