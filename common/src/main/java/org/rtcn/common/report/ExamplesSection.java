package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Held-out beats with what the model looked at.
 *
 * @param beats classified correctly, or with little confidence
 */
public record ExamplesSection(List<ExampleBeat> beats) implements Section {
  public ExamplesSection {
    beats = List.copyOf(beats);
  }

  @Override
  public String id() {
    return "examples";
  }

  @Override
  public String heading() {
    return "More heartbeats";
  }

  @Override
  public String html() {
    List<Map<String, Object>> views = new ArrayList<>();
    for (ExampleBeat beat : beats) {
      views.add(example("example-" + views.size(), beat));
    }
    return Templates.fill(
        "examples.ftlh",
        Map.of(
            "examples",
            views,
            "shading",
            Views.shading(beats.stream().flatMap(beat -> beat.pieces().stream()).findFirst())));
  }

  private static Map<String, Object> example(String id, ExampleBeat beat) {
    Map<String, Object> view = new HashMap<>();
    view.put("beatId", beat.beatId());
    view.put("truth", beat.truth());
    view.put("predicted", beat.predicted());
    view.put("probability", Figures.three(beat.probability()));
    view.put("kind", beat.kind());
    view.put("lead", beat.spectrogram().lead());
    view.put(
        "ecg",
        EcgDrawing.beat(
            id + "-ecg",
            "Beat " + beat.beatId() + " in 12 leads",
            beat.window(),
            beat.rSample(),
            beat.pieces().map(Views::shades).orElse(List.of())));
    view.put("pieces", beat.pieces().map(Views::strongest).orElse(""));
    view.put("heat", HeatMap.magnitude(id + "-st", beat.spectrogram()));
    view.put(
        "cam",
        beat.importance()
            .map(map -> HeatMap.importance(id + "-cam", beat.spectrogram(), map))
            .orElse(""));
    return view;
  }
}
