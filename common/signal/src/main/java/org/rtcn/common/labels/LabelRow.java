package org.rtcn.common.labels;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A row of a label file.
 *
 * @param file the file's name, for messages
 * @param line where it begins, 1-based
 * @param columns column name, in lower case, to index
 * @param fields the fields that stand there, {@link #bare}
 * @param fault why it cannot be taken; its fields before the fault may still tell which row it is
 */
public record LabelRow(
    String file,
    int line,
    Map<String, Integer> columns,
    List<String> fields,
    Optional<String> fault) {

  /** Words for a value that is not there. */
  private static final Set<String> NOTHING =
      Set.of("", "_", "-", "--", ".", "?", "na", "n/a", "nan", "none", "null", "nil", "unknown");

  private static final Pattern WHOLE = Pattern.compile("(\\d{1,18})(?:[.,]0*)?");
  private static final int SHOWN = 60;

  public LabelRow {
    fields = List.copyOf(fields);
  }

  /** A row made of values, for sources that are no text. */
  public static LabelRow of(String file, int line, Map<String, String> values) {
    Map<String, Integer> columns = new HashMap<>();
    List<String> fields = new ArrayList<>();
    values.forEach(
        (column, value) -> {
          columns.put(column.toLowerCase(Locale.ROOT), fields.size());
          fields.add(bare(value));
        });
    return new LabelRow(file, line, columns, fields, Optional.empty());
  }

  /**
   * A text without what cannot be seen around it: blanks of any kind (spreadsheets and web pages
   * leave no-break spaces), byte order marks, zero-width and control characters.
   */
  static String bare(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isInvisible(text.charAt(from))) {
      from++;
    }
    while (from < to && isInvisible(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isInvisible(char c) {
    return c <= ' '
        || Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || Character.getType(c) == Character.FORMAT
        || Character.getType(c) == Character.CONTROL;
  }

  /** Whether the file has a column. */
  public boolean has(String column) {
    return columns.containsKey(column);
  }

  /** The text of a column; empty where the column, or the field at the row's end, is absent. */
  public String text(String column) {
    Integer index = columns.get(column);
    return index == null || index >= fields.size() ? "" : fields.get(index);
  }

  /** The text of the n-th column, 0-based. */
  public String text(int index) {
    return index >= fields.size() ? "" : fields.get(index);
  }

  /** Whether a text is empty or a word for a value that is not there: _, NaN, null, unknown. */
  public static boolean saysNothing(String text) {
    return NOTHING.contains(text.strip().toLowerCase(Locale.ROOT));
  }

  /**
   * The text of a column that must say something.
   *
   * @throws LabelException if it does not
   */
  public String stated(String column) {
    String text = text(column);
    if (saysNothing(text)) {
      throw invalid(column, "it says nothing; state it");
    }
    return text;
  }

  /**
   * A whole number, which may be written as {@code 7.0}.
   *
   * @throws LabelException if it is none, or lies elsewhere
   */
  public long whole(String column, long min, long max) {
    Matcher number = WHOLE.matcher(stated(column));
    long value = number.matches() ? Long.parseLong(number.group(1)) : min - 1;
    if (value < min || value > max) {
      throw invalid(column, "it must be a whole number in " + min + ".." + max);
    }
    return value;
  }

  /** What is wrong with a column's value, as an exception to throw. */
  public LabelException invalid(String column, String whyAndRemedy) {
    if (columns.getOrDefault(column, -1) >= fields.size()) {
      return new LabelException(
          "Invalid line %d of %s: it ends after %d column%s, before column %s: %s"
              .formatted(
                  line,
                  file,
                  fields.size(),
                  fields.size() == 1 ? "" : "s",
                  column,
                  whyAndRemedy.replace("it says nothing", "nothing is said")));
    }
    return new LabelException(
        "Invalid line %d of %s: column %s holds '%s': %s"
            .formatted(line, file, column, shown(text(column)), whyAndRemedy));
  }

  /** A value as messages show it: on one line and not too long. */
  static String shown(String value) {
    StringBuilder text = new StringBuilder();
    value
        .codePoints()
        .limit(SHOWN)
        .forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
    return value.codePointCount(0, value.length()) > SHOWN
        ? text.append('…').toString()
        : text.toString();
  }
}
