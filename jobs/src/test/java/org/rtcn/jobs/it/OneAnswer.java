package org.rtcn.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Nobody is healthy and infarcted at once, in any table of a run. */
final class OneAnswer {
  private OneAnswer() {}

  /** Looks at every row that holds an answer. */
  static void require(Path run) throws SQLException {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      for (String table : new String[] {"predictions", "prediction_variants"}) {
        String of = " FROM '" + run.resolve("tables/" + table) + "/*.parquet'";
        assertThat(number(statement, "count(*)" + of)).as(table).isPositive();
        assertThat(
                number(
                    statement,
                    "count(*)"
                        + of
                        + " WHERE (predicted <> 'HC') <> (probability_mi >= threshold)"))
            .as(table)
            .isZero();
        String variant = table.equals("predictions") ? "" : ", variant";
        assertThat(number(statement, "count(*) - count(DISTINCT (level, id" + variant + "))" + of))
            .as(table + ": rows of one case")
            .isZero();
      }
      Path maps = run.resolve("tables/gradcam");
      if (Files.exists(maps)) {
        assertThat(
                number(
                    statement,
                    "count(*) FROM '"
                        + maps
                        + "/*.parquet' m JOIN '"
                        + run.resolve("tables/predictions")
                        + "/*.parquet' p ON p.id = m.beat_id AND p.level = 'beat'"
                        + " WHERE p.predicted <> m.predicted"))
            .as("maps of other answers")
            .isZero();
      }
    }
  }

  private static long number(Statement statement, String select) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT " + select)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
