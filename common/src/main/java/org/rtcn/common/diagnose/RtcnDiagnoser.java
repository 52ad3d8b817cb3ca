package org.rtcn.common.diagnose;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.rtcn.common.dsp.Beat;
import org.rtcn.common.dsp.BeatExtraction;
import org.rtcn.common.dsp.BeatExtractor;
import org.rtcn.common.dsp.BeatRefusal;
import org.rtcn.common.dsp.LimbLeads;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.error.UserException;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.input.BeatImager;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.metrics.DetectionThreshold;
import org.rtcn.common.metrics.LikeCases;
import org.rtcn.common.nn.GradCam;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.stockwell.SpectrogramOptions;
import org.rtcn.common.storage.StrictJson;

/**
 * A trained model for services: one recording in, one diagnosis out, in plain Java. It denoises,
 * cuts and transforms with the very settings that the model's training beats were made with, so
 * that another preprocessing cannot slip in; Spark takes no part.
 *
 * <pre>{@code
 * RtcnDiagnoser diagnoser = RtcnDiagnoser.load(Path.of("run/models/rtcn"));
 * Diagnosis diagnosis = diagnoser.diagnose(new EcgSignal(500, Lead.STANDARD_12, millivolts));
 * }</pre>
 *
 * <p>One instance serves one thread. Research use only, not a medical device.
 */
public final class RtcnDiagnoser {
  /** What is said wherever a model of simulated ECG answers. */
  public static final String OF_SIMULATED_ECG =
      "The model has learned from simulated ECG: its answers say nothing about a person.";

  /** Where {@link #ofSimulatedEcg} lies. */
  private static final String SMALL_MODEL = "/org/rtcn/models/small/";

  private final RtcnModel model;
  private final ModelInput input;
  private final Optional<TrainingBeats> training;
  private final Optional<LikeCases> evaluated;
  private ModelEvidence evidence;

  /**
   * What the model says of a recording.
   *
   * @param probabilities by class, in the model's order, sum 1: the mean over the beats
   * @param predicted the answer ({@link Decision})
   * @param probabilityMi sum over the infarct classes
   * @param detection from which {@code probabilityMi} on an infarct is answered; the model's
   * @param beats how many heartbeats it rests on
   * @param rSamples their R peaks, samples of the signal at its own rate
   * @param warnings what a reader should know of the recording's quality; empty is good
   * @param modelId which model said so
   * @param simulated whether the model has learned from simulated ECG
   */
  public record Diagnosis(
      Map<String, Double> probabilities,
      String predicted,
      double probabilityMi,
      DetectionThreshold detection,
      int beats,
      List<Integer> rSamples,
      List<String> warnings,
      String modelId,
      boolean simulated) {
    public Diagnosis {
      probabilities = new LinkedHashMap<>(probabilities);
      rSamples = List.copyOf(rSamples);
      warnings = List.copyOf(warnings);
    }
  }

  private RtcnDiagnoser(
      RtcnModel model, Optional<TrainingBeats> training, Optional<LikeCases> evaluated) {
    this.model = model;
    this.training = training;
    this.evaluated = evaluated;
    this.input = new ModelInput(model);
  }

  /**
   * A diagnoser for a model folder, {@code RUN/models/rtcn}.
   *
   * @throws UserException if the folder holds no sound model
   */
  public static RtcnDiagnoser load(Path folder) {
    try {
      RtcnModel model = RtcnModel.load(folder);
      return new RtcnDiagnoser(
          model,
          nextTo(folder, TrainingBeats::fileOf, TrainingBeats.LONGEST_FILE)
              .map(bytes -> TrainingBeats.parse(bytes, model)),
          nextTo(folder, LikeCases::fileOf, LikeCases.LONGEST_FILE).map(LikeCases::parse));
    } catch (IllegalArgumentException e) {
      throw new UserException("Cannot load the model " + folder + ": " + e.getMessage(), e);
    }
  }

  /**
   * The small model that travels in the jar. It has learned from simulated ECG alone: it shows how
   * things work, and says nothing about a person (docs/small-model.md).
   */
  public static RtcnDiagnoser ofSimulatedEcg() {
    Map<String, byte[]> files = new TreeMap<>();
    for (Map.Entry<String, Long> file : RtcnModel.longestFiles().entrySet()) {
      String name = SMALL_MODEL + file.getKey();
      try (InputStream in = RtcnDiagnoser.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException("Cannot find " + name + " on the class path");
        }
        files.put(file.getKey(), in.readAllBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return of(RtcnModel.parse(files));
  }

  /**
   * A diagnoser for a model.
   *
   * @throws UserException if the model's preprocessing does not make the images that its network
   *     reads, or this version does not know one of its settings
   */
  public static RtcnDiagnoser of(RtcnModel model) {
    return new RtcnDiagnoser(model, Optional.empty(), Optional.empty());
  }

  /** Next to the folder as it was named or, where that is a link, next to what it leads to. */
  private static Optional<byte[]> nextTo(Path folder, UnaryOperator<String> name, long longest) {
    return sibling(folder.toAbsolutePath().normalize(), name, longest)
        .or(
            () -> {
              try {
                return sibling(folder.toRealPath(), name, longest);
              } catch (IOException e) {
                return Optional.empty();
              }
            });
  }

  private static Optional<byte[]> sibling(Path whole, UnaryOperator<String> name, long longest) {
    return whole.getFileName() == null
        ? Optional.empty()
        : file(whole.resolveSibling(name.apply(whole.getFileName().toString())), longest);
  }

  private static Optional<byte[]> file(Path file, long longest) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      return Optional.of(
          RtcnModel.readAtMost(in, Files.size(file), file.getFileName().toString(), longest));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot read " + file + ": " + StrictJson.quoted(e.getMessage()), e);
    }
  }

  /** The model behind it. */
  public RtcnModel model() {
    return model;
  }

  /**
   * Diagnoses one recording of a patient of whom nothing is known.
   *
   * @param signal twelve leads in mV at any sampling rate, NaN where invalid
   * @throws UserException if no heartbeat can be used, with the reasons
   */
  public Diagnosis diagnose(EcgSignal signal) {
    return diagnose(signal, Float.NaN, null);
  }

  /**
   * Diagnoses one recording. Age and sex matter to models that were trained with {@code
   * rtcn.train.network.patient-input = age-sex}; others do not read them.
   *
   * @param signal twelve leads in mV at any sampling rate, NaN where invalid
   * @param ageYears NaN where unknown
   * @param sex {@code male}, {@code female}, or null where unknown
   * @throws UserException if no heartbeat can be used, with the reasons, or the model gives no
   *     finite probabilities
   */
  public Diagnosis diagnose(EcgSignal signal, float ageYears, String sex) {
    return diagnose(new Stretch(signal, 0, signal.sampleCount()), ageYears, sex);
  }

  /**
   * A stretch of a recording, given with what comes before and after it ({@link
   * BeatExtractor#MARGIN_SECONDS}), so that no beat is lost at a border.
   *
   * @param signal the stretch and its surroundings
   * @param from first sample of the stretch
   * @param to the sample behind its last
   */
  public record Stretch(EcgSignal signal, int from, int to) {

    /** Its twelve leads, without the surroundings; limb leads derived where they lack. */
    public EcgSignal twelveLeads() {
      EcgSignal complete = LimbLeads.complete(signal);
      List<Lead> leads =
          Lead.STANDARD_12.stream().filter(lead -> complete.leads().contains(lead)).toList();
      float[][] rows = new float[leads.size()][];
      for (int i = 0; i < rows.length; i++) {
        float[] row = complete.millivolts()[complete.leads().indexOf(leads.get(i))];
        rows[i] = Arrays.copyOfRange(row, from, to);
      }
      return new EcgSignal(signal.fsHz(), leads, rows);
    }
  }

  /**
   * The same of a stretch of a recording.
   *
   * @throws UserException as {@link #diagnose(EcgSignal, float, String)}
   */
  public Diagnosis diagnose(Stretch stretch, float ageYears, String sex) {
    BeatExtraction extraction = extract(stretch);
    List<Beat> beats = extraction.beats();
    PatientInput patient = model.config().patientInput();
    float[][] images = new float[beats.size()][];
    for (int b = 0; b < images.length; b++) {
      images[b] = input.values(beats.get(b), ageYears, sex);
    }
    float[][] rows = model.predict(images);
    double[] mean = new double[model.classes().size()];
    for (float[] row : rows) {
      for (int c = 0; c < mean.length; c++) {
        mean[c] += row[c] / (double) rows.length;
      }
    }
    Map<String, Double> probabilities = new LinkedHashMap<>();
    for (int c = 0; c < mean.length; c++) {
      probabilities.put(model.classes().get(c), mean[c]);
    }
    Decision decision = Decision.among(model.classes());
    return new Diagnosis(
        probabilities,
        model.classes().get(decision.answer(mean, model.detection().probability())),
        decision.infarctProbability(mean),
        model.detection(),
        beats.size(),
        beats.stream().map(Beat::rSample).toList(),
        warnings(
            stretch.twelveLeads(),
            extraction,
            patient != PatientInput.NONE && Float.isNaN(ageYears)),
        model.modelId(),
        model.simulated());
  }

  /**
   * Where the answer for a recording's first usable beat comes from.
   *
   * @param className the class whose score is explained
   */
  public GradCam.Explanation explain(EcgSignal signal, String className) {
    Beat first = extract(new Stretch(signal, 0, signal.sampleCount())).beats().get(0);
    int index = model.classes().indexOf(className);
    return new GradCam(model)
        .explain(
            input.image(first.window()),
            new GradCam.Target(Rtcn.lastConvolution(model.config()), index));
  }

  /**
   * The page of a recording, as {@code predict} writes it: one file that needs nothing else.
   *
   * @param name what the page is called
   * @param diagnosis what {@link #diagnose(EcgSignal)} said of the signal
   * @throws UserException if the model reads waveforms, whose Grad-CAM has no frequencies
   */
  public String page(String name, EcgSignal signal, Diagnosis diagnosis) {
    return page(name, new Stretch(signal, 0, signal.sampleCount()), diagnosis, false);
  }

  /**
   * The page of a stretch of a recording.
   *
   * @param simulated whether the recording is
   * @throws UserException as {@link #page(String, EcgSignal, Diagnosis)}
   */
  public String page(String name, Stretch stretch, Diagnosis diagnosis, boolean simulated) {
    requirePages();
    Beat first = extract(stretch).beats().get(0);
    BeatImager.Image of = input.imageOf(first.window());
    SpectrogramOptions image = input.options().image();
    int rInWindow = input.options().beats().samplesBeforeR();
    return new AnswerPage(
            name,
            simulated,
            diagnosis.predicted(),
            diagnosis.probabilities(),
            diagnosis.probabilityMi(),
            diagnosis.beats(),
            diagnosis.warnings().isEmpty() ? "ok" : String.join("; ", diagnosis.warnings()),
            false,
            stretch.twelveLeads(),
            new AnswerPage.ShownBeat(
                new EcgSignal(first.fsHz(), Lead.STANDARD_12, first.window()),
                rInWindow,
                of.magnitude(),
                of.phase(),
                image.voiceHz(first.fsHz()),
                image.columnMs(rInWindow, first.fsHz())))
        .html(evidence());
  }

  /** Made when the first page is wanted: its healthy beats take a while. */
  private ModelEvidence evidence() {
    if (evidence == null) {
      evidence = ModelEvidence.of(model, training, evaluated);
    }
    return evidence;
  }

  /**
   * @throws UserException if {@link #page} cannot draw this model's answers
   */
  public void requirePages() {
    if (!model.standardizer().input().isImage()) {
      throw new UserException(
          "Cannot draw pages with model "
              + model.modelId()
              + ": it reads waveforms, whose Grad-CAM has no frequencies; leave them out");
    }
  }

  private BeatExtraction extract(Stretch stretch) {
    BeatExtraction extraction = input.beats(stretch.signal(), stretch.from(), stretch.to());
    if (extraction.beats().isEmpty()) {
      throw new UserException("Cannot diagnose: no usable heartbeat (" + why(extraction) + ")");
    }
    return extraction;
  }

  private static String why(BeatExtraction extraction) {
    if (extraction.refusal().isPresent() && !extraction.detail().isEmpty()) {
      return extraction.refusal().get() + ": " + extraction.detail();
    }
    return extraction.refusal().map(Object::toString).orElse("all beats refused")
        + (extraction.refusedBeats().isEmpty() ? "" : ", " + extraction.refusedBeats());
  }

  private static List<String> warnings(
      EcgSignal signal, BeatExtraction extraction, boolean ageMissing) {
    List<String> warnings = new ArrayList<>();
    if (ageMissing) {
      warnings.add("the model reads age and sex, and the age is not known");
    }
    if (signal.durationSeconds() < 5) {
      warnings.add(String.format("short recording: %.1f s", signal.durationSeconds()));
    }
    long invalid = 0;
    long all = 0;
    for (float[] lead : signal.millivolts()) {
      for (float v : lead) {
        invalid += Float.isNaN(v) ? 1 : 0;
        all++;
      }
    }
    if (invalid > 0) {
      warnings.add(String.format(Locale.ROOT, "%,d of %,d samples are invalid", invalid, all));
    }
    if (signal.leads().size() < Lead.STANDARD_12.size()) {
      warnings.add("leads missing: " + signal.leads().size() + " of 12 are present");
    }
    Map<BeatRefusal, Integer> reasons = new TreeMap<>(extraction.refusedBeats());
    // That an answer rests on so many at most, and that recordings end, is no fault of theirs.
    reasons.keySet().removeAll(List.of(BeatRefusal.OVER_CAP, BeatRefusal.EDGE));
    long refused = reasons.values().stream().mapToLong(Number::longValue).sum();
    if (refused > 0) {
      warnings.add(refused + " of " + extraction.rPeaks() + " heartbeats were not used " + reasons);
    }
    if (extraction.beats().size() < 3) {
      warnings.add("rests on " + extraction.beats().size() + " heartbeat(s) only");
    }
    return warnings;
  }
}
