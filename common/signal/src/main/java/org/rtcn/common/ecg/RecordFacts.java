package org.rtcn.common.ecg;

import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a source says about a recording besides its signals.
 *
 * @param patientName the source's name of the patient
 * @param ageYears null if not stated
 * @param sex {@code male}, {@code female} or null
 * @param diagnosis the source's own words, null if it has none
 * @param infarctSites codes joined by '+', null without a stated site
 * @param label the label that follows
 * @param simulated whether the recording is not one of a person
 * @param stratFold the source's own fold, null if it has none
 * @param statements coded statements with likelihoods, for example {@code IMI:100 SR:0}, null if
 *     the source has none
 * @param infarctStadium the source's own words, null if it has none
 * @param validatedByHuman null if the source does not say
 * @param unread values that the source states and that gave nothing, for example {@code age=89+}
 */
public record RecordFacts(
    String patientName,
    Float ageYears,
    String sex,
    String diagnosis,
    String infarctSites,
    Label label,
    boolean simulated,
    Integer stratFold,
    String statements,
    String infarctStadium,
    Boolean validatedByHuman,
    List<String> unread)
    implements Serializable {
  private static final int SHOWN = 40;

  public RecordFacts {
    unread = List.copyOf(unread);
  }

  /** Facts of a source without coded statements, all of whose values were understood. */
  public RecordFacts(
      String patientName,
      Float ageYears,
      String sex,
      String diagnosis,
      String infarctSites,
      Label label,
      boolean simulated,
      Integer stratFold) {
    this(
        patientName,
        ageYears,
        sex,
        diagnosis,
        infarctSites,
        label,
        simulated,
        stratFold,
        null,
        null,
        null,
        List.of());
  }

  /** How {@link #unread} names a value: on one line, short, without a semicolon. */
  public static String unread(String column, String text) {
    String line = text.strip().replaceAll("[\\p{Cntrl};]", " ");
    return column
        + "="
        + (line.codePointCount(0, line.length()) <= SHOWN
            ? line
            : line.substring(0, line.offsetByCodePoints(0, SHOWN)) + "…");
  }

  /** The same, simulated if the recording itself says so, whatever its labels come from. */
  public RecordFacts simulatedAsStated(boolean stated) {
    return simulated || !stated
        ? this
        : new RecordFacts(
            patientName,
            ageYears,
            sex,
            diagnosis,
            infarctSites,
            label,
            true,
            stratFold,
            statements,
            infarctStadium,
            validatedByHuman,
            unread);
  }

  /** The same without label, diagnosis and fold: what prediction may know. */
  public RecordFacts withoutLabel() {
    return new RecordFacts(
        patientName,
        ageYears,
        sex,
        null,
        null,
        Label.UNKNOWN,
        simulated,
        null,
        null,
        null,
        null,
        unread);
  }

  /** The site codes joined by '+', in the order of {@link InfarctSite}; null for none. */
  public static String joined(Collection<InfarctSite> sites) {
    return sites.isEmpty()
        ? null
        : new TreeSet<>(sites).stream().map(InfarctSite::name).collect(Collectors.joining("+"));
  }

  /** The label of an infarct with these sites: the one site, or that there are none or several. */
  public static Label infarctLabel(Set<InfarctSite> sites) {
    return switch (sites.size()) {
      case 0 -> Label.MI_UNLOCALISED;
      case 1 -> Label.of(sites.iterator().next());
      default -> Label.MI_MULTIPLE;
    };
  }
}
