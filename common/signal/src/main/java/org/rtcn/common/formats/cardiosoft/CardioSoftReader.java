package org.rtcn.common.formats.cardiosoft;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Numbers;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;
import org.rtcn.common.formats.xml.XmlEcgReader;
import org.rtcn.common.formats.xml.XmlNode;

/**
 * GE CardioSoft and CASE XML, as the UK Biobank has it: the block StripData. Median beats, vector
 * loops and the full disclosure are not read.
 */
public final class CardioSoftReader extends XmlEcgReader {
  /** Opens the summary of arrhythmias, which counts beats and states nothing. */
  private static final String SUMMARY = "---";

  public CardioSoftReader() {
    super("GE CardioSoft XML", "CardiologyXML");
  }

  @Override
  protected EcgRecords records(String name, XmlNode root, ReadLimits limits)
      throws FormatException {
    XmlNode strip =
        root.at("StripData")
            .orElseThrow(
                () ->
                    new FormatException(
                        Reason.EMPTY,
                        "Cannot use " + name + ": it has no StripData; export the strip"));
    double fsHz = Numbers.number(name, "SampleRate", strip.textAt("SampleRate"));
    double step = resolution(name, strip);
    RecordBuilder builder = new RecordBuilder(name, limits, fsHz);
    for (XmlNode lead : strip.children("WaveformData")) {
      String label = lead.attribute("lead");
      if (label == null) {
        throw FormatException.malformed(name, "a WaveformData names no lead");
      }
      double[] values = Numbers.list(name, "lead " + label, lead.text());
      for (int i = 0; i < values.length; i++) {
        values[i] *= step;
      }
      builder.add(EcgChannel.named(label, step), values);
    }
    return EcgRecords.of(builder.build("", facts(root), Optional.empty()));
  }

  /** mV per step. */
  private static double resolution(String file, XmlNode strip) throws FormatException {
    XmlNode node =
        strip
            .at("Resolution")
            .orElseThrow(
                () ->
                    new FormatException(
                        Reason.UNITS_UNSUPPORTED,
                        "Cannot read " + file + ": its StripData state no Resolution"));
    String unit = node.attribute("units");
    double millivolts =
        switch (unit == null ? "uVperLsb" : unit) {
          case "uVperLsb" -> 1e-3;
          case "mVperLsb" -> 1;
          case "nVperLsb" -> 1e-6;
          default ->
              throw new FormatException(
                  Reason.UNITS_UNSUPPORTED,
                  "Cannot read " + file + ": its resolution is in '" + unit + "'");
        };
    double value = Numbers.number(file, "Resolution", node.text());
    if (value <= 0) {
      throw FormatException.malformed(file, "its resolution is " + value);
    }
    return value * millivolts;
  }

  private static EcgFacts facts(XmlNode root) {
    Facts facts = new Facts();
    root.at("PatientInfo")
        .ifPresent(
            patient -> {
              facts.patientId(patient.textAt("PID")).sex(patient.textAt("Gender"));
              patient.at("Age").ifPresent(age -> facts.age(age.text(), age.attribute("units")));
              patient.at("BirthDateTime").ifPresent(birth -> facts.birth(date(birth)));
            });
    root.at("ObservationDateTime")
        .ifPresent(
            time ->
                facts.recordedAt(
                    Facts.time(
                        date(time),
                        part(time, "Hour"),
                        part(time, "Minute"),
                        part(time, "Second"))));
    root.at("ClinicalInfo", "DeviceInfo")
        .ifPresent(device -> facts.device(device.textAt("Desc"), device.textAt("SoftwareVer")));
    Optional<XmlNode> interpretation = root.at("Interpretation");
    List<XmlNode> lines =
        interpretation
            .flatMap(node -> node.at("Diagnosis"))
            .map(node -> node.children("DiagnosisText"))
            .filter(found -> !found.isEmpty())
            .orElseGet(
                () ->
                    interpretation
                        .flatMap(node -> node.at("Conclusion"))
                        .map(node -> node.children("ConclusionText"))
                        .orElse(List.of()));
    for (XmlNode line : lines) {
      if (line.text().strip().equals(SUMMARY)) {
        break;
      }
      facts.statement(line.text());
    }
    return facts.build();
  }

  private static LocalDate date(XmlNode node) {
    return Facts.date(part(node, "Year"), part(node, "Month"), part(node, "Day"));
  }

  /** A number, -1 if it is none: no date or time then. */
  private static int part(XmlNode node, String name) {
    String text = node.textAt(name);
    try {
      return text == null ? -1 : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
