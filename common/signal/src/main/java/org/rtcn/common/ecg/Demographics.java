package org.rtcn.common.ecg;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A person's age and sex as archives write them.
 *
 * @param ageYears null where nothing that can be an age is stated
 * @param sex {@code male}, {@code female}, or null where neither is stated
 * @param unread what was stated and gave nothing, for example {@code age=89+}
 */
public record Demographics(Float ageYears, String sex, List<String> unread) {
  /** PTB-XL stores ages above 89 as 300 for privacy; we keep them as 90. */
  private static final float HIDDEN_AGE = 300;

  private static final float ABOVE_89 = 90;
  private static final float OLDEST = 130;
  private static final Pattern NUMBER = Pattern.compile("\\d+(?:[.,]\\d*)?");

  private static final Map<String, String> SEXES =
      Map.ofEntries(
          Map.entry("m", "male"),
          Map.entry("male", "male"),
          Map.entry("man", "male"),
          Map.entry("h", "male"),
          Map.entry("homme", "male"),
          Map.entry("hombre", "male"),
          Map.entry("mann", "male"),
          Map.entry("m\u00e4nnlich", "male"),
          Map.entry("maennlich", "male"),
          Map.entry("masculin", "male"),
          Map.entry("masculino", "male"),
          Map.entry("f", "female"),
          Map.entry("female", "female"),
          Map.entry("woman", "female"),
          Map.entry("w", "female"),
          Map.entry("femme", "female"),
          Map.entry("mujer", "female"),
          Map.entry("frau", "female"),
          Map.entry("weiblich", "female"),
          Map.entry("f\u00e9minin", "female"),
          Map.entry("feminin", "female"),
          Map.entry("feminino", "female"),
          Map.entry("maschio", "male"),
          Map.entry("maschile", "male"),
          Map.entry("femmina", "female"),
          Map.entry("femminile", "female"),
          Map.entry("vrouw", "female"),
          Map.entry("kvinna", "female"),
          Map.entry("kvinde", "female"),
          Map.entry("kvinne", "female"),
          Map.entry("\u7537", "male"),
          Map.entry("\u5973", "female"),
          Map.entry("femenino", "female"));

  /** What a number says about a person's sex. */
  public enum SexCode {
    /** PTB-XL's: 0 male, 1 female. */
    ZERO_IS_MALE,
    /** ISO 5218: 1 male, 2 female, 0 not known, 9 not applicable. */
    ISO_5218,
    /** 0, 1 and 2 in one column: 1 may be either, so numbers say nothing. */
    AMBIGUOUS;

    /** The code of a column that holds these values: where 2 occurs, it is not PTB-XL's. */
    public static SexCode of(Set<String> values) {
      Set<String> numbers = new TreeSet<>();
      values.forEach(value -> numbers.add(number(value)));
      if (!numbers.contains("2")) {
        return ZERO_IS_MALE;
      }
      return numbers.contains("0") ? AMBIGUOUS : ISO_5218;
    }

    private String sex(String number) {
      return switch (this) {
        case ZERO_IS_MALE -> number.equals("0") ? "male" : number.equals("1") ? "female" : null;
        case ISO_5218 -> number.equals("1") ? "male" : number.equals("2") ? "female" : null;
        case AMBIGUOUS -> null;
      };
    }

    private static String number(String text) {
      // Programs that know missing values write whole numbers as 1.0, spreadsheets as 1,0.
      return text.strip().replaceFirst("^(\\d)[.,]0*$", "$1");
    }
  }

  public Demographics {
    unread = List.copyOf(unread);
  }

  /** Reads both; a text that is empty states nothing, any other that gives nothing is unread. */
  public static Demographics of(String ageText, String sexText, SexCode code) {
    List<String> unread = new ArrayList<>();
    Float age = age(ageText);
    if (age == null && !ageText.isBlank()) {
      unread.add(RecordFacts.unread("age", ageText));
    }
    String sex = sex(sexText, code);
    if (sex == null && !sexText.isBlank()) {
      unread.add(RecordFacts.unread("sex", sexText));
    }
    return new Demographics(age, sex, unread);
  }

  /** Years as text, as {@link #years(double)}; null where it is no number. */
  private static Float age(String text) {
    OptionalDouble number = number(text);
    return number.isPresent() ? years(number.getAsDouble()) : null;
  }

  /**
   * A number as people write it: digits, with a point or a comma. Java would take 5d, five days to
   * others, for five years.
   */
  public static OptionalDouble number(String text) {
    String plain = text.strip();
    return NUMBER.matcher(plain).matches()
        ? OptionalDouble.of(Double.parseDouble(plain.replace(',', '.')))
        : OptionalDouble.empty();
  }

  /** An age in years, 0 to 130; 300 is PTB-XL's code for above 89. Null for all else. */
  public static Float years(double stated) {
    if (stated == HIDDEN_AGE) {
      return ABOVE_89;
    }
    return stated >= 0 && stated <= OLDEST ? Float.valueOf((float) stated) : null;
  }

  /** A sex in words of several languages; null for all else. */
  public static String sex(String word) {
    // macOS writes letters with accents in two pieces.
    String composed = Normalizer.normalize(word.strip(), Normalizer.Form.NFC);
    return SEXES.get(composed.toLowerCase(Locale.ROOT));
  }

  private static String sex(String text, SexCode code) {
    String word = sex(text);
    return word != null ? word : code.sex(SexCode.number(text));
  }
}
