package org.rtcn.common.ecg;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
      Pattern.compile("['\"]([A-Za-z0-9_/+-]+)['\"]\\s*:\\s*([0-9.]+)");

  /** Ages above 89 are stored as 300 for privacy; we keep them as 90. */
  private static final float HIDDEN_AGE = 300;

  private PtbXlLabels() {}

  /** As {@link #facts(Map, ScpStatements)}, with the codes of PTB-XL 1.0.3. */
  public static RecordFacts facts(Map<String, String> row) {
    return facts(row, ScpStatements.INFARCTS);
  }

  /**
   * Reads one row of {@code ptbxl_database.csv}.
   *
   * @param row column name to text
   * @param known what the codes mean
   * @throws IllegalArgumentException if a column is missing or not of its type
   */
  public static RecordFacts facts(Map<String, String> row, ScpStatements known) {
    Map<String, Double> statements = statements(column(row, "scp_codes"));
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
    String codes = column(row, "scp_codes");
    String report = row.getOrDefault("report", "");
    return new RecordFacts(
        integer(column(row, "patient_id")),
        age(column(row, "age")),
        sex(column(row, "sex")),
        report.isEmpty() ? codes : codes + " " + report,
        RecordFacts.joined(sites),
        label,
        false,
        Integer.valueOf(integer(column(row, "strat_fold"))),
        likelihoods(statements),
        stadium(row),
        row.containsKey("validated_by_human")
            ? Boolean.valueOf(row.get("validated_by_human").equalsIgnoreCase("true"))
            : null);
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

  private static String stadium(Map<String, String> row) {
    String first = row.getOrDefault("infarction_stadium1", "").strip();
    String second = row.getOrDefault("infarction_stadium2", "").strip();
    String both = second.isEmpty() ? first : first + "; " + second;
    return both.isEmpty() ? null : both;
  }

  /** Statement code to likelihood. */
  static Map<String, Double> statements(String scpCodes) {
    Map<String, Double> statements = new TreeMap<>();
    Matcher matcher = STATEMENT.matcher(scpCodes);
    while (matcher.find()) {
      statements.put(matcher.group(1).toUpperCase(Locale.ROOT), Double.valueOf(matcher.group(2)));
    }
    return statements;
  }

  private static String column(Map<String, String> row, String name) {
    String value = row.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "Invalid ptbxl_database.csv: column " + name + " is missing");
    }
    return value;
  }

  /** PTB-XL writes integers as {@code 15709.0}. */
  private static String integer(String text) {
    return Long.toString((long) Double.parseDouble(text));
  }

  private static Float age(String text) {
    if (text.isEmpty()) {
      return null;
    }
    float age = Float.parseFloat(text);
    return age == HIDDEN_AGE ? 90f : age;
  }

  private static String sex(String text) {
    return switch (text) {
      case "0", "0.0" -> "male";
      case "1", "1.0" -> "female";
      default -> null;
    };
  }
}
