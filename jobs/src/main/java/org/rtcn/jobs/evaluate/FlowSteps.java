package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.rtcn.common.report.Count;
import org.rtcn.common.report.FlowSection;

/**
 * Turns the counts of manifests into boxes of the flow diagram. Counts are named {@code what},
 * {@code what.kept} or {@code what.refused.REASON}; those without words of their own show their
 * name.
 */
final class FlowSteps {
  /** The stages before the evaluation, in their order. */
  static final List<String> STAGES = List.of("simulate", "ingest", "transform", "augment", "train");

  private static final Map<String, String> TITLES =
      Map.of(
          "simulate", "Recordings simulated",
          "ingest", "Recordings read, checked and labelled",
          "transform", "Heartbeats cut out and transformed",
          "augment", "Synthetic beats made for training",
          "train", "Network trained",
          "evaluate", "Evaluated on held-out patients");

  /** Stage and count to words, in the order of the box; empty words: not shown. */
  private static final Map<String, String> WORDS = new LinkedHashMap<>();

  static {
    WORDS.put("simulate patients", "patients");
    WORDS.put("simulate records", "records");
    WORDS.put("ingest read", "recordings found");
    WORDS.put("ingest kept", "records");
    WORDS.put("ingest patients", "patients");
    WORDS.put("transform records.read", "");
    WORDS.put("transform records.kept", "records with heartbeats");
    WORDS.put("transform r_peaks", "R peaks");
    WORDS.put("transform beats.kept", "beats");
    WORDS.put("augment training_beats.used", "recorded beats learned from");
    WORDS.put("augment beats.planned", "");
    WORDS.put("augment beats.drawn", "beats drawn");
    WORDS.put("augment beats.kept", "synthetic beats kept");
    WORDS.put("train patients", "patients");
    WORDS.put("train patients.validation", "of them for validation only");
    WORDS.put("train beats.real", "recorded beats");
    WORDS.put("train beats.synthetic", "synthetic beats");
    WORDS.put("train workers", "");
    WORDS.put("train weights", "");
    WORDS.put("evaluate beats.read", "");
    WORDS.put("evaluate patients.kept", "patients");
    WORDS.put("evaluate records", "records");
    WORDS.put("evaluate beats.kept", "beats");
    WORDS.put("evaluate validation.patients", "");
  }

  private FlowSteps() {}

  static FlowSection.Step of(String stage, Map<String, Long> counts) {
    List<Count> kept = new ArrayList<>();
    List<Count> refused = new ArrayList<>();
    Map<String, Long> left = new TreeMap<>(counts);
    WORDS.forEach(
        (key, words) -> {
          if (key.startsWith(stage + " ")) {
            Long value = left.remove(key.substring(stage.length() + 1));
            if (value != null && !words.isEmpty()) {
              kept.add(new Count(words, value));
            }
          }
        });
    left.forEach(
        (name, value) -> {
          int at = name.indexOf("refused.");
          if (at < 0) {
            kept.add(new Count(plain(name), value));
          } else {
            String what = at == 0 ? "recordings" : plain(name.substring(0, at - 1));
            refused.add(
                new Count(what + ": " + plain(name.substring(at + "refused.".length())), value));
          }
        });
    return new FlowSection.Step(TITLES.getOrDefault(stage, stage), kept, refused);
  }

  private static String plain(String name) {
    return name.replace('.', ' ').replace('_', ' ').replace('-', ' ').toLowerCase(Locale.ROOT);
  }
}
