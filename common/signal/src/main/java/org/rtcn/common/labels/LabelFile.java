package org.rtcn.common.labels;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.error.UserException;
import org.rtcn.common.labels.TextLines.Line;

/**
 * A label file: a table of text with a line of column names, as spreadsheets and programs write
 * them. Commas, semicolons, tabs or bars separate; encodings are those of {@link TextLines}; quotes
 * are those of RFC 4180.
 *
 * <p>A row that cannot be split costs itself: it comes with its fault. A quote that is not closed
 * costs the line where it opens, and the next line is read as a row again. To tell such a quote
 * from a field of several lines, a row of several lines must have as many fields as there are
 * columns, and none of its lines may be a row by itself.
 */
public final class LabelFile implements Closeable {
  private static final char[] SEPARATORS = {',', ';', '\t', '|'};

  /** A field of more lines is a quote that is not closed. */
  private static final int MAX_LINES = 200;

  private final String name;
  private final TextLines lines;
  private final char separator;
  private final Map<String, Integer> columns;
  private final int columnCount;
  private long rows;

  private LabelFile(
      String name, TextLines lines, char separator, Map<String, Integer> columns, int columnCount) {
    this.name = name;
    this.lines = lines;
    this.separator = separator;
    this.columns = columns;
    this.columnCount = columnCount;
  }

  /**
   * Opens a file and reads its column names. The separator is the one by which they are found.
   *
   * @param name for messages
   * @param in closed with the file
   * @param required columns that must be there, in lower case
   * @param used further columns that must not stand there twice
   * @throws UserException if a required column is missing, or a used one appears twice
   */
  public static LabelFile open(String name, InputStream in, Set<String> required, Set<String> used)
      throws IOException {
    TextLines lines = new TextLines(in);
    Line header = lines.next();
    while (header != null
        && (LabelRow.bare(header.text()).isEmpty()
            || header.text().toLowerCase(Locale.ROOT).startsWith("sep="))) {
      // Spreadsheets write sep=; and take it back.
      header = lines.next();
    }
    if (header == null) {
      lines.close();
      throw new UserException(
          "Cannot read " + name + ": it is empty; write a line of column names first");
    }
    char separator = separator(header.text(), required);
    List<String> names = names(header.text(), separator);
    Map<String, Integer> columns = new HashMap<>();
    Set<String> needed = new HashSet<>(used);
    needed.addAll(required);
    for (int i = 0; i < names.size(); i++) {
      Integer earlier = columns.putIfAbsent(names.get(i), i);
      if (earlier != null && needed.contains(names.get(i))) {
        lines.close();
        throw new UserException(
            "Cannot read %s: columns %d and %d are both named %s; rename or remove one"
                .formatted(name, earlier + 1, i + 1, names.get(i)));
      }
    }
    for (String column : required) {
      if (!columns.containsKey(column)) {
        lines.close();
        throw new UserException(
            "Cannot read %s: column %s is missing among %s (%s, separated by %s); add it"
                .formatted(
                    name,
                    column,
                    LabelRow.shown(names.toString()),
                    lines.encoding(),
                    named(separator)));
      }
    }
    return new LabelFile(name, lines, separator, columns, names.size());
  }

  /** The separator by which most of the required columns are found, then most columns at all. */
  private static char separator(String header, Set<String> required) {
    char best = SEPARATORS[0];
    long bestScore = -1;
    for (char candidate : SEPARATORS) {
      List<String> names = names(header, candidate);
      long score = 1000L * required.stream().filter(names::contains).count() + names.size();
      if (score > bestScore) {
        best = candidate;
        bestScore = score;
      }
    }
    return best;
  }

  private static List<String> names(String header, char separator) {
    RowSplitter splitter = new RowSplitter(separator);
    splitter.take(header);
    return splitter.fields().stream()
        .map(text -> LabelRow.bare(text).toLowerCase(Locale.ROOT))
        .toList();
  }

  /** The next row that holds anything, or null behind the last one. */
  public LabelRow next() throws IOException {
    for (Line line = lines.next(); line != null; line = lines.next()) {
      LabelRow row = row(line);
      if (row.fault().isPresent() || row.fields().stream().anyMatch(field -> !field.isEmpty())) {
        rows++;
        return row;
      }
    }
    return null;
  }

  /** How it was read, in words, for the manifest. */
  public String description() {
    return "%s, separated by %s, %d rows".formatted(lines.encoding(), named(separator), rows);
  }

  private LabelRow row(Line first) throws IOException {
    if (first.isCut()) {
      return faulty(first, List.of(), "it is longer than " + TextLines.MAX_LINE + " characters");
    }
    RowSplitter splitter = new RowSplitter(separator);
    RowSplitter.State state = splitter.take(first.text());
    List<Line> further = new ArrayList<>();
    while (state == RowSplitter.State.OPEN && further.size() < MAX_LINES) {
      Line next = lines.next();
      if (next == null) {
        break;
      }
      further.add(next);
      state = isRowByItself(next) ? RowSplitter.State.BROKEN : splitter.take(next.text());
    }
    List<String> fields = splitter.fields();
    boolean complete = state == RowSplitter.State.COMPLETE;
    if (!further.isEmpty() && !(complete && fields.size() == columnCount)) {
      for (int i = further.size() - 1; i >= 0; i--) {
        lines.pushBack(further.get(i));
      }
      RowSplitter again = new RowSplitter(separator);
      again.take(first.text());
      return broken(first, again.fields(), "opens a quote ('%s') that is not closed; close it");
    }
    if (state == RowSplitter.State.OPEN) {
      return broken(first, fields, "opens a quote ('%s') that is not closed; close it");
    }
    if (state == RowSplitter.State.BROKEN) {
      return broken(
          first,
          fields,
          "continues after its closing quote ('%s'); write a quote in a field twice");
    }
    for (int i = columnCount; i < fields.size(); i++) {
      if (!LabelRow.bare(fields.get(i)).isEmpty()) {
        return faulty(
            first,
            fields.subList(0, columnCount),
            "it has %d fields and the header %d ('%s' is one too many); put quotes round a field"
                    .formatted(fields.size(), columnCount, LabelRow.shown(fields.get(i)))
                + " that holds a separator");
      }
    }
    return new LabelRow(name, first.number(), columns, stripped(fields), Optional.empty());
  }

  /** A row whose last field is broken; those before it are as good as those of other rows. */
  private LabelRow broken(Line line, List<String> fields, String why) {
    int last = fields.size() - 1;
    return faulty(
        line,
        fields.subList(0, last),
        "column " + column(last) + " " + why.formatted(LabelRow.shown(fields.get(last))));
  }

  private LabelRow faulty(Line line, List<String> fields, String why) {
    return new LabelRow(
        name,
        line.number(),
        columns,
        stripped(fields),
        Optional.of("Invalid line %d of %s: %s".formatted(line.number(), name, why)));
  }

  /** By its separators alone, or with its quotes. */
  private boolean isRowByItself(Line line) {
    if (columnCount < 2) {
      return false;
    }
    RowSplitter splitter = new RowSplitter(separator);
    return line.text().chars().filter(c -> c == separator).count() == columnCount - 1L
        || (splitter.take(line.text()) == RowSplitter.State.COMPLETE
            && splitter.fields().size() == columnCount);
  }

  private String column(int index) {
    return columns.entrySet().stream()
        .filter(entry -> entry.getValue() == index)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(Integer.toString(index + 1));
  }

  private static List<String> stripped(List<String> fields) {
    return fields.stream().map(LabelRow::bare).toList();
  }

  private static String named(char separator) {
    return separator == '\t' ? "tabs" : "'" + separator + "'";
  }

  /** The distinct values of some columns, each up to a number of them: what coding a file uses. */
  public Map<String, Set<String>> distinct(Set<String> wanted, int limit) throws IOException {
    Map<String, Set<String>> values = new LinkedHashMap<>();
    wanted.forEach(column -> values.put(column, new HashSet<>()));
    for (LabelRow row = next(); row != null; row = next()) {
      for (String column : wanted) {
        Set<String> known = values.get(column);
        if (known.size() < limit) {
          known.add(row.text(column));
        }
      }
    }
    return values;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
