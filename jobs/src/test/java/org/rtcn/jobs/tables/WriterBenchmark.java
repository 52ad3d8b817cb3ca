package org.rtcn.jobs.tables;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.mapreduce.Job;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.rtcn.jobs.spark.SparkSessions;

/**
 * MB of samples per second that the tables' writer takes, beside the one before it (Spark's own,
 * dictionaries off, with the same digest), on the same rows of a run in memory, one core, by turns;
 * and what copying the samples and compressing them alone takes, at the same level, in the same
 * JVM.
 *
 * <pre>WriterBenchmark RUN [ROUNDS]</pre>
 */
final class WriterBenchmark {
  /** Of each table so much is held in memory, and written again and again. */
  private static final int HELD_MB = 100;

  private static final int WRITTEN_MB = 200;

  private WriterBenchmark() {}

  public static void main(String[] args) throws IOException {
    System.setProperty("spark.master", "local[1]");
    System.setProperty("spark.ui.enabled", "false");
    SparkSession spark = SparkSessions.open("writer-benchmark");
    spark.sparkContext().setLogLevel("WARN");
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    Path folder = Files.createTempDirectory("rtcn-writer");
    // As in a run's folder.
    FileSystem.getLocal(spark.sparkContext().hadoopConfiguration()).setWriteChecksum(false);
    for (Table table : List.of(Table.SPECTROGRAMS, Table.BEATS, Table.SIGNALS)) {
      measure(spark, table, Path.of(args[0], "tables", table.tableName()), folder, rounds);
    }
    delete(folder);
    spark.stop();
  }

  private static void measure(SparkSession spark, Table table, Path source, Path folder, int rounds)
      throws IOException {
    StructType schema = table.fileSchema();
    Dataset<Row> rows =
        spark.read().schema(schema).parquet(source.toString()).limit(4000).coalesce(1);
    List<InternalRow> held = new ArrayList<>();
    double megabytes = 0;
    Iterator<InternalRow> all =
        rows.queryExecution().toRdd().toJavaRDD().map(InternalRow::copy).collect().iterator();
    while (all.hasNext() && megabytes < HELD_MB) {
      InternalRow row = all.next();
      held.add(row);
      megabytes += sampleBytes(row, schema) / 1e6;
    }
    // A job takes a tenth of a second to start: enough rows that it hardly counts.
    int times = (int) Math.ceil(WRITTEN_MB / megabytes);
    megabytes *= times;
    Dataset<Row> again =
        spark.internalCreateDataFrame(
            org.apache.spark.api.java.JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(Collections.nCopies(times, 0), 1)
                .mapPartitions(passes -> LazyIterators.flatMap(passes, pass -> held().iterator()))
                .rdd(),
            schema,
            false);
    HELD = held;
    Map<String, List<Double>> rates = new HashMap<>();
    Map<String, Long> sizes = new HashMap<>();
    for (int round = 0; round <= rounds; round++) {
      double compressing = megabytes / times / compress(held, schema);
      if (round > 0) {
        rates.computeIfAbsent("zstd", name -> new ArrayList<>()).add(compressing);
      }
      for (Class<?> format : List.of(Before.class, VersionedParquetFormat.class)) {
        Path to = folder.resolve(format.getSimpleName());
        long start = System.nanoTime();
        write(again, format, to);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (round > 0) {
          rates
              .computeIfAbsent(format.getSimpleName(), name -> new ArrayList<>())
              .add(megabytes / seconds);
          sizes.put(format.getSimpleName(), bytes(to));
        }
      }
    }
    double before = median(rates.get("Before"));
    double now = median(rates.get("VersionedParquetFormat"));
    System.out.printf(
        Locale.ROOT,
        "%s: %d rows, %.0f MB of samples; before %.0f MB/s, %.1f MB; now %.0f MB/s, %.1f MB;"
            + " %.1f times as fast, %.2f of the size; copying and zstd %d alone %.0f MB/s%n",
        table.tableName(),
        held.size() * times,
        megabytes,
        before,
        sizes.get("Before") / 1e6,
        now,
        sizes.get("VersionedParquetFormat") / 1e6,
        now / before,
        (double) sizes.get("VersionedParquetFormat") / sizes.get("Before"),
        PageCompressor.LEVEL,
        median(rates.get("zstd")));
  }

  /** Seconds that it takes to copy the samples into pages and to compress those. */
  private static double compress(List<InternalRow> rows, StructType schema) {
    byte[] page = new byte[2 * TableFileWriter.PAGE_BYTES];
    byte[] compressed = new byte[(int) Zstd.compressBound(page.length)];
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setLevel(PageCompressor.LEVEL);
      long start = System.nanoTime();
      for (int i = 0; i < schema.length(); i++) {
        int size = 0;
        for (InternalRow row : rows) {
          if (isFloats(schema.fields()[i]) && !row.isNullAt(i)) {
            UnsafeArrayData array = (UnsafeArrayData) row.getArray(i);
            int bytes = Float.BYTES * array.numElements();
            Platform.copyMemory(
                array.getBaseObject(),
                RowDigest.numbersOffset(array),
                page,
                (long) Platform.BYTE_ARRAY_OFFSET + size,
                bytes);
            size += bytes;
          }
          if (size >= TableFileWriter.PAGE_BYTES) {
            context.compressByteArray(compressed, 0, compressed.length, page, 0, size);
            size = 0;
          }
        }
        if (size > 0) {
          context.compressByteArray(compressed, 0, compressed.length, page, 0, size);
        }
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  // The rows stand in this JVM: local[1] has no other.
  private static List<InternalRow> HELD;

  private static List<InternalRow> held() {
    return HELD;
  }

  private static long sampleBytes(InternalRow row, StructType schema) {
    long bytes = 0;
    for (int i = 0; i < schema.length(); i++) {
      if (isFloats(schema.fields()[i]) && !row.isNullAt(i)) {
        bytes += 4L * row.getArray(i).numElements();
      }
    }
    return bytes;
  }

  private static boolean isFloats(StructField field) {
    return field.dataType() instanceof ArrayType array
        && array.elementType() == DataTypes.FloatType;
  }

  private static void write(Dataset<Row> rows, Class<?> format, Path to) {
    DataFrameWriter<Row> writer = rows.write().mode("overwrite").format(format.getName());
    if (format == Before.class) {
      for (StructField field : rows.schema().fields()) {
        if (isFloats(field)) {
          writer.option("parquet.enable.dictionary#" + field.name() + ".list.element", "false");
        }
      }
    }
    writer.save(to.toString());
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".parquet"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(java.util.Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  /** The writer that tables had before {@link TableFileWriter}. */
  public static final class Before extends ParquetFileFormat {
    private static final long serialVersionUID = 1L;

    @Override
    public OutputWriterFactory prepareWrite(
        SparkSession spark,
        Job job,
        scala.collection.immutable.Map<String, String> options,
        StructType schema) {
      final OutputWriterFactory factory = super.prepareWrite(spark, job, options, schema);
      ParquetOutputFormat.setWriteSupportClass(job, WriteSupport.class);
      return factory;
    }
  }

  /** With the digest of the rows. Public: Parquet instantiates it. */
  public static final class WriteSupport extends ParquetWriteSupport {
    private RowDigest digest;

    @Override
    public WriteContext init(Configuration configuration) {
      digest =
          new RowDigest(
              (StructType)
                  DataType.fromJson(configuration.get(ParquetWriteSupport.SPARK_ROW_SCHEMA())));
      return super.init(configuration);
    }

    @Override
    public void write(InternalRow row) {
      digest.add(row);
      super.write(row);
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
      return new FinalizedWriteContext(Map.of(VersionedParquetFormat.ROWS_KEY, digest.sum().hex()));
    }
  }
}
