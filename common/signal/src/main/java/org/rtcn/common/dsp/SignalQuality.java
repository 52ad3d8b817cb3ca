package org.rtcn.common.dsp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The quality of a beat.
 *
 * @param leads what is wrong with each of the twelve standard leads, in table order
 * @param swap electrodes that seem swapped, judged on the whole recording
 * @param inconsistentLimbLeads whether the recording's limb leads contradict Einthoven's law
 */
public record SignalQuality(
    List<Set<QualityFlag>> leads, ElectrodeSwap swap, boolean inconsistentLimbLeads) {

  /** Copies the list; the sets are left to the caller. */
  public SignalQuality {
    leads = List.copyOf(leads);
  }

  /** Whether nothing is wrong. */
  public boolean isGood() {
    return words().isEmpty();
  }

  /**
   * In words: {@code ok}, or what is wrong in any lead, joined by '+', for example {@code
   * flat+noisy+swap_suspected}.
   */
  public String text() {
    List<String> words = words();
    return words.isEmpty() ? "ok" : String.join("+", words);
  }

  /** Per lead: {@code ok}, or what is wrong, joined by '+'. */
  public List<String> leadTexts() {
    return leads.stream().map(SignalQuality::text).toList();
  }

  /** The words of {@link #text}, none if nothing is wrong. */
  public List<String> words() {
    Set<QualityFlag> all = EnumSet.noneOf(QualityFlag.class);
    leads.forEach(all::addAll);
    List<String> words = new ArrayList<>();
    for (QualityFlag flag : all) {
      words.add(word(flag));
    }
    if (inconsistentLimbLeads) {
      words.add("limb_leads_inconsistent");
    }
    if (swap != ElectrodeSwap.NONE) {
      words.add("swap_suspected");
    }
    return Collections.unmodifiableList(words);
  }

  private static String text(Set<QualityFlag> flags) {
    return flags.isEmpty()
        ? "ok"
        : flags.stream().sorted().map(SignalQuality::word).collect(Collectors.joining("+"));
  }

  private static String word(QualityFlag flag) {
    return flag.name().toLowerCase(Locale.ROOT);
  }
}
