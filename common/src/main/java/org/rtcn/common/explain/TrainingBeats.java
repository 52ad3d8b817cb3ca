package org.rtcn.common.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.storage.NamedArrays;
import org.rtcn.common.storage.NamedArrays.Spec;
import org.rtcn.common.storage.StrictJson;

/**
 * Some of the beats that a model has learned from, one of each of some patients, without any name:
 * answers are explained from the healthy ones among them, and pages show which of all are most like
 * a new beat. They travel in a file of their own next to the weights; a model without it is the
 * same, but for what its pages can show.
 *
 * @param modelId of the model that has learned from them
 * @param beats in a fixed order
 */
public record TrainingBeats(String modelId, List<Kept> beats) {
  /** Longer files are refused before they are read. */
  public static final long LONGEST_FILE = 1L << 28;

  /** The file next to a model's folder. */
  public static String fileOf(String folder) {
    return folder + "-beats.safetensors";
  }

  private static final String WHERE = "file …-beats.safetensors next to the model";

  /** A file that says more is refused. */
  private static final int MOST = 10_000;

  private static final String KIND = "rtcn-beats/1";
  private static final String WINDOWS = "windows";

  /**
   * A beat.
   *
   * @param label its class
   * @param simulated whether a generator of ECG made its recording
   * @param window {@code [lead][sample]} in mV, as the model's beats are cut
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Kept(String label, boolean simulated, float[][] window) {}

  /**
   * A beat and how far it lies from another.
   *
   * @param distanceMv root mean square difference over all leads and samples of the window
   */
  public record Neighbour(Kept beat, double distanceMv) {}

  /** What stands in the file next to the numbers: a label and a flag per beat. */
  record Description(String modelId, List<String> labels, List<Boolean> simulated) {
    Description {
      labels = List.copyOf(labels);
      simulated = List.copyOf(simulated);
    }
  }

  /**
   * @throws IllegalArgumentException if there is no beat, or windows are of several sizes
   */
  public TrainingBeats {
    beats = List.copyOf(beats);
    if (beats.isEmpty()) {
      throw new IllegalArgumentException("Invalid training beats: there is none");
    }
    int samples = beats.get(0).window()[0].length;
    for (Kept beat : beats) {
      for (float[] lead : beat.window()) {
        if (beat.window().length != Lead.STANDARD_12.size() || lead.length != samples) {
          throw new IllegalArgumentException(
              "Invalid training beats: each must have 12 leads of " + samples + " samples");
        }
      }
    }
  }

  /** What healthy beats are compared with; empty where none is among them. */
  public Optional<HealthyReference> healthy() {
    List<float[][]> windows =
        beats.stream()
            .filter(beat -> !Label.valueOf(beat.label()).isInfarction())
            .map(Kept::window)
            .toList();
    return windows.isEmpty() ? Optional.empty() : Optional.of(new HealthyReference(windows));
  }

  /**
   * Those most like a beat, the most similar first; among equals the first in the file.
   *
   * @param window as the model's beats are cut
   * @param most how many at most
   */
  public List<Neighbour> nearest(float[][] window, int most) {
    return beats.stream()
        .map(beat -> new Neighbour(beat, HealthyReference.distance(beat.window(), window)))
        .sorted(Comparator.comparingDouble(Neighbour::distanceMv))
        .limit(most)
        .toList();
  }

  /** How many there are of each class, in the order of the model's classes. */
  public Map<String, Long> byClass(List<String> classes) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (String name : classes) {
      long count = beats.stream().filter(beat -> beat.label().equals(name)).count();
      if (count > 0) {
        counts.put(name, count);
      }
    }
    return counts;
  }

  /** The file. */
  public byte[] toBytes() {
    int samples = beats.get(0).window()[0].length;
    float[] all = new float[beats.size() * Lead.STANDARD_12.size() * samples];
    int at = 0;
    for (Kept beat : beats) {
      for (float[] lead : beat.window()) {
        System.arraycopy(lead, 0, all, at, samples);
        at += samples;
      }
    }
    return NamedArrays.of(
            KIND,
            new Description(
                modelId,
                beats.stream().map(Kept::label).toList(),
                beats.stream().map(Kept::simulated).toList()))
        .floats(Spec.of(WINDOWS, beats.size(), Lead.STANDARD_12.size(), samples), all)
        .build()
        .toBytes();
  }

  /**
   * Reads what {@link #toBytes} wrote; of unknown origin, like a model.
   *
   * @param model whose beats they must be
   * @throws IllegalArgumentException if the file is damaged, or of another model
   */
  public static TrainingBeats parse(byte[] bytes, RtcnModel model) {
    NamedArrays arrays;
    try {
      arrays = NamedArrays.parse(bytes, KIND);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Invalid " + WHERE + ", without which it answers as well: " + e.getMessage(), e);
    }
    Description description = arrays.description(Description.class);
    if (!description.modelId().equals(model.modelId())) {
      throw new IllegalArgumentException(
          "Invalid "
              + WHERE
              + ": it belongs to model "
              + StrictJson.quoted(description.modelId())
              + ", not to "
              + model.modelId()
              + "; copy the one that was made with the model, or delete it");
    }
    int count = description.labels().size();
    if (count == 0
        || count > MOST
        || description.simulated().size() != count
        || !model.classes().containsAll(description.labels())) {
      throw new IllegalArgumentException(
          "Invalid "
              + WHERE
              + ": it must name a class of the model for each of 1 to "
              + MOST
              + " beats; copy the one that was made with the model, or delete it");
    }
    int samples = new ModelInput(model).options().beats().windowSamples();
    Spec spec = Spec.of(WINDOWS, count, Lead.STANDARD_12.size(), samples);
    arrays.requireExactly(List.of(spec));
    float[] all = arrays.floats(spec);
    List<Kept> beats = new ArrayList<>();
    for (int beat = 0; beat < count; beat++) {
      int from = beat * Lead.STANDARD_12.size() * samples;
      float[][] window =
          IntStream.range(0, Lead.STANDARD_12.size())
              .mapToObj(
                  lead ->
                      Arrays.copyOfRange(all, from + lead * samples, from + (lead + 1) * samples))
              .toArray(float[][]::new);
      beats.add(
          new Kept(description.labels().get(beat), description.simulated().get(beat), window));
    }
    return new TrainingBeats(model.modelId(), beats);
  }
}
