package org.rtcn.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.rtcn.jobs.SparkTestSession;

/**
 * The contract over all tables: a missing value is NULL, never NaN. Spark, DuckDB, pyarrow and
 * polars disagree about NaN in statistics and comparisons.
 */
class MissingValuesSparkTest {
  private final SparkSession spark = SparkTestSession.get();

  @Test
  void singleValuesThatAreMissingAreNull() {
    int checked = 0;
    for (Table table : Table.values()) {
      Object[] values = new Object[table.schema().length()];
      for (int i = 0; i < values.length; i++) {
        StructField field = table.schema().fields()[i];
        values[i] = field.nullable() ? nan(field.dataType()) : something(field.dataType());
      }
      Row row = table.published(rows(table, values)).first();
      for (int i = 0; i < values.length; i++) {
        StructField field = table.schema().fields()[i];
        String name = table.tableName() + "." + field.name();
        if (isNumber(field.dataType()) && field.nullable()) {
          assertThat(row.isNullAt(i)).as(name).isTrue();
          checked++;
        } else if (field.dataType() instanceof ArrayType array && array.containsNull()) {
          assertThat(row.getList(i)).as(name).containsExactly(1f, null);
          checked++;
        } else if (LeadColumns.NAMES.contains(field.name())) {
          assertThat(row.<Float>getList(i).get(1)).as(name).isNaN();
        }
      }
    }
    assertThat(checked).isGreaterThanOrEqualTo(10);
  }

  @Test
  void aSingleValueThatMustBeThereFailsTheStage() {
    for (Table table : Table.values()) {
      for (int i = 0; i < table.schema().length(); i++) {
        StructField broken = table.schema().fields()[i];
        if (!isNumber(broken.dataType()) || broken.nullable()) {
          continue;
        }
        Object[] values = new Object[table.schema().length()];
        for (int k = 0; k < values.length; k++) {
          StructField field = table.schema().fields()[k];
          values[k] = k == i ? nan(field.dataType()) : something(field.dataType());
        }
        Dataset<Row> published = table.published(rows(table, values));
        assertThatThrownBy(published::collectAsList)
            .hasStackTraceContaining(
                "Failed to write %s: %s is not a number where %s is "
                    .formatted(table.tableName(), broken.name(), table.key()));
        // One of each table: all go the same way.
        break;
      }
    }
  }

  private Dataset<Row> rows(Table table, Object[] values) {
    List<Row> rows = new ArrayList<>();
    rows.add(RowFactory.create(values));
    return spark.createDataFrame(rows, table.schema());
  }

  private static boolean isNumber(DataType type) {
    return type.equals(FloatType) || type.equals(DoubleType);
  }

  private static Object nan(DataType type) {
    if (type instanceof ArrayType array) {
      return array.elementType().equals(FloatType) ? new Float[] {1f, Float.NaN} : something(type);
    }
    return type.equals(FloatType)
        ? Float.valueOf(Float.NaN)
        : type.equals(DoubleType) ? Double.valueOf(Double.NaN) : something(type);
  }

  private static Object something(DataType type) {
    if (type instanceof ArrayType array) {
      if (array.containsNull()) {
        return new Float[] {1f, Float.NaN};
      }
      return array.elementType().equals(FloatType)
          ? new Float[] {1f, 1f}
          : array.elementType().equals(DataTypes.IntegerType)
              ? new Integer[] {1, 1}
              : new String[] {"x", "x"};
    }
    if (type.equals(DataTypes.StringType)) {
      return "x";
    }
    if (type.equals(DataTypes.IntegerType)) {
      return 1;
    }
    if (type.equals(DataTypes.LongType)) {
      return 1L;
    }
    if (type.equals(DataTypes.BooleanType)) {
      return true;
    }
    return type.equals(FloatType) ? (Object) 1f : (Object) 1.0;
  }
}
