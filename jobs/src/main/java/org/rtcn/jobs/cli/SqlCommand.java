package org.rtcn.jobs.cli;

import java.util.Locale;
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
    return options.look("sql", this::answer);
  }

  private void answer(StageContext context) {
    SparkSession spark = context.spark();
    RunDirectory run = context.run();
    Set<Table> tables = run.committedTables();
    if (tables.isEmpty()) {
      throw new UserException(
          "Cannot find any table in " + run.root() + ": run a stage first, or give --run");
    }
    tables.forEach(table -> view(spark, run, table));
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
    format.print(context.console(), limit == 0 ? rows : rows.limit(limit));
  }

  /** What the question does not name is not looked at, and may be damaged. */
  private void view(SparkSession spark, RunDirectory run, Table table) {
    if (query.toLowerCase(Locale.ROOT).contains(table.tableName())) {
      run.read(spark, table).createOrReplaceTempView(table.tableName());
    } else if (run.isOnDisk(table)) {
      run.unchecked(spark, table).createOrReplaceTempView(table.tableName());
    }
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
}
