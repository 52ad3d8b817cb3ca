package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.explain.TrainingBeats;

/**
 * The training beats that look most like a beat, whatever the network makes of them.
 *
 * @param training those that travel with the model; empty where none do
 * @param classes the model's, in order
 * @param window the beat, {@code [lead][sample]} in mV
 * @param fsHz its sampling rate
 * @param rSample its R peak in the window
 */
@SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
public record NeighboursSection(
    Optional<TrainingBeats> training,
    List<String> classes,
    float[][] window,
    double fsHz,
    int rSample)
    implements Section {
  private static final int COUNTED = 10;
  private static final int DRAWN = 4;

  /** Two beats of one heart differ by more: noise alone is some microvolts. */
  private static final double SAME_MV = 1e-4;

  @Override
  public String id() {
    return "neighbours";
  }

  @Override
  public String heading() {
    return "Training beats most like it";
  }

  @Override
  public String html() {
    return Templates.fill(
        "neighbours.ftlh", training.map(this::view).orElse(Map.of("drawn", List.of())));
  }

  private Map<String, Object> view(TrainingBeats beats) {
    List<TrainingBeats.Neighbour> nearest = beats.nearest(window, COUNTED);
    Map<String, Long> labels = new LinkedHashMap<>();
    for (String name : classes) {
      labels.put(name, nearest.stream().filter(of -> of.beat().label().equals(name)).count());
    }
    List<Map<String, Object>> drawn = new ArrayList<>();
    for (TrainingBeats.Neighbour of : nearest.subList(0, Math.min(DRAWN, nearest.size()))) {
      String label = of.beat().label();
      drawn.add(
          Map.of(
              "label",
              label,
              "words",
              Views.className(label),
              "simulated",
              of.beat().simulated(),
              "distance",
              String.format(Locale.ROOT, "%.3f", of.distanceMv()),
              "svg",
              EcgDrawing.smallBeat(
                  "neighbour-" + drawn.size(),
                  "Training beat of class " + label + " in 12 leads",
                  new EcgSignal(fsHz, Lead.STANDARD_12, of.beat().window()),
                  rSample,
                  List.of())));
    }
    return Map.of(
        "kept",
        Figures.count(beats.beats().size()),
        "byClass",
        words(beats.byClass(classes)),
        "itself",
        nearest.get(0).distanceMv() < SAME_MV,
        "counted",
        nearest.size(),
        "labels",
        words(labels),
        "drawn",
        drawn);
  }

  private static String words(Map<String, Long> counts) {
    // A stable sort: among equals in the order of the classes.
    return counts.entrySet().stream()
        .filter(of -> of.getValue() > 0)
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .map(of -> Figures.count(of.getValue()) + " " + of.getKey())
        .collect(Collectors.joining(", "));
  }
}
