package org.rtcn.jobs.transform;

import java.util.Iterator;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/**
 * Rows whose {@code array<float>} columns are {@code float[]}. Spark's own rows box every number: a
 * recording of ten minutes then takes five times its room, and half as long to unpack as to filter.
 */
final class PlainRows {
  private PlainRows() {}

  /** Makes rows of rows, a partition at a time. */
  static Dataset<Row> map(
      Dataset<Row> source, FlatMapFunction<Iterator<Row>, Row> function, StructType result) {
    StructType schema = source.schema();
    return source
        .sparkSession()
        .createDataFrame(
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
}
