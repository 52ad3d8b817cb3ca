package org.rtcn.jobs.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.error.UserException;

/** Prints the answer of a command that asks the tables. */
public final class RowPrinter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WIDEST = 60;

  private RowPrinter() {}

  /** How an answer is printed. */
  public enum Format {
    /** For people; long values are cut, and the last line says how many. */
    TABLE,
    CSV,
    /** One object a line. */
    JSON;

    /** Prints all rows, with their column names. */
    public void print(PrintStream out, Dataset<Row> rows) {
      print(
          out,
          List.of(rows.columns()),
          // All at once where all are needed for the widths; else one part after another.
          this == TABLE ? rows.collectAsList().iterator() : rows.toLocalIterator());
    }

    /**
     * Prints the first rows, with their column names.
     *
     * @param limit how many at most; 0 for all
     * @return whether there are more
     */
    public boolean print(PrintStream out, Dataset<Row> rows, int limit) {
      if (limit == 0) {
        print(out, rows);
        return false;
      }
      Dataset<Row> few = limit == Integer.MAX_VALUE ? rows : rows.limit(limit + 1);
      Iterator<Row> all = this == TABLE ? few.collectAsList().iterator() : few.toLocalIterator();
      Iterator<Row> first =
          new Iterator<>() {
            private int left = limit;

            @Override
            public boolean hasNext() {
              return left > 0 && all.hasNext();
            }

            @Override
            public Row next() {
              left--;
              return all.next();
            }
          };
      print(out, List.of(rows.columns()), first);
      return all.hasNext();
    }

    /** The same for rows that do not come from a dataset. */
    public void print(PrintStream out, List<String> names, Iterator<Row> rows) {
      RowPrinter.print(this, out, names, rows);
    }
  }

  private static void print(
      Format format, PrintStream out, List<String> names, Iterator<Row> rows) {
    switch (format) {
      case CSV -> {
        out.println(names.stream().map(RowPrinter::quoted).collect(Collectors.joining(",")));
        // Readers pass over lines on which nothing stands.
        String absent = names.size() == 1 ? "\"\"" : "";
        while (rows.hasNext()) {
          out.println(
              values(rows.next()).stream()
                  .map(value -> value == null ? absent : quoted(text(value)))
                  .collect(Collectors.joining(",")));
        }
      }
      case JSON -> {
        requireDistinct(names);
        while (rows.hasNext()) {
          out.println(json(names, values(rows.next())));
        }
      }
      case TABLE -> table(out, names, rows);
    }
  }

  /** An object has each name once. */
  private static void requireDistinct(List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new UserException(
            "Cannot write two columns named "
                + name
                + " as JSON: give one of them another name (AS …), or take --format csv");
      }
    }
  }

  private static String json(List<String> names, List<Object> values) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      object.put(names.get(i), values.get(i));
    }
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to write a row as JSON", e);
    }
  }

  private static void table(PrintStream out, List<String> names, Iterator<Row> rows) {
    int[] widths = names.stream().mapToInt(String::length).toArray();
    List<List<String>> cells = new ArrayList<>();
    long cut = 0;
    while (rows.hasNext()) {
      List<Object> values = values(rows.next());
      cut += values.stream().filter(value -> shown(value).length() > WIDEST).count();
      List<String> line = values.stream().map(RowPrinter::cut).toList();
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
      cells.add(line);
    }
    line(out, names, widths);
    out.println("-".repeat(java.util.Arrays.stream(widths).sum() + 2 * (widths.length - 1)));
    cells.forEach(line -> line(out, line, widths));
    out.printf(
        Locale.ROOT,
        "(%,d row%s%s)%n",
        cells.size(),
        cells.size() == 1 ? "" : "s",
        cut == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "; %,d value%s cut to %d characters, --format csv prints %s whole",
                cut,
                cut == 1 ? "" : "s",
                WIDEST,
                cut == 1 ? "it" : "them"));
  }

  private static void line(PrintStream out, List<String> cells, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      text.append(i == 0 ? "" : "  ").append(String.format("%-" + widths[i] + "s", cells.get(i)));
    }
    out.println(text.toString().stripTrailing());
  }

  private static List<Object> values(Row row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < row.length(); i++) {
      values.add(plain(row.get(i)));
    }
    return values;
  }

  private static Object plain(Object value) {
    if (value instanceof scala.collection.Seq<?> sequence) {
      List<Object> list = new ArrayList<>();
      sequence.iterator().foreach(element -> list.add(plain(element)));
      return list;
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      Map<String, Object> object = new LinkedHashMap<>();
      map.iterator().foreach(entry -> object.put(text(plain(entry._1())), plain(entry._2())));
      return object;
    }
    if (value instanceof Row row) {
      return row.schema() == null ? values(row) : object(row);
    }
    if (value instanceof byte[] bytes) {
      return HexFormat.of().withUpperCase().formatHex(bytes);
    }
    if (value == null || value instanceof Number || value instanceof Boolean) {
      return value;
    }
    return value.toString();
  }

  private static Map<String, Object> object(Row row) {
    Map<String, Object> object = new LinkedHashMap<>();
    List<Object> values = values(row);
    for (int i = 0; i < values.size(); i++) {
      object.put(row.schema().fieldNames()[i], values.get(i));
    }
    return object;
  }

  private static String text(Object value) {
    return String.valueOf(value);
  }

  /** On one line: a row of the table is one of the answer. */
  private static String shown(Object value) {
    return value == null
        ? "NULL"
        : text(value).replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
  }

  private static String cut(Object value) {
    String text = shown(value);
    return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 1) + "…";
  }

  private static String quoted(String text) {
    // An empty text is not NULL, of which nothing is written.
    boolean plain = !text.isEmpty() && text.chars().noneMatch(c -> ",\"\n\r".indexOf(c) >= 0);
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
