package org.rtcn.common.ecg;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The facts in the header comments of the PTB Diagnostic ECG Database (and of our simulator, which
 * writes the same): {@code # Reason for admission: Myocardial infarction}, {@code # Acute
 * infarction (localization): infero-latera}.
 */
public final class PtbLabels {

  /** What counts as the site of an infarct. */
  public enum FormerInfarction {
    /** Only the acute infarction gives a site. */
    IGNORE,
    /** Where no acute site is stated, a former one gives it. */
    USE
  }

  /** Every spelling of the 549 headers, in lower case. */
  private static final Map<String, InfarctSite> SITES =
      Map.ofEntries(
          Map.entry("anterior", InfarctSite.AMI),
          Map.entry("antero-septal", InfarctSite.ASMI),
          Map.entry("antero-lateral", InfarctSite.ALMI),
          Map.entry("antero-septo-lateral", InfarctSite.ASLMI),
          Map.entry("inferior", InfarctSite.IMI),
          Map.entry("infero-lateral", InfarctSite.ILMI),
          Map.entry("infero-latera", InfarctSite.ILMI),
          Map.entry("infero-posterior", InfarctSite.IPMI),
          Map.entry("infero-postero-lateral", InfarctSite.IPLMI),
          Map.entry("infero-poster-lateral", InfarctSite.IPLMI),
          Map.entry("posterior", InfarctSite.PMI),
          Map.entry("postero-lateral", InfarctSite.PLMI),
          Map.entry("lateral", InfarctSite.LMI));

  private static final Set<String> NOTHING = Set.of("", "no", "n/a", "unknown");

  private PtbLabels() {}

  /**
   * Reads the facts.
   *
   * @param patientName the record's folder
   * @param comment the header's comment of a key, as {@code WfdbHeader.comment}
   */
  public static RecordFacts facts(
      String patientName, Function<String, Optional<String>> comment, FormerInfarction former) {
    String reason = comment.apply("Reason for admission").orElse("");
    String acute = comment.apply("Acute infarction (localization)").orElse("");
    String formerly = comment.apply("Former infarction (localization)").orElse("");
    Set<InfarctSite> sites = sites(acute);
    if (sites.isEmpty() && former == FormerInfarction.USE) {
      sites = sites(formerly);
    }
    boolean infarct =
        reason.toLowerCase(Locale.ROOT).startsWith("myocardial infarction") || !sites.isEmpty();
    Demographics person =
        Demographics.of(
            comment.apply("age").orElse(""),
            comment.apply("sex").orElse(""),
            Demographics.SexCode.ZERO_IS_MALE);
    return new RecordFacts(
        patientName,
        person.ageYears(),
        person.sex(),
        text(reason, acute, formerly),
        infarct ? RecordFacts.joined(sites) : null,
        infarct ? RecordFacts.infarctLabel(sites) : labelWithoutInfarct(reason),
        comment
            .apply("Simulated")
            .map(value -> value.toLowerCase(Locale.ROOT).startsWith("yes"))
            .orElse(false),
        null,
        null,
        null,
        null,
        person.unread());
  }

  /**
   * The sites that a localization field names; empty for {@code no}, {@code n/a}, {@code unknown}
   * and for words that are none of the known spellings.
   */
  static Set<InfarctSite> sites(String localization) {
    Set<InfarctSite> sites = EnumSet.noneOf(InfarctSite.class);
    for (String part : localization.toLowerCase(Locale.ROOT).split("[,;/]", -1)) {
      // "anterior (1)", "inferior ?": numbering and doubt do not change the site.
      String word = part.replaceAll("\\(.*?\\)|\\?", "").strip();
      Optional.ofNullable(SITES.get(word)).ifPresent(sites::add);
    }
    return sites;
  }

  private static Label labelWithoutInfarct(String reason) {
    String word = reason.toLowerCase(Locale.ROOT).strip();
    if (word.startsWith("healthy control")) {
      return Label.HC;
    }
    return NOTHING.contains(word) ? Label.UNKNOWN : Label.OTHER;
  }

  private static String text(String reason, String acute, String former) {
    StringBuilder text = new StringBuilder(reason);
    if (!NOTHING.contains(acute.toLowerCase(Locale.ROOT))) {
      text.append("; acute: ").append(acute);
    }
    if (!NOTHING.contains(former.toLowerCase(Locale.ROOT))) {
      text.append("; former: ").append(former);
    }
    return text.isEmpty() ? null : text.toString();
  }
}
