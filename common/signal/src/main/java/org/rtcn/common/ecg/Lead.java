package org.rtcn.common.ecg;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An ECG lead. The first twelve constants are the standard leads in the order of every table. */
public enum Lead {
  I("I"),
  II("II"),
  III("III"),
  AVR("aVR"),
  AVL("aVL"),
  AVF("aVF"),
  V1("V1"),
  V2("V2"),
  V3("V3"),
  V4("V4"),
  V5("V5"),
  V6("V6"),
  /** Frank leads, orthogonal (PTB). */
  VX("Vx"),
  VY("Vy"),
  VZ("Vz");

  /** The twelve standard leads, I to V6, in table order. */
  public static final List<Lead> STANDARD_12 =
      List.of(I, II, III, AVR, AVL, AVF, V1, V2, V3, V4, V5, V6);

  /** The eight leads that determine the twelve (Einthoven's and Goldberger's relations). */
  public static final List<Lead> INDEPENDENT_8 = List.of(I, II, V1, V2, V3, V4, V5, V6);

  private static final Map<String, Lead> BY_NAME =
      Stream.of(values())
          .collect(
              Collectors.toUnmodifiableMap(
                  lead -> lead.label.toUpperCase(Locale.ROOT), Function.identity()));

  private final String label;

  Lead(String label) {
    this.label = label;
  }

  /** The name as clinicians write it, for example {@code aVR}. */
  public String label() {
    return label;
  }

  /**
   * Reads a lead name in any case, with surrounding blanks: {@code avr}, {@code AVR}, {@code v1}.
   */
  public static Optional<Lead> parse(String name) {
    return Optional.ofNullable(BY_NAME.get(name.trim().toUpperCase(Locale.ROOT)));
  }
}
