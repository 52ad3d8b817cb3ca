package org.rtcn.common.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.explain.MapKind;

/**
 * Where the answer to a recording comes from, on one of its beats.
 *
 * @param name of the beat, for those who do not see the drawing
 * @param window the beat, in mV
 * @param rSample its R peak in the window
 * @param spectrogram of the lead that told most
 * @param importance Grad-CAM of the answer, {@code [voice][column]}, 0 to 1; empty where the
 *     network's gradients are not finite
 * @param healthy what beats are compared with, in words
 * @param pieces what each lead and segment of the beat says for the answer; empty where the
 *     network's gradients are not finite
 */
@SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
public record LookSection(
    String name,
    EcgSignal window,
    int rSample,
    HeatMap.Spectrogram spectrogram,
    Optional<float[][]> importance,
    String healthy,
    Optional<LeadSegmentMap> pieces)
    implements Section {
  @Override
  public String id() {
    return "look";
  }

  @Override
  public String heading() {
    return "Where the answer comes from";
  }

  @Override
  public String html() {
    Map<String, Object> model = new HashMap<>();
    model.put("healthy", healthy);
    model.put(
        "beat",
        EcgDrawing.beat(
            "beat", name, window, rSample, pieces.map(Views::shades).orElse(List.of())));
    model.put("shading", Views.shading(pieces));
    model.put("compared", pieces.isEmpty() || pieces.get().kind() == MapKind.LEAD_SEGMENT);
    model.put("explained", pieces.isPresent());
    model.put("pieces", pieces.map(Views::strongest).orElse(""));
    importance.ifPresent(map -> model.put("cam", HeatMap.importance("cam", spectrogram, map)));
    return Templates.fill("look.ftlh", model);
  }
}
