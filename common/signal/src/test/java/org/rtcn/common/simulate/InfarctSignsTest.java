package org.rtcn.common.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rtcn.common.ecg.Lead.AVF;
import static org.rtcn.common.ecg.Lead.AVL;
import static org.rtcn.common.ecg.Lead.AVR;
import static org.rtcn.common.ecg.Lead.I;
import static org.rtcn.common.ecg.Lead.II;
import static org.rtcn.common.ecg.Lead.III;
import static org.rtcn.common.ecg.Lead.V1;
import static org.rtcn.common.ecg.Lead.V2;
import static org.rtcn.common.ecg.Lead.V3;
import static org.rtcn.common.ecg.Lead.V4;
import static org.rtcn.common.ecg.Lead.V5;
import static org.rtcn.common.ecg.Lead.V6;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.Lead;

/** The textbook's signs stand in the textbook's leads: medians over patients, without noise. */
class InfarctSignsTest {
  private static final int PATIENTS = 50;

  private record Case(SimulatedPatient patient, BeatMeasures measures) {}

  private static Map<Label, List<Case>> textbook;
  private static Map<Label, List<Case>> everyday;

  @BeforeAll
  static void simulate() {
    textbook = cases(1, 1);
    everyday = cases(0.2, 1);
  }

  private static Map<Label, List<Case>> cases(double minSeverity, double maxSeverity) {
    Map<Label, Integer> classes = new EnumMap<>(Label.class);
    SimulationOptions.CLASSES.forEach(label -> classes.put(label, PATIENTS));
    SimulationOptions options =
        new SimulationOptions(20, classes, 1, 1, 500, 4, 0, minSeverity, maxSeverity);
    EcgSimulator simulator = new EcgSimulator(options);
    Map<Label, List<Case>> cases = new EnumMap<>(Label.class);
    for (int patient = 1; patient <= options.patientCount(); patient++) {
      cases
          .computeIfAbsent(options.labelOf(patient), label -> new ArrayList<>())
          .add(
              new Case(
                  PatientModel.draw(options, patient),
                  BeatMeasures.of(simulator.recordsOf(patient).get(0))));
    }
    return cases;
  }

  static Stream<Arguments> sites() {
    return Stream.of(
        Arguments.of(Label.AMI, List.of(V2, V3, V4), List.of(AVR)),
        Arguments.of(Label.ASMI, List.of(V1, V2, V3), List.of(V6)),
        Arguments.of(Label.ALMI, List.of(I, AVL, V4, V5, V6), List.of(III, AVF)),
        Arguments.of(Label.IMI, List.of(II, III, AVF), List.of(AVL)),
        Arguments.of(Label.ILMI, List.of(II, III, AVF, V5, V6), List.of(V1, AVR)));
  }

  @ParameterizedTest
  @MethodSource("sites")
  void theInfarctLooksAsInTheTextbook(Label site, List<Lead> facing, List<Lead> opposite) {
    for (Lead lead : facing) {
      assertThat(change(site, lead, BeatMeasures::q, 0, 1))
          .as("%s: Q deepens in %s", site, lead)
          .isLessThan(-0.1);
      assertThat(change(site, lead, BeatMeasures::st, 0, 0.3))
          .as("%s: ST rises in %s in the acute stage", site, lead)
          .isGreaterThan(0.07);
      assertThat(change(site, lead, BeatMeasures::t, 0.4, 1))
          .as("%s: T turns down in %s afterwards", site, lead)
          .isLessThan(-0.1);
      assertThat(change(site, lead, BeatMeasures::st, 0.75, 1))
          .as("%s: ST in %s comes back", site, lead)
          .isLessThan(0.06);
    }
    for (Lead lead : opposite) {
      assertThat(change(site, lead, BeatMeasures::st, 0, 0.3))
          .as("%s: reciprocal ST depression in %s", site, lead)
          .isLessThan(-0.04);
    }
  }

  @Test
  void anInferiorInfarctSparesTheChestLeadsAndAnAnteriorOneTheInferiorLeads() {
    double inferior = change(Label.IMI, AVF, BeatMeasures::st, 0, 0.3);
    for (Lead lead : List.of(V2, V3, V4)) {
      assertThat(Math.abs(change(Label.IMI, lead, BeatMeasures::st, 0, 0.3)))
          .as("%s of IMI against %s mV in aVF", lead, inferior)
          .isLessThan(0.4 * inferior);
    }
    double anterior = change(Label.AMI, V3, BeatMeasures::st, 0, 0.3);
    for (Lead lead : List.of(II, III, AVF)) {
      assertThat(Math.abs(change(Label.AMI, lead, BeatMeasures::st, 0, 0.3)))
          .as("%s of AMI against %s mV in V3", lead, anterior)
          .isLessThan(0.4 * anterior);
    }
  }

  @Test
  void aHealthyBeatIsShapedAsItShouldBe() {
    assertThat(healthy(AVR, BeatMeasures::s)).as("aVR is negative").isLessThan(-0.4);
    assertThat(healthy(AVR, BeatMeasures::t)).isLessThan(-0.05);
    assertThat(healthy(AVR, BeatMeasures::r)).isLessThan(0.25);
    for (Lead lead : List.of(I, II, V2, V3, V4, V5, V6)) {
      assertThat(healthy(lead, BeatMeasures::t)).as("T is upright in %s", lead).isPositive();
    }
    assertThat(healthy(II, BeatMeasures::p)).as("P in II").isBetween(0.06, 0.25);
    double before = 0;
    for (Lead lead : List.of(V1, V2, V3, V4)) {
      double ratio = healthy(lead, BeatMeasures::r) / -healthy(lead, BeatMeasures::s);
      assertThat(ratio).as("R grows against S up to %s", lead).isGreaterThan(before);
      before = ratio;
    }
    assertThat(healthy(V1, BeatMeasures::r)).isLessThan(-healthy(V1, BeatMeasures::s));
    assertThat(healthy(V5, BeatMeasures::r)).isGreaterThan(-2 * healthy(V5, BeatMeasures::s));
    for (Lead lead : Lead.STANDARD_12) {
      assertThat(Math.abs(healthy(lead, BeatMeasures::st))).as("ST of %s", lead).isLessThan(0.1);
    }
  }

  @ParameterizedTest
  @MethodSource("sites")
  void subtleInfarctsOverlapWithHealthWhileTheTypicalOneDoesNot(
      Label site, List<Lead> facing, List<Lead> opposite) {
    // How far the first 40 ms point away from the wall, in mV: deeper Q is more negative.
    ToDoubleFunction<Case> depth =
        one ->
            facing.stream().mapToDouble(lead -> one.measures().q()[row(lead)]).average().orElse(0);
    double[] health = everyday.get(Label.HC).stream().mapToDouble(depth).sorted().toArray();
    double[] infarct = everyday.get(site).stream().mapToDouble(depth).sorted().toArray();
    assertThat(infarct[PATIENTS / 2]).as("typical").isLessThan(health[PATIENTS / 5]);
    assertThat(infarct[PATIENTS - 3]).as("subtle").isGreaterThan(health[PATIENTS / 10]);
    assertThat(opposite).isNotEmpty();
  }

  @Test
  void withoutSeverityTheHeartIsHealthy() {
    SimulationOptions none = new SimulationOptions(20, Map.of(Label.IMI, 1), 1, 1, 500, 4, 0, 0, 0);
    SimulationOptions healthy =
        new SimulationOptions(20, Map.of(Label.HC, 1), 1, 1, 500, 4, 0, 0, 0);
    assertThat(new EcgSimulator(none).recordsOf(1).get(0).adu())
        .isDeepEqualTo(new EcgSimulator(healthy).recordsOf(1).get(0).adu());
  }

  @Test
  void ageAndSexDoNotTellTheClass() {
    double[] ages =
        textbook.values().stream()
            .mapToDouble(
                cases -> cases.stream().mapToInt(c -> c.patient().ageYears()).average().orElse(0))
            .toArray();
    for (double age : ages) {
      assertThat(age).isBetween(52.0, 64.0);
    }
  }

  /** Median among patients in the stages from..to, less the median among the healthy. */
  private static double change(
      Label site, Lead lead, Function<BeatMeasures, double[]> what, double from, double to) {
    List<Case> chosen =
        textbook.get(site).stream()
            .filter(one -> one.patient().stage() >= from && one.patient().stage() <= to)
            .toList();
    assertThat(chosen).hasSizeGreaterThan(5);
    return median(chosen, lead, what) - healthy(lead, what);
  }

  private static double healthy(Lead lead, Function<BeatMeasures, double[]> what) {
    return median(textbook.get(Label.HC), lead, what);
  }

  private static double median(List<Case> cases, Lead lead, Function<BeatMeasures, double[]> what) {
    double[] sorted =
        cases.stream().mapToDouble(one -> what.apply(one.measures())[row(lead)]).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static int row(Lead lead) {
    return Lead.STANDARD_12.indexOf(lead);
  }
}
