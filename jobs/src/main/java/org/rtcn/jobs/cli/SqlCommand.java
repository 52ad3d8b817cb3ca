package org.rtcn.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rtcn sql}: one question to the tables of a run. */
@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    description = {
      "Answers a question in Spark SQL from the tables of a run.",
      "Only tables of committed stages are seen; nothing is written."
    },
    footer = {
      "",
      "Example:",
      "  rtcn sql \"SELECT label, count(*) AS beats FROM beats GROUP BY label\" --run rtcn-run"
    })
final class SqlCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WIDEST = 60;

  @Mixin private RunOptions options;

  @Parameters(index = "0", paramLabel = "QUERY", description = "SELECT, SHOW TABLES or DESCRIBE")
  private String query;

  @Option(
      names = "--format",
      defaultValue = "TABLE",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Format format;

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "1000",
      description = "Prints at most so many rows, 0 for all. Default: ${DEFAULT-VALUE}")
  private int limit;

  enum Format {
    /** For people; long values are cut. */
    TABLE,
    CSV,
    /** One object a line. */
    JSON
  }

  @Override
  public Integer call() {
    if (limit < 0) {
      throw new UserException("Invalid --limit " + limit + ": give a number of rows, or 0 for all");
    }
    return options.execute("sql", this::answer);
  }

  private void answer(StageContext context) {
    SparkSession spark = context.spark();
    RunDirectory run = context.run();
    Set<Table> tables = run.committedTables();
    if (tables.isEmpty()) {
      throw new UserException(
          "Cannot find any table in " + run.root() + ": run a stage first, or give --run");
    }
    for (Table table : tables) {
      run.read(spark, table).createOrReplaceTempView(table.tableName());
    }
    Dataset<Row> rows;
    try {
      requireReading(spark.sessionState().sqlParser().parsePlan(query));
      rows = spark.sql(query);
    } catch (UserException e) {
      throw e;
    } catch (Exception e) {
      // AnalysisException and ParseException are checked, and Scala does not declare them.
      throw new UserException(
          "Cannot answer \""
              + query
              + "\": "
              // The rest is Spark's plan, which helps nobody here.
              + e.getMessage().strip().split("\n", 2)[0]
              + "\nTables of this run: "
              + tables.stream().map(Table::tableName).collect(Collectors.joining(", ")),
          e);
    }
    print(context.console(), rows);
  }

  private static void requireReading(LogicalPlan plan) {
    String kind = plan.getClass().getSimpleName();
    boolean isCommand =
        plan instanceof org.apache.spark.sql.catalyst.plans.logical.Command
            || plan instanceof org.apache.spark.sql.catalyst.plans.logical.ParsedStatement
            || kind.startsWith("Insert");
    boolean reads =
        kind.startsWith("Show") || kind.startsWith("Describe") || kind.startsWith("Explain");
    if (isCommand && !reads) {
      throw new UserException(
          "Cannot run this statement (" + kind + "): rtcn sql only reads. Give a SELECT.");
    }
    scala.collection.Iterator<LogicalPlan> children = plan.children().iterator();
    while (children.hasNext()) {
      requireReading(children.next());
    }
  }

  private void print(PrintStream out, Dataset<Row> rows) {
    List<String> names = List.of(rows.columns());
    Dataset<Row> bounded = limit == 0 ? rows : rows.limit(limit);
    switch (format) {
      case CSV -> {
        out.println(names.stream().map(SqlCommand::quoted).collect(Collectors.joining(",")));
        for (Iterator<Row> each = bounded.toLocalIterator(); each.hasNext(); ) {
          out.println(
              values(each.next()).stream()
                  .map(value -> value == null ? "" : quoted(text(value)))
                  .collect(Collectors.joining(",")));
        }
      }
      case JSON -> {
        for (Iterator<Row> each = bounded.toLocalIterator(); each.hasNext(); ) {
          out.println(json(names, values(each.next())));
        }
      }
      case TABLE -> table(out, names, bounded.collectAsList());
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

  private static void table(PrintStream out, List<String> names, List<Row> rows) {
    int[] widths = names.stream().mapToInt(String::length).toArray();
    List<List<String>> cells = new ArrayList<>();
    for (Row row : rows) {
      List<String> line = values(row).stream().map(SqlCommand::cut).toList();
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
      cells.add(line);
    }
    line(out, names, widths);
    out.println("-".repeat(java.util.Arrays.stream(widths).sum() + 2 * (widths.length - 1)));
    cells.forEach(line -> line(out, line, widths));
    out.printf(Locale.ROOT, "(%,d row%s)%n", rows.size(), rows.size() == 1 ? "" : "s");
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
    if (value instanceof Row row) {
      return values(row);
    }
    if (value == null || value instanceof Number || value instanceof Boolean) {
      return value;
    }
    return value.toString();
  }

  private static String text(Object value) {
    return String.valueOf(value);
  }

  private static String cut(Object value) {
    String text = value == null ? "" : text(value);
    return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 1) + "…";
  }

  private static String quoted(String text) {
    boolean plain = text.indexOf(',') < 0 && text.indexOf('"') < 0 && text.indexOf('\n') < 0;
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
