package org.rtcn.common.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.Subgroup;
import org.rtcn.common.metrics.Variant;

/**
 * All that the report shows. The template knows nothing else.
 *
 * @param modelId which model was evaluated
 * @param version version of rtcn-spark
 * @param created when, in UTC, as text
 * @param datasets names of the data sets behind the held-out patients
 * @param simulated whether any of the recordings is simulated: the page then says so on top
 * @param classes the model's classes in order
 * @param counts held-out patients, records, beats and the like
 * @param flow from the input to the evaluation, with what was refused on the way
 * @param levels what was measured, one per level, at least one; the last is the headline's
 * @param remarks what a reader must know to read the figures correctly
 * @param training curves of the training
 * @param workers which processes did the training
 * @param recording a whole held-out recording on ECG paper
 * @param examples held-out beats with what the model looked at
 * @param gallery real and synthetic beats, per class
 * @param generator how good the synthetic beats are, and what their model has learned
 * @param settings the effective settings
 * @param protocol how patients were held out, in a sentence
 * @param threshold of detection, with its origin, in words
 * @param variants per variant its levels: rules fitted on validation patients, and baselines
 * @param subgroups of the held-out patients
 * @param subgroupRule which subgroups are not reported, in words
 * @param folds of a cross-validation; empty for a single split
 * @param looks what the model looked at over many beats, with sanity checks
 * @param card facts of the model card, by heading
 * @param cohort who the patients are; absent where no table of recordings tells
 * @param misread held-out patients whose answer is not their label, the missed infarcts first
 * @param facts what the run did, in sentences: nothing else answers the reporting checklist
 */
public record ReportData(
    String modelId,
    String version,
    String created,
    List<String> datasets,
    boolean simulated,
    List<String> classes,
    List<Count> counts,
    List<FlowStep> flow,
    List<LevelEvaluation> levels,
    List<String> remarks,
    List<TrainingChart> training,
    List<Worker> workers,
    Optional<Recording> recording,
    List<ExampleBeat> examples,
    List<GalleryRow> gallery,
    Optional<Generator> generator,
    List<Setting> settings,
    String protocol,
    String threshold,
    Map<Variant, List<LevelEvaluation>> variants,
    List<Subgroup> subgroups,
    String subgroupRule,
    List<FoldRow> folds,
    Optional<Looks> looks,
    List<CardEntry> card,
    Optional<Cohort> cohort,
    List<Misread> misread,
    Map<Checklist.Fact, String> facts) {

  public ReportData {
    datasets = List.copyOf(datasets);
    classes = List.copyOf(classes);
    counts = List.copyOf(counts);
    flow = List.copyOf(flow);
    levels = List.copyOf(levels);
    remarks = List.copyOf(remarks);
    training = List.copyOf(training);
    workers = List.copyOf(workers);
    examples = List.copyOf(examples);
    gallery = List.copyOf(gallery);
    settings = List.copyOf(settings);
    variants = Collections.unmodifiableMap(new LinkedHashMap<>(variants));
    subgroups = List.copyOf(subgroups);
    folds = List.copyOf(folds);
    card = List.copyOf(card);
    misread = List.copyOf(misread);
    facts = Map.copyOf(facts);
    if (levels.isEmpty()) {
      throw new IllegalArgumentException("Invalid report: needs one evaluated level or more");
    }
  }

  /**
   * Characteristics of the patients ("Table 1").
   *
   * @param groups for example training, validation, held out
   * @param rows one per characteristic
   */
  public record Cohort(List<String> groups, List<CohortRow> rows) {
    public Cohort {
      groups = List.copyOf(groups);
      rows = List.copyOf(rows);
    }
  }

  /** One characteristic, with a cell per group. */
  public record CohortRow(String name, List<String> cells) {
    public CohortRow {
      cells = List.copyOf(cells);
    }
  }

  /**
   * A held-out patient who was misread.
   *
   * @param patientId who
   * @param kind missed infarct, false alarm, other site or other finding
   * @param truth the label
   * @param answer what was answered
   * @param probabilityMi probability of infarction
   * @param probabilities one per class
   * @param beat the beat of theirs that says most for the answer; absent where it is not drawn
   * @param page their recording's page, relative to this one; absent where there is none
   */
  public record Misread(
      String patientId,
      String kind,
      String truth,
      String answer,
      double probabilityMi,
      List<Double> probabilities,
      Optional<ExampleBeat> beat,
      Optional<String> page) {
    public Misread {
      probabilities = List.copyOf(probabilities);
    }

    /** The same with a drawing. */
    public Misread with(Optional<ExampleBeat> drawn, Optional<String> itsPage) {
      return new Misread(
          patientId, kind, truth, answer, probabilityMi, probabilities, drawn, itsPage);
    }
  }

  /** A number with its name, for example "patients". */
  public record Count(String name, long value) {}

  /**
   * One box of the flow diagram.
   *
   * @param stage what happened, for example "ingest"
   * @param kept what was left, for example 80 records; empty where there is nothing to count
   * @param refused what was left out here, by reason
   */
  public record FlowStep(String stage, List<Count> kept, List<Count> refused) {
    public FlowStep {
      kept = List.copyOf(kept);
      refused = List.copyOf(refused);
    }
  }

  /** One line over the rounds of training. */
  public record Curve(String name, List<Double> x, List<Double> y) {
    public Curve {
      x = List.copyOf(x);
      y = List.copyOf(y);
    }
  }

  /** A chart of the training, for example the loss. */
  public record TrainingChart(String title, String xLabel, String yLabel, List<Curve> curves) {
    public TrainingChart {
      curves = List.copyOf(curves);
    }
  }

  /** What one executor did of the training: finished tasks and their running time. */
  public record Worker(String name, long tasks, double seconds) {}

  /** A whole recording. */
  public record Recording(String caption, EcgSignal signal) {}

  /**
   * A held-out beat, its S-transform and what spoke for the answer.
   *
   * @param beatId which beat
   * @param truth its label
   * @param predicted the model's answer
   * @param probability the answer's probability
   * @param kind right, wrong or unsure
   * @param window the beat, in mV
   * @param rSample the R peak in the window
   * @param spectrogram the S-transform of one lead
   * @param importance Grad-CAM of the answer, {@code [voice][column]}, 0 to 1, shape of the
   *     spectrogram
   * @param pieces what each lead and segment says for the answer
   */
  @SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
  public record ExampleBeat(
      String beatId,
      String truth,
      String predicted,
      double probability,
      String kind,
      EcgSignal window,
      int rSample,
      HeatMap.Spectrogram spectrogram,
      Optional<float[][]> importance,
      Optional<LeadSegmentMap> pieces) {}

  /** A beat of the gallery. */
  public record GalleryBeat(String id, String note, EcgSignal window, int rSample) {}

  /** Real and synthetic beats of one class. */
  public record GalleryRow(String className, List<GalleryBeat> real, List<GalleryBeat> synthetic) {
    public GalleryRow {
      real = List.copyOf(real);
      synthetic = List.copyOf(synthetic);
    }
  }

  /** The synthetic beats next to the recorded training beats, and the model that drew them. */
  public record Generator(
      List<GeneratedClass> classes, List<Transfer> transfer, List<StepError> steps) {
    public Generator {
      classes = List.copyOf(classes);
      transfer = List.copyOf(transfer);
      steps = List.copyOf(steps);
    }
  }

  /**
   * The synthetic beats of one class; figures that too few beats leave undefined are not a number.
   *
   * @param recognisedGenerated share that a linear discriminant of all recorded beats recognises
   * @param recognisedReal the same for recorded beats, by one that has not seen their patients
   * @param deviationGeneratedMv root mean square deviation from the own mean beat
   * @param mmd2 unbiased squared maximum mean discrepancy to the recorded beats
   * @param mmd2Halves the same between two halves of the recorded patients, as the others in {@code
   *     Halves}
   * @param frechetMv2 Fréchet distance, mV²
   * @param rtcnFrechet Fréchet distance of what the model's head reads, without a unit
   * @param spectrumDb mean distance of the power spectra, dB
   * @param nearestMv median distance to the nearest recorded beat
   * @param nearestOtherPatientMv the same from recorded beats to those of other patients
   * @param warpedMv median distance to the nearest recorded beat after time warping
   */
  public record GeneratedClass(
      String className,
      long generated,
      long real,
      double recognisedGenerated,
      double recognisedReal,
      double deviationGeneratedMv,
      double deviationRealMv,
      double mmd2,
      double mmd2Halves,
      double frechetMv2,
      double frechetMv2Halves,
      double rtcnFrechet,
      double rtcnFrechetHalves,
      double spectrumDb,
      double spectrumDbHalves,
      double nearestMv,
      double nearestOtherPatientMv,
      double warpedMv) {}

  /** A discriminant of one kind of beats, tried on another. */
  public record Transfer(String what, double balancedAccuracy) {}

  /**
   * Mean squared errors of the predicted noise at one diffusion step: of the model, of the model
   * conditioned on another class, of three trivial guesses.
   *
   * @param gainLow lower end of the 95 % interval of {@code wrongClass - model}
   */
  public record StepError(
      int t,
      double model,
      double wrongClass,
      double sameAsXt,
      double zero,
      double classMean,
      double gainLow) {}

  /**
   * One fold of a cross-validation, one decision per patient.
   *
   * @param heldOut patients measured
   * @param trained patients that trained its model
   */
  public record FoldRow(
      int fold,
      long heldOut,
      long trained,
      double balancedAccuracy,
      double accuracy,
      double macroAuroc,
      double detectionAuroc) {}

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
  public record Looks(
      List<ClassLook> classes,
      long beats,
      List<SanityRow> sanity,
      List<Double> shares,
      List<Double> deletion,
      List<Double> deletionAtRandom,
      List<TrialRow> trial) {
    public Looks {
      trial = List.copyOf(trial);
      classes = List.copyOf(classes);
      sanity = List.copyOf(sanity);
      shares = List.copyOf(shares);
      deletion = List.copyOf(deletion);
      deletionAtRandom = List.copyOf(deletionAtRandom);
    }
  }

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

  /** One entry of the model card. */
  public record CardEntry(String heading, String text) {}

  /** One effective setting. */
  public record Setting(String key, String value) {}

  /** The level that the headline speaks of. */
  public LevelEvaluation headlineLevel() {
    return levels.get(levels.size() - 1);
  }
}
