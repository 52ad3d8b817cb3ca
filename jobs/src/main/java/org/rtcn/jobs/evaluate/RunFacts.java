package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.rtcn.common.report.Checklist.Fact;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.train.TrainFacts;

/**
 * What the manifests say of a run, for the reporting checklist: a fact that no manifest holds is
 * not stated.
 */
final class RunFacts {
  private final Map<String, Manifest> manifests;
  private final Map<Fact, String> facts = new EnumMap<>(Fact.class);

  private RunFacts(Map<String, Manifest> manifests) {
    this.manifests = manifests;
  }

  /**
   * The facts of stages before the evaluation.
   *
   * @param manifests by stage, those that led to the model
   */
  static Map<Fact, String> of(Map<String, Manifest> manifests) {
    RunFacts run = new RunFacts(manifests);
    run.ingested();
    run.transformed();
    run.trained();
    run.generated();
    return run.facts;
  }

  private void ingested() {
    Manifest ingest = manifests.get("ingest");
    if (ingest == null) {
      return;
    }
    facts.put(
        Fact.SOURCES,
        count(ingest, "read")
            + " recordings read, "
            + count(ingest, "kept")
            + " kept, of "
            + count(ingest, "patients")
            + " patients; dates and places: see the archive's own paper.");
    facts.put(
        Fact.OUTCOME,
        "Labels of the archive (classes "
            + setting("ingest", "train", "rtcn.classes")
            + "); who assessed them, and how: see its own paper.");
    facts.put(
        Fact.PARTITION,
        "Patients assigned to "
            + setting("ingest", "ingest", "rtcn.split.folds")
            + " folds, "
            + setting("ingest", "ingest", "rtcn.split.test-folds")
            + " held out from all that learns.");
  }

  private void transformed() {
    Manifest transform = manifests.get("transform");
    if (transform == null) {
      return;
    }
    Map<String, Long> refused = new TreeMap<>();
    for (Manifest manifest : manifests.values()) {
      if (manifest.stage().equals("augment")) {
        // Beats that it has generated are nobody's data.
        continue;
      }
      manifest
          .counts()
          .forEach(
              (name, n) -> {
                int at = name.indexOf(".refused.");
                if (at > 0) {
                  refused.merge(
                      name.substring(at + 9) + " (" + name.substring(0, at) + ")", n, Long::sum);
                }
              });
    }
    List<String> reasons = new ArrayList<>();
    refused.forEach((reason, n) -> reasons.add(String.format(Locale.ROOT, "%s %,d", reason, n)));
    facts.put(
        Fact.ELIGIBILITY,
        "Left out, by reason: "
            + (reasons.isEmpty() ? "nothing" : String.join(", ", reasons))
            + ".");
    facts.put(
        Fact.PREPARATION,
        "Denoised ("
            + setting("transform", "transform", "rtcn.transform.denoise")
            + ", "
            + setting("transform", "transform", "rtcn.transform.band-low-hz")
            + " to "
            + setting("transform", "transform", "rtcn.transform.band-high-hz")
            + " Hz), windows of "
            + setting("transform", "transform", "rtcn.transform.window.samples")
            + " samples at "
            + setting("transform", "transform", "rtcn.transform.window.fs-hz")
            + " Hz around "
            + count(transform, "r_peaks")
            + " R peaks, S-transform.");
  }

  private void trained() {
    Manifest train = manifests.get("train");
    if (train == null) {
      return;
    }
    facts.put(
        Fact.PREDICTORS,
        "The 12-lead ECG"
            + (setting("train", "train", "rtcn.train.network.patient-input").equals("none")
                ? " alone."
                : ", age and sex."));
    facts.put(
        Fact.NETWORK,
        "ResNet and Transformer, "
            + count(train, "weights")
            + " weights, at most "
            + setting("train", "train", "rtcn.train.epochs")
            + " epochs over "
            + count(train, "beats.real")
            + " recorded beats.");
    if (train.counts().getOrDefault("patients.validation", 0L) > 0) {
      facts.put(
          Fact.VALIDATION,
          count(train, "patients.validation")
              + " validation patients chose the epoch that was kept ("
              + TrainFacts.KEPT_EPOCH.require(train)
              + ").");
    }
    facts.put(
        Fact.IMBALANCE,
        "In training "
            + setting("train", "train", "rtcn.train.balance")
            + " count alike (rtcn.train.balance).");
  }

  private void generated() {
    Manifest train = manifests.get("train");
    if (train != null && train.counts().getOrDefault("beats.synthetic", 0L) > 0) {
      facts.put(
          Fact.SYNTHETIC,
          count(train, "beats.synthetic")
              + " beats of a diffusion model that has seen patients of the training folds alone"
              + (train.count("patients.validation") > 0
                  ? " (those set aside for validation among them)"
                  : "")
              + ", in training only.");
    }
  }

  private static String count(Manifest manifest, String name) {
    Long count = manifest.counts().get(name);
    return count == null ? "not stated" : String.format(Locale.ROOT, "%,d", count);
  }

  private String setting(String stage, String other, String key) {
    for (String name : List.of(stage, other)) {
      Manifest manifest = manifests.get(name);
      if (manifest != null && manifest.configuration().containsKey(key)) {
        return manifest.configuration().get(key).replace("\"", "");
      }
    }
    return "not stated";
  }
}
