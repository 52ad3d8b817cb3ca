package org.rtcn.common.ecg;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rtcn.common.labels.LabelException;
import org.rtcn.common.labels.LabelRow;

/**
 * The rule that makes one label of PTB-XL's {@code scp_codes}, for example {@code {'NORM': 100.0,
 * 'SR': 0.0}}:
 *
 * <ul>
 *   <li>infarct codes are the eleven sites and the five subendocardial injuries (INJAS, INJAL,
 *       INJIN, INJLA, INJIL), which scp_statements.csv counts as MI, or whatever the archive's own
 *       copy of it does ({@link ScpStatements}); any likelihood counts, since PTB-XL gives 0 where
 *       it was not stated;
 *   <li>exactly one infarct code, and it is a site: that site. Several: MI_MULTIPLE. An injury code
 *       alone: MI_UNLOCALISED (an injury is not an infarct of a site);
 *   <li>no infarct code and NORM with a likelihood of 80 or more: HC. Everything else: OTHER.
 * </ul>
 */
public final class PtbXlLabels {
  private static final double NORM_LIKELIHOOD = 80;
  private static final Pattern STATEMENT =
      Pattern.compile("\\s*['\"]([A-Za-z0-9_/+-]+)['\"]\\s*:\\s*(\\d+(?:\\.\\d*)?)\\s*");

  /** Folds of {@code strat_fold}. */
  private static final int FOLDS = 10;

  private PtbXlLabels() {}

  /**
   * Reads one row of {@code ptbxl_database.csv}.
   *
   * @param known what the codes mean
   * @throws LabelException if a value that decides cannot be what it says; age, sex and whether a
   *     human validated the row do not, and are listed as unread
   */
  public static RecordFacts facts(LabelRow row, ScpStatements known) {
    String codes = row.stated("scp_codes");
    Map<String, Double> statements;
    try {
      statements = statements(codes);
    } catch (IllegalArgumentException e) {
      throw row.invalid("scp_codes", e.getMessage());
    }
    Set<InfarctSite> sites = EnumSet.noneOf(InfarctSite.class);
    int infarctCodes = 0;
    for (String code : statements.keySet()) {
      if (known.isInfarct(code)) {
        infarctCodes++;
        ScpStatements.site(code).ifPresent(sites::add);
      }
    }
    Label label;
    if (infarctCodes == 0) {
      label = statements.getOrDefault("NORM", 0.0) >= NORM_LIKELIHOOD ? Label.HC : Label.OTHER;
    } else if (infarctCodes == 1) {
      label = RecordFacts.infarctLabel(sites);
    } else {
      label = Label.MI_MULTIPLE;
    }
    Demographics person =
        Demographics.of(row.text("age"), row.text("sex"), Demographics.SexCode.ZERO_IS_MALE);
    List<String> unread = new ArrayList<>(person.unread());
    Boolean validated = truth(row.text("validated_by_human"), unread);
    String report = row.text("report");
    return new RecordFacts(
        Long.toString(row.whole("patient_id", 0, Long.MAX_VALUE / 2)),
        person.ageYears(),
        person.sex(),
        report.isEmpty() ? codes : codes + " " + report,
        RecordFacts.joined(sites),
        label,
        false,
        (int) row.whole("strat_fold", 1, FOLDS),
        likelihoods(statements),
        stadium(row),
        validated,
        unread);
  }

  private static Boolean truth(String text, List<String> unread) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "1", "1.0", "yes" -> true;
      case "false", "0", "0.0", "no" -> false;
      case "" -> null;
      default -> {
        unread.add(RecordFacts.unread("validated_by_human", text));
        yield null;
      }
    };
  }

  /** {@code IMI:100 SR:0}, by code. */
  private static String likelihoods(Map<String, Double> statements) {
    StringBuilder text = new StringBuilder();
    statements.forEach(
        (code, likelihood) ->
            text.append(text.isEmpty() ? "" : " ")
                .append(code)
                .append(':')
                .append(Math.round(likelihood)));
    return text.isEmpty() ? null : text.toString();
  }

  private static String stadium(LabelRow row) {
    String first = row.text("infarction_stadium1");
    String second = row.text("infarction_stadium2");
    String both = second.isEmpty() ? first : first + "; " + second;
    return both.isEmpty() ? null : both;
  }

  /**
   * Statement code to likelihood.
   *
   * @throws IllegalArgumentException if the text is no dictionary of numbers in 0 to 100
   */
  static Map<String, Double> statements(String scpCodes) {
    String text = scpCodes.strip();
    if (!text.startsWith("{") || !text.endsWith("}") || text.length() < 2) {
      throw new IllegalArgumentException("it must be a list such as {'NORM': 100.0, 'SR': 0.0}");
    }
    Map<String, Double> statements = new TreeMap<>();
    String inner = text.substring(1, text.length() - 1).strip();
    if (inner.isEmpty()) {
      return statements;
    }
    // A comma before the bracket is Python's.
    for (String part : inner.replaceFirst(",$", "").split(",", -1)) {
      Matcher matcher = STATEMENT.matcher(part);
      if (!matcher.matches() || Double.parseDouble(matcher.group(2)) > 100) {
        throw new IllegalArgumentException(
            "'"
                + part.strip()
                + "' is not a code with a likelihood in 0 to 100; write 'IMI': 100.0");
      }
      statements.put(matcher.group(1).toUpperCase(Locale.ROOT), Double.valueOf(matcher.group(2)));
    }
    return statements;
  }
}
