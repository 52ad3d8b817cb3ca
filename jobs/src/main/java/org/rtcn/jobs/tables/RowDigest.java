package org.rtcn.jobs.tables;

import java.io.Serializable;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A digest of rows that neither their order nor their cut into files changes: per row 128 bits of
 * XXH64 (two seeds) over its values, summed over the rows, each half modulo 2^64. A row that occurs
 * twice counts twice; numbers count bit by bit, but all NaN alike. It finds damage, and tells other
 * rows from the same ones; it is no protection from somebody who computes rows to fit.
 */
public final class RowDigest {
  private static final long FIRST_SEED = 0x7274636eL;
  private static final long SECOND_SEED = 0x9e3779b97f4a7c15L;
  private static final int NULL = 0x6e756c6c;

  /** How a column enters; by the type's SQL name, which leaves nullability out. */
  private enum Kind {
    BOOLEAN,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    STRING,
    FLOATS,
    INTS,
    STRINGS
  }

  private static final Map<String, Kind> KINDS =
      Map.of(
          "BOOLEAN", Kind.BOOLEAN,
          "INT", Kind.INT,
          "BIGINT", Kind.LONG,
          "FLOAT", Kind.FLOAT,
          "DOUBLE", Kind.DOUBLE,
          "STRING", Kind.STRING,
          "ARRAY<FLOAT>", Kind.FLOATS,
          "ARRAY<INT>", Kind.INTS,
          "ARRAY<STRING>", Kind.STRINGS);

  private final Kind[] kinds;
  // Of the row at work.
  private long one;
  private long two;
  private Sum sum = Sum.EMPTY;

  /**
   * The digest of some rows.
   *
   * @param rows how many
   * @param first sum of the first half, modulo 2^64
   * @param second sum of the second half
   */
  public record Sum(long rows, long first, long second) implements Serializable {
    /** Of no row. */
    public static final Sum EMPTY = new Sum(0, 0, 0);

    /** The digest of these rows and others together. */
    public Sum plus(Sum other) {
      return new Sum(rows + other.rows, first + other.first, second + other.second);
    }

    /** 32 hexadecimal digits, without the number of rows. */
    public String hex() {
      return String.format("%016x%016x", first, second);
    }

    /**
     * From what {@link #hex} gives.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static Sum of(long rows, String hex) {
      if (hex.length() != 32) {
        throw new IllegalArgumentException(
            "Invalid digest \"" + hex + "\": 32 digits are expected");
      }
      return new Sum(
          rows,
          Long.parseUnsignedLong(hex.substring(0, 16), 16),
          Long.parseUnsignedLong(hex.substring(16), 16));
    }
  }

  /**
   * @param schema the columns that count, in order; of the types that {@link Table} has
   * @throws IllegalArgumentException if a column is of another type
   */
  public RowDigest(StructType schema) {
    StructField[] fields = schema.fields();
    kinds = new Kind[fields.length];
    for (int i = 0; i < fields.length; i++) {
      DataType type = fields[i].dataType();
      kinds[i] = KINDS.get(type.sql());
      if (kinds[i] == null) {
        throw new IllegalArgumentException(
            "Cannot digest the column " + fields[i].name() + " of type " + type.sql());
      }
    }
  }

  /** Adds a row; columns beyond those of the schema do not count. */
  public void add(InternalRow row) {
    one = FIRST_SEED;
    two = SECOND_SEED;
    for (int i = 0; i < kinds.length; i++) {
      if (row.isNullAt(i)) {
        mix(NULL);
      } else {
        mix(row, i);
      }
    }
    sum = sum.plus(new Sum(1, one, two));
  }

  /** The digest of the rows so far. */
  public Sum sum() {
    return sum;
  }

  private void mix(InternalRow row, int i) {
    switch (kinds[i]) {
      case BOOLEAN -> mix(row.getBoolean(i) ? 1 : 0);
      case INT -> mix(row.getInt(i));
      case LONG -> mix(row.getLong(i));
      case FLOAT -> mix(Float.floatToIntBits(row.getFloat(i)));
      case DOUBLE -> mix(Double.doubleToLongBits(row.getDouble(i)));
      case STRING -> mix(row.getUTF8String(i));
      case FLOATS, INTS -> mixNumbers(row.getArray(i), kinds[i]);
      case STRINGS -> {
        ArrayData array = row.getArray(i);
        mix(array.numElements());
        for (int e = 0; e < array.numElements(); e++) {
          if (array.isNullAt(e)) {
            mix(NULL);
          } else {
            mix(array.getUTF8String(e));
          }
        }
      }
    }
  }

  /** Arrays of four-byte numbers. */
  private void mixNumbers(ArrayData array, Kind kind) {
    int length = array.numElements();
    if (!holdsNull(array)) {
      if (array instanceof UnsafeArrayData unsafe && (kind == Kind.INTS || !holdsNan(unsafe))) {
        mix(length);
        mix(unsafe.getBaseObject(), numbersOffset(unsafe), Integer.BYTES * length);
      } else if (kind == Kind.FLOATS) {
        // Copies, whatever holds the array.
        mix(array.toFloatArray());
      } else {
        mix(array.toIntArray());
      }
      return;
    }
    mix(length);
    for (int e = 0; e < length; e++) {
      if (array.isNullAt(e)) {
        mix(NULL);
      } else {
        mix(kind == Kind.FLOATS ? Float.floatToIntBits(array.getFloat(e)) : array.getInt(e));
      }
    }
  }

  /** Where the numbers of an array begin, behind their count and the bits for NULL. */
  static long numbersOffset(UnsafeArrayData array) {
    return array.getBaseOffset()
        + UnsafeArrayData.calculateHeaderPortionInBytes(array.numElements());
  }

  private static boolean holdsNan(UnsafeArrayData array) {
    Object base = array.getBaseObject();
    long at = numbersOffset(array);
    int length = array.numElements();
    boolean found = false;
    for (int e = 0; e < length; e++, at += Float.BYTES) {
      found |= Float.isNaN(Platform.getFloat(base, at));
    }
    return found;
  }

  private void mix(float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        // Which of its many bit patterns a calculation leaves may depend on the compiler.
        values[i] = Float.NaN;
      }
    }
    mix(values.length);
    mix(values, Platform.FLOAT_ARRAY_OFFSET, Float.BYTES * values.length);
  }

  private void mix(int[] values) {
    mix(values.length);
    mix(values, Platform.INT_ARRAY_OFFSET, Integer.BYTES * values.length);
  }

  static boolean holdsNull(ArrayData array) {
    int length = array.numElements();
    if (array instanceof UnsafeArrayData unsafe) {
      // Behind the number of elements, a bit for each of them.
      int words = UnsafeArrayData.calculateHeaderPortionInBytes(length) / Long.BYTES;
      for (int word = 1; word < words; word++) {
        long bits =
            Platform.getLong(
                unsafe.getBaseObject(), unsafe.getBaseOffset() + (long) word * Long.BYTES);
        if (bits != 0) {
          return true;
        }
      }
      return false;
    }
    for (int e = 0; e < length; e++) {
      if (array.isNullAt(e)) {
        return true;
      }
    }
    return false;
  }

  private void mix(UTF8String text) {
    mix(text.numBytes());
    mix(text.getBaseObject(), text.getBaseOffset(), text.numBytes());
  }

  private void mix(Object base, long offset, int bytes) {
    one = XXH64.hashUnsafeBytes(base, offset, bytes, one);
    two = XXH64.hashUnsafeBytes(base, offset, bytes, two);
  }

  private void mix(int value) {
    one = XXH64.hashInt(value, one);
    two = XXH64.hashInt(value, two);
  }

  private void mix(long value) {
    one = XXH64.hashLong(value, one);
    two = XXH64.hashLong(value, two);
  }
}
