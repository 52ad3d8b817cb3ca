package org.rtcn.common.diagnose;

import java.util.Arrays;
import java.util.Optional;
import org.rtcn.common.explain.HealthyReference;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.explain.MapMaker;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.metrics.LikeCases;
import org.rtcn.common.nn.RtcnModel;

/**
 * What explanations and pages of a model's answers rest on.
 *
 * @param model the model
 * @param healthy what beats are compared with
 * @param training beats that it has learned from; empty where none lie next to it
 * @param evaluated what its evaluation says of answers like one; empty where there is none
 * @param map what explains its answers
 */
public record ModelEvidence(
    RtcnModel model,
    HealthyReference healthy,
    Optional<TrainingBeats> training,
    Optional<LikeCases> evaluated,
    MapKind map) {

  /** Explains from the healthy training beats; from simulated ones where there are none. */
  public static ModelEvidence of(
      RtcnModel model, Optional<TrainingBeats> training, Optional<LikeCases> evaluated) {
    Optional<LikeCases> own = evaluated.filter(cases -> cases.modelId().equals(model.modelId()));
    return new ModelEvidence(
        model,
        training
            .flatMap(TrainingBeats::healthy)
            .orElseGet(() -> HealthyReference.simulated(new ModelInput(model))),
        training,
        own,
        own.map(LikeCases::map)
            .flatMap(
                stated ->
                    Arrays.stream(MapKind.values())
                        .filter(kind -> kind.name().equals(stated))
                        .findFirst())
            .orElse(MapKind.LEAD_SEGMENT));
  }

  /** The same with answers explained in another way. */
  public ModelEvidence explainedBy(MapKind other) {
    return new ModelEvidence(model, healthy, training, evaluated, other);
  }

  /** Says what speaks for the model's answers; for one thread. */
  public MapMaker explainer() {
    return map.maker(model, healthy);
  }
}
