package org.rtcn.common.formats.aecg;

import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.rtcn.common.ecg.LeadNames;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgRecord;
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
 * HL7 annotated ECG. Each series of code RHYTHM is a recording; its sequence sets, which may follow
 * one another in time, are put on one timeline. Derived series (representative beats) are not read.
 *
 * <p>Source: HL7 aECG Implementation Guide, 2005.
 */
public final class AecgReader extends XmlEcgReader {
  private static final String LEAD = "MDC_ECG_LEAD_";
  private static final Pattern BEAT =
      Pattern.compile("REPRESENTATIVE|MEDIAN|BEAT", Pattern.CASE_INSENSITIVE);
  private static final String STATEMENT = "MDC_ECG_INTERPRETATION";
  private static final String REPORTED_AGE = "21612-7";

  public AecgReader() {
    super("HL7 aECG", "AnnotatedECG");
  }

  @Override
  public boolean mayHoldSeveral() {
    return true;
  }

  @Override
  protected EcgRecords records(String name, XmlNode root, ReadLimits limits)
      throws FormatException {
    List<XmlNode> series = series(name, root);
    if (series.size() == 1) {
      return EcgRecords.of(record(name, "", root, root, series.get(0), limits));
    }
    return new EcgRecords() {
      @Override
      public int count() {
        return series.size();
      }

      @Override
      public String part(int index) {
        return Integer.toString(index);
      }

      @Override
      public EcgRecord get(int index) throws FormatException {
        XmlNode one = series.get(index);
        return record(name + "/" + part(index), part(index), root, one, one, limits);
      }

      @Override
      public void close() {}
    };
  }

  /**
   * Reads a series.
   *
   * @param about what its statements stand in: the document, or the series where there are several
   */
  private static EcgRecord record(
      String name, String part, XmlNode root, XmlNode about, XmlNode series, ReadLimits limits)
      throws FormatException {
    List<Piece> pieces = new ArrayList<>();
    for (XmlNode component : series.children("component")) {
      for (XmlNode set : component.children("sequenceSet")) {
        piece(name, set).ifPresent(pieces::add);
      }
    }
    if (pieces.isEmpty()) {
      throw new FormatException(
          Reason.EMPTY, "Cannot use " + name + ": its rhythm series holds no lead");
    }
    double fsHz = pieces.get(0).fsHz();
    Begin some = pieces.get(0).head();
    double begin = pieces.stream().mapToDouble(p -> p.head().secondsAfter(some)).min().orElse(0);
    RecordBuilder builder = new RecordBuilder(name, limits, fsHz);
    for (Piece piece : pieces) {
      if (Math.abs(piece.fsHz() - fsHz) > 1e-6 * fsHz) {
        throw new FormatException(
            Reason.RATES_DIFFER,
            "Cannot read %s: its sequence sets have %s and %s Hz; resample it first"
                .formatted(name, fsHz, piece.fsHz()));
      }
      long from =
          pieces.size() == 1 ? 0 : Math.round((piece.head().secondsAfter(some) - begin) * fsHz);
      for (XmlNode sequence : piece.leads()) {
        lead(name, builder, sequence, from);
      }
    }
    return builder.build(part, facts(root, about, series), Optional.empty());
  }

  /** The series of code RHYTHM; without any, the first that is no beat. */
  private static List<XmlNode> series(String file, XmlNode root) throws FormatException {
    List<XmlNode> all = new ArrayList<>();
    for (XmlNode component : root.children("component")) {
      all.addAll(component.children("series"));
    }
    List<XmlNode> rhythm =
        all.stream()
            .filter(series -> code(series).toUpperCase(Locale.ROOT).contains("RHYTHM"))
            .toList();
    if (!rhythm.isEmpty()) {
      return rhythm;
    }
    return all.stream()
        .filter(series -> !BEAT.matcher(code(series)).find())
        .findFirst()
        .map(List::of)
        .orElseThrow(
            () ->
                new FormatException(
                    Reason.EMPTY, "Cannot use " + file + ": it has no series of code RHYTHM"));
  }

  private static String code(XmlNode node) {
    return node.at("code").map(code -> code.attribute("code")).orElse("");
  }

  /** When a sequence set begins: a time of day, or seconds since some beginning. */
  private record Begin(LocalDateTime time, double seconds) {
    double secondsAfter(Begin first) {
      if (time != null && first.time != null) {
        return ChronoUnit.MICROS.between(first.time, time) / 1e6 + seconds - first.seconds;
      }
      return seconds - first.seconds;
    }
  }

  private record Piece(double fsHz, Begin head, List<XmlNode> leads) {}

  private static Optional<Piece> piece(String file, XmlNode set) throws FormatException {
    XmlNode time = null;
    List<XmlNode> leads = new ArrayList<>();
    for (XmlNode component : set.children("component")) {
      for (XmlNode sequence : component.children("sequence")) {
        String code = code(sequence);
        if (code.startsWith("TIME_")) {
          time = sequence.at("value").orElse(null);
        } else if (code.startsWith(LEAD) || LeadNames.parse(code).isPresent()) {
          leads.add(sequence);
        }
      }
    }
    if (leads.isEmpty()) {
      return Optional.empty();
    }
    if (time == null) {
      throw FormatException.malformed(file, "a sequence set has no time sequence");
    }
    XmlNode increment =
        time.at("increment")
            .orElseThrow(
                () -> FormatException.malformed(file, "a time sequence states no increment"));
    double step = Numbers.number(file, "the increment", increment.attribute("value"));
    if (!(step > 0)) {
      throw FormatException.malformed(
          file, "the increment is '" + increment.attribute("value") + "', not above 0");
    }
    double perSecond = unitsPerSecond(file, increment.attribute("unit"));
    return Optional.of(new Piece(perSecond / step, head(file, time), leads));
  }

  private static Begin head(String file, XmlNode time) throws FormatException {
    String value = time.at("head").map(head -> head.attribute("value")).orElse("");
    String unit = time.at("head").map(head -> head.attribute("unit")).orElse("s");
    LocalDateTime stamp = value == null || value.length() < 8 ? null : Facts.time(value);
    if (stamp != null && !value.startsWith("0")) {
      int dot = value.indexOf('.');
      String fraction = dot < 0 ? "" : value.substring(dot).replaceAll("[^.0-9].*", "");
      return new Begin(stamp, fraction.length() < 2 ? 0 : Double.parseDouble("0" + fraction));
    }
    if (value == null || value.isBlank()) {
      return new Begin(null, 0);
    }
    return new Begin(null, Numbers.number(file, "a head", value) / unitsPerSecond(file, unit));
  }

  private static double unitsPerSecond(String file, String unit) throws FormatException {
    return switch (unit == null ? "s" : unit.strip().replace('\u00b5', 'u')) {
      case "", "s", "sec" -> 1;
      case "ms" -> 1e3;
      case "us" -> 1e6;
      case "ns" -> 1e9;
      default -> throw FormatException.malformed(file, "a time is in '" + unit + "'");
    };
  }

  private static void lead(String file, RecordBuilder builder, XmlNode sequence, long from)
      throws FormatException {
    String name = LeadNames.plain(code(sequence));
    XmlNode value =
        sequence
            .at("value")
            .orElseThrow(() -> FormatException.malformed(file, "lead " + name + " has no value"));
    XmlNode scale =
        value
            .at("scale")
            .orElseThrow(
                () ->
                    new FormatException(
                        Reason.UNITS_UNSUPPORTED,
                        "Cannot read "
                            + file
                            + ": lead "
                            + name
                            + " has no scale; export it again"));
    double step =
        Numbers.number(file, "the scale of lead " + name, scale.attribute("value"))
            * unit(file, name, scale);
    double origin = 0;
    Optional<XmlNode> stated = value.at("origin");
    if (stated.isPresent() && stated.get().attribute("value") != null) {
      XmlNode unit = stated.get().attribute("unit") == null ? scale : stated.get();
      origin =
          Numbers.number(file, "the origin of lead " + name, stated.get().attribute("value"))
              * unit(file, name, unit);
    }
    double[] values =
        Numbers.list(file, "lead " + name, value.at("digits").map(XmlNode::text).orElse(""));
    for (int i = 0; i < values.length; i++) {
      values[i] = origin + values[i] * step;
    }
    builder.add(EcgChannel.named(name, Math.abs(step)), from, values);
  }

  private static double unit(String file, String name, XmlNode node) throws FormatException {
    String unit = node.attribute("unit");
    return Voltage.required(file + ", lead " + name, unit == null ? "" : unit);
  }

  private static EcgFacts facts(XmlNode root, XmlNode about, XmlNode series) {
    Facts facts = new Facts();
    XmlNode nobody = root.all("trialSubject").stream().findFirst().orElse(root);
    boolean known = nobody != root;
    nobody.at("id").filter(id -> known).ifPresent(id -> facts.patientId(id.attribute("extension")));
    nobody
        .at("subjectDemographicPerson")
        .ifPresent(
            person -> {
              facts.patientId(person.textAt("PatientID"));
              person
                  .at("administrativeGenderCode")
                  .ifPresent(code -> facts.sex(code.attribute("code")));
              person
                  .at("birthTime")
                  .ifPresent(birth -> facts.birth(Facts.date(birth.attribute("value"))));
            });
    for (String block : List.of("relatedObservation", "observation")) {
      for (XmlNode observation : root.all(block)) {
        if (code(observation).equals(REPORTED_AGE)) {
          observation
              .at("value")
              .ifPresent(age -> facts.age(age.attribute("value"), age.attribute("unit")));
        }
      }
    }
    nobody
        .at("subjectDemographicPerson", "Age")
        .ifPresent(age -> facts.age(age.text().replaceAll("\\D+$", ""), age.attribute("unit")));
    for (XmlNode timed : List.of(series, root)) {
      for (String bound : List.of("low", "center")) {
        timed
            .at("effectiveTime", bound)
            .ifPresent(time -> facts.recordedAt(Facts.time(time.attribute("value"))));
      }
    }
    series
        .at("author", "seriesAuthor")
        .ifPresent(
            author ->
                facts.device(
                    author.textAt("manufacturerOrganization", "name"),
                    author.textAt("manufacturedSeriesDevice", "manufacturerModelName")));
    for (XmlNode annotation : about.all("annotation")) {
      if (code(annotation).startsWith(STATEMENT)) {
        annotation.at("value").ifPresent(value -> facts.statement(statement(value)));
      }
    }
    return facts.build();
  }

  private static String statement(XmlNode value) {
    String text = value.text().strip();
    if (text.isEmpty() && value.attribute("displayName") != null) {
      return value.attribute("displayName");
    }
    return text;
  }
}
