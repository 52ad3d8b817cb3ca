package org.rtcn.jobs.tables;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.types.UTF8String;

/** Single values, texts and arrays of texts: through Parquet's own column writers. */
final class ScalarColumns {
  private final ColumnWriteStore store;
  private final List<Column> columns = new ArrayList<>();

  /** How a value goes to its writer. */
  @FunctionalInterface
  private interface Value {
    void write(ColumnWriter writer, InternalRow row, int ordinal, int level);
  }

  private static final Map<String, Value> VALUES =
      Map.of(
          "BOOLEAN", (writer, row, i, level) -> writer.write(row.getBoolean(i), 0, level),
          "INT", (writer, row, i, level) -> writer.write(row.getInt(i), 0, level),
          "BIGINT", (writer, row, i, level) -> writer.write(row.getLong(i), 0, level),
          "FLOAT", (writer, row, i, level) -> writer.write(row.getFloat(i), 0, level),
          "DOUBLE", (writer, row, i, level) -> writer.write(row.getDouble(i), 0, level),
          "STRING", (writer, row, i, level) -> writer.write(text(row.getUTF8String(i)), 0, level));

  private record Column(
      int ordinal, ColumnWriter writer, int level, boolean optional, Value value) {
    void write(InternalRow row) {
      if (!row.isNullAt(ordinal)) {
        value.write(writer, row, ordinal, level);
      } else if (optional) {
        writer.writeNull(0, 0);
      } else {
        throw new IllegalArgumentException(
            "Cannot write NULL to column " + ordinal + ", which must not hold one");
      }
    }
  }

  /**
   * @param schema these columns alone
   * @param chunks receive the pages, by column
   */
  ScalarColumns(
      MessageType schema, ParquetProperties properties, Map<ColumnDescriptor, ColumnChunk> chunks) {
    store = properties.newColumnWriteStore(schema, chunks::get);
  }

  /**
   * Adds a column.
   *
   * @throws IllegalArgumentException if it is of a type that tables do not have
   */
  void add(int ordinal, ColumnDescriptor column, DataType type, boolean optional) {
    boolean isArray = type instanceof ArrayType;
    Value value =
        isArray
            ? texts(
                column.getMaxDefinitionLevel(),
                column.getPrimitiveType().isRepetition(Repetition.OPTIONAL))
            : VALUES.get(type.sql());
    if (value == null || (isArray && !((ArrayType) type).elementType().sql().equals("STRING"))) {
      throw new IllegalArgumentException(
          "Cannot write the column " + column.getPath()[0] + " of type " + type.sql());
    }
    columns.add(
        new Column(
            ordinal,
            store.getColumnWriter(column),
            column.getMaxDefinitionLevel(),
            optional,
            value));
  }

  /** Takes the columns' values of a row. */
  void add(InternalRow row) {
    for (Column column : columns) {
      column.write(row);
    }
    store.endRecord();
  }

  long bytes() {
    return store.getBufferedSize();
  }

  /** Ends the chunks. */
  void finish() {
    store.flush();
  }

  void close() {
    store.close();
  }

  private static Value texts(int elementLevel, boolean elementsMayBeNull) {
    int empty = elementLevel - (elementsMayBeNull ? 2 : 1);
    return (writer, row, ordinal, level) -> {
      ArrayData array = row.getArray(ordinal);
      int length = array.numElements();
      if (length == 0) {
        writer.writeNull(0, empty);
      }
      for (int i = 0; i < length; i++) {
        int repetition = i == 0 ? 0 : 1;
        if (!array.isNullAt(i)) {
          writer.write(text(array.getUTF8String(i)), repetition, elementLevel);
        } else if (elementsMayBeNull) {
          writer.writeNull(repetition, elementLevel - 1);
        } else {
          throw new IllegalArgumentException(
              "Cannot write a NULL element to column " + ordinal + ", which must not hold one");
        }
      }
    };
  }

  /** Of a buffer that the next row takes: what Parquet keeps of it, a bound for one, it copies. */
  private static Binary text(UTF8String text) {
    return Binary.fromReusedByteArray(text.getBytes());
  }
}
