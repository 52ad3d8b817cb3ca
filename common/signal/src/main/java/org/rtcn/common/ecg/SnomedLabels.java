package org.rtcn.common.ecg;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The rule that makes one label of the SNOMED CT codes of the PhysioNet/CinC Challenges 2020 and
 * 2021 ({@code #Dx: 164865005,426783006}):
 *
 * <ul>
 *   <li>an infarct code with a site gives the site, several sites MI_MULTIPLE;
 *   <li>an infarct code without a site (164865005 among them, by far the most common) alone:
 *       MI_UNLOCALISED;
 *   <li>sinus rhythm (426783006) and nothing else: HC; every other set of codes: OTHER; none:
 *       UNKNOWN. Old infarction (164867002) alone is OTHER unless former infarcts are used.
 * </ul>
 *
 * The Challenges name no patients: each recording is its own patient, so recordings of one person
 * may fall into different folds.
 */
public final class SnomedLabels {
  private static final String SINUS_RHYTHM = "426783006";
  private static final String OLD_INFARCTION = "164867002";

  /** Infarction without a site: any, acute, with and without ST elevation. */
  private static final Set<String> UNLOCALISED =
      Set.of("164865005", "22298006", "57054005", "401303003", "401314000");

  private static final Map<String, InfarctSite> SITES =
      Map.of(
          "54329005", InfarctSite.AMI,
          "62695002", InfarctSite.ASMI,
          "70211005", InfarctSite.ALMI,
          "73795002", InfarctSite.IMI,
          "65547006", InfarctSite.ILMI,
          "76593002", InfarctSite.IPMI,
          "58612006", InfarctSite.LMI);

  private SnomedLabels() {}

  /**
   * Reads the facts of a header.
   *
   * @param patientName the record's name
   * @param comment the header's comment of a key, as {@code WfdbHeader.comment}
   */
  public static RecordFacts facts(
      String patientName,
      Function<String, Optional<String>> comment,
      PtbLabels.FormerInfarction former) {
    String text = comment.apply("Dx").orElse("");
    Set<String> codes = new TreeSet<>();
    for (String code : text.split(",", -1)) {
      if (!code.isBlank() && !code.strip().equalsIgnoreCase("unknown")) {
        codes.add(code.strip());
      }
    }
    Set<InfarctSite> sites = EnumSet.noneOf(InfarctSite.class);
    boolean infarct = false;
    for (String code : codes) {
      InfarctSite site = SITES.get(code);
      if (site != null) {
        sites.add(site);
      }
      infarct |=
          site != null
              || UNLOCALISED.contains(code)
              || (code.equals(OLD_INFARCTION) && former == PtbLabels.FormerInfarction.USE);
    }
    Label label;
    if (infarct) {
      label = RecordFacts.infarctLabel(sites);
    } else if (codes.isEmpty()) {
      label = Label.UNKNOWN;
    } else {
      label = codes.equals(Set.of(SINUS_RHYTHM)) ? Label.HC : Label.OTHER;
    }
    Demographics person =
        Demographics.of(
            comment.apply("Age").orElse(""),
            comment.apply("Sex").orElse(""),
            Demographics.SexCode.ZERO_IS_MALE);
    return new RecordFacts(
        patientName,
        person.ageYears(),
        person.sex(),
        codes.isEmpty() ? null : "SNOMED CT " + String.join(",", codes),
        infarct ? RecordFacts.joined(sites) : null,
        label,
        false,
        null,
        null,
        null,
        null,
        person.unread());
  }
}
