package org.rtcn.common.ecg;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The names and codes by which formats call the leads. */
public final class LeadNames {
  private static final Pattern PREFIX =
      Pattern.compile(
          "^((MDC_ECG_LEAD_|ECG|EKG|LEAD|ABLEITUNG|D[E\u00c9]RIVATION|DERIVACI[O\u00d3]N|DERIVAZIONE"
              + "|DERIVA[C\u00c7][A\u00c3]O|AFLEIDING|AVLEDNING|AFLEDNING|\u5bfc\u8054|\u8a98\u5c0e)["
              + " _:.-]*(?=.))+",
          Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

  /** Remarks in brackets, and the reference that EEG programs state; C3 to it is no V3, but EEG. */
  private static final Pattern SUFFIX =
      Pattern.compile("(\\s*[(\\[].*|(?<!\\bC\\d)[ _-]REF(ERENCE)?)$", Pattern.CASE_INSENSITIVE);

  /** Names that differ from the lead's own by more than case. */
  private static final Map<String, Lead> OTHER_NAMES =
      Map.ofEntries(
          Map.entry("DI", Lead.I),
          Map.entry("DII", Lead.II),
          Map.entry("DIII", Lead.III),
          Map.entry("D1", Lead.I),
          Map.entry("D2", Lead.II),
          Map.entry("D3", Lead.III),
          Map.entry("L1", Lead.I),
          Map.entry("L2", Lead.II),
          Map.entry("L3", Lead.III),
          Map.entry("C1", Lead.V1),
          Map.entry("C2", Lead.V2),
          Map.entry("C3", Lead.V3),
          Map.entry("C4", Lead.V4),
          Map.entry("C5", Lead.V5),
          Map.entry("C6", Lead.V6),
          Map.entry("X", Lead.VX),
          Map.entry("Y", Lead.VY),
          Map.entry("Z", Lead.VZ));

  /** Codes of ISO 11073-91064 (SCP-ECG), which DICOM and ISO/IEEE 11073 (MDC, block 2) share. */
  private static final Map<Integer, String> BY_CODE =
      Map.ofEntries(
          Map.entry(1, "I"),
          Map.entry(2, "II"),
          Map.entry(3, "V1"),
          Map.entry(4, "V2"),
          Map.entry(5, "V3"),
          Map.entry(6, "V4"),
          Map.entry(7, "V5"),
          Map.entry(8, "V6"),
          Map.entry(9, "V7"),
          Map.entry(10, "V2R"),
          Map.entry(11, "V3R"),
          Map.entry(12, "V4R"),
          Map.entry(13, "V5R"),
          Map.entry(14, "V6R"),
          Map.entry(15, "V7R"),
          Map.entry(16, "Vx"),
          Map.entry(17, "Vy"),
          Map.entry(18, "Vz"),
          Map.entry(19, "CC5"),
          Map.entry(20, "CM5"),
          Map.entry(61, "III"),
          Map.entry(62, "aVR"),
          Map.entry(63, "aVL"),
          Map.entry(64, "aVF"),
          Map.entry(65, "-aVR"),
          Map.entry(66, "V8"),
          Map.entry(67, "V9"),
          Map.entry(68, "V8R"),
          Map.entry(69, "V9R"));

  private LeadNames() {}

  /** The lead that a name stands for: {@code ECG V1}, {@code Lead I (Einthoven)}, {@code avr}. */
  public static Optional<Lead> parse(String name) {
    String plain = plain(name);
    return Lead.parse(plain)
        .or(() -> Optional.ofNullable(OTHER_NAMES.get(plain.toUpperCase(Locale.ROOT))));
  }

  /** The name without what formats put before and behind it. */
  public static String plain(String name) {
    // Roman numerals and letters of double width are characters of their own in East Asia.
    String text = Normalizer.normalize(name, Normalizer.Form.NFKC).strip();
    String bare = PREFIX.matcher(SUFFIX.matcher(text).replaceFirst("")).replaceFirst("").strip();
    return bare.isEmpty() ? text : bare;
  }

  /** The name of an SCP-ECG lead code; {@code lead 77} for those without one here. */
  public static String ofScpCode(int code) {
    return BY_CODE.getOrDefault(code, "lead " + code);
  }
}
