package org.rtcn.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.jobs.SparkTestSession;

/** The bulk writer beside Spark's own, on the same rows. */
class TableFileWriterSparkTest {
  /** Every kind of column that {@link RowDigest} knows, arrays with and without NULL. */
  private static final StructType SCHEMA =
      new StructType()
          .add("id", StringType, false)
          .add("strict", createArrayType(FloatType, false), false)
          .add("flag", BooleanType, true)
          .add("lead", createArrayType(FloatType, false), true)
          .add("n", IntegerType, true)
          .add("sparse", createArrayType(FloatType, true), true)
          .add("text", StringType, true)
          .add("from", createArrayType(IntegerType, false), false)
          .add("long", LongType, true)
          .add("counts", createArrayType(IntegerType, true), true)
          .add("float", FloatType, true)
          .add("words", createArrayType(StringType, false), false)
          .add("double", DoubleType, false)
          .add("maybe", createArrayType(StringType, true), true)
          .add("steps", createArrayType(FloatType, false), true);

  private static final float[] ODD = {
    0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, 1f
  };

  private final SparkSession spark = SparkTestSession.get();
  @TempDir Path folder;

  @Test
  void readsAsWhatSparkWrites() throws IOException {
    List<Row> rows = new ArrayList<>();
    Random random = new Random(7);
    for (int i = 0; i < 700; i++) {
      rows.add(row(random, i));
    }
    // Pages and row groups far smaller than a table's: many of each, and rows larger than a page.
    for (String[] sizes : new String[][] {{"512", "20000"}, {"1048576", "33554432"}}) {
      Path ours = write(rows, VersionedParquetFormat.class.getName(), sizes, "ours");
      Path theirs = write(rows, "parquet", sizes, "theirs");
      List<String> expected = rows.stream().map(TableFileWriterSparkTest::text).toList();
      for (String vectorised : new String[] {"true", "false"}) {
        assertThat(read(ours, vectorised)).as("vectorised %s", vectorised).isEqualTo(expected);
        assertThat(read(theirs, vectorised)).isEqualTo(expected);
        // By way of the page indexes: other pages are not read.
        assertThat(read(ours, vectorised, "id IN ('row 33', 'row 350', 'row 351')"))
            .containsExactly(expected.get(33), expected.get(350), expected.get(351));
      }
      assertThat(groups(ours)).isEqualTo(groups(theirs));
      requireSameFooter(footer(ours), footer(theirs));
      assertThat(footer(ours).getBlocks()).hasSizeGreaterThan(sizes[0].equals("512") ? 5 : 0);
    }
  }

  @Test
  void boundsLeaveNanOutAndCountNulls() throws IOException {
    StructType schema =
        new StructType()
            .add("some", createArrayType(FloatType, false), true)
            .add("all", createArrayType(FloatType, false), true)
            .add("none", createArrayType(FloatType, false), true)
            .add("single", FloatType, true)
            .add("zero", createArrayType(FloatType, false), true);
    float nan = Float.NaN;
    // Enough for a page of the smallest size.
    float[] some = new float[16];
    float[] all = new float[16];
    Arrays.fill(some, nan);
    Arrays.fill(all, nan);
    some[3] = -2;
    some[9] = 3;
    List<Row> rows =
        List.of(
            RowFactory.create(some, all, null, 1f, new float[1]),
            RowFactory.create(null, all, null, nan, new float[0]));
    String[] sizes = {"64", "1000000"};
    Path file = write(rows, schema, VersionedParquetFormat.class.getName(), sizes, "bounds");
    Map<String, ColumnChunkMetaData> chunks = chunks(footer(file).getBlocks().get(0));
    assertThat(chunks.get("some").getStatistics().minAsString()).isEqualTo("-2.0");
    assertThat(chunks.get("some").getStatistics().maxAsString()).isEqualTo("3.0");
    assertThat(chunks.get("some").getStatistics().getNumNulls()).isEqualTo(1);
    assertThat(chunks.get("zero").getStatistics().minAsString()).isEqualTo("-0.0");
    assertThat(chunks.get("zero").getStatistics().maxAsString()).isEqualTo("0.0");
    for (String name : List.of("all", "none", "single")) {
      Statistics<?> statistics = chunks.get(name).getStatistics();
      assertThat(statistics.hasNonNullValue()).as(name).isFalse();
      assertThat(statistics.getNumNulls()).as(name).isEqualTo(name.equals("none") ? 2 : 0);
    }
    // A page index knows pages of nulls and pages with bounds; of NaN alone it would have to lie.
    try (ParquetFileReader reader = open(file)) {
      assertThat(reader.readColumnIndex(chunks.get("some")).getNullPages())
          .containsExactly(false, true);
      assertThat(reader.readColumnIndex(chunks.get("none"))).isNotNull();
      assertThat(reader.readColumnIndex(chunks.get("all"))).isNull();
      assertThat(reader.readColumnIndex(chunks.get("single"))).isNull();
    }
  }

  @Test
  void theLevelOfZstandardIsTheOneThatIsSet() throws IOException {
    List<Row> rows = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 60; i++) {
      rows.add(RowFactory.create(walk(random, 5000, 2e-4f)));
    }
    StructType schema = new StructType().add("lead", createArrayType(FloatType, false), true);
    // This JVM has read and written pages of zstd by now, at the usual level.
    Path usual = write(rows, schema, "parquet", new String[] {"1048576", "33554432"}, "usual");
    assertThat(spark.read().parquet(usual.toString()).count()).isEqualTo(60);
    long[] bytes = new long[3];
    String[] levels = {"1", "9", "19"};
    for (int i = 0; i < levels.length; i++) {
      Path to = folder.resolve("level" + levels[i]);
      spark
          .createDataFrame(rows, schema)
          .coalesce(1)
          .write()
          .format(VersionedParquetFormat.class.getName())
          .option("parquet.compression.codec.zstd.level", levels[i])
          .save(to.toString());
      bytes[i] = Files.size(only(to));
    }
    assertThat(bytes[1]).isLessThan(bytes[0]);
    assertThat(bytes[2]).isLessThan(bytes[1]);
  }

  @Test
  void dictionariesWhereTheyPay() throws IOException {
    StructType schema =
        new StructType()
            .add("id", StringType, false)
            .add("image", createArrayType(FloatType, false), true)
            .add("signal", createArrayType(FloatType, false), true)
            .add("filtered", createArrayType(FloatType, false), true)
            .add("same", createArrayType(FloatType, false), true);
    Random random = new Random(5);
    List<Row> rows = new ArrayList<>();
    float[] axis = new float[24];
    for (int i = 0; i < 40; i++) {
      float[] image = new float[18000];
      float[] filtered = new float[9000];
      for (int k = 0; k < image.length; k++) {
        image[k] = Math.round(Math.abs(random.nextGaussian()) * 8000) / 8192f;
      }
      for (int k = 0; k < filtered.length; k++) {
        filtered[k] = (float) random.nextGaussian();
      }
      rows.add(RowFactory.create("beat-" + i, image, walk(random, 5000, 1 / 200f), filtered, axis));
    }
    String[] sizes = {"1048576", "33554432"};
    Path file = write(rows, schema, VersionedParquetFormat.class.getName(), sizes, "dictionaries");
    Map<String, ColumnChunkMetaData> chunks = chunks(footer(file).getBlocks().get(0));
    for (String name : List.of("image", "signal", "filtered", "same")) {
      assertThat(chunks.get(name).getEncodingStats().hasDictionaryEncodedPages())
          .as(name)
          .isEqualTo(!name.equals("filtered"));
    }
    assertThat(chunks.get("image").getEncodings()).doesNotContain(Encoding.PLAIN);
    // Who looks for a row by its id need not decode the arrays of all 40.
    try (ParquetFileReader reader = open(file)) {
      assertThat(reader.readOffsetIndex(chunks.get("id")).getPageCount()).isEqualTo(3);
    }
    assertThat(read(file, "true")).isEqualTo(rows.stream().map(r -> text(r)).toList());
  }

  @Test
  void whatMustNotBeNullIsRefused() {
    StructType schema =
        new StructType()
            .add("id", StringType, false)
            .add("strict", createArrayType(FloatType, false), false);
    InternalRow noArray = new GenericInternalRow(new Object[] {UTF8String.fromString("a"), null});
    assertThatThrownBy(() -> writeDirectly(schema, noArray))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write NULL to strict, which must not hold one");
    InternalRow noId = new GenericInternalRow(new Object[] {null, null});
    assertThatThrownBy(() -> writeDirectly(schema, noId))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot write NULL to column 0");
  }

  private void writeDirectly(StructType schema, InternalRow row) {
    Configuration configuration = spark.sessionState().newHadoopConf();
    org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport.setSchema(
        schema, configuration);
    configuration.set("spark.sql.parquet.outputTimestampType", "INT96");
    configuration.set("spark.sql.parquet.writeLegacyFormat", "false");
    configuration.set("spark.sql.parquet.fieldId.write.enabled", "false");
    TableFileWriter writer =
        new TableFileWriter(
            folder.resolve("refused-" + row.hashCode() + ".parquet").toString(),
            configuration,
            org.apache.parquet.hadoop.metadata.CompressionCodecName.ZSTD,
            Map.of());
    try {
      writer.write(row);
    } finally {
      writer.close();
    }
  }

  private static Row row(Random random, int i) {
    // Long stretches without a column: pages of nulls only.
    boolean stretch = i / 100 % 3 == 1;
    Object[] values = {
      "row " + i,
      numbers(random, 400),
      random.nextInt(4) == 0 ? null : random.nextBoolean(),
      stretch || random.nextInt(5) == 0 ? null : numbers(random, 300),
      random.nextInt(4) == 0 ? null : random.nextInt(),
      stretch ? null : withNulls(random),
      random.nextInt(4) == 0 ? null : "é".repeat(random.nextInt(30)),
      random.ints(random.nextInt(5), 0, 10).boxed().toArray(Integer[]::new),
      random.nextInt(4) == 0 ? null : random.nextLong(),
      random.nextInt(3) == 0 ? null : new Integer[] {null, random.nextInt(), null},
      random.nextInt(3) == 0 ? null : random.nextFloat(),
      words(random, false),
      random.nextGaussian(),
      random.nextInt(3) == 0 ? null : words(random, true),
      random.nextInt(3) == 0 ? null : walk(random, random.nextInt(500), 1 / 200f)
    };
    return RowFactory.create(values);
  }

  private static float[] numbers(Random random, int most) {
    // Once in a while a row larger than any page of the test.
    int length =
        random.nextInt(40) == 0 ? 3000 : random.nextInt(10) == 0 ? 0 : random.nextInt(most);
    float[] values = new float[length];
    boolean nan = random.nextInt(20) == 0;
    for (int i = 0; i < length; i++) {
      values[i] =
          nan
              ? Float.NaN
              : random.nextInt(8) == 0
                  ? ODD[random.nextInt(ODD.length)]
                  : (float) random.nextGaussian();
    }
    return values;
  }

  private static Float[] withNulls(Random random) {
    Float[] values = new Float[random.nextInt(60)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(3) == 0 ? null : ODD[random.nextInt(ODD.length)];
    }
    return values;
  }

  private static String[] words(Random random, boolean nulls) {
    String[] words = new String[random.nextInt(4)];
    for (int i = 0; i < words.length; i++) {
      words[i] = nulls && random.nextInt(3) == 0 ? null : "w" + random.nextInt(9);
    }
    return words;
  }

  /** As a recording of so many millivolts per step: few different values. */
  private static float[] walk(Random random, int length, float step) {
    float[] values = new float[length];
    int level = 0;
    for (int i = 0; i < length; i++) {
      level += random.nextInt(21) - 10;
      values[i] = level * step;
    }
    return values;
  }

  private Path write(List<Row> rows, String format, String[] sizes, String name)
      throws IOException {
    return write(rows, SCHEMA, format, sizes, name + sizes[0]);
  }

  private Path write(List<Row> rows, StructType schema, String format, String[] sizes, String name)
      throws IOException {
    Path to = folder.resolve(name);
    spark
        .createDataFrame(rows, schema)
        .coalesce(1)
        .write()
        .format(format)
        .option("parquet.page.size", sizes[0])
        .option("parquet.block.size", sizes[1])
        .option(VersionedParquetFormat.TABLE_KEY, "odd")
        .save(to.toString());
    return only(to);
  }

  private static Path only(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  private List<String> read(Path file, String vectorised) {
    return read(file, vectorised, "true");
  }

  private List<String> read(Path file, String vectorised, String condition) {
    SparkSession session = spark.newSession();
    session.conf().set("spark.sql.parquet.enableVectorizedReader", vectorised);
    session.conf().set("spark.sql.parquet.columnarReaderBatchSize", "100");
    Dataset<Row> rows = session.read().parquet(file.toString()).where(condition);
    return rows.collectAsList().stream().map(TableFileWriterSparkTest::text).toList();
  }

  /** A row to the bit, NaN as NaN, in whatever its arrays are held. */
  private static String text(Row row) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < row.length(); i++) {
      Object value = row.get(i);
      if (value instanceof float[] floats) {
        List<Object> boxed = new ArrayList<>();
        for (float number : floats) {
          boxed.add(number);
        }
        value = boxed;
      } else if (value instanceof Object[] array) {
        value = Arrays.asList(array);
      } else if (value instanceof scala.collection.Seq<?> seq) {
        value = new ArrayList<>(scala.collection.JavaConverters.seqAsJavaList(seq));
      }
      text.append(value).append('|');
    }
    return text.toString();
  }

  private List<String> groups(Path file) throws IOException {
    List<String> groups = new ArrayList<>();
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
            .build()) {
      for (Group group = reader.read(); group != null; group = reader.read()) {
        groups.add(group.toString());
      }
    }
    return groups;
  }

  private ParquetFileReader open(Path file) throws IOException {
    return ParquetFileReader.open(
        HadoopInputFile.fromPath(
            new org.apache.hadoop.fs.Path(file.toUri()), spark.sessionState().newHadoopConf()));
  }

  private ParquetMetadata footer(Path file) throws IOException {
    try (ParquetFileReader reader = open(file)) {
      return reader.getFooter();
    }
  }

  private static Map<String, ColumnChunkMetaData> chunks(BlockMetaData block) {
    Map<String, ColumnChunkMetaData> chunks = new TreeMap<>();
    block.getColumns().forEach(chunk -> chunks.put(chunk.getPath().toArray()[0], chunk));
    return chunks;
  }

  private static void requireSameFooter(ParquetMetadata ours, ParquetMetadata theirs) {
    assertThat(ours.getFileMetaData().getSchema()).isEqualTo(theirs.getFileMetaData().getSchema());
    assertThat(ours.getFileMetaData().getCreatedBy())
        .isEqualTo(theirs.getFileMetaData().getCreatedBy());
    Map<String, String> keys = new TreeMap<>(ours.getFileMetaData().getKeyValueMetaData());
    assertThat(keys.remove(VersionedParquetFormat.ROWS_KEY)).hasSize(32);
    assertThat(keys.remove(VersionedParquetFormat.TABLE_KEY)).isEqualTo("odd");
    assertThat(keys).isEqualTo(theirs.getFileMetaData().getKeyValueMetaData());
    assertThat(nulls(ours)).isEqualTo(nulls(theirs));
    for (BlockMetaData block : ours.getBlocks()) {
      List<String> order =
          block.getColumns().stream().map(chunk -> chunk.getPath().toArray()[0]).toList();
      assertThat(order).containsExactly(SCHEMA.fieldNames());
    }
  }

  private static Map<String, Long> nulls(ParquetMetadata footer) {
    Map<String, Long> nulls = new TreeMap<>();
    for (BlockMetaData block : footer.getBlocks()) {
      chunks(block)
          .forEach(
              (name, chunk) -> nulls.merge(name, chunk.getStatistics().getNumNulls(), Long::sum));
    }
    return nulls;
  }
}
