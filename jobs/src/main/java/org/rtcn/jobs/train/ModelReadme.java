package org.rtcn.jobs.train;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.rtcn.common.nn.RtcnModel;

/**
 * The model card as a file beside the weights, with the front matter that model hubs read. It says
 * what training knows; nothing reads it back, and a model without it, or with another, is the same.
 */
final class ModelReadme {
  /** Its name in the model's folder. */
  static final String FILE = "README.md";

  private ModelReadme() {}

  /**
   * The card.
   *
   * @param beatsByClass recorded beats, before validation patients were set aside
   * @param synthetic generated beats that it has learned from
   * @param validationPatients set aside in training
   */
  static String of(
      RtcnModel model, Map<String, Long> beatsByClass, long synthetic, int validationPatients) {
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
            "| weights | " + String.format(Locale.ROOT, "%,d", model.graph().numParams()) + " |",
            "| an infarct is answered from a probability of | " + model.detection().words() + " |",
            "| learned from | "
                + (model.trainingPatients().size() - validationPatients)
                + " patients; "
                + validationPatients
                + " others for validation; recorded beats of them all "
                + beatsByClass
                + "; "
                + synthetic
                + " generated beats |",
            "| not stated: yours to add | origin of the patients, devices, ethical approval,"
                + " intended population, licence |",
            "",
            data
                + " `model.json` names the patients that it has learned from (their ids in the"
                + " run): think of that before you pass it on.",
            "",
            "How well it reads patients that it has not seen is in the report of `rtcn evaluate`;"
                + " this card is written when training ends, and knows no such figure.",
            ""));
  }
}
