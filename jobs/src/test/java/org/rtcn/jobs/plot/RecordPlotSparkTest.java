package org.rtcn.jobs.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.DrawnRun;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.tables.TableFileReader;

class RecordPlotSparkTest {
  @TempDir static Path folder;

  private static StageContext context;

  @BeforeAll
  static void ingestAndTransform() {
    DrawnRun drawn =
        new DrawnRun(
            folder, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    context = drawn.make(2, 1).context(DrawnRun.SETTINGS);
  }

  private static Row record() {
    return RecordPlot.find(context, "test/r01").orElseThrow();
  }

  /** 12 s with an R peak 0.3 s after each second; four of the beats are kept. */
  @Test
  void aRecordingStandsOnPaperWithItsRPeaks() throws IOException {
    Path out = folder.resolve("ecg.svg");
    RecordPlot.write(context, record(), 0, 12, out);
    String svg = Files.readString(out);
    assertThat(svg)
        .contains(">test/r01, IMI, SIMULATED</text>")
        .contains("patient test/p01 · male · 51 years · 500 Hz · 0.0 to 12.0 s")
        .contains("research use only")
        .contains(">25 mm/s · 10 mm/mV</text>");
    // Twelve leads and the rhythm strip.
    assertThat(svg.split("class=\"lead\"", -1)).hasSize(1 + 13);
    assertThat(svg.split("class=\"peak\"", -1)).hasSize(1 + 4);
    // 0.3 s at 25 mm/s, right of margin and calibration pulse, and whole seconds later.
    assertThat(svg).containsPattern("class=\"peak\" d=\"M(20\\.[45]|45\\.[45]|70\\.[45])");
  }

  @Test
  void aStretchOfItIsDrawnAsPng() throws IOException {
    Path out = folder.resolve("ecg.png");
    RecordPlot.write(context, record(), 10, 10, out);
    assertThat(ImageIO.read(out.toFile()).getHeight()).isGreaterThan(300);
  }

  @Test
  void stretchesOutsideAreRefused() {
    assertThatThrownBy(
            () -> RecordPlot.write(context, record(), 12, 10, folder.resolve("none.svg")))
        .isInstanceOf(UserException.class)
        .hasMessage("Invalid stretch of 10.0 s from 12.0 s: test/r01 lasts 12.0 s");
    assertThat(RecordPlot.find(context, "test/r99")).isEmpty();
  }

  /** Rows that are read without Spark are Spark's, of every kind of column. */
  @Test
  void rowsAreThoseOfSpark() {
    for (Table table :
        List.of(Table.RECORDS, Table.SIGNALS, Table.SPLITS, Table.BEATS, Table.SPECTROGRAMS)) {
      Dataset<Row> expected = context.run().read(context.spark(), table);
      assertThat(read(table, Optional.empty()))
          .as(table.tableName())
          .containsExactlyInAnyOrderElementsOf(plain(expected))
          .isNotEmpty();
      if (table == Table.BEATS) {
        Column ofOne = functions.col("record_id").equalTo("test/r02");
        assertThat(read(table, Optional.of(new TableFileReader.Equal("record_id", "test/r02"))))
            .containsExactlyInAnyOrderElementsOf(plain(expected.where(ofOne)))
            .hasSize(4);
      }
    }
  }

  @Test
  void aRowIsFoundAndTheRestLeft() {
    List<Row> some = new ArrayList<>();
    context.each(
        Table.BEATS,
        Optional.empty(),
        row -> {
          some.add(row);
          return some.size() < 2;
        },
        "fold",
        "beat_id");
    assertThat(some).hasSize(2).allMatch(row -> row.getInt(0) == 1 && row.length() == 2);
  }

  private static List<List<Object>> read(Table table, Optional<TableFileReader.Equal> where) {
    List<List<Object>> rows = new ArrayList<>();
    context.each(
        table,
        where,
        row -> {
          rows.add(plain(row));
          return true;
        });
    return rows;
  }

  private static List<List<Object>> plain(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(RecordPlotSparkTest::plain).toList();
  }

  private static List<Object> plain(Row row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < row.length(); i++) {
      Object value = row.get(i);
      if (value instanceof float[] floats) {
        List<Float> list = new ArrayList<>();
        for (float each : floats) {
          list.add(each);
        }
        values.add(list);
      } else {
        values.add(value instanceof scala.collection.Seq<?> ? row.getList(i) : value);
      }
    }
    return values;
  }
}
