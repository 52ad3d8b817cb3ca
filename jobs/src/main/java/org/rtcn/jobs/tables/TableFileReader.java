package org.rtcn.jobs.tables;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reads a file of a table in this very process, by parquet-java: for commands that look at a few
 * rows, to whom Spark's start would be most of the wait. Rows come as {@link PlainRows} has them:
 * arrays of floats without null are {@code float[]}, other arrays lists.
 */
public final class TableFileReader {
  private TableFileReader() {}

  /**
   * A column with one value.
   *
   * @param column of type string
   */
  public record Equal(String column, String value) {}

  /**
   * Reads the rows of a file in their order. Row groups whose bounds or dictionaries say that they
   * hold no such row are not read.
   *
   * @param columns names of columns of the table, those that are folders too; one that the file
   *     lacks is null in all rows
   * @param where which rows, all if empty; its column is one of those that are read
   * @param each takes a row, and says whether to go on
   * @return whether to go on with another file
   * @throws IOException if the file is damaged or cannot be read; it names the file
   */
  public static boolean read(
      Configuration configuration,
      Table table,
      Path file,
      List<String> columns,
      Optional<Equal> where,
      Predicate<Row> each)
      throws IOException {
    Configuration checked = new Configuration(configuration);
    // A page that was damaged must end in a message, not in samples that nobody recorded.
    checked.setBoolean("parquet.page.verify-checksum.enabled", true);
    ParquetReader.Builder<Row> builder =
        ParquetReader.builder(new RowSupport(template(table, file, columns)), file)
            .withConf(checked);
    where.ifPresent(
        equal ->
            builder.withFilter(
                FilterCompat.get(
                    FilterApi.eq(
                        FilterApi.binaryColumn(equal.column()),
                        Binary.fromString(equal.value())))));
    try (ParquetReader<Row> reader = builder.build()) {
      for (Row row = reader.read(); row != null; row = reader.read()) {
        if (!each.test(row)) {
          return false;
        }
      }
      return true;
    } catch (RuntimeException e) {
      // parquet-java throws whatever the bytes of a damaged file lead to.
      throw new IOException("Encountered error while reading file " + file, e);
    }
  }

  /**
   * What all rows of a file have in common.
   *
   * @param values of the columns that are folders; null where the file says it
   */
  private record Template(StructType schema, List<Object> values) {}

  private static Template template(Table table, Path file, List<String> columns) {
    StructField[] fields =
        columns.stream().map(name -> table.schema().apply(name)).toArray(StructField[]::new);
    Object[] values = new Object[fields.length];
    for (String folder : table.partitionColumns()) {
      int column = columns.indexOf(folder);
      if (column >= 0) {
        values[column] = folderValue(file, folder);
      }
    }
    return new Template(new StructType(fields), Arrays.asList(values));
  }

  /** Columns that are folders are whole numbers. */
  private static Integer folderValue(Path file, String column) {
    String start = column + "=";
    for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
      if (folder.getName().startsWith(start)) {
        return Integer.valueOf(folder.getName().substring(start.length()));
      }
    }
    throw new IllegalArgumentException("Cannot find a folder " + start + "… above " + file);
  }

  /** What parquet-java asks for the columns, and how it makes rows of them. */
  private static final class RowSupport extends ReadSupport<Row> {
    private final Template template;

    RowSupport(Template template) {
      this.template = template;
    }

    @Override
    public ReadContext init(InitContext context) {
      List<Type> wanted = new ArrayList<>();
      for (Type field : context.getFileSchema().getFields()) {
        if (template.schema().getFieldIndex(field.getName()).isDefined()) {
          wanted.add(field);
        }
      }
      return new ReadContext(new MessageType(context.getFileSchema().getName(), wanted));
    }

    @Override
    public RecordMaterializer<Row> prepareForRead(
        Configuration configuration,
        Map<String, String> facts,
        MessageType fileSchema,
        ReadContext context) {
      return new Materializer(template, context.getRequestedSchema());
    }
  }

  private static final class Materializer extends RecordMaterializer<Row> {
    private final StructType columns;
    private final Fields root;

    Materializer(Template template, MessageType schema) {
      this.columns = template.schema();
      this.root = new Fields(template, schema);
    }

    @Override
    public Row getCurrentRecord() {
      return new GenericRowWithSchema(root.values.clone(), columns);
    }

    @Override
    public GroupConverter getRootConverter() {
      return root;
    }
  }

  /** The columns of a row. */
  private static final class Fields extends GroupConverter {
    private final Object[] template;
    private final Object[] values;
    private final Converter[] converters;

    Fields(Template template, GroupType schema) {
      StructType columns = template.schema();
      this.template = template.values().toArray();
      values = this.template.clone();
      converters = new Converter[schema.getFieldCount()];
      for (int i = 0; i < converters.length; i++) {
        Type type = schema.getType(i);
        int column = columns.fieldIndex(type.getName());
        StructField field = columns.apply(column);
        boolean isText = field.dataType().equals(DataTypes.StringType);
        converters[i] =
            type.isPrimitive()
                ? new Value(isText, value -> values[column] = value)
                : new Array(type.asGroupType(), field, value -> values[column] = value);
      }
    }

    @Override
    public Converter getConverter(int field) {
      return converters[field];
    }

    @Override
    public void start() {
      System.arraycopy(template, 0, values, 0, values.length);
    }

    @Override
    public void end() {}
  }

  @FunctionalInterface
  private interface Taker {
    void take(Object value);
  }

  /** A single value, boxed. */
  private static final class Value extends PrimitiveConverter {
    private final boolean isText;
    private final Taker taker;

    Value(boolean isText, Taker taker) {
      this.isText = isText;
      this.taker = taker;
    }

    @Override
    public void addBinary(Binary value) {
      if (!isText) {
        throw new UnsupportedOperationException("Cannot take bytes for a number");
      }
      taker.take(value.toStringUsingUTF8());
    }

    @Override
    public void addBoolean(boolean value) {
      taker.take(value);
    }

    @Override
    public void addDouble(double value) {
      taker.take(value);
    }

    @Override
    public void addFloat(float value) {
      taker.take(value);
    }

    @Override
    public void addInt(int value) {
      taker.take(value);
    }

    @Override
    public void addLong(long value) {
      taker.take(value);
    }
  }

  /** A list: a group that repeats a group with one element. */
  private static final class Array extends GroupConverter {
    private final Taker taker;
    private final Elements elements;

    Array(GroupType list, StructField field, Taker taker) {
      this.taker = taker;
      Type element = list.getType(0).asGroupType().getType(0);
      ArrayType type = (ArrayType) field.dataType();
      if (!element.isPrimitive()) {
        throw new UnsupportedOperationException("Cannot read lists of lists: " + list.getName());
      }
      elements =
          type.elementType().equals(DataTypes.FloatType) && !type.containsNull()
              ? new Floats()
              : new Boxed(type.elementType().equals(DataTypes.StringType));
    }

    @Override
    public Converter getConverter(int field) {
      return elements;
    }

    @Override
    public void start() {
      elements.clear();
    }

    @Override
    public void end() {
      taker.take(elements.array());
    }
  }

  /** The elements of the list that is being read. */
  private abstract static class Elements extends GroupConverter {
    abstract void clear();

    abstract Object array();

    @Override
    public void start() {}

    @Override
    public void end() {}
  }

  private static final class Floats extends Elements {
    private float[] values = new float[1024];
    private int count;
    private final PrimitiveConverter converter =
        new PrimitiveConverter() {
          @Override
          public void addFloat(float value) {
            if (count == values.length) {
              values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = value;
          }
        };

    @Override
    public Converter getConverter(int field) {
      return converter;
    }

    @Override
    void clear() {
      count = 0;
    }

    @Override
    Object array() {
      return Arrays.copyOf(values, count);
    }
  }

  private static final class Boxed extends Elements {
    private final List<Object> values = new ArrayList<>();
    private final Value converter;
    private Object current;

    Boxed(boolean isText) {
      converter = new Value(isText, value -> current = value);
    }

    @Override
    public Converter getConverter(int field) {
      return converter;
    }

    @Override
    public void start() {
      current = null;
    }

    @Override
    public void end() {
      values.add(current);
    }

    @Override
    void clear() {
      values.clear();
    }

    @Override
    Object array() {
      return scala.collection.JavaConverters.asScalaBuffer(new ArrayList<>(values)).toSeq();
    }
  }
}
