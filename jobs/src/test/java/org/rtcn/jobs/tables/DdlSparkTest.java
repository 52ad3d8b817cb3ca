package org.rtcn.jobs.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.jobs.SparkTestSession;

/**
 * Holds deploy/sql to the code. {@code -Drtcn.ddl.write=true} writes the files anew; the check
 * fails in that mode, so that it cannot stay on.
 */
class DdlSparkTest {
  private static final Path FOLDER = Path.of("..", "deploy", "sql");

  @TempDir Path run;

  private final SparkSession spark = SparkTestSession.get();

  @Test
  void publishedStatementsAreThoseOfTheCode() throws IOException {
    Map<String, String> published =
        Map.of(
            "athena.sql", Ddl.athena(),
            "spark-views.sql", Ddl.sparkViews(),
            "duckdb-views.sql", Ddl.duckDbViews());
    for (Map.Entry<String, String> file : published.entrySet()) {
      Path path = FOLDER.resolve(file.getKey());
      if (Boolean.getBoolean("rtcn.ddl.write")) {
        Files.writeString(path, file.getValue());
      }
      assertThat(Files.readString(path)).as(file.getKey()).isEqualTo(file.getValue());
    }
    assertThat(Boolean.getBoolean("rtcn.ddl.write")).as("writing mode is off").isFalse();
  }

  @Test
  void sparkAndDuckDbReadEveryColumnThroughTheirViews() throws Exception {
    for (Table table : Table.values()) {
      var empty =
          spark.createDataFrame(List.of(), table.schema()).withColumn("fold_", functions.lit(1));
      var writer = empty.drop("fold_").write();
      // An empty partitioned table has no file: these are written flat, as one file each.
      writer.parquet(run.resolve("tables/" + table.tableName()).toString());
    }
    for (String statement : statements(Ddl.sparkViews())) {
      spark.sql(statement);
    }
    for (Table table : Table.values()) {
      assertThat(spark.table(table.tableName()).columns())
          .as(table.tableName())
          .containsExactlyInAnyOrder(table.schema().fieldNames());
      assertThat(spark.table(table.tableName()).count()).isZero();
    }
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      for (String view : statements(Ddl.duckDbViews())) {
        statement.execute(view);
      }
      for (Table table : Table.values()) {
        try (ResultSet rows = statement.executeQuery("SELECT * FROM " + table.tableName())) {
          assertThat(rows.getMetaData().getColumnCount())
              .as(table.tableName())
              .isEqualTo(table.schema().length());
        }
      }
    }
  }

  @Test
  void athenaStatementsAreWellFormedHive() throws Exception {
    // Athena's DDL is Hive's, which Spark's parser knows too.
    for (String statement : statements(Ddl.athena())) {
      assertThat(spark.sessionState().sqlParser().parsePlan(statement)).as(statement).isNotNull();
    }
    assertThat(Ddl.athena())
        .contains("'storage.location.template' = '${RUN}/tables/beats/fold=${fold}/'");
  }

  private List<String> statements(String script) {
    return Stream.of(script.replace("${RUN}", run.toString()).split(";\n", -1))
        .map(text -> text.replaceAll("(?m)^--.*\n", "").strip())
        .filter(text -> !text.isEmpty())
        .toList();
  }
}
