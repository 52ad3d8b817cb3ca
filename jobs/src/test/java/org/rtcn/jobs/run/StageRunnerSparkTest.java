package org.rtcn.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.tables.Table;

class StageRunnerSparkTest {
  @TempDir Path folder;

  private final SparkSession spark = SparkTestSession.get();
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();

  @Test
  void commitsTablesAndManifestTogether() throws Exception {
    Manifest manifest = runOnce(IfPresent.REUSE_OR_REFUSE, "9", 3);

    assertThat(manifest.exit()).isEqualTo("success");
    assertThat(manifest.outputs()).containsEntry("tables/splits", 3L);
    assertThat(manifest.count("kept")).isEqualTo(3);
    assertThat(Files.exists(folder.resolve("stages/ingest/manifest.json"))).isTrue();
    assertThat(Files.exists(folder.resolve(".staging"))).isFalse();
    assertThat(run().read(spark, Table.SPLITS).count()).isEqualTo(3);

    // Another engine reads the rows and the schema version in the footer.
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      String glob = folder.resolve("tables/splits/*.parquet").toString();
      try (ResultSet rows =
          statement.executeQuery("SELECT count(*), max(fold) FROM '" + glob + "'")) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(3);
        assertThat(rows.getInt(2)).isEqualTo(2);
      }
      try (ResultSet version =
          statement.executeQuery(
              "SELECT DISTINCT decode(value) FROM parquet_kv_metadata('"
                  + glob
                  + "') WHERE decode(key) = 'rtcn.schema_version'")) {
        version.next();
        assertThat(version.getString(1)).isEqualTo(String.valueOf(Table.SCHEMA_VERSION));
      }
    }
  }

  @Test
  void theSameAgainIsNotDoneTwice() {
    Manifest first = runOnce(IfPresent.REUSE_OR_REFUSE, "9", 3);
    Manifest second = runOnce(IfPresent.REUSE_OR_REFUSE, "9", 3);
    assertThat(second.startedAt()).isEqualTo(first.startedAt());
    assertThat(console.toString(StandardCharsets.UTF_8)).contains("up to date");
  }

  @Test
  void otherSettingsAreRefusedUnlessToldToOverwrite() {
    runOnce(IfPresent.REUSE_OR_REFUSE, "9", 3);
    assertThatThrownBy(() -> runOnce(IfPresent.REUSE_OR_REFUSE, "5", 2))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("rtcn.split.folds: 9 -> 5")
        .hasMessageContaining("--overwrite");
    assertThat(run().read(spark, Table.SPLITS).count()).isEqualTo(3);

    runOnce(IfPresent.OVERWRITE, "5", 2);
    assertThat(run().read(spark, Table.SPLITS).count()).isEqualTo(2);
  }

  @Test
  void aFailureLeavesTheEarlierTableAndSaysWhy() throws Exception {
    runOnce(IfPresent.REUSE_OR_REFUSE, "9", 3);
    assertThatThrownBy(
            () ->
                StageRunner.run(
                    context(IfPresent.OVERWRITE),
                    plan("5"),
                    output -> {
                      output.write(Table.SPLITS, rows(1));
                      throw new IllegalStateException("disk on fire");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(run().read(spark, Table.SPLITS).count()).isEqualTo(3);
    assertThat(Files.exists(folder.resolve(".staging"))).isFalse();
    assertThat(Files.readString(folder.resolve("stages/ingest/failure.json")))
        .contains("disk on fire", "\"failure\"");
    // What the user can mend is called so.
    assertThatThrownBy(
            () ->
                StageRunner.run(
                    context(IfPresent.OVERWRITE),
                    plan("5"),
                    output -> {
                      throw new UncheckedIOException(new IOException("No space left on device"));
                    }))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(Files.readString(folder.resolve("stages/ingest/failure.json")))
        .contains("No space left", "\"world_fault\"");
  }

  @Test
  void filesAreReadNoFurtherThanTheyWereWritten() throws Exception {
    StageRunner.run(
        context(IfPresent.OVERWRITE),
        StagePlan.named("train", "test").owns("models/rtcn"),
        output -> output.write("models/rtcn/model.json", new byte[] {1, 2, 3}));
    assertThat(run().readFiles("train", "models/rtcn").get("model.json")).containsExactly(1, 2, 3);
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve("models/rtcn/model.json").toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    assertThatThrownBy(() -> run().readFiles("train", "models/rtcn"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("models/rtcn/model.json has 1099511627776 bytes");
  }

  @Test
  void whatAKilledDriverLeftIsRemovedByTheNextTry() throws Exception {
    Path left = Files.createDirectories(folder.resolve(".staging/ingest-of-the-dead/tables"));
    Files.writeString(left.resolve("half.parquet"), "half");
    runOnce(IfPresent.REUSE_OR_REFUSE, "9", 3);
    assertThat(folder.resolve(".staging")).doesNotExist();
  }

  @Test
  void aStageThatHasNotRunIsNamed() {
    assertThatThrownBy(() -> run().requireStage("transform"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("rtcn transform --run");
  }

  @Test
  void aTableWithAMissingOrWrongColumnIsRefused() {
    assertThatThrownBy(() -> Table.SPLITS.conform(rows(1).drop("fold")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write splits: column fold is missing");
    assertThatThrownBy(
            () ->
                Table.SPLITS.conform(
                    rows(1).selectExpr("patient_id", "dataset", "label", "'1' fold")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write splits: column fold is STRING, expected INT");
  }

  private Manifest runOnce(IfPresent ifPresent, String folds, int patients) {
    return StageRunner.run(
        context(ifPresent),
        plan(folds),
        output -> {
          output.count("kept", output.write(Table.SPLITS, rows(patients)));
          output.simulated(true);
        });
  }

  private static StagePlan plan(String folds) {
    return StagePlan.named("ingest", "test")
        .owns(Table.SPLITS)
        .reads(Map.of("rtcn.split.folds", folds))
        .input("files", "abc");
  }

  private Dataset<Row> rows(int patients) {
    List<Row> rows =
        java.util.stream.IntStream.range(0, patients)
            .mapToObj(i -> RowFactory.create("test/p" + i, "test", "HC", i))
            .toList();
    return spark.createDataFrame(rows, Table.SPLITS.schema());
  }

  private RunDirectory run() {
    return RunDirectory.at(folder.toString(), spark.sparkContext().hadoopConfiguration());
  }

  private StageContext context(IfPresent ifPresent) {
    return new StageContext(
        spark,
        run(),
        Settings.defaults(),
        ifPresent,
        new PrintStream(console, true, StandardCharsets.UTF_8));
  }
}
