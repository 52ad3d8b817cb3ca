package org.rtcn.common.formats.dicom;

import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;
import org.rtcn.common.ecg.LeadNames;
import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.Numbers;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;
import org.rtcn.common.formats.Voltage;

/**
 * DICOM waveforms: 12-lead, general and ambulatory ECG. The original multiplex groups are read;
 * derived ones (median beats) are not. UIDs are not checked, for many are malformed and none is
 * kept.
 */
public final class DicomReader implements EcgReader {
  private static final int WAVEFORMS = 0x54000100;
  private static final int MAX_CHANNELS = 256;
  private static final Pattern MEDIAN = Pattern.compile("MEDIAN|AVERAGE|REPRESENTATIVE");

  @Override
  public String format() {
    return "DICOM";
  }

  @Override
  public boolean recognises(Head head) {
    if (head.has(128, "DICM")) {
      return true;
    }
    // Without a preamble: the first element is of group 2 or 8, and has a VR or a short length.
    int group = head.u16(0);
    boolean opens = (group == 2 || group == 8) && head.u16(2) <= 0x0018;
    return opens
        && (head.text(4, 2).matches("UL|UI|CS|OB|DA|TM")
            || (head.u32(4) >= 0 && head.u32(4) <= 64));
  }

  @Override
  public EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    DicomParser.Parsed parsed = DicomParser.parse(file.name(), file.bytes(limits), limits);
    DataSet data = parsed.data();
    List<Group> groups = new ArrayList<>();
    for (DataSet item : rhythm(data.items(WAVEFORMS))) {
      groups.add(group(file.name(), item, parsed.bigEndian()));
    }
    if (groups.isEmpty()) {
      throw new FormatException(
          Reason.EMPTY,
          "Cannot use " + file.name() + ": it holds no original waveform; export the rhythm");
    }
    // The group of most channels leads, the longest of these; further ones add what it lacks.
    groups.sort(
        Comparator.comparingInt((Group group) -> -group.channels().size())
            .thenComparingInt(group -> -group.samples())
            .thenComparingDouble(Group::offsetMs));
    double fsHz = groups.get(0).fsHz();
    double begin = groups.stream().mapToDouble(Group::offsetMs).min().orElse(0);
    RecordBuilder builder = new RecordBuilder(file.name(), limits, fsHz);
    for (Group group : groups) {
      if (group.fsHz() == fsHz) {
        add(
            file.name(),
            builder,
            group,
            Math.round((group.offsetMs() - begin) * fsHz / 1000),
            limits);
      } else {
        requireNoNewLead(file.name(), builder, fsHz, group);
      }
    }
    return EcgRecords.of(builder.build("", facts(data), Optional.empty()));
  }

  /** The groups that were recorded, not derived; where all call themselves derived, the rhythm. */
  private static List<DataSet> rhythm(List<DataSet> groups) {
    List<DataSet> original = new ArrayList<>();
    List<DataSet> labelled = new ArrayList<>();
    for (DataSet group : groups) {
      String originality = group.text(0x003a0004);
      String stated = group.text(0x003a0020);
      String label = stated == null ? "" : stated.toUpperCase(Locale.ROOT);
      // Some writers call their median beats original, too.
      boolean derived = originality != null && !originality.equals("ORIGINAL");
      if (!derived && !MEDIAN.matcher(label).find()) {
        original.add(group);
      }
      if (label.contains("RHYTHM")) {
        labelled.add(group);
      }
    }
    return original.isEmpty() ? labelled : original;
  }

  /** A multiplex group: channels that were sampled together. */
  private record Group(
      double fsHz,
      double offsetMs,
      int samples,
      List<DataSet> channels,
      WaveformData data,
      OptionalDouble padding) {}

  private static Group group(String file, DataSet item, boolean bigEndian) throws FormatException {
    List<DataSet> channels = item.items(0x003a0200);
    int count = integer(file, item, 0x003a0005, bigEndian, channels.size());
    long samples = integer(file, item, 0x003a0010, bigEndian, -1) & 0xffffffffL;
    int bits = integer(file, item, 0x54001004, bigEndian, 16);
    DataSet.Element element = item.get(0x54001010);
    if (count < 1 || count > MAX_CHANNELS || count != channels.size() || element == null) {
      throw FormatException.malformed(
          file,
          "a waveform group has %d channels, %d definitions and %s data"
              .formatted(count, channels.size(), element == null ? "no" : "its"));
    }
    WaveformData data = new WaveformData(file, element, bits, item.text(0x54001006), bigEndian);
    data.check();
    if (samples * count > data.count() || samples < 1) {
      throw new FormatException(
          Reason.SIGNAL_TRUNCATED,
          "Cannot read %s: %d samples of %d channels are stated, there are %d; export it again"
              .formatted(file, samples, count, data.count()));
    }
    String offset = item.text(0x00181068);
    return new Group(
        Numbers.number(file, "the sampling frequency", item.text(0x003a001a)),
        offset == null ? 0 : Numbers.number(file, "the time offset", offset),
        (int) samples,
        channels,
        data,
        data.believedPadding(item.get(0x5400100a), samples * count));
  }

  /** A group of another rate may be respiration, or a median beat, but no lead may go missing. */
  private static void requireNoNewLead(String file, RecordBuilder builder, double fsHz, Group group)
      throws FormatException {
    for (DataSet channel : group.channels()) {
      EcgChannel lead = EcgChannel.named(name(channel), 0);
      if (lead.lead().isPresent() && builder.length(lead) == 0) {
        throw new FormatException(
            Reason.RATES_DIFFER,
            "Cannot read %s: lead %s has %s Hz, others %s Hz; resample it first"
                .formatted(file, lead.name(), group.fsHz(), fsHz));
      }
    }
  }

  private static void add(
      String file, RecordBuilder builder, Group group, long from, ReadLimits limits)
      throws FormatException {
    int count = group.channels().size();
    if ((long) count * group.samples() > limits.samples()) {
      throw new FormatException(
          Reason.RECORD_TOO_LONG,
          "Cannot read %s: %d channels of %d samples; split it"
              .formatted(file, count, group.samples()));
    }
    Set<String> here = new HashSet<>();
    for (int c = 0; c < count; c++) {
      Scale scale = scale(file, group.channels().get(c));
      if (scale == null) {
        continue;
      }
      EcgChannel channel = EcgChannel.named(scale.name(), Math.abs(scale.factor()));
      if (!here.add(channel.name()) && channel.lead().isPresent()) {
        throw FormatException.malformed(
            file, "lead " + channel.name() + " stands twice in one group");
      }
      if (from < builder.length(channel)) {
        continue;
      }
      double[] values = new double[group.samples()];
      for (int i = 0; i < values.length; i++) {
        double raw = group.data().sample((long) i * count + c);
        boolean gap = group.padding().isPresent() && raw == group.padding().getAsDouble();
        values[i] = gap ? Double.NaN : raw * scale.factor() + scale.baseline();
      }
      builder.add(channel, from, values);
    }
  }

  /** mV of a sample: sample x factor + baseline. */
  private record Scale(String name, double factor, double baseline) {}

  /** A channel's scale, null for channels that are no leads and no voltage. */
  private static Scale scale(String file, DataSet channel) throws FormatException {
    String name = name(channel);
    String sensitivity = channel.text(0x003a0210);
    String unit =
        channel.items(0x003a0211).stream()
            .findFirst()
            .map(item -> item.text(0x00080100))
            .orElse(null);
    boolean lead = LeadNames.parse(name).isPresent();
    if (sensitivity == null || unit == null) {
      if (!lead) {
        return null;
      }
      throw new FormatException(
          Reason.UNITS_UNSUPPORTED,
          "Cannot convert lead %s of %s to mV: it states no sensitivity or unit; export it again"
              .formatted(name, file));
    }
    if (!lead && Voltage.millivolts(unit).isEmpty()) {
      return null;
    }
    double millivolts = Voltage.required(file + ", lead " + name, unit);
    String correction = channel.text(0x003a0212);
    String baseline = channel.text(0x003a0213);
    double factor =
        Numbers.number(file, "the sensitivity of lead " + name, sensitivity)
            * (correction == null ? 1 : Numbers.number(file, "a correction factor", correction))
            * millivolts;
    if (factor == 0) {
      throw FormatException.malformed(file, "the sensitivity of lead " + name + " is 0");
    }
    return new Scale(
        name,
        factor,
        baseline == null ? 0 : Numbers.number(file, "a baseline", baseline) * millivolts);
  }

  /** The lead by its code, whose meaning is worded freely; else by its texts. */
  private static String name(DataSet channel) {
    for (DataSet source : channel.items(0x003a0208)) {
      String code = source.text(0x00080100);
      String scheme = source.text(0x00080102);
      String known = code == null ? null : byCode(code, scheme == null ? "" : scheme);
      if (known != null) {
        return known;
      }
    }
    List<String> texts = new ArrayList<>();
    channel.items(0x003a0208).forEach(source -> texts.add(source.text(0x00080104)));
    texts.add(channel.text(0x003a0203));
    texts.removeIf(Objects::isNull);
    return texts.stream()
        .filter(text -> LeadNames.parse(text).isPresent())
        .findFirst()
        .orElse(texts.isEmpty() ? "unnamed" : texts.get(0));
  }

  private static String byCode(String code, String scheme) {
    String number = null;
    if (code.startsWith("5.6.3-9-")) {
      number = code.substring("5.6.3-9-".length());
    } else if (code.startsWith("2:")) {
      number = code.substring(2);
    } else if (code.startsWith("MDC_ECG_LEAD_")) {
      return code;
    } else if (scheme.equals("MDC") && code.matches("131\\d{3}")) {
      number = Integer.toString(Integer.parseInt(code) - (2 << 16));
    }
    if (number == null || !number.matches("\\d{1,3}")) {
      return null;
    }
    return LeadNames.ofScpCode(Integer.parseInt(number));
  }

  private static EcgFacts facts(DataSet data) {
    Charset charset = data.charset();
    Facts facts = new Facts();
    facts.patientId(data.text(0x00100020, charset)).sex(data.text(0x00100040));
    String age = data.text(0x00101010);
    if (age != null && age.matches("\\d{1,3}[YMWD]")) {
      char unit = age.charAt(age.length() - 1);
      facts.age(
          age.substring(0, age.length() - 1),
          unit == 'Y' ? "years" : unit == 'M' ? "months" : unit == 'W' ? "weeks" : "days");
    } else if (age != null && !age.isBlank()) {
      facts.unread("age", age);
    }
    facts.birth(Facts.date(data.text(0x00100030)));
    facts.recordedAt(Facts.time(data.text(0x0008002a)));
    for (int[] tags :
        new int[][] {
          {0x00080022, 0x00080032}, {0x00080023, 0x00080033}, {0x00080020, 0x00080030}
        }) {
      String date = data.text(tags[0]);
      String time = data.text(tags[1]);
      facts.recordedAt(Facts.time(date == null ? null : date + (time == null ? "" : time)));
    }
    facts.device(data.text(0x00080070, charset), data.text(0x00081090, charset));
    for (DataSet annotation : data.items(0x0040b020)) {
      facts.statement(annotation.text(0x00700006, charset));
    }
    return facts.build();
  }

  private static int integer(String file, DataSet set, int tag, boolean bigEndian, int otherwise)
      throws FormatException {
    DataSet.Element element = set.get(tag);
    if (element == null || element.items() != null || element.length() == 0) {
      return otherwise;
    }
    byte[] bytes =
        Arrays.copyOfRange(
            element.bytes(), element.from(), element.from() + Math.min(4, element.length()));
    Bytes in = new Bytes(file, bytes, 0, bytes.length, bigEndian);
    return bytes.length >= 4 ? in.i32() : in.u16();
  }
}
