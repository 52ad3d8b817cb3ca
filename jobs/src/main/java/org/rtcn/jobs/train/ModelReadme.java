package org.rtcn.jobs.train;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.nn.RtcnModel;

/**
 * The model card as a file next to the weights, with the front matter that model hubs read. It says
 * what training knows; nothing reads it back, and a model without it, or with another, is the same.
 */
final class ModelReadme {
  /** Its name in the model's folder. */
  static final String FILE = "README.md";

  private ModelReadme() {}

  /**
   * The card.
   *
   * @param census whom it has learned from
   * @param synthetic generated beats that it has learned from
   * @param pretrained the model that it went on from
   * @param kept training beats that travel with it
   */
  static String of(
      RtcnModel model,
      TrainingData.Census census,
      long synthetic,
      Optional<Pretrained> pretrained,
      Optional<TrainingBeats> kept) {
    int validationPatients = census.heldBack().size();
    String data =
        model.simulated()
            ? "**Simulated ECG.** Its answers say nothing about a person."
            : "Recordings of people: name and licence of the data set are yours to add before you"
                + " pass it on.";
    return String.join(
        "\n",
        List.of(
            "---",
            "library_name: rtcn-spark",
            "pipeline_tag: other",
            "tags: [ecg, myocardial-infarction, research-only"
                + (model.simulated() ? ", simulated-data" : "")
                + "]",
            "# license: not stated, yours to add",
            "---",
            "",
            "# RTCN " + model.modelId(),
            "",
            "> Research use only. Not a medical device. Not for diagnosis, treatment or triage.",
            "",
            "| | |",
            "|---|---|",
            "| reads | 12-lead ECG, "
                + model.standardizer().input().name().toLowerCase(Locale.ROOT)
                + " input of "
                + model.config().voices()
                + " x "
                + model.config().columns()
                + " per channel, made by the settings in `model.json` |",
            "| answers | " + String.join(", ", model.classes()) + " |",
            "| weights | " + String.format(Locale.ROOT, "%,d", model.weightCount()) + " |",
            "| an infarct is answered from a probability of | " + model.detection().words() + " |",
            "| learned from | "
                + (census.patients().size() - validationPatients)
                + " patients; "
                + validationPatients
                + " others for validation; recorded beats of them all "
                + census.byClass()
                + "; "
                + synthetic
                + " generated beats |",
            "| went on from | "
                + pretrained.map(ModelReadme::words).orElse("no other model")
                + " |",
            "| beside the weights | "
                + kept.map(beats -> words(model, beats)).orElse("no training beats")
                + " |",
            "| not stated: yours to add | origin of the patients, devices, ethical approval,"
                + " intended population, licence |",
            "",
            data
                + " `model.json` names the patients that it has learned from (their ids in the"
                + " run)"
                + ": think of that before you pass it on.",
            "",
            "How well it reads patients that it has not seen is in the report of `rtcn evaluate`;"
                + " this card is written when training ends, and knows no such figure.",
            ""));
  }

  private static String words(RtcnModel model, TrainingBeats kept) {
    return "`"
        + TrainingBeats.fileOf("NAME")
        + "` next to this folder `NAME`: ECG of one heartbeat each of training patients "
        + kept.byClass(model.classes())
        + ", without names; think of that before you pass it on, the model answers without it";
  }

  private static String words(Pretrained pretrained) {
    return "model "
        + pretrained.model().modelId()
        + ", which had learned from "
        + pretrained.model().trainingPatients().size()
        + (pretrained.model().simulated() ? " simulated patients" : " patients");
  }
}
