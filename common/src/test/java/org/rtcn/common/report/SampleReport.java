package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.metrics.Aggregation;
import org.rtcn.common.metrics.DetectionThreshold;
import org.rtcn.common.metrics.Evaluator;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.PatientBootstrap;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.PredictionList;
import org.rtcn.common.metrics.Subgroup;
import org.rtcn.common.metrics.ValidationFit;
import org.rtcn.common.metrics.Variant;
import org.rtcn.common.random.RandomStreams;

/** A report of made-up predictions and drawn waves, to look at and to test the page with. */
final class SampleReport {
  static final List<String> CLASSES = List.of("HC", "AMI", "ASMI", "ALMI", "IMI", "ILMI");

  private SampleReport() {}

  static final Page.Head HEAD =
      new Page.Head(
          "evaluation report",
          "evaluation: rtcn-3f9a1c2e",
          "Myocardial infarction from the 12-lead ECG",
          Map.of("model", "rtcn-3f9a1c2e"),
          "SIMULATED ECG. Made by a generator.",
          "0.1.0-SNAPSHOT");

  private static final List<Prediction> BEATS = predictions();
  private static final Aggregation AGGREGATION = Aggregation.of(BEATS);
  private static final Evaluator EVALUATOR =
      new Evaluator(CLASSES, Map.of("HC", 30L, "IMI", 20L), new PatientBootstrap(1, 200, 0.95), 10);
  private static final List<LevelEvaluation> LEVELS =
      List.of(
          EVALUATOR.evaluate(Level.BEAT, BEATS),
          EVALUATOR.evaluate(Level.RECORD, AGGREGATION.records()),
          EVALUATOR.evaluate(Level.PATIENT, AGGREGATION.patients()));

  static final LevelEvaluation PATIENTS = LEVELS.get(2);

  static final Map<Checklist.Fact, String> FACTS =
      Map.of(
          Checklist.Fact.SOURCES, "124 recordings read.",
          Checklist.Fact.TEMPERATURE, "Temperatures fitted: patient 1.20.",
          Checklist.Fact.SYNTHETIC, "240 beats of a diffusion model.");

  static String html() {
    return Page.html(HEAD, sections());
  }

  /** All kinds of sections that a report can have. */
  static List<Section> sections() {
    Map<Variant, List<LevelEvaluation>> variants = variants(EVALUATOR, BEATS, AGGREGATION);
    List<Section> sections = new ArrayList<>();
    sections.add(
        new SummarySection(
            "Fold 4 of 4 held out; no patient is on two sides.",
            PATIENTS,
            variants,
            List.of(
                new Count("patients held out", AGGREGATION.patients().size()),
                new Count("beats", BEATS.size())),
            CLASSES,
            List.of("12 of 200 resamples lacked a class and are left out.")));
    sections.add(
        new MisreadSection(
            List.of(
                new MisreadSection.Patient(
                    "simulated/p101",
                    "missed infarct",
                    "IMI",
                    "HC",
                    0.21,
                    List.of(0.79, 0.05, 0.01, 0.02, 0.1, 0.03),
                    Optional.of(example("IMI", "HC", 0.79)),
                    Optional.of("misread/01-simulated_p101_r1.html"))),
            40,
            CLASSES));
    sections.add(flow());
    sections.add(
        new CohortSection(
            List.of("training", "held out"),
            List.of(
                new CohortSection.Row("patients", List.of("78", "40")),
                new CohortSection.Row("women", List.of("26 (33 %)", "14 (35 %)")))));
    sections.add(new ResultsSection(CLASSES, LEVELS));
    sections.add(new DetectionSection(LEVELS, DetectionThreshold.FIXED.words()));
    sections.add(new BesideSection(Level.PATIENT, variants));
    sections.add(
        new FoldsSection(
            List.of(
                new FoldsSection.Row(1, 20, 60, 0.71, 0.74, 0.9, 0.92),
                new FoldsSection.Row(2, 20, 60, 0.69, 0.7, 0.88, Double.NaN))));
    sections.add(
        new CalibrationSection(
            PATIENTS,
            Optional.ofNullable(Views.at(variants, Level.PATIENT).get(Variant.CALIBRATED))));
    Subgroup.Rule rule = new Subgroup.Rule(10, 5);
    sections.add(
        new SubgroupsSection(
            Subgroup.of(EVALUATOR, AGGREGATION.patients(), facts(), rule), rule.words()));
    sections.addAll(insides());
    Set<String> ids = sections.stream().map(Section::id).collect(Collectors.toSet());
    sections.add(new ChecklistSection(FACTS, ids));
    sections.add(
        new SettingsSection(List.of(new SettingsSection.Setting("rtcn.seed", "20251014"))));
    return sections;
  }

  private static List<Section> insides() {
    return List.of(
        new TrainingSection(
            List.of(
                new TrainingSection.Graph(
                    "Loss",
                    "round",
                    "cross-entropy (nats)",
                    List.of(
                        curve("training", 1.75, 0.62, 12),
                        curve("held-out folds", 1.76, 0.98, 12)))),
            List.of(
                new TrainingSection.Worker("0@host", 52, 61.2),
                new TrainingSection.Worker("1@host", 51, 60.4))),
        new RecordingSection(
            "A recording", "p001", "Record simulated/p001/rec, 10 s", wave(5000, 500, 60, 1f)),
        looks(),
        new ExamplesSection(List.of(example("IMI", "IMI", 0.81), example("ASMI", "HC", 0.54))),
        new GallerySection(
            List.of(
                new GallerySection.Row(
                    "IMI",
                    List.of(
                        new GallerySection.Beat("r1#00003", "", wave(640, 500, 220, 0.9f), 220)),
                    List.of(
                        new GallerySection.Beat(
                            "IMI-000012",
                            "nearest training beat at 0.08 mV",
                            wave(640, 500, 220, 1.1f),
                            220)))),
            true),
        generator(),
        new MethodSection(),
        new CardSection(
            List.of(
                new CardSection.Entry("Intended use", "Research."),
                new CardSection.Entry("Caveats", "Simulated."))));
  }

  private static FlowSection flow() {
    return new FlowSection(
        List.of(
            new FlowSection.Step("Recordings found", List.of(new Count("records", 124)), List.of()),
            new FlowSection.Step(
                "Read and labelled",
                List.of(new Count("records", 120), new Count("patients", 118)),
                List.of(new Count("checksum mismatch", 3), new Count("fewer than 8 leads", 1))),
            new FlowSection.Step(
                "Evaluated on held-out patients",
                List.of(new Count("beats", BEATS.size())),
                List.of())));
  }

  private static GeneratorSection generator() {
    return new GeneratorSection(
        List.of(
            new GeneratorSection.OfClass(
                "IMI",
                300,
                157,
                new GeneratorSection.Compared(0.883, 0.592),
                new GeneratorSection.Compared(0.178, 0.21),
                new GeneratorSection.Compared(0.008, 0.2024),
                new GeneratorSection.Compared(0.212, 1.085),
                new GeneratorSection.Compared(2.41, 7.32),
                new GeneratorSection.Compared(0.61, 1.85),
                new GeneratorSection.Nearest(
                    new GeneratorSection.Compared(0.125, 0.144), Double.NaN))),
        List.of(
            new GeneratorSection.Transfer("trained on generated beats, tested on recorded", 0.88)),
        List.of(
            new GeneratorSection.StepError(50, 0.27, 0.31, 1.8, 0.99, 117.7, 0.03),
            new GeneratorSection.StepError(500, 0.04, 0.05, 0.8, 1.01, 1.6, -0.001),
            new GeneratorSection.StepError(999, 0.03, 0.03, 0.02, 1.0, 0.9, -0.01)),
        true);
  }

  private static Map<Variant, List<LevelEvaluation>> variants(
      Evaluator evaluator, List<Prediction> beats, Aggregation aggregation) {
    Map<Variant, List<LevelEvaluation>> variants = new EnumMap<>(Variant.class);
    variants.put(
        Variant.AS_TRAINED,
        List.of(
            evaluator.evaluate(Level.BEAT, beats),
            evaluator.evaluate(Level.PATIENT, aggregation.patients())));
    ValidationFit fit = ValidationFit.of(evaluator, Level.PATIENT, aggregation.patients());
    fit.rules()
        .forEach(
            (variant, rule) ->
                variants.put(
                    variant,
                    List.of(
                        evaluator.evaluate(
                            Level.PATIENT, PredictionList.moved(aggregation.patients(), rule)))));
    return variants;
  }

  private static Map<String, Subgroup.Facts> facts() {
    Map<String, Subgroup.Facts> facts = new HashMap<>();
    for (int p = 0; p < 40; p++) {
      facts.put(
          "simulated/p" + (100 + p),
          new Subgroup.Facts(Optional.of(p % 3 == 0 ? "female" : "male"), Optional.of(40.0 + p)));
    }
    return facts;
  }

  private static LooksSection looks() {
    ExampleBeat beat = example("IMI", "IMI", 0.8);
    return new LooksSection(
        List.of(
            new LooksSection.ClassLook(
                "IMI",
                12,
                beat.window(),
                220,
                beat.spectrogram(),
                beat.importance().orElseThrow(),
                beat.pieces())),
        24,
        List.of(
            new LooksSection.SanityRow("head", 0.42, 0.1, 0.7),
            new LooksSection.SanityRow("all layers", 0.05, -0.3, 0.3)),
        List.of(0.0, 0.2, 0.5, 1.0),
        List.of(0.81, 0.55, 0.3, 0.22),
        List.of(0.81, 0.74, 0.5, 0.22),
        List.of(
            new LooksSection.TrialRow("lead × segment", 40, 0.814, 0.414, 0.8, 1, 0.9),
            new LooksSection.TrialRow("random weights", 40, 0.471, -0.029, 0.43, 0.5, 0.5)));
  }

  private static List<Prediction> predictions() {
    SplittableRandom random = RandomStreams.of(20, "predictions");
    List<Prediction> beats = new ArrayList<>();
    for (int p = 0; p < 40; p++) {
      int truth = p % 4 == 0 ? 0 : p % CLASSES.size();
      double[] leaning = new double[CLASSES.size()];
      for (int c = 0; c < leaning.length; c++) {
        leaning[c] = 1.8 * random.nextDouble() + (c == truth ? 1.3 : 0);
      }
      for (int b = 0; b < 8; b++) {
        double[] weights = new double[CLASSES.size()];
        double sum = 0;
        for (int c = 0; c < weights.length; c++) {
          weights[c] = Math.exp(1.5 * (leaning[c] + 0.8 * random.nextDouble()));
          sum += weights[c];
        }
        List<Double> probabilities = new ArrayList<>();
        for (double w : weights) {
          probabilities.add(w / sum);
        }
        String record = "simulated/p" + (100 + p) + "/rec";
        beats.add(
            new Prediction(
                Level.BEAT,
                String.format("%s#%05d", record, b),
                "simulated",
                Optional.of(record),
                Optional.of("simulated/p" + (100 + p)),
                Optional.of(10),
                Optional.of(CLASSES.get(truth)),
                probabilities,
                0.5f,
                true));
      }
    }
    return beats;
  }

  private static TrainingSection.Curve curve(String name, double from, double to, int rounds) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int r = 1; r <= rounds; r++) {
      x.add((double) r);
      y.add(to + (from - to) * Math.exp(-(r - 1) / 3.0));
    }
    return new TrainingSection.Curve(name, x, y);
  }

  private static ExampleBeat example(String truth, String predicted, double p) {
    int voices = 24;
    int columns = 32;
    float[][] magnitude = new float[voices][columns];
    float[][] importance = new float[voices][columns];
    float[] voiceHz = new float[voices];
    float[] columnMs = new float[columns];
    for (int v = 0; v < voices; v++) {
      voiceHz[v] = (v + 1) * 1.5625f;
      for (int c = 0; c < columns; c++) {
        columnMs[c] = (c * 20 - 220) * 2;
        double qrs =
            Math.exp(-Math.pow(columnMs[c] / 40.0, 2))
                * Math.exp(-Math.pow((voiceHz[v] - 14) / 9, 2));
        double t =
            Math.exp(-Math.pow((columnMs[c] - 300) / 90.0, 2))
                * Math.exp(-Math.pow((voiceHz[v] - 3) / 3, 2));
        magnitude[v][c] = (float) (0.22 * qrs + 0.12 * t);
        importance[v][c] =
            (float)
                Math.exp(
                    -Math.pow((columnMs[c] - 130) / 90.0, 2) - Math.pow((voiceHz[v] - 8) / 8, 2));
      }
    }
    return new ExampleBeat(
        "simulated/p104/rec#00004",
        truth,
        predicted,
        p,
        truth.equals(predicted) ? "right" : "wrong",
        wave(640, 500, 220, 1f),
        220,
        new HeatMap.Spectrogram("III", magnitude, voiceHz, columnMs),
        Optional.of(importance),
        Optional.of(pieces()));
  }

  private static LeadSegmentMap pieces() {
    float[][] map = new float[12][4];
    map[2][2] = 2.5f;
    map[5][1] = 1.25f;
    map[6][3] = -1;
    return new LeadSegmentMap(MapKind.LEAD_SEGMENT, map);
  }

  /** P, QRS and T as Gaussians, once a second, with an invalid stretch in lead V6. */
  static EcgSignal wave(int samples, double fsHz, int rSample, float scale) {
    float[][] millivolts = new float[12][samples];
    double[] r = {0.7, 1.1, 0.4, -0.9, 0.2, 0.8, 0.3, 0.6, 0.9, 1.4, 1.3, 1.0};
    double[] s = {0.1, 0.15, 0.1, 0.1, 0.1, 0.1, 0.9, 1.2, 0.7, 0.4, 0.2, 0.1};
    for (int lead = 0; lead < 12; lead++) {
      double sign = lead == 3 ? -1 : 1;
      for (int i = 0; i < samples; i++) {
        double t = (i - rSample) / fsHz;
        double beat = t - Math.floor(t + 0.45);
        millivolts[lead][i] =
            (float)
                (scale
                    * (sign * 0.12 * bump(beat, -0.16, 0.025)
                        + r[lead] * bump(beat, 0, 0.011)
                        - s[lead] * bump(beat, 0.03, 0.012)
                        + sign * 0.28 * bump(beat, 0.28, 0.05)));
        if (lead == 11 && i > samples * 3 / 4 && i < samples * 3 / 4 + samples / 20) {
          millivolts[lead][i] = Float.NaN;
        }
      }
    }
    return new EcgSignal(fsHz, Lead.STANDARD_12, millivolts);
  }

  private static double bump(double t, double centre, double width) {
    return Math.exp(-Math.pow((t - centre) / width, 2) / 2);
  }
}
