package org.rtcn.jobs.sql;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.command.RowPrinter;
import org.rtcn.jobs.command.RunOptions;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.shell.WorldFault;
import org.rtcn.jobs.spark.SparkSessions;
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
public final class SqlCommand implements Callable<Integer> {
  private static final String EXPRESSIONS = "org.apache.spark.sql.catalyst.expressions.";

  /** So many are read before code for them is compiled. */
  private static final long FEW_ROWS = 100_000;

  /** So much, as stored, is one task's answer at a time: samples take ten times as much as text. */
  private static final long FEW_BYTES = 32 << 20;

  @Mixin private RunOptions options;

  @Parameters(index = "0", paramLabel = "QUERY", description = "SELECT, SHOW TABLES or DESCRIBE")
  private String query;

  @Option(
      names = "--format",
      defaultValue = "TABLE",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private RowPrinter.Format format;

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "1000",
      description = "Prints at most so many rows, 0 for all. Default: ${DEFAULT-VALUE}")
  private int limit;

  @Override
  public Integer call() {
    if (limit < 0) {
      throw new UserException("Invalid --limit " + limit + ": give a number of rows, or 0 for all");
    }
    return options.ask("sql", RunDirectory::requirePresent, this::answer);
  }

  private void answer(StageContext context) {
    SparkSession spark = context.spark();
    RunDirectory run = context.run();
    Set<Table> tables = run.committedTables();
    if (tables.isEmpty()) {
      throw new UserException(
          "Cannot find any table in " + run.root() + ": run a stage first, or give --run");
    }
    Set<String> names = tables.stream().map(Table::tableName).collect(Collectors.toSet());
    try {
      ReadOnlyQuery question = ReadOnlyQuery.parse(spark, query, names);
      boolean few =
          context.session().isLocal()
              && sum(tables, question, run::rows) <= FEW_ROWS
              && sum(tables, question, run::bytes) <= FEW_BYTES;
      if (few) {
        SparkSessions.expectFewRows(spark);
      } else {
        SparkSessions.expectManyRows(spark);
      }
      tables.forEach(table -> view(spark, run, table, question, few));
      Dataset<Row> rows = question.analyse();
      if (format.print(context.console(), rows, limit)) {
        System.err.printf(
            Locale.ROOT,
            "rtcn: only the first %,d rows are printed, there are more; --limit 0 prints all%n",
            limit);
      }
    } catch (UserException e) {
      throw e;
    } catch (Exception e) {
      // Spark's checked exceptions come undeclared from Scala.
      throw (WorldFault.explain(e).isPresent() ? Optional.<String>empty() : ofTheQuery(e))
          .map(why -> (RuntimeException) new UserException(refusal(why, tables), e))
          .orElseGet(() -> new IllegalStateException("Failed to answer \"" + query + "\"", e));
    }
  }

  /** Of the tables that it names, as their manifests say. */
  private static long sum(Set<Table> tables, ReadOnlyQuery question, ToLongFunction<Table> size) {
    return tables.stream()
        .filter(table -> question.tables().contains(table.tableName()))
        .mapToLong(size)
        .sum();
  }

  /** What the question does not name is not looked at, and may be damaged; SHOW TABLES lists it. */
  private static void view(
      SparkSession spark, RunDirectory run, Table table, ReadOnlyQuery question, boolean few) {
    if (question.tables().contains(table.tableName())) {
      Dataset<Row> rows = run.read(spark, table);
      // What one task reads needs no shuffle to be grouped, joined or sorted.
      (few ? rows.coalesce(1) : rows).createOrReplaceTempView(table.tableName());
    } else if (question.isShowing() && run.isOnDisk(table)) {
      run.unchecked(spark, table).createOrReplaceTempView(table.tableName());
    }
  }

  /** What Spark says of a query that it cannot parse, analyse or compute. */
  private static Optional<String> ofTheQuery(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      StackTraceElement[] trace = cause.getStackTrace();
      boolean isOfTheQuery =
          (cause instanceof SparkThrowable spark
                  && spark.getErrorClass() != null
                  && !spark.getErrorClass().startsWith("INTERNAL_ERROR"))
              // raise_error and assert_true throw as they are computed.
              || (trace.length > 0 && trace[0].getClassName().startsWith(EXPRESSIONS));
      if (isOfTheQuery && cause.getMessage() != null) {
        return Optional.of(cause.getMessage());
      }
    }
    return Optional.empty();
  }

  /** One line: the rest of what Spark says is its plan, which helps nobody here. */
  private String refusal(String why, Set<Table> tables) {
    String[] lines = why.strip().split("\n", -1);
    // A parse error begins with an empty line in some versions.
    return "Cannot answer \""
        + query.strip().replaceAll("\\s+", " ")
        + "\": "
        + lines[0].strip()
        + ". Tables of this run: "
        + tables.stream().map(Table::tableName).collect(Collectors.joining(", "));
  }
}
