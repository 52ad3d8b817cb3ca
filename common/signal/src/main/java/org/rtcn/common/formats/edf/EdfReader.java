package org.rtcn.common.formats.edf;

import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.ecg.LeadNames;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.Voltage;

/**
 * EDF, EDF+C, EDF+D and BDF: the signals whose labels are leads, read by window. Gaps of
 * discontinuous files are NaN; annotations are kept as statements.
 *
 * <p>Source: Kemp et al. 1992, Kemp and Olivan 2003; BioSemi's description of BDF.
 */
public final class EdfReader implements EcgReader {
  private static final int MAX_RECORD_BYTES = 1 << 26;
  private static final double LONGEST_SECONDS = 31 * 86_400.0;
  private static final List<String> MONTHS =
      List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");

  @Override
  public String format() {
    return "EDF/BDF";
  }

  @Override
  public boolean recognises(Head head) {
    boolean opens =
        head.has(0, "0       ")
            || (head.bytes().length > 8 && head.bytes()[0] == -1 && head.has(1, "BIOSEMI"));
    return opens && head.text(184, 8).strip().matches("\\d+");
  }

  @Override
  public EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    EdfHeader header = EdfHeader.read(file);
    String name = file.name();
    List<EdfHeader.Signal> chosen = leads(name, header);
    EdfHeader.Signal first = chosen.get(0);
    long records = EdfRecords.count(file, header, Math.min(MAX_RECORD_BYTES, limits.fileBytes()));
    if (header.recordSeconds() == 0) {
      throw FormatException.malformed(name, "its records have no duration");
    }
    double fsHz = first.perRecord() / header.recordSeconds();
    boolean annotated =
        header.plus() && header.signals().stream().anyMatch(EdfHeader.Signal::isAnnotations);
    EdfRecords.Annotations annotations =
        annotated
            ? EdfRecords.annotations(file, header, records)
            : new EdfRecords.Annotations(new double[0], Set.of());
    long[] starts = header.continuous() ? null : starts(name, annotations, fsHz, first, records);
    long samples =
        starts == null
            ? records * first.perRecord()
            : records == 0 ? 0 : starts[starts.length - 1] + first.perRecord();
    List<EcgChannel> channels = new ArrayList<>();
    double[] factors = new double[chosen.size()];
    for (int c = 0; c < factors.length; c++) {
      EdfHeader.Signal signal = chosen.get(c);
      factors[c] = Voltage.required(name + ", signal " + signal.label(), signal.unit());
      channels.add(EcgChannel.named(signal.label(), Math.abs(signal.step() * factors[c])));
    }
    EcgRecord record =
        new EcgRecord(
            "",
            fsHz,
            samples,
            channels,
            facts(header, annotations),
            Optional.empty(),
            (from, count) -> window(file, header, chosen, factors, starts, from, count));
    return EcgRecords.of(EcgRecord.checked(name, record));
  }

  /** The signals that are leads, of one rate. */
  private static List<EdfHeader.Signal> leads(String file, EdfHeader header)
      throws FormatException {
    List<EdfHeader.Signal> leads =
        header.signals().stream()
            .filter(signal -> LeadNames.parse(signal.label()).isPresent())
            .toList();
    if (leads.isEmpty()) {
      throw new FormatException(
          Reason.EMPTY,
          "Cannot use %s: none of its signals is a lead: %s; label them I, II, V1, ..."
              .formatted(
                  file, header.signals().stream().limit(20).map(EdfHeader.Signal::label).toList()));
    }
    for (EdfHeader.Signal signal : leads) {
      if (signal.perRecord() != leads.get(0).perRecord()) {
        throw new FormatException(
            Reason.RATES_DIFFER,
            "Cannot read %s: %s has %d samples per record, %s %d; resample it first"
                .formatted(
                    file,
                    leads.get(0).label(),
                    leads.get(0).perRecord(),
                    signal.label(),
                    signal.perRecord()));
      }
      if (signal.digitalMax() == signal.digitalMin()
          || signal.physicalMax() == signal.physicalMin()) {
        throw FormatException.malformed(
            file, "the range of " + signal.label() + " is empty: its minimum is its maximum");
      }
    }
    return leads;
  }

  /** First sample of each record of a discontinuous file. */
  private static long[] starts(
      String file,
      EdfRecords.Annotations annotations,
      double fsHz,
      EdfHeader.Signal signal,
      long records)
      throws FormatException {
    double[] onsets = annotations.onsets();
    if (onsets.length != records) {
      throw FormatException.malformed(
          file, "it is discontinuous, but has no annotations that give its records' times");
    }
    long[] starts = new long[onsets.length];
    for (int r = 0; r < starts.length; r++) {
      double seconds = onsets[r] - onsets[0];
      starts[r] = Math.round(seconds * fsHz);
      if (seconds > LONGEST_SECONDS || (r > 0 && starts[r] < starts[r - 1] + signal.perRecord())) {
        throw FormatException.malformed(
            file,
            "record %d begins %s s after the first, within the one before or a month later"
                .formatted(r, seconds));
      }
    }
    return starts;
  }

  private static double[][] window(
      EcgFile file,
      EdfHeader header,
      List<EdfHeader.Signal> chosen,
      double[] factors,
      long[] starts,
      long from,
      int count)
      throws IOException {
    double[][] rows = new double[chosen.size()][count];
    if (starts != null) {
      for (double[] row : rows) {
        Arrays.fill(row, Double.NaN);
      }
    }
    int perRecord = chosen.get(0).perRecord();
    long firstRecord = starts == null ? from / perRecord : before(starts, from);
    long end = from + count;
    long lastRecord =
        starts == null ? (end + perRecord - 1) / perRecord : before(starts, end - 1) + 1;
    EdfRecords.visit(
        file,
        header,
        firstRecord,
        lastRecord,
        (index, block, at) -> {
          long begin = starts == null ? index * perRecord : starts[(int) index];
          int skip = (int) Math.max(0, from - begin);
          int stop = (int) Math.min(perRecord, end - begin);
          for (int c = 0; c < rows.length; c++) {
            take(
                header,
                chosen.get(c),
                factors[c],
                block,
                at,
                skip,
                stop,
                rows[c],
                (int) (begin - from));
          }
        });
    return rows;
  }

  /** The last record that begins at or before a sample. */
  private static long before(long[] starts, long sample) {
    int found = Arrays.binarySearch(starts, sample);
    return found >= 0 ? found : Math.max(0, -found - 2);
  }

  private static void take(
      EdfHeader header,
      EdfHeader.Signal signal,
      double factor,
      byte[] block,
      int at,
      int skip,
      int stop,
      double[] row,
      int shift) {
    int width = header.sampleBytes();
    int position = at + (signal.offset() + skip) * width;
    double step = signal.step();
    for (int i = skip; i < stop; i++, position += width) {
      int digital =
          width == 2
              ? (short) ((block[position] & 0xff) | block[position + 1] << 8)
              : (block[position] & 0xff)
                  | (block[position + 1] & 0xff) << 8
                  | block[position + 2] << 16;
      row[shift + i] = ((digital - signal.digitalMin()) * step + signal.physicalMin()) * factor;
    }
  }

  private static EcgFacts facts(EdfHeader header, EdfRecords.Annotations annotations) {
    Facts facts = new Facts();
    String[] patient = header.patient().split("\\s+", 0);
    if (header.plus() && patient.length >= 3) {
      // Ids have underscores more often than blanks, which they stand for as well: as it is
      // written.
      facts.patientId(patient[0].equals("X") ? null : patient[0]);
      facts.sex(patient[1].equals("X") ? null : patient[1]);
      facts.birth(plusDate(patient[2]));
    }
    String[] recording = header.recording().split("\\s+", 0);
    LocalDate date = startDate(header.start().date());
    if (header.plus() && recording.length >= 2 && recording[0].equals("Startdate")) {
      LocalDate exact = plusDate(recording[1]);
      date = exact == null ? date : exact;
    }
    if (header.plus() && recording.length >= 5 && !recording[4].equals("X")) {
      facts.device(recording[4].replace('_', ' '));
    }
    int[] time = numbers(header.start().time());
    facts.recordedAt(time == null ? null : Facts.time(date, time[0], time[1], time[2]));
    annotations.texts().forEach(facts::statement);
    return facts.build();
  }

  /** dd.mm.yy, where 85 to 99 are of the last century. */
  private static LocalDate startDate(String text) {
    int[] parts = numbers(text);
    return parts == null
        ? null
        : Facts.date(parts[2] + (parts[2] >= 85 ? 1900 : 2000), parts[1], parts[0]);
  }

  private static int[] numbers(String text) {
    return text.matches("\\d\\d[.:]\\d\\d[.:]\\d\\d")
        ? Arrays.stream(text.split("[.:]", 0)).mapToInt(Integer::parseInt).toArray()
        : null;
  }

  /** {@code dd-MMM-yyyy} in English, null if it is none. */
  private static LocalDate plusDate(String text) {
    String[] parts = text.toUpperCase(Locale.ROOT).split("-", 0);
    if (!text.matches("\\d{1,2}-[A-Za-z]{3}-\\d{4}")) {
      return null;
    }
    return Facts.date(
        Integer.parseInt(parts[2]), MONTHS.indexOf(parts[1]) + 1, Integer.parseInt(parts[0]));
  }
}
