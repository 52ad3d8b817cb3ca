package org.rtcn.jobs.plot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmSampler;
import org.rtcn.common.diffusion.IndependentLeads;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.error.UserException;
import org.rtcn.common.report.HeatMap;
import org.rtcn.common.report.Picture;
import org.rtcn.common.report.SyntheticBeatFigure;
import org.rtcn.jobs.augment.AugmentStage;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.tables.TableFileReader;
import org.rtcn.jobs.transform.Signals;

/**
 * A generated beat: it and others of its class next to real training beats, and the steps in which
 * it came out of the noise, for which it is sampled once more.
 */
final class SyntheticBeatPlot {
  private static final int OTHERS = 2;
  private static final int STEPS_SHOWN = 8;
  private static final List<Lead> STEP_LEADS = List.of(Lead.II, Lead.V2, Lead.V5);

  /** Farther from the table's beat than floating-point arithmetic of any machine explains. */
  private static final double LARGEST_DIFFERENCE_MV = 0.02;

  private SyntheticBeatPlot() {}

  static void write(
      StageContext context, Row beat, List<HeatMap.Spectrogram> spectrograms, Path out) {
    context.run().requireStage("augment");
    String label = beat.getAs("label");
    String id = beat.getAs("synthetic_id");
    boolean simulated = beat.getAs("simulated");
    List<SyntheticBeatFigure.Beat> generated = new ArrayList<>();
    generated.add(generated(beat, simulated));
    // The first ids of the class, then their rows: samples are read of those alone.
    SortedSet<String> others = new TreeSet<>();
    context.each(
        Table.SYNTHETIC_BEATS,
        Optional.of(new TableFileReader.Equal("label", label)),
        row -> {
          if (!id.equals(row.getString(0))) {
            others.add(row.getString(0));
          }
          if (others.size() > OTHERS) {
            others.remove(others.last());
          }
          return true;
        },
        "synthetic_id",
        "label");
    for (String other : others) {
      BeatPlot.find(context, Table.SYNTHETIC_BEATS, "synthetic_id", other)
          .ifPresent(row -> generated.add(generated(row, simulated)));
    }
    String svg =
        SyntheticBeatFigure.svg(
            title(beat, simulated),
            generated,
            real(context, beat),
            STEP_LEADS.stream().map(Lead::label).toList(),
            steps(context, beat),
            spectrograms);
    Picture.write(svg, out);
    context.console().println("Wrote " + out);
  }

  private static List<String> title(Row beat, boolean simulated) {
    StringBuilder second =
        new StringBuilder("model ")
            .append(beat.<String>getAs("model_id"))
            .append(", trained on folds ")
            .append(beat.<String>getAs("fold_scheme"));
    Float rr = beat.getAs("rr_before_s");
    if (rr != null) {
      second.append(String.format(Locale.ROOT, " · made for an RR interval of %.2f s", rr));
    }
    second.append(
        String.format(
            Locale.ROOT,
            " · %.3f mV RMS from the nearest training beat · research use only",
            beat.<Float>getAs("nearest_distance_mv")));
    return List.of(
        beat.getAs("synthetic_id")
            + ", class "
            + beat.getAs("label")
            + ": SYNTHETIC beat, of no patient"
            + (simulated ? "; its model learned from SIMULATED ECG" : ""),
        second.toString());
  }

  private static SyntheticBeatFigure.Beat generated(Row row, boolean simulated) {
    return beat("SYNTHETIC " + row.getAs("synthetic_id") + (simulated ? ", SIMULATED" : ""), row);
  }

  private static SyntheticBeatFigure.Beat beat(String caption, Row row) {
    return new SyntheticBeatFigure.Beat(caption, Signals.of(row), row.getAs("r_in_window"));
  }

  /** The nearest training beat, and one of each of the first other training patients. */
  private static List<SyntheticBeatFigure.Beat> real(StageContext context, Row beat) {
    List<SyntheticBeatFigure.Beat> beats = new ArrayList<>();
    String nearestId = beat.getAs("nearest_beat_id");
    String patient = "";
    for (Row nearest :
        BeatPlot.find(context, Table.BEATS, "beat_id", nearestId).stream().toList()) {
      beats.add(real("nearest real beat", nearest));
      patient = nearest.getAs("patient_id");
    }
    Set<Integer> folds =
        Arrays.stream(beat.<String>getAs("fold_scheme").split(",", -1))
            .map(Integer::valueOf)
            .collect(Collectors.toSet());
    String own = patient;
    // Patient to the first of their beats, of the first patients.
    TreeMap<String, String> others = new TreeMap<>();
    context.each(
        Table.BEATS,
        Optional.of(new TableFileReader.Equal("label", beat.getAs("label"))),
        row -> {
          String other = row.getAs("patient_id");
          if (folds.contains(row.<Integer>getAs("fold")) && !other.equals(own)) {
            others.merge(other, row.getAs("beat_id"), (a, b) -> a.compareTo(b) <= 0 ? a : b);
          }
          if (others.size() > OTHERS) {
            others.pollLastEntry();
          }
          return true;
        },
        "beat_id",
        "patient_id",
        "label",
        "fold");
    for (String other : others.values()) {
      BeatPlot.find(context, Table.BEATS, "beat_id", other)
          .ifPresent(row -> beats.add(real("real beat", row)));
    }
    return beats;
  }

  private static SyntheticBeatFigure.Beat real(String what, Row row) {
    boolean simulated = row.getAs("simulated");
    return beat(
        (simulated ? what.replace("real", "SIMULATED") : what) + " " + row.getAs("beat_id"), row);
  }

  private static List<SyntheticBeatFigure.Step> steps(StageContext context, Row beat) {
    DdpmModel model = model(context);
    if (!model.modelId().equals(beat.getAs("model_id"))) {
      throw new UserException(
          "Cannot show how "
              + beat.getAs("synthetic_id")
              + " came about: "
              + context.run().path(AugmentStage.MODEL)
              + " is "
              + model.modelId()
              + ", it was made by "
              + beat.getAs("model_id")
              + "; run augment again");
    }
    String key = beat.getAs("seed_key");
    int index = Integer.parseInt(key.substring(key.lastIndexOf('/') + 1));
    List<DdpmSampler.Denoising> path;
    try (DdpmSampler sampler = new DdpmSampler(model)) {
      path =
          sampler.denoising(
              model.classes().indexOf(beat.getAs("label")), index, model.config().seed());
    }
    requireSame(beat, path.get(path.size() - 1).guess());
    int shown = Math.min(STEPS_SHOWN, path.size());
    List<SyntheticBeatFigure.Step> steps = new ArrayList<>();
    for (int i = 0; i < shown; i++) {
      int at = shown == 1 ? path.size() - 1 : i * (path.size() - 1) / (shown - 1);
      DdpmSampler.Denoising step = path.get(at);
      steps.add(
          new SyntheticBeatFigure.Step(
              String.format(
                  Locale.ROOT,
                  "t %d: %.0f %%",
                  step.t() + 1,
                  100 * step.signalShare() * step.signalShare()),
              chosen(step.noisy()),
              chosen(step.guess())));
    }
    return steps;
  }

  private static float[][] chosen(float[][] leads) {
    return STEP_LEADS.stream()
        .map(lead -> leads[Lead.INDEPENDENT_8.indexOf(lead)])
        .toArray(float[][]::new);
  }

  private static void requireSame(Row beat, float[][] sampled) {
    EcgSignal stored = Signals.of(beat);
    float[][] eight = IndependentLeads.of(stored.millivolts());
    int factor = eight[0].length / sampled[0].length;
    double largest = 0;
    for (int lead = 0; lead < sampled.length; lead++) {
      for (int i = 0; i < sampled[lead].length; i++) {
        largest = Math.max(largest, Math.abs(sampled[lead][i] - eight[lead][factor * i]));
      }
    }
    if (!(largest <= LARGEST_DIFFERENCE_MV)) {
      throw new UserException(
          String.format(
              Locale.ROOT,
              "Cannot show how %s came about: sampled once more it differs by %.3f mV from the"
                  + " table's; run augment again",
              beat.<String>getAs("synthetic_id"),
              largest));
    }
  }

  private static DdpmModel model(StageContext context) {
    byte[] file =
        context.run().readFiles("augment", AugmentStage.MODEL_FOLDER).get(AugmentStage.MODEL_FILE);
    try {
      return DdpmModel.fromBytes(file);
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "Cannot use " + context.run().path(AugmentStage.MODEL) + ": " + e.getMessage(), e);
    }
  }
}
