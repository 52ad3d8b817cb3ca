package org.rtcn.common.report;

import java.util.List;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.metrics.LevelEvaluation;

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
 * @param remarks what a reader must know to read the figures rightly
 * @param training curves of the training
 * @param workers which processes did the training
 * @param recording a whole held-out recording on ECG paper
 * @param examples held-out beats with what the model looked at
 * @param gallery real beside synthetic beats, per class
 * @param settings the effective settings
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
    List<Setting> settings) {

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
    if (levels.isEmpty()) {
      throw new IllegalArgumentException("Invalid report: needs one evaluated level or more");
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
   * @param window the beat, in mV
   * @param rSample the R peak in the window
   * @param spectrogram the S-transform of one lead
   * @param importance Grad-CAM of the answer, {@code [voice][column]}, 0 to 1, shape of the
   *     spectrogram
   */
  @SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
  public record ExampleBeat(
      String beatId,
      String truth,
      String predicted,
      double probability,
      EcgSignal window,
      int rSample,
      HeatMap.Spectrogram spectrogram,
      Optional<float[][]> importance) {}

  /** A beat of the gallery. */
  public record GalleryBeat(String id, String note, EcgSignal window, int rSample) {}

  /** Real and synthetic beats of one class. */
  public record GalleryRow(String className, List<GalleryBeat> real, List<GalleryBeat> synthetic) {
    public GalleryRow {
      real = List.copyOf(real);
      synthetic = List.copyOf(synthetic);
    }
  }

  /** One effective setting. */
  public record Setting(String key, String value) {}

  /** The level that the headline speaks of. */
  public LevelEvaluation headlineLevel() {
    return levels.get(levels.size() - 1);
  }
}
