package org.rtcn.common.report;

import java.util.List;
import java.util.Map;

/**
 * From the input to the evaluation, with what was left out on the way.
 *
 * @param steps in their order
 */
public record FlowSection(List<Step> steps) implements Section {
  /**
   * One box of the flow diagram.
   *
   * @param stage what happened, for example "ingest"
   * @param kept what was left, for example 80 records; empty where there is nothing to count
   * @param refused what was left out here, by reason
   */
  public record Step(String stage, List<Count> kept, List<Count> refused) {
    public Step {
      kept = List.copyOf(kept);
      refused = List.copyOf(refused);
    }
  }

  public FlowSection {
    steps = List.copyOf(steps);
  }

  @Override
  public String id() {
    return "flow";
  }

  @Override
  public String heading() {
    return "From the recordings to the evaluation";
  }

  @Override
  public String html() {
    return Templates.fill(
        "flow.ftlh",
        Map.of(
            "flow",
            steps.stream()
                .map(
                    step ->
                        Map.of(
                            "stage",
                            step.stage(),
                            "kept",
                            step.kept().stream().map(Views::of).toList(),
                            "refused",
                            step.refused().stream().map(Views::of).toList()))
                .toList()));
  }
}
