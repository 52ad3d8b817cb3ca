package org.rtcn.common.formats.sierra;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.LeadNames;
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
 * Philips SierraECG 1.03 and PhilipsECG 1.04 and later: the parsed waveforms, plain or compressed
 * with XLI. Representative beats are not read.
 */
public final class SierraReader extends XmlEcgReader {
  private static final List<String> STANDARD = Lead.STANDARD_12.stream().map(Lead::label).toList();

  public SierraReader() {
    super("Philips Sierra XML", "restingecgdata");
  }

  @Override
  protected EcgRecords records(String name, XmlNode root, ReadLimits limits)
      throws FormatException {
    String version = root.textAt("documentinfo", "documentversion");
    if (version == null || !version.matches("1\\.0[3-9].*")) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: its document version is %s; export it as 1.03 or 1.04"
              .formatted(name, version));
    }
    XmlNode parsed =
        root.at("waveforms", "parsedwaveforms")
            .orElseThrow(
                () ->
                    new FormatException(
                        Reason.EMPTY, "Cannot use " + name + ": it has no parsedwaveforms"));
    Optional<XmlNode> signal = root.at("dataacquisition", "signalcharacteristics");
    double fsHz =
        Numbers.number(
            name,
            "the sampling rate",
            first(
                signal.map(node -> node.textAt("samplingrate")).orElse(null),
                parsed.attribute("samplespersecond")));
    double step = resolution(name, signal, parsed);
    List<String> labels = labels(name, parsed, signal);
    double[][] rows = samples(name, parsed, labels, fsHz, limits);
    RecordBuilder builder = new RecordBuilder(name, limits, fsHz);
    for (int lead = 0; lead < rows.length; lead++) {
      for (int i = 0; i < rows[lead].length; i++) {
        rows[lead][i] *= step;
      }
      builder.add(EcgChannel.named(labels.get(lead), step), rows[lead]);
    }
    return EcgRecords.of(builder.build("", facts(root), Optional.empty()));
  }

  /** mV per step. */
  private static double resolution(String file, Optional<XmlNode> signal, XmlNode parsed)
      throws FormatException {
    String stated =
        first(
            signal.map(node -> node.textAt("signalresolution")).orElse(null),
            signal.map(node -> node.textAt("resolution")).orElse(null),
            parsed.attribute("resolution"));
    if (stated == null) {
      throw new FormatException(
          Reason.UNITS_UNSUPPORTED,
          "Cannot read " + file + ": it states no resolution; export it again");
    }
    double microvolts = Numbers.number(file, "the resolution", stated);
    if (microvolts <= 0) {
      throw FormatException.malformed(file, "its resolution is " + stated);
    }
    return microvolts / 1000;
  }

  private static List<String> labels(String file, XmlNode parsed, Optional<XmlNode> signal)
      throws FormatException {
    String stated = parsed.attribute("leadlabels");
    if (stated != null && !stated.isBlank()) {
      return Arrays.asList(stated.strip().split("[\\s,]+", 0));
    }
    String type = signal.map(node -> node.textAt("acquisitiontype")).orElse(null);
    if (type == null || type.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "").contains("12")) {
      return STANDARD;
    }
    throw new FormatException(
        Reason.FORMAT_UNSUPPORTED,
        "Cannot read %s: it names no leads, and its acquisition type is %s".formatted(file, type));
  }

  private static double[][] samples(
      String file, XmlNode parsed, List<String> labels, double fsHz, ReadLimits limits)
      throws FormatException {
    String encoding = first(parsed.attribute("dataencoding"), "Base64");
    if (!encoding.equalsIgnoreCase("Base64")) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: its data are encoded as %s; only Base64 is read"
              .formatted(file, encoding));
    }
    byte[] bytes = Numbers.base64(file, "parsedwaveforms", parsed.text());
    String method = method(parsed);
    if (method.equals("XLI")) {
      return Xli.decode(file, bytes, labels.size(), startsWithLimbLeads(labels), limits);
    }
    if (!method.isEmpty() && !method.equals("NONE") && !method.equals("UNCOMPRESSED")) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: it is compressed with %s; only XLI is read".formatted(file, method));
    }
    double[] all = Numbers.int16(bytes, 1);
    int count = all.length / labels.size();
    String duration = parsed.attribute("durationperchannel");
    if (duration != null) {
      long stated = Math.round(Numbers.number(file, "durationperchannel", duration) * fsHz / 1000);
      if (stated > count) {
        throw new FormatException(
            Reason.SIGNAL_TRUNCATED,
            "Cannot read %s: it should have %d samples per lead, there are %d; export it again"
                .formatted(file, stated, count));
      }
    }
    double[][] rows = new double[labels.size()][];
    for (int lead = 0; lead < rows.length; lead++) {
      rows[lead] = Arrays.copyOfRange(all, lead * count, (lead + 1) * count);
    }
    return rows;
  }

  private static boolean startsWithLimbLeads(List<String> labels) {
    List<Optional<Lead>> leads = labels.stream().limit(6).map(LeadNames::parse).toList();
    return leads.equals(Lead.STANDARD_12.stream().limit(6).map(Optional::of).toList());
  }

  /** The compression's name in capitals, empty for none. */
  private static String method(XmlNode parsed) {
    String flag = parsed.attribute("compressflag");
    if (flag != null && !flag.equalsIgnoreCase("true")) {
      return "";
    }
    return first(parsed.attribute("compressmethod"), parsed.attribute("compression"), "")
        .strip()
        .toUpperCase(Locale.ROOT);
  }

  private static EcgFacts facts(XmlNode root) {
    Facts facts = new Facts();
    root.at("patient", "generalpatientdata")
        .ifPresent(
            patient -> {
              facts.patientId(patient.textAt("patientid")).sex(patient.textAt("sex"));
              facts.age(patient.textAt("age", "years"), "years");
              facts.age(patient.textAt("age", "months"), "months");
              facts.age(patient.textAt("age", "weeks"), "weeks");
              facts.age(patient.textAt("age", "days"), "days");
              facts.birth(Facts.date(patient.textAt("age", "dateofbirth")));
            });
    root.at("dataacquisition")
        .ifPresent(
            data -> {
              facts.recordedAt(
                  Facts.time(data.attribute("date") + "T" + first(data.attribute("time"), "")));
              facts.device("Philips", data.textAt("machine"));
            });
    root.at("interpretations")
        .map(node -> node.children("interpretation"))
        .filter(all -> !all.isEmpty())
        .ifPresent(
            all -> {
              for (XmlNode statement : all.get(0).children("statement")) {
                String left = Facts.oneLine(statement.textAt("leftstatement"));
                String right = Facts.oneLine(statement.textAt("rightstatement"));
                facts.statement(left == null ? right : right == null ? left : left + ": " + right);
              }
            });
    return facts.build();
  }

  private static String first(String... texts) {
    for (String text : texts) {
      if (text != null) {
        return text;
      }
    }
    return null;
  }
}
