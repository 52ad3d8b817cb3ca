package org.rtcn.common.formats;

import java.util.Locale;
import java.util.OptionalDouble;

/** Units of voltage. */
public final class Voltage {
  private Voltage() {}

  /** How many mV one unit is; empty if the unit is no voltage. */
  public static OptionalDouble millivolts(String unit) {
    // In Latin-1, the micro sign of UTF-8 has a letter before it.
    String text = unit.strip().replace("\u00c2", "").replace('\u00b5', 'u').replace('\u03bc', 'u');
    return switch (text) {
      case "mV", "MV" -> OptionalDouble.of(1);
      case "V" -> OptionalDouble.of(1000);
      case "nV" -> OptionalDouble.of(1e-6);
      default ->
          switch (text.toLowerCase(Locale.ROOT)) {
            case "mv", "millivolt", "millivolts" -> OptionalDouble.of(1);
            case "uv", "microvolt", "microvolts" -> OptionalDouble.of(1e-3);
            case "nv", "nanovolt", "nanovolts" -> OptionalDouble.of(1e-6);
            case "v", "volt", "volts" -> OptionalDouble.of(1000);
            default -> OptionalDouble.empty();
          };
    };
  }

  /**
   * As {@link #millivolts}.
   *
   * @throws FormatException if it is no voltage
   */
  public static double required(String file, String unit) throws FormatException {
    if (Facts.oneLine(unit) == null) {
      throw new FormatException(
          FormatException.Reason.UNITS_UNSUPPORTED,
          "Cannot convert %s to mV: it states no units; state nV, uV, mV or V".formatted(file));
    }
    return millivolts(unit)
        .orElseThrow(
            () ->
                new FormatException(
                    FormatException.Reason.UNITS_UNSUPPORTED,
                    "Cannot convert %s to mV: its units are '%s'; state nV, uV, mV or V"
                        .formatted(file, Facts.oneLine(unit))));
  }
}
