package org.rtcn.common.wfdb;

import java.util.Objects;
import java.util.Optional;

/**
 * One annotation of annot(5).
 *
 * @param sample when, in ticks of the annotation file (frames unless it states a resolution)
 * @param code annotation type, 1 to 49, for example 1 for a normal beat
 * @param subtype -128 to 127
 * @param channel signal it belongs to, 0 to 255
 * @param number -128 to 127
 * @param aux free text, empty if there is none
 */
public record Annotation(long sample, int code, int subtype, int channel, int number, String aux) {
  /** The type of comments. */
  public static final int NOTE = 22;

  static final int MAX_CODE = 49;

  /** Standard mnemonics by code; a blank where the standard has none. */
  private static final String SYMBOLS = " NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r        ";

  /** Checks the ranges that annot(5) can hold. */
  public Annotation {
    Objects.requireNonNull(aux, "aux");
    require(code >= 1 && code <= MAX_CODE, "type", code);
    require(subtype >= -128 && subtype <= 127, "subtype", subtype);
    require(channel >= 0 && channel <= 255, "channel", channel);
    require(number >= -128 && number <= 127, "number", number);
  }

  /** A beat or other event without further fields. */
  public static Annotation at(long sample, char symbol) {
    int code =
        codeOf(symbol)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Invalid annotation '" + symbol + "': it is no standard mnemonic"));
    return new Annotation(sample, code, 0, 0, 0, "");
  }

  /** The code of a standard mnemonic. */
  public static Optional<Integer> codeOf(char symbol) {
    int code = symbol == ' ' ? -1 : SYMBOLS.indexOf(symbol);
    return code < 0 ? Optional.empty() : Optional.of(code);
  }

  /** The standard mnemonic, for example {@code N}; the number in brackets where there is none. */
  public String symbol() {
    char symbol = SYMBOLS.charAt(code);
    return symbol == ' ' ? "[" + code + "]" : String.valueOf(symbol);
  }

  /** Whether it marks a QRS complex. */
  public boolean isBeat() {
    return "NLRaVFJASEj/QeBrfn?".contains(symbol()) && code != NOTE;
  }

  private static void require(boolean right, String what, int value) {
    if (!right) {
      throw new IllegalArgumentException(
          "Invalid annotation " + what + " " + value + ": annot(5) cannot hold it");
    }
  }
}
