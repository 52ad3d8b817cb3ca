package org.rtcn.common.report;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.metrics.DetectionThreshold;
import org.rtcn.common.metrics.LikeCases;

/**
 * A model's answer to a recording, and how many others with such a probability had an infarct.
 *
 * @param predicted the answer
 * @param probabilities by class, in the model's order
 * @param probabilityMi of infarction at any site
 * @param detection from which {@code probabilityMi} on an infarct is answered
 * @param beats how many the answer rests on
 * @param quality ok, or what is wrong
 * @param like evaluated cases of the model; empty where no evaluation is at hand
 * @param counted whether this recording is one of them
 */
public record AnswerSection(
    String predicted,
    Map<String, Double> probabilities,
    double probabilityMi,
    DetectionThreshold detection,
    long beats,
    String quality,
    Optional<LikeCases> like,
    boolean counted)
    implements Section {
  public AnswerSection {
    probabilities = new LinkedHashMap<>(probabilities);
  }

  @Override
  public String id() {
    return "answer";
  }

  @Override
  public String heading() {
    return "Answer: " + predicted;
  }

  @Override
  public String html() {
    Map<String, Object> model = new HashMap<>();
    model.put("beats", Figures.count(beats));
    model.put("infarct", Figures.three(probabilityMi));
    model.put("threshold", Figures.three(detection.probability()));
    model.put("origin", detection.origin());
    model.put("quality", quality);
    model.put("counted", counted);
    model.put(
        "probabilities",
        probabilities.entrySet().stream()
            .map(of -> Map.of("name", of.getKey(), "value", Figures.three(of.getValue())))
            .toList());
    like.ifPresent(cases -> model.put("like", like(cases)));
    return Templates.fill("answer.ftlh", model);
  }

  private Map<String, Object> like(LikeCases of) {
    LikeCases.Group group = of.at(probabilityMi);
    Map<String, Object> view = new HashMap<>();
    view.put("what", of.level().equals("record") ? "recordings" : of.level() + "s");
    view.put("simulated", of.simulated());
    view.put("inside", group.lowest() <= probabilityMi && probabilityMi <= group.highest());
    view.put("cases", Figures.count(group.cases()));
    view.put("infarcts", Figures.count(group.infarcts()));
    view.put("lowest", Figures.three(group.lowest()));
    view.put("highest", Figures.three(group.highest()));
    view.put("share", Figures.percent((double) group.infarcts() / group.cases()));
    view.put("confidence", Figures.percent(of.confidence()));
    view.put("low", Figures.percent(group.low()));
    view.put("high", Figures.percent(group.high()));
    view.put("all", Figures.count(of.cases()));
    view.put("allInfarcts", Figures.count(of.infarcts()));
    return view;
  }
}
