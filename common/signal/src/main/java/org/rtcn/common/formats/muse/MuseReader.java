package org.rtcn.common.formats.muse;

import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Numbers;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;
import org.rtcn.common.formats.Voltage;
import org.rtcn.common.formats.xml.XmlEcgReader;
import org.rtcn.common.formats.xml.XmlNode;

/**
 * GE MUSE RestingECG: the waveform of type Rhythm. Usually eight leads are stored; the pipeline
 * derives III, aVR, aVL and aVF from I and II. The document type is not fetched.
 */
public final class MuseReader extends XmlEcgReader {
  public MuseReader() {
    super("GE MUSE XML", "RestingECG");
  }

  @Override
  protected EcgRecords records(String name, XmlNode root, ReadLimits limits)
      throws FormatException {
    XmlNode rhythm =
        root.children("Waveform").stream()
            .filter(node -> "rhythm".equals(lower(node.textAt("WaveformType"))))
            .findFirst()
            .orElseThrow(
                () ->
                    new FormatException(
                        Reason.EMPTY,
                        "Cannot use " + name + ": it has no waveform of type Rhythm; export it"));
    double base = Numbers.number(name, "SampleBase", rhythm.textAt("SampleBase"));
    String exponent = rhythm.textAt("SampleExponent");
    double fsHz =
        base
            * Math.pow(10, exponent == null ? 0 : Numbers.number(name, "SampleExponent", exponent));
    RecordBuilder builder = new RecordBuilder(name, limits, fsHz);
    boolean checked = false;
    for (XmlNode lead : rhythm.children("LeadData")) {
      checked |= add(name, builder, lead, fsHz);
    }
    return EcgRecords.of(
        builder.build("", facts(root), checked ? Optional.of(true) : Optional.empty()));
  }

  /** Adds a lead; whether it had a checksum. */
  private static boolean add(String file, RecordBuilder builder, XmlNode lead, double fsHz)
      throws FormatException {
    String id = lead.textAt("LeadID");
    if (id == null || id.isEmpty()) {
      throw FormatException.malformed(file, "a LeadData names no lead");
    }
    String what = "lead " + id;
    String size = lead.textAt("LeadSampleSize");
    if (size != null && !size.equals("2")) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: %s has samples of %s bytes; only 2 are read"
              .formatted(file, what, size));
    }
    double step =
        Numbers.number(
                file, what + "'s LeadAmplitudeUnitsPerBit", lead.textAt("LeadAmplitudeUnitsPerBit"))
            * Voltage.required(
                file + ", " + what,
                Optional.ofNullable(lead.textAt("LeadAmplitudeUnits")).orElse(""));
    byte[] bytes =
        Numbers.base64(file, what, lead.at("WaveFormData").map(XmlNode::text).orElse(""));
    boolean checked = check(file, what, lead.textAt("LeadDataCRC32"), bytes);
    double[] values = Numbers.int16(bytes, step);
    String count = lead.textAt("LeadSampleCountTotal");
    if (count != null && Numbers.number(file, "LeadSampleCountTotal", count) > values.length) {
      throw new FormatException(
          Reason.SIGNAL_TRUNCATED,
          "Cannot read %s: %s should have %s samples, there are %d; export it again"
              .formatted(file, what, count, values.length));
    }
    String offset = lead.textAt("LeadTimeOffset");
    double milliseconds =
        offset == null || offset.isEmpty() ? 0 : Numbers.number(file, "LeadTimeOffset", offset);
    builder.add(
        EcgChannel.named(id, Math.abs(step)), Math.round(milliseconds * fsHz / 1000), values);
    return checked;
  }

  private static boolean check(String file, String what, String stated, byte[] bytes)
      throws FormatException {
    if (stated == null || !stated.matches("[1-9]\\d*")) {
      return false;
    }
    CRC32 crc = new CRC32();
    crc.update(bytes);
    if (crc.getValue() != Long.parseLong(stated)) {
      throw new FormatException(
          Reason.CHECKSUM_MISMATCH,
          "Cannot read %s: the checksum of %s is %d, stated is %s; export it again"
              .formatted(file, what, crc.getValue(), stated));
    }
    return true;
  }

  private static EcgFacts facts(XmlNode root) {
    Facts facts = new Facts();
    root.at("PatientDemographics")
        .ifPresent(
            patient ->
                facts
                    .patientId(patient.textAt("PatientID"))
                    .age(patient.textAt("PatientAge"), patient.textAt("AgeUnits"))
                    .sex(patient.textAt("Gender"))
                    .birth(date(patient.textAt("DateofBirth"))));
    root.at("TestDemographics")
        .ifPresent(
            test -> {
              LocalDate date = date(test.textAt("AcquisitionDate"));
              String time = test.textAt("AcquisitionTime");
              if (date != null) {
                facts.recordedAt(Facts.time(date.toString() + (time == null ? "" : "T" + time)));
              }
              facts.device(test.textAt("AcquisitionDevice"));
            });
    root.at("Diagnosis")
        .filter(node -> !node.children("DiagnosisStatement").isEmpty())
        .or(() -> root.at("OriginalDiagnosis"))
        .ifPresent(diagnosis -> statements(diagnosis, facts));
    return facts.build();
  }

  /** Pieces of text are one statement until a flag says that the line ends. */
  private static void statements(XmlNode diagnosis, Facts facts) {
    StringBuilder line = new StringBuilder();
    for (XmlNode piece : diagnosis.children("DiagnosisStatement")) {
      String text = piece.textAt("StmtText");
      if (text != null && !text.isEmpty()) {
        boolean joined = line.isEmpty() || text.startsWith(",") || text.startsWith(".");
        line.append(joined ? "" : " ").append(text);
      }
      List<XmlNode> flags = piece.children("StmtFlag");
      if (flags.stream().anyMatch(flag -> flag.text().strip().equals("ENDSLINE"))) {
        facts.statement(line.toString());
        line.setLength(0);
      }
    }
    facts.statement(line.toString());
  }

  /** A date {@code MM-DD-YYYY}, null if it is none. */
  private static LocalDate date(String text) {
    String digits = text == null ? "" : text.replaceAll("\\D", "");
    return digits.length() == 8 ? Facts.date(digits.substring(4) + digits.substring(0, 4)) : null;
  }

  private static String lower(String text) {
    return text == null ? "" : text.toLowerCase(Locale.ROOT);
  }
}
