package org.rtcn.common.report;

import java.util.List;
import java.util.Set;

/**
 * Where the page answers the items of TRIPOD+AI (Collins et al., BMJ 2024;385:e078378) and of STARD
 * 2015 with its extension STARD-AI. Items that only people can answer are said to be theirs.
 */
public final class Checklist {
  private Checklist() {}

  /**
   * One item.
   *
   * @param guideline which list and number
   * @param item what it asks for, in our words
   * @param section anchor on the page; empty where the page cannot answer
   * @param answer where, or why not
   */
  public record Item(String guideline, String item, String section, String answer) {}

  /** What a page says where it does not answer. */
  static final String NOT_STATED = "Not stated: yours to add";

  /**
   * All items, in the order of TRIPOD+AI. What points to a section that this page does not have, or
   * to something that did not happen in this run, is not stated.
   *
   * @param sections anchors of the page's sections
   * @param calibrated whether temperatures were fitted
   */
  public static List<Item> items(Set<String> sections, boolean calibrated) {
    return all().stream()
        .map(
            item ->
                (item.section().isEmpty() || sections.contains(item.section()))
                        && (calibrated || !item.answer().equals(TEMPERATURE))
                    ? item
                    : new Item(item.guideline(), item.item(), "", NOT_STATED))
        .toList();
  }

  private static final String TEMPERATURE = "Temperature scaling, before and after";

  private static List<Item> all() {
    return List.of(
        item(
            "TRIPOD+AI 1",
            "Title names the kind of study",
            "",
            "Page title; an abstract (2) is the author's"),
        item(
            "TRIPOD+AI 3a-c",
            "Clinical context, intended users, inequalities",
            "h-card",
            "Intended use only; context is the author's"),
        item("TRIPOD+AI 4", "Objectives", "h-method", "Method and its source"),
        item(
            "TRIPOD+AI 5a",
            "Sources of data",
            "h-flow",
            "Data sets in the head, counts in the flow"),
        item(
            "TRIPOD+AI 5b, 6a",
            "Dates and setting of recruitment",
            "",
            "Not in the data: see the archive's own paper"),
        item("TRIPOD+AI 6b", "Eligibility", "h-flow", "What was left out, by reason"),
        item("TRIPOD+AI 6c", "Treatments received", "", "Not in the data"),
        item(
            "TRIPOD+AI 7",
            "Data preparation",
            "h-settings",
            "All settings of ingest and transform"),
        item(
            "TRIPOD+AI 8a-c; STARD 10b",
            "Outcome and reference standard",
            "h-card",
            "Labels are the archive's; assessors and blinding: see its paper"),
        item("TRIPOD+AI 9a-c", "Predictors", "h-method", "The 12-lead ECG alone"),
        item(
            "TRIPOD+AI 10; STARD 18",
            "Sample size",
            "h-summary",
            "Patients held out and trained; no calculation beforehand"),
        item(
            "TRIPOD+AI 11; STARD 16",
            "Missing data",
            "h-flow",
            "Invalid samples and absent leads are refused by reason"),
        item(
            "TRIPOD+AI 12a-g",
            "Analytical methods, tuning, measures",
            "h-method",
            "Method; settings; validation patients"),
        item(
            "TRIPOD+AI 13",
            "Class imbalance",
            "h-beside",
            "Settings train.balance and augment; decision offsets; baselines"),
        item(
            "TRIPOD+AI 14",
            "Fairness",
            "h-subgroups",
            "By sex and age band, with a rule for too few"),
        item(
            "TRIPOD+AI 15; STARD 12a",
            "Model output and thresholds",
            "h-detection",
            "Probability per class; one rule for both questions, its threshold stated"),
        item(
            "TRIPOD+AI 16",
            "Training versus evaluation data",
            "h-method",
            "Patients are disjoint, checked on the data"),
        item(
            "TRIPOD+AI 17, 18a-f; STARD 28-30",
            "Ethics, funding, protocol, data and code",
            "",
            "The author's; version and model id stand in the foot"),
        item("TRIPOD+AI 19", "Patient and public involvement", "", "The author's"),
        item("TRIPOD+AI 20a; STARD 19", "Flow of participants", "h-flow", "Flow diagram"),
        item(
            "TRIPOD+AI 20b, 20c; STARD 20",
            "Characteristics of participants",
            "h-cohort",
            "Sex, age, classes and recordings by group"),
        item(
            "TRIPOD+AI 21",
            "Model development: participants and events",
            "h-flow",
            "Counts of training"),
        item(
            "TRIPOD+AI 22",
            "Model specification",
            "h-settings",
            "Settings; the model folder holds the weights"),
        item(
            "TRIPOD+AI 23a; STARD 23, 24",
            "Performance with intervals",
            "h-results",
            "Confusion matrices and figures with intervals"),
        item(
            "TRIPOD+AI 23b",
            "Heterogeneity",
            "h-subgroups",
            "Subgroups; folds where cross-validated"),
        item("TRIPOD+AI 24", "Model updating", "h-calibration", TEMPERATURE),
        item(
            "TRIPOD+AI 25, 26; STARD 26",
            "Interpretation and limitations",
            "h-card",
            "Caveats of the model card; interpretation is the author's"),
        item("TRIPOD+AI 27a-c; STARD 27", "Usability", "h-card", "Research use only"),
        item(
            "STARD-AI",
            "Explanations and their checks",
            "h-looks",
            "Grad-CAM, weight randomisation, deletion"));
  }

  private static Item item(String guideline, String item, String section, String answer) {
    return new Item(guideline, item, section, answer);
  }
}
