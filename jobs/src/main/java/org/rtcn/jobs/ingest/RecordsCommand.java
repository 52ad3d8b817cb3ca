package org.rtcn.jobs.ingest;

import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.command.RowPrinter;
import org.rtcn.jobs.command.RunOptions;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rtcn records}: what the store holds. */
@Command(
    name = "records",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what ingest has read.",
      "Patients, recordings and hours per dataset and label, per fold, and "
          + "refused inputs per reason."
    },
    footer = {"", "Example:", "  rtcn records --run rtcn-run --format csv"})
public final class RecordsCommand implements Callable<Integer> {
  // A long recording stands in several rows, one a window, that share its header.
  private static final String COUNTS =
      "count(DISTINCT patient_id) AS patients, count(DISTINCT source_path) AS inputs,"
          + " round(sum(n_samples / fs_hz) / 3600, 3) AS hours, max(simulated) AS simulated";

  static final List<String> COLUMNS =
      List.of("what", "dataset", "name", "patients", "inputs", "hours", "simulated");

  @Mixin private RunOptions options;

  @Option(
      names = "--format",
      defaultValue = "TABLE",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private RowPrinter.Format format;

  @Override
  public Integer call() {
    return options.look(
        "records",
        RunDirectory::requirePresent,
        context -> {
          if (context.session().isLocal()) {
            format.print(context.console(), COLUMNS, StoreContents.of(context).iterator());
          } else {
            format.print(context.console(), contents(context));
          }
        });
  }

  static void requireRecordings(StageContext context) {
    if (!context.run().has(Table.RECORDS)) {
      throw new UserException(
          "Cannot find recordings in "
              + context.run().root()
              + ": run rtcn ingest first, or give --run");
    }
  }

  /**
   * The contents of the store, one row a group: {@code what} is label, fold, refused or all; {@code
   * name} the label, fold or reason; patients and hours are null of refused inputs. The executors
   * count; {@link StoreContents} does the same on one machine, without Spark.
   */
  static Dataset<Row> contents(StageContext context) {
    requireRecordings(context);
    for (Table table : new Table[] {Table.RECORDS, Table.SPLITS, Table.REJECTS}) {
      context.run().read(context.spark(), table).createOrReplaceTempView(table.tableName());
    }
    return context
        .spark()
        .sql(
            "SELECT "
                + String.join(", ", COLUMNS)
                + " FROM (SELECT 1 AS place, 'label' AS what, dataset, label AS name, 0 AS number, "
                + COUNTS
                + " FROM records GROUP BY dataset, label"
                + " UNION ALL SELECT 2, 'fold', dataset, string(fold), fold, "
                + COUNTS
                + " FROM (SELECT r.*, s.fold FROM records r JOIN splits s USING (patient_id))"
                + " GROUP BY dataset, fold"
                + " UNION ALL SELECT 3, 'refused', dataset, reason, 0, null, count(*), null, null"
                + " FROM rejects GROUP BY dataset, reason"
                + " UNION ALL SELECT 4, 'all', dataset, 'kept', 0, "
                + COUNTS
                + " FROM records GROUP BY dataset) ORDER BY place, dataset, number, name");
  }
}
