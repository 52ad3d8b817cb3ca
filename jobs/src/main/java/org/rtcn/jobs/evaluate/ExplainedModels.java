package org.rtcn.jobs.evaluate;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.rtcn.common.diagnose.ModelEvidence;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.nn.RtcnModel;

/**
 * The models behind an evaluation: one, or one per held-out fold.
 *
 * @param byFold by held-out fold; 0 where one model stands for all
 */
public record ExplainedModels(Map<Integer, ModelEvidence> byFold) {
  private static final int ALL = 0;

  /**
   * @throws IllegalArgumentException if there is none
   */
  public ExplainedModels {
    byFold = new TreeMap<>(byFold);
    if (byFold.isEmpty()) {
      throw new IllegalArgumentException("Invalid models: there must be one or more");
    }
  }

  /** One model for all predictions. */
  public static ExplainedModels one(ModelEvidence model) {
    return new ExplainedModels(Map.of(ALL, model));
  }

  /** The model that had not seen this case, with what explains its answers. */
  public ModelEvidence of(Prediction prediction) {
    return byFold.containsKey(ALL) ? byFold.get(ALL) : byFold.get(prediction.fold().orElseThrow());
  }

  /** Any of them: they share classes, network and image size. */
  public RtcnModel any() {
    return byFold.values().iterator().next().model();
  }

  /** The kind of map of all of them; contributions in log odds where they differ. */
  public MapKind map() {
    Set<MapKind> kinds = new TreeSet<>();
    byFold.values().forEach(of -> kinds.add(of.map()));
    return kinds.size() == 1 ? kinds.iterator().next() : MapKind.LEAD_SEGMENT;
  }

  /** The classes in the order of the probabilities. */
  public List<String> classes() {
    return any().classes();
  }

  /** The threshold of detection with its origin, in words. */
  public String threshold() {
    Set<String> each = new TreeSet<>();
    byFold.forEach(
        (fold, of) ->
            each.add((fold == ALL ? "" : "fold " + fold + ": ") + of.model().detection().words()));
    return String.join("; ", each);
  }

  /** Everybody whose beats have moved the weights of any. */
  public Set<String> trainingPatients() {
    Set<String> all = new TreeSet<>();
    byFold.values().forEach(of -> all.addAll(of.model().trainingPatients()));
    return all;
  }
}
