package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.metrics.Aggregation;
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
import org.rtcn.common.report.ReportData.Count;
import org.rtcn.common.report.ReportData.FlowStep;

/** A report of made-up predictions and drawn waves, to look at and to test the page with. */
final class SampleReport {
  static final List<String> CLASSES = List.of("HC", "AMI", "ASMI", "ALMI", "IMI", "ILMI");

  private SampleReport() {}

  static ReportData data() {
    List<Prediction> beats = predictions();
    Aggregation aggregation = Aggregation.of(beats);
    Evaluator evaluator =
        new Evaluator(
            CLASSES, Map.of("HC", 30L, "IMI", 20L), new PatientBootstrap(1, 200, 0.95), 10);
    return new ReportData(
        "rtcn-3f9a1c2e",
        "0.1.0-SNAPSHOT",
        "2025-10-14 12:00 UTC",
        List.of("simulated"),
        true,
        CLASSES,
        List.of(
            new Count("patients held out", aggregation.patients().size()),
            new Count("records", aggregation.records().size()),
            new Count("beats", beats.size())),
        List.of(
            new FlowStep("Recordings found", List.of(new Count("records", 124)), List.of()),
            new FlowStep(
                "Read and labelled",
                List.of(new Count("records", 120), new Count("patients", 118)),
                List.of(new Count("checksum mismatch", 3), new Count("fewer than 8 leads", 1))),
            new FlowStep(
                "Beats segmented",
                List.of(new Count("beats", 1431)),
                List.of(new Count("window beyond the recording", 228))),
            new FlowStep(
                "Trained on",
                List.of(new Count("beats", 1190), new Count("synthetic beats", 240)),
                List.of()),
            new FlowStep(
                "Evaluated on held-out patients",
                List.of(new Count("beats", beats.size())),
                List.of())),
        List.of(
            evaluator.evaluate(Level.BEAT, beats),
            evaluator.evaluate(Level.RECORD, aggregation.records()),
            evaluator.evaluate(Level.PATIENT, aggregation.patients())),
        List.of(
            "Balanced accuracy: 12 of 200 resamples lacked a class and are left out of its"
                + " interval."),
        List.of(
            new ReportData.TrainingChart(
                "Loss",
                "round",
                "cross-entropy (nats)",
                List.of(
                    curve("training", 1.75, 0.62, 12), curve("held-out folds", 1.76, 0.98, 12)))),
        List.of(
            new ReportData.Worker("0@host", 52, 61.2), new ReportData.Worker("1@host", 51, 60.4)),
        Optional.of(
            new ReportData.Recording("Record simulated/p001/rec, 10 s", wave(5000, 500, 60, 1f))),
        List.of(example("IMI", "IMI", 0.81), example("ASMI", "HC", 0.54)),
        List.of(
            new ReportData.GalleryRow(
                "IMI",
                List.of(new ReportData.GalleryBeat("r1#00003", "", wave(640, 500, 220, 0.9f), 220)),
                List.of(
                    new ReportData.GalleryBeat(
                        "IMI-000012",
                        "nearest training beat at 0.08 mV",
                        wave(640, 500, 220, 1.1f),
                        220)))),
        Optional.of(generator()),
        List.of(
            new ReportData.Setting("rtcn.seed", "20251014"),
            new ReportData.Setting("rtcn.classes", "[HC, AMI, ASMI, ALMI, IMI, ILMI]")),
        "Fold 4 of 4 held out; no patient is on two sides.",
        variants(evaluator, beats, aggregation),
        Subgroup.of(evaluator, aggregation.patients(), facts(), new Subgroup.Rule(10, 5)),
        new Subgroup.Rule(10, 5).words(),
        List.of(
            new ReportData.FoldRow(1, 20, 60, 0.71, 0.74, 0.9, 0.92),
            new ReportData.FoldRow(2, 20, 60, 0.69, 0.7, 0.88, Double.NaN)),
        Optional.of(looks()),
        List.of(
            new ReportData.CardEntry("Intended use", "Research."),
            new ReportData.CardEntry("Caveats", "Simulated.")),
        Optional.of(
            new ReportData.Cohort(
                List.of("training", "held out"),
                List.of(
                    new ReportData.CohortRow("patients", List.of("78", "40")),
                    new ReportData.CohortRow("women", List.of("26 (33 %)", "14 (35 %)"))))),
        List.of(
            new ReportData.Misread(
                "simulated/p101",
                "missed infarct",
                "IMI",
                "HC",
                0.21,
                List.of(0.79, 0.05, 0.01, 0.02, 0.1, 0.03))));
  }

  private static ReportData.Generator generator() {
    return new ReportData.Generator(
        List.of(
            new ReportData.GeneratedClass(
                "IMI",
                300,
                157,
                0.883,
                0.592,
                0.178,
                0.21,
                0.008,
                0.2024,
                0.212,
                1.085,
                2.41,
                7.32,
                0.61,
                1.85,
                0.125,
                0.144,
                Double.NaN)),
        List.of(new ReportData.Transfer("trained on generated beats, tested on recorded", 0.88)),
        List.of(
            new ReportData.StepError(50, 0.27, 0.31, 1.8, 0.99, 117.7, 0.03),
            new ReportData.StepError(500, 0.04, 0.05, 0.8, 1.01, 1.6, -0.001),
            new ReportData.StepError(999, 0.03, 0.03, 0.02, 1.0, 0.9, -0.01)));
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
    fit.rules(CLASSES)
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

  private static ReportData.Looks looks() {
    ReportData.ExampleBeat beat = example("IMI", "IMI", 0.8);
    return new ReportData.Looks(
        List.of(
            new ReportData.ClassLook(
                "IMI",
                12,
                beat.window(),
                220,
                beat.spectrogram(),
                beat.importance().orElseThrow(),
                beat.pieces())),
        24,
        List.of(
            new ReportData.SanityRow("head", 0.42, 0.1, 0.7),
            new ReportData.SanityRow("all layers", 0.05, -0.3, 0.3)),
        List.of(0.0, 0.2, 0.5, 1.0),
        List.of(0.81, 0.55, 0.3, 0.22),
        List.of(0.81, 0.74, 0.5, 0.22),
        List.of(
            new ReportData.TrialRow("lead × segment", 40, 0.814, 0.414, 0.8, 1, 0.9),
            new ReportData.TrialRow("random weights", 40, 0.471, -0.029, 0.43, 0.5, 0.5)));
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
                true));
      }
    }
    return beats;
  }

  private static ReportData.Curve curve(String name, double from, double to, int rounds) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int r = 1; r <= rounds; r++) {
      x.add((double) r);
      y.add(to + (from - to) * Math.exp(-(r - 1) / 3.0));
    }
    return new ReportData.Curve(name, x, y);
  }

  private static ReportData.ExampleBeat example(String truth, String predicted, double p) {
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
    return new ReportData.ExampleBeat(
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
    return new LeadSegmentMap(map);
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
