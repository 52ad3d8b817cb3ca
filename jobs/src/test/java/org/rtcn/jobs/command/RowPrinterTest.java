package org.rtcn.jobs.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class RowPrinterTest {
  private static final String LONG = "x".repeat(61);

  @Test
  void aTableSaysThatItCutValuesAndHowToGetThem() {
    assertThat(printed(RowPrinter.Format.TABLE, RowFactory.create("a", LONG)))
        .contains("x".repeat(59) + "…")
        .endsWith("(1 row; 1 value cut to 60 characters, --format csv prints it whole)\n");
    assertThat(printed(RowPrinter.Format.TABLE, RowFactory.create("a", "x".repeat(60))))
        .contains("x".repeat(60))
        .endsWith("(1 row)\n");
    assertThat(printed(RowPrinter.Format.CSV, RowFactory.create("a", LONG))).contains(LONG);
  }

  @Test
  void aRowIsALineAndNullIsNotAnEmptyText() {
    Row row = RowFactory.create("two\nlines", null);
    assertThat(printed(RowPrinter.Format.TABLE, row)).contains("two\\nlines  NULL\n");
    assertThat(printed(RowPrinter.Format.CSV, row)).endsWith("\"two\nlines\",\n");
    assertThat(printed(RowPrinter.Format.TABLE, RowFactory.create("", "b")))
        .contains("\n      b\n");
    assertThat(printed(RowPrinter.Format.CSV, RowFactory.create("", "b"))).endsWith("\"\",b\n");
  }

  @Test
  void bytesAreHexAndMapsAndStructsAreObjects() {
    scala.collection.immutable.Map<String, Integer> map =
        new scala.collection.immutable.Map.Map2<>("a", 1, "b", 2);
    Row struct =
        new GenericRowWithSchema(
            new Object[] {1.5, null},
            new StructType().add("x", DataTypes.DoubleType).add("y", DataTypes.StringType));
    assertThat(printed(RowPrinter.Format.JSON, RowFactory.create(map, struct)))
        .isEqualTo("{\"name\":{\"a\":1,\"b\":2},\"value\":{\"x\":1.5,\"y\":null}}\n");
    assertThat(printed(RowPrinter.Format.TABLE, RowFactory.create(new byte[] {0, -1}, map)))
        .contains("00FF  {a=1, b=2}\n");
  }

  private static String printed(RowPrinter.Format format, Row row) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    format.print(
        new PrintStream(bytes, true, StandardCharsets.UTF_8),
        List.of("name", "value"),
        List.of(row).iterator());
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
