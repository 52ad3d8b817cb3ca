package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The items of TRIPOD+AI (Collins et al., BMJ 2024;385:e078378) and of STARD (Bossuyt et al., BMJ
 * 2015;351:h5527) with what STARD-AI (Sounderajah et al., Nature Medicine 2025) adds, in our words.
 * An item is answered by facts of the run alone; what only the people behind a study can say is
 * left to them. STARD-AI's additions are named by theme: its numbering is not repeated here.
 */
public final class Checklist {
  private Checklist() {}

  /** What an item without an answer says. */
  static final String NOT_STATED = "Not stated: yours to add";

  /** Something that a run may have done. Its text comes from the run's manifests. */
  public enum Fact {
    SOURCES("data sets, and how many recordings of them were read"),
    ELIGIBILITY("what was left out before and after reading, by reason"),
    PREPARATION("how signals were prepared"),
    OUTCOME("the classes, and whose labels they are"),
    PREDICTORS("what the network reads"),
    PATIENTS("how many patients, and how many with an infarct, were learned from and held out"),
    PARTITION("how patients were assigned to folds"),
    NETWORK("the network and how it was trained"),
    VALIDATION("patients set aside in training"),
    IMBALANCE("how unequal classes were treated"),
    SYNTHETIC("generated beats that took part in training"),
    PREDICTION("how the answers of beats become that of a patient"),
    THRESHOLD("the threshold of detection and its origin"),
    TEMPERATURE("temperatures that were fitted"),
    INTERVALS("how intervals were computed"),
    SUBGROUPS("subgroups that were reported"),
    BASELINES("simpler answers to the same patients"),
    MISREAD("the misread patients"),
    EXPLANATIONS("how the explanations did on simulated twins"),
    VERSION("version, model ID and seed");

    private final String words;

    Fact(String words) {
      this.words = words;
    }

    /** What it is a fact about. */
    public String words() {
      return words;
    }
  }

  /**
   * One item.
   *
   * @param guideline TRIPOD+AI, STARD or STARD-AI
   * @param number of the item; a theme with STARD-AI
   * @param asks what it asks for
   * @param section id of a section of the page; empty where the page does not answer
   * @param answer facts of the run, or that it is not stated
   */
  public record Item(String guideline, String number, String asks, String section, String answer) {
    /** Whether the run answers it. */
    public boolean isAnswered() {
      return !answer.equals(NOT_STATED);
    }
  }

  /**
   * All items in the order of their lists.
   *
   * @param facts of the run
   * @param sections ids of the sections that the page has
   */
  public static List<Item> items(Map<Fact, String> facts, Set<String> sections) {
    List<Item> items = new ArrayList<>();
    // Where a fact is told in full; later items of the same list point there.
    Map<String, String> told = new HashMap<>();
    for (Question question : QUESTIONS) {
      List<String> said =
          question.facts.stream()
              .filter(facts::containsKey)
              .map(
                  fact -> {
                    String before = told.putIfAbsent(question.guideline + fact, question.number);
                    return before == null || before.equals(question.number)
                        ? facts.get(fact)
                        : "See " + before + ".";
                  })
              .distinct()
              .toList();
      boolean isAnswered = !said.isEmpty();
      items.add(
          new Item(
              question.guideline,
              question.number,
              question.asks,
              isAnswered && sections.contains(question.section) ? question.section : "",
              isAnswered ? String.join(" ", said) : NOT_STATED));
    }
    return items;
  }

  /**
   * An item as a guideline has it.
   *
   * @param section id of the section that holds more
   * @param facts that answer it; none where people have to
   */
  public record Question(
      String guideline, String number, String asks, String section, List<Fact> facts) {
    public Question {
      facts = List.copyOf(facts);
    }
  }

  /** All items, whatever a run has done. */
  public static List<Question> questions() {
    return QUESTIONS;
  }

  private static Question tripod(String number, String asks, String section, Fact... facts) {
    return new Question("TRIPOD+AI", number, asks, section, List.of(facts));
  }

  private static Question stard(String number, String asks, String section, Fact... facts) {
    return new Question("STARD", number, asks, section, List.of(facts));
  }

  private static Question stardAi(String theme, String asks, String section, Fact... facts) {
    return new Question("STARD-AI", theme, asks, section, List.of(facts));
  }

  private static final List<Question> QUESTIONS =
      List.of(
          tripod("1", "Title: kind of study, population, outcome", ""),
          tripod("2", "Abstract", ""),
          tripod("3a", "Clinical context and existing models", ""),
          tripod("3b", "Target population and intended users", ""),
          tripod("3c", "Known inequalities between groups", ""),
          tripod("4", "Objectives", ""),
          tripod("5a", "Sources of data", "flow", Fact.SOURCES),
          tripod("5b", "Dates of accrual", ""),
          tripod("6a", "Setting and centres", ""),
          tripod("6b", "Eligibility", "flow", Fact.ELIGIBILITY),
          tripod("6c", "Treatments received", ""),
          tripod("7", "Preparation and quality checks of data", "settings", Fact.PREPARATION),
          tripod("8a", "Outcome and how it was assessed", "cohort", Fact.OUTCOME),
          tripod("8b", "Who assessed it", ""),
          tripod("8c", "Blinding of the assessment", ""),
          tripod("9a", "Choice of predictors", "method", Fact.PREDICTORS),
          tripod("9b", "Definition of predictors", "method", Fact.PREPARATION),
          tripod("9c", "Who assessed predictors", ""),
          tripod("10", "How the sample size was arrived at", ""),
          tripod("11", "Missing data", "flow", Fact.ELIGIBILITY),
          tripod("12a", "How data were divided", "summary", Fact.PARTITION),
          tripod("12b", "Handling of predictors", "settings", Fact.PREPARATION),
          tripod("12c", "Type of model, tuning", "training", Fact.NETWORK, Fact.VALIDATION),
          tripod("12d", "Differences between clusters", ""),
          tripod("12e", "Measures of performance", "method", Fact.INTERVALS),
          tripod("12f", "Updating, such as recalibration", "calibration", Fact.TEMPERATURE),
          tripod("12g", "How predictions were calculated", "method", Fact.PREDICTION),
          tripod("13", "Class imbalance", "beside", Fact.IMBALANCE, Fact.SYNTHETIC),
          tripod("14", "Fairness", "subgroups", Fact.SUBGROUPS),
          tripod("15", "Output and thresholds", "detection", Fact.THRESHOLD),
          tripod("16", "Development against evaluation data", "cohort", Fact.PATIENTS),
          tripod("17", "Ethical approval and consent", ""),
          tripod("18a", "Funding", ""),
          tripod("18b", "Conflicts of interest", ""),
          tripod("18c", "Protocol", ""),
          tripod("18d", "Registration", ""),
          tripod("18e", "Data sharing", ""),
          tripod("18f", "Code sharing", "card", Fact.VERSION),
          tripod("19", "Involvement of patients and public", ""),
          tripod("20a", "Flow of participants", "flow", Fact.SOURCES),
          tripod("20b", "Characteristics", "cohort", Fact.PATIENTS),
          tripod("20c", "Comparison of development and evaluation", "cohort", Fact.PATIENTS),
          tripod("21", "Participants and events per analysis", "cohort", Fact.PATIENTS),
          tripod("22", "Specification of the model", "settings", Fact.NETWORK, Fact.VERSION),
          tripod("23a", "Performance with intervals", "results", Fact.INTERVALS),
          tripod("23b", "Heterogeneity of performance", "subgroups", Fact.SUBGROUPS),
          tripod("24", "Results of updating", "calibration", Fact.TEMPERATURE),
          tripod("25", "Interpretation", ""),
          tripod("26", "Limitations", ""),
          tripod("27a", "Poor or missing input in use", ""),
          tripod("27b", "What users must do and know", ""),
          tripod("27c", "Next steps, generalisability", ""),
          stard("1", "Title or abstract names a measure of accuracy", ""),
          stard("2", "Structured abstract", ""),
          stard("3", "Background, intended use", ""),
          stard("4", "Objectives and hypotheses", ""),
          stard("5", "Prospective or retrospective", ""),
          stard("6", "Eligibility", "flow", Fact.ELIGIBILITY),
          stard("7", "On what basis participants were identified", ""),
          stard("8", "Where and when", ""),
          stard("9", "Consecutive, random or convenience series", ""),
          stard("10a", "Index test", "method", Fact.PREDICTORS, Fact.NETWORK),
          stard("10b", "Reference standard", "cohort", Fact.OUTCOME),
          stard("11", "Why this reference standard", ""),
          stard("12a", "Cut-offs of the index test, prespecified?", "detection", Fact.THRESHOLD),
          stard("12b", "Cut-offs of the reference standard", ""),
          stard("13a", "What the index test's readers knew", "method", Fact.PREDICTORS),
          stard("13b", "What the reference's assessors knew", ""),
          stard("14", "Methods of comparing accuracy", "method", Fact.INTERVALS),
          stard("15", "Indeterminate results", "flow", Fact.ELIGIBILITY),
          stard("16", "Missing data", "flow", Fact.ELIGIBILITY),
          stard("17", "Variability", "subgroups", Fact.SUBGROUPS),
          stard("18", "Intended sample size", ""),
          stard("19", "Flow of participants", "flow", Fact.SOURCES),
          stard("20", "Characteristics", "cohort", Fact.PATIENTS),
          stard("21a", "Severity in those with the condition", ""),
          stard("21b", "Other diagnoses in those without", ""),
          stard("22", "Time between test and reference", ""),
          stard("23", "Cross table", "results", Fact.MISREAD),
          stard("24", "Estimates with intervals", "results", Fact.INTERVALS),
          stard("25", "Adverse events", ""),
          stard("26", "Limitations", ""),
          stard("27", "Implications for practice", ""),
          stard("28", "Registration", ""),
          stard("29", "Protocol", ""),
          stard("30", "Funding", ""),
          stardAi("data", "Source, collection, annotation", "flow", Fact.SOURCES, Fact.OUTCOME),
          stardAi("data", "Preparation before the test", "settings", Fact.PREPARATION),
          stardAi("data", "Partitions and their purpose", "summary", Fact.PARTITION),
          stardAi("data", "Generated data", "generator", Fact.SYNTHETIC),
          stardAi("index test", "Version and availability", "card", Fact.VERSION),
          stardAi("index test", "Development of the model", "training", Fact.NETWORK),
          stardAi("index test", "Choice of threshold", "detection", Fact.THRESHOLD),
          stardAi("index test", "Human and machine in use", ""),
          stardAi("evaluation", "Compared with simpler tests", "beside", Fact.BASELINES),
          stardAi("evaluation", "Analysis of errors", "misread", Fact.MISREAD),
          stardAi("evaluation", "Explanations and their checks", "looks", Fact.EXPLANATIONS),
          stardAi("fairness", "Algorithmic bias", "subgroups", Fact.SUBGROUPS),
          stardAi("fairness", "Generalisability to other places", ""),
          stardAi("openness", "Access to data and code", ""),
          stardAi("openness", "Commercial interests, audit", ""));
}
