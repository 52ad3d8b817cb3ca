package org.rtcn.jobs.tables;

import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/**
 * Rows whose {@code array<float>} columns are {@code float[]}, into Spark's engine and out of it.
 * Spark's own rows box every number: a recording of ten minutes then takes five times its room, and
 * half as long to unpack as to filter.
 */
public final class PlainRows {
  private PlainRows() {}

  /**
   * A dataset of rows; arrays of floats that hold no null may be {@code float[]}.
   *
   * @param schema the columns; of the types that {@link Table} has
   */
  public static Dataset<Row> of(SparkSession spark, JavaRDD<Row> rows, StructType schema) {
    return spark.internalCreateDataFrame(
        rows.mapPartitions(some -> internal(some, schema)).rdd(), schema, false);
  }

  /** Makes rows of rows, a partition at a time. */
  public static Dataset<Row> map(
      Dataset<Row> source, FlatMapFunction<Iterator<Row>, Row> function, StructType result) {
    StructType schema = source.schema();
    return of(
        source.sparkSession(),
        source
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(rows -> function.call(plain(rows, schema))),
        result);
  }

  private static Iterator<Row> plain(Iterator<InternalRow> rows, StructType schema) {
    int length = schema.length();
    DataType[] types = new DataType[length];
    boolean[] floats = new boolean[length];
    @SuppressWarnings({"unchecked", "rawtypes"})
    Function1<Object, Object>[] others = new Function1[length];
    for (int i = 0; i < length; i++) {
      types[i] = schema.apply(i).dataType();
      floats[i] =
          types[i] instanceof ArrayType array && array.elementType().equals(DataTypes.FloatType);
      others[i] = CatalystTypeConverters.createToScalaConverter(types[i]);
    }
    return LazyIterators.map(
        rows,
        row -> {
          Object[] values = new Object[length];
          for (int i = 0; i < length; i++) {
            if (!row.isNullAt(i)) {
              values[i] =
                  floats[i]
                      ? row.getArray(i).toFloatArray()
                      : others[i].apply(row.get(i, types[i]));
            }
          }
          return new GenericRowWithSchema(values, schema);
        });
  }

  private static Iterator<InternalRow> internal(Iterator<Row> rows, StructType schema) {
    StructField[] fields = schema.fields();
    @SuppressWarnings({"unchecked", "rawtypes"})
    Function1<Object, Object>[] converters = new Function1[fields.length];
    for (int i = 0; i < fields.length; i++) {
      converters[i] = CatalystTypeConverters.createToCatalystConverter(fields[i].dataType());
    }
    return LazyIterators.map(
        rows,
        row -> {
          Object[] values = new Object[fields.length];
          for (int i = 0; i < fields.length; i++) {
            Object value = row.get(i);
            if (value instanceof float[] plain) {
              values[i] = UnsafeArrayData.fromPrimitiveArray(plain);
            } else if (value != null) {
              values[i] = converters[i].apply(value);
            } else if (!fields[i].nullable()) {
              throw new IllegalStateException(
                  "Cannot make a row: " + fields[i].name() + " must not be null");
            }
          }
          return new GenericInternalRow(values);
        });
  }
}
