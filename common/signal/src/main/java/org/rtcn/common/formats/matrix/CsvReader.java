package org.rtcn.common.formats.matrix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.LeadNames;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.Numbers;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;
import org.rtcn.common.formats.Voltage;

/**
 * Tables of samples as text: a line per sample and a column per lead, or the reverse where the
 * {@link Sidecar} says so; with or without a line of lead names, one of units below it (as
 * PhysioNet's exports have it), and a column of time. Empty cells are missing samples; a column
 * without any number is an absent lead.
 */
public final class CsvReader implements EcgReader {
  private static final Pattern NUMBER =
      Pattern.compile(
          "[+-]?(\\d+([.,]\\d*)?|[.,]\\d+)([eE][+-]?\\d+)?|(\\d+:){1,2}\\d{1,2}([.,]\\d+)?");
  private static final Pattern MISSING =
      Pattern.compile("|-|nan|na|null|none|-nan|inf|-inf", Pattern.CASE_INSENSITIVE);
  private static final Pattern TIME =
      Pattern.compile(
          "(time|elapsed[ _]time|time ?stamp|t|seconds?|secs?|s|ms|sample|samples|index|#|n)(["
              + " _(\\[].*)?",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern UNIT =
      Pattern.compile("[ _(\\[]+([nu\u00b5\u03bcm]?V)[)\\]]?$", Pattern.CASE_INSENSITIVE);

  /** A cell of a second line of names, as PhysioNet's exports have it. */
  private static final Pattern UNIT_ALONE =
      Pattern.compile(
          "[(\\[]?([nu\u00b5\u03bcm]?V|(nano|micro|milli)?volts?|s|secs?|seconds?|ms|msecs?"
              + "|milliseconds?|[u\u00b5\u03bc]s|microseconds?|(h{1,2}:)?m{1,2}:ss([.,][msf]+)?"
              + "|samples?( #)?|#)[)\\]]?",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern MILLISECONDS =
      Pattern.compile("(.*[ _(\\[])?(ms|msecs?|millisec.*)[)\\]]?");
  private static final Pattern MICROSECONDS =
      Pattern.compile("(.*[ _(\\[])?([u\u00b5\u03bc]s|microsec.*)[)\\]]?");
  private static final Pattern SECONDS =
      Pattern.compile("(.*[ _(\\[])?(s|secs?|seconds?|.*:ss.*)[)\\]]?");

  /** Rates of a column of time and of a sidecar may differ by so much: times are rounded. */
  private static final double RATES_ALIKE = 0.02;

  private static final int MAX_COLUMNS = 1024;

  @Override
  public String format() {
    return "CSV";
  }

  /** Two leads in the first line and numbers in the second, or numbers alone in the first two. */
  @Override
  public boolean recognises(Head head) {
    String text = text(head.bytes());
    List<String> lines = new ArrayList<>();
    int at = 0;
    while (lines.size() < 3 && at < text.length()) {
      int end = text.indexOf('\n', at);
      boolean cut = end < 0 && head.bytes().length >= Head.LENGTH;
      if (cut) {
        break;
      }
      String line = text.substring(at, end < 0 ? text.length() : end).strip();
      at = end < 0 ? text.length() : end + 1;
      if (!line.isEmpty() && line.charAt(0) != '#') {
        lines.add(line);
      }
    }
    if (lines.size() < 2) {
      return false;
    }
    char separator = separator(lines.get(lines.size() - 1));
    List<String> first = cells(lines.get(0), separator);
    int names = lines.size() > 2 && isUnits(cells(lines.get(1), separator)) ? 2 : 1;
    boolean numbers =
        lines.subList(names, lines.size()).stream()
            .allMatch(line -> isNumeric(cells(line, separator)));
    if (first.size() < 2 || !numbers) {
      return false;
    }
    boolean clock = first.stream().anyMatch(cell -> cell.indexOf(':') >= 0);
    return (isNumeric(first) && !clock)
        || first.stream().filter(cell -> LeadNames.parse(bare(cell)).isPresent()).count() >= 2;
  }

  @Override
  public EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    String name = file.name();
    Table table = Table.parse(name, file.bytes(limits), limits);
    Optional<Sidecar> sidecar = Sidecar.of(file);
    boolean transposed =
        table.names() == null
            && sidecar.isPresent()
            && sidecar.get().number("lead_axis").filter(axis -> axis == 0).isPresent();
    double[][] columns = transposed ? table.transposed() : table.columns();
    int time = timeColumn(table);
    List<String> leads = leads(name, table, sidecar, columns.length, time);
    double fsHz = rate(name, table, sidecar, time);
    Optional<Double> stated =
        sidecar.isPresent() ? sidecar.get().millivoltsPerStep() : Optional.empty();
    Optional<Double> missing =
        sidecar.isPresent() ? sidecar.get().number("missing") : Optional.empty();
    RecordBuilder builder = new RecordBuilder(name, limits, fsHz);
    int column = 0;
    for (int c = 0; c < columns.length; c++) {
      if (c == time) {
        continue;
      }
      String lead = leads.get(column++);
      double step = stated.isPresent() ? stated.get() : unit(name, lead);
      double[] values = columns[c];
      boolean any = false;
      for (int i = 0; i < values.length; i++) {
        boolean gap = missing.isPresent() && values[i] == missing.get();
        values[i] = gap ? Double.NaN : values[i] * step;
        any |= !Double.isNaN(values[i]);
      }
      if (any) {
        builder.add(EcgChannel.named(bare(lead), table.whole() ? Math.abs(step) : 0), values);
      }
    }
    EcgFacts facts = sidecar.isPresent() ? sidecar.get().facts(0, 1) : EcgFacts.NONE;
    return EcgRecords.of(builder.build("", facts, Optional.empty()));
  }

  private static List<String> leads(
      String file, Table table, Optional<Sidecar> sidecar, int columns, int time)
      throws FormatException {
    int count = time >= 0 ? columns - 1 : columns;
    Optional<List<String>> stated = sidecar.isPresent() ? sidecar.get().leads() : Optional.empty();
    if (stated.isPresent()) {
      if (stated.get().size() != count) {
        throw new FormatException(
            Reason.SIDECAR_MALFORMED,
            "Cannot read %s: its sidecar names %d leads, it has %d"
                .formatted(file, stated.get().size(), count));
      }
      requireSame(file, named(table, time), stated.get());
      return stated.get();
    }
    if (table.names() != null) {
      return named(table, time);
    }
    if (count == Lead.STANDARD_12.size() && sidecar.isPresent()) {
      return Lead.STANDARD_12.stream().map(Lead::label).toList();
    }
    throw Sidecar.missing(file, "which leads its " + count + " columns are");
  }

  /** Names in the first line, without that of the column of time; empty where there is none. */
  private static List<String> named(Table table, int time) {
    List<String> names = table.names() == null ? new ArrayList<>() : new ArrayList<>(table.names());
    if (time >= 0) {
      names.remove(time);
    }
    return names;
  }

  /** Two accounts of the leads that contradict each other: nobody knows which is right. */
  private static void requireSame(String file, List<String> named, List<String> stated)
      throws FormatException {
    for (int c = 0; c < named.size(); c++) {
      Optional<Lead> here = LeadNames.parse(bare(named.get(c)));
      Optional<Lead> there = LeadNames.parse(bare(stated.get(c)));
      if (here.isPresent() && there.isPresent() && !here.equals(there)) {
        throw new FormatException(
            Reason.SIDECAR_MALFORMED,
            "Cannot read %s: its first line calls column %d %s, its sidecar %s; correct one"
                .formatted(file, c + 1, here.get().label(), there.get().label()));
      }
    }
  }

  private static int timeColumn(Table table) {
    for (int c = 0; table.names() != null && c < table.names().size(); c++) {
      String name = table.names().get(c);
      if (TIME.matcher(name).matches() && LeadNames.parse(bare(name)).isEmpty()) {
        return c;
      }
    }
    return -1;
  }

  /** The sidecar's rate, or that of the column of time. */
  private static double rate(String file, Table table, Optional<Sidecar> sidecar, int time)
      throws FormatException {
    Optional<Double> stated = sidecar.isPresent() ? sidecar.get().fsHz() : Optional.empty();
    Optional<Double> measured = time < 0 ? Optional.empty() : rateOf(table, time);
    if (stated.isPresent() && measured.isPresent()) {
      boolean unitKnown = unit(table, time) != 0;
      for (double unit : unitKnown ? new double[] {1} : new double[] {1, 1e3, 1e6}) {
        if (Math.abs(measured.get() * unit - stated.get()) <= RATES_ALIKE * stated.get()) {
          return stated.get();
        }
      }
      throw new FormatException(
          Reason.SIDECAR_MALFORMED,
          "Cannot read %s: its sidecar states %s Hz, its column of time has %s; correct one"
              .formatted(file, stated.get(), measured.get()));
    }
    return stated.or(() -> measured).orElseThrow(() -> Sidecar.missing(file, "its sampling rate"));
  }

  /** Rate by the column of time; empty where it counts samples or does not rise. */
  private static Optional<Double> rateOf(Table table, int time) {
    String name = table.names().get(time).toLowerCase(Locale.ROOT);
    double[] times = table.columns()[time];
    double span = times.length < 2 ? 0 : times[times.length - 1] - times[0];
    if (!(span > 0) || name.matches("(sample|samples|index|#|n)([ _(\\[].*)?")) {
      return Optional.empty();
    }
    double unit = unit(table, time);
    double rate = (times.length - 1) / span * (unit == 0 ? 1 : unit);
    // Times are rounded; rates are whole numbers nearly always.
    return Optional.of(Math.abs(rate - Math.rint(rate)) < 1e-3 * rate ? Math.rint(rate) : rate);
  }

  /** Units of the column of time per second, 0 where its name states none. */
  private static double unit(Table table, int time) {
    String name = table.names().get(time).toLowerCase(Locale.ROOT);
    if (MICROSECONDS.matcher(name).matches()) {
      return 1e6;
    }
    return MILLISECONDS.matcher(name).matches() ? 1e3 : SECONDS.matcher(name).matches() ? 1 : 0;
  }

  private static double unit(String file, String lead) throws FormatException {
    Matcher unit = UNIT.matcher(lead);
    if (unit.find()) {
      return Voltage.required(file + ", column " + lead, unit.group(1));
    }
    throw Sidecar.missing(file, "its unit");
  }

  /** A column's name without its unit. */
  private static String bare(String name) {
    return UNIT.matcher(name.strip()).replaceFirst("");
  }

  /** Whether a line states the units of the names above it. */
  private static boolean isUnits(List<String> cells) {
    return cells.size() >= 2 && cells.stream().allMatch(cell -> UNIT_ALONE.matcher(cell).matches());
  }

  private static boolean isNumeric(List<String> cells) {
    boolean any = false;
    for (String cell : cells) {
      boolean number = NUMBER.matcher(cell).matches();
      if (!number && !MISSING.matcher(cell).matches()) {
        return false;
      }
      any |= number;
    }
    return any && cells.size() >= 2;
  }

  /** UTF-8, or UTF-16 by its byte order mark, as spreadsheets save it. */
  private static String text(byte[] bytes) {
    int mark = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
    boolean wide = mark == 0xfeff || mark == 0xfffe;
    String text = new String(bytes, wide ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8);
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private static char separator(String line) {
    for (char c : new char[] {';', '\t', ','}) {
      if (line.indexOf(c) >= 0) {
        return c;
      }
    }
    return ' ';
  }

  private static List<String> cells(String line, char separator) {
    List<String> cells = new ArrayList<>();
    String text = separator == ' ' ? line.strip().replaceAll(" +", " ") : line;
    for (int at = 0; at <= text.length(); ) {
      int end = text.indexOf(separator, at);
      end = end < 0 ? text.length() : end;
      String plain = text.substring(at, end).strip();
      at = end + 1;
      char mark = plain.length() >= 2 ? plain.charAt(0) : ' ';
      boolean quoted = (mark == '"' || mark == '\'') && plain.charAt(plain.length() - 1) == mark;
      cells.add(quoted ? plain.substring(1, plain.length() - 1).strip() : plain);
    }
    return cells;
  }

  /**
   * A table of numbers; NaN where a cell is empty.
   *
   * @param names of the columns, null without a line of names
   * @param whole whether all numbers are whole
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over.
  private record Table(List<String> names, double[][] columns, boolean whole) {
    private static final Map<String, String> VOLTS =
        Map.of("nanovolt", "nV", "microvolt", "uV", "millivolt", "mV", "volt", "V");

    static Table parse(String file, byte[] bytes, ReadLimits limits) throws FormatException {
      String text = text(bytes);
      int at = 0;
      List<String> names = null;
      double[][] columns = null;
      int rows = 0;
      int line = 0;
      boolean whole = true;
      char separator = 0;
      while (at < text.length()) {
        int end = text.indexOf('\n', at);
        end = end < 0 ? text.length() : end;
        String content = text.substring(at, end);
        at = end + 1;
        line++;
        if (content.isBlank() || content.charAt(0) == '#') {
          continue;
        }
        if (separator == 0) {
          separator = firstSeparator(text, content, end);
        }
        List<String> cells = cells(content, separator);
        if (columns == null && names == null && !isNumeric(cells)) {
          names = cells;
          continue;
        }
        if (columns == null && names != null && names.size() == cells.size() && isUnits(cells)) {
          names = withUnits(names, cells);
          continue;
        }
        if (columns == null) {
          columns = start(file, cells.size(), names);
        }
        if (cells.size() != columns.length) {
          throw FormatException.malformed(
              file, "line %d has %d cells, not %d".formatted(line, cells.size(), columns.length));
        }
        if ((long) (rows + 1) * columns.length > limits.samples()) {
          throw new FormatException(
              Reason.RECORD_TOO_LONG,
              "Cannot read %s: it has more than %d cells; split it"
                  .formatted(file, limits.samples()));
        }
        for (int c = 0; c < columns.length; c++) {
          if (rows == columns[c].length) {
            columns[c] = Arrays.copyOf(columns[c], 2 * rows);
          }
          double value = value(file, line, cells.get(c), separator);
          columns[c][rows] = value;
          whole &= Double.isNaN(value) || value == Math.rint(value);
        }
        rows++;
      }
      if (columns == null) {
        throw new FormatException(
            Reason.EMPTY, "Cannot use " + file + ": it has no line of numbers");
      }
      for (int c = 0; c < columns.length; c++) {
        columns[c] = Arrays.copyOf(columns[c], rows);
      }
      return new Table(names, columns, whole);
    }

    private static List<String> withUnits(List<String> names, List<String> units) {
      List<String> all = new ArrayList<>();
      for (int c = 0; c < names.size(); c++) {
        String unit = units.get(c).replaceAll("[()\\[\\]]", "");
        String symbol =
            VOLTS.getOrDefault(unit.toLowerCase(Locale.ROOT).replaceFirst("s$", ""), unit);
        all.add(names.get(c) + " (" + symbol + ")");
      }
      return all;
    }

    /** The separator of the second line, which has no names that contain one. */
    private static char firstSeparator(String text, String first, int end) {
      int next = Math.min(text.length(), end + 1);
      int stop = text.indexOf('\n', next);
      String second = text.substring(next, stop < 0 ? text.length() : stop);
      return separator(second.isBlank() ? first : second);
    }

    private static double[][] start(String file, int cells, List<String> names)
        throws FormatException {
      if (cells > MAX_COLUMNS || (names != null && names.size() != cells)) {
        throw FormatException.malformed(
            file,
            "it has %d columns%s"
                .formatted(cells, names == null ? "" : " under " + names.size() + " names"));
      }
      return new double[cells][1024];
    }

    private static char decimal(String cell) {
      return cell.indexOf(',') >= 0 ? ',' : '.';
    }

    private static double value(String file, int line, String cell, char separator)
        throws FormatException {
      double plain =
          Numbers.plainDecimal(cell, 0, cell.length(), separator == ',' ? '.' : decimal(cell));
      if (!Double.isNaN(plain)) {
        return plain;
      }
      char last = cell.isEmpty() ? ' ' : cell.charAt(cell.length() - 1);
      boolean plainNumber = last == '.' || (last >= '0' && last <= '9');
      if (!plainNumber && MISSING.matcher(cell).matches()) {
        return Double.NaN;
      }
      String text = separator == ',' ? cell : cell.replace(',', '.');
      if (text.indexOf(':') > 0 && NUMBER.matcher(text).matches()) {
        return seconds(text);
      }
      try {
        double value = Double.parseDouble(text);
        return Double.isFinite(value) ? value : Double.NaN;
      } catch (NumberFormatException e) {
        String shown = cell.length() > 40 ? cell.substring(0, 40) + "..." : cell;
        throw FormatException.malformed(
            file, "line " + line + " has '" + shown + "', not a number");
      }
    }

    /** Of a time of day, or since the beginning: {@code 1:02:03.5}, {@code 0:00.004}. */
    private static double seconds(String clock) {
      double seconds = 0;
      for (String part : clock.split(":", 0)) {
        seconds = 60 * seconds + Double.parseDouble(part);
      }
      return seconds;
    }

    double[][] transposed() {
      double[][] turned = new double[columns[0].length][columns.length];
      for (int r = 0; r < turned.length; r++) {
        for (int c = 0; c < columns.length; c++) {
          turned[r][c] = columns[c][r];
        }
      }
      return turned;
    }
  }
}
