package org.rtcn.common.labels;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits one row into fields by RFC 4180, line by line, and says where a quote goes wrong. A quote
 * inside an unquoted field is a character like any other; blanks around quotes are let pass.
 */
final class RowSplitter {
  /** Where a row stands after a line. */
  enum State {
    /** All fields are there. */
    COMPLETE,
    /** A quote is open at the line's end. */
    OPEN,
    /** Something stands behind a closing quote. */
    BROKEN
  }

  private static final char QUOTE = '"';

  private final char separator;
  private final List<String> fields = new ArrayList<>();
  private final StringBuilder field = new StringBuilder();
  private boolean quoted;

  RowSplitter(char separator) {
    this.separator = separator;
  }

  /** The fields so far; where a quote is open or broken, the last is what it holds. */
  List<String> fields() {
    return fields;
  }

  /** Takes the row's first line, or the next one where a quote is open. */
  State take(String line) {
    int at = 0;
    if (quoted) {
      fields.remove(fields.size() - 1);
      field.append('\n');
    } else {
      at = start(line, 0);
    }
    while (true) {
      int end = quoted ? quoted(line, at) : plain(line, at);
      fields.add(field.toString());
      if (end < 0) {
        return end == -1 ? State.OPEN : State.BROKEN;
      }
      quoted = false;
      field.setLength(0);
      if (end >= line.length()) {
        return State.COMPLETE;
      }
      at = start(line, end + 1);
    }
  }

  /** Where the content of a field begins; blanks before a quote do not count. */
  private int start(String line, int from) {
    int at = from;
    while (at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
    quoted = at < line.length() && line.charAt(at) == QUOTE;
    return quoted ? at + 1 : from;
  }

  private int plain(String line, int from) {
    int end = line.indexOf(separator, from);
    end = end < 0 ? line.length() : end;
    field.append(line, from, end);
    return end;
  }

  /** The index of the separator or line's end behind the quotes; -1 open, -2 broken. */
  private int quoted(String line, int from) {
    int at = from;
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c != QUOTE) {
        field.append(c);
      } else if (at < line.length() && line.charAt(at) == QUOTE) {
        field.append(QUOTE);
        at++;
      } else {
        while (at < line.length() && line.charAt(at) == ' ' && separator != ' ') {
          at++;
        }
        if (at == line.length() || line.charAt(at) == separator) {
          return at;
        }
        field.append(QUOTE).append(line, at, Math.min(line.length(), at + 20));
        return -2;
      }
    }
    return -1;
  }
}
