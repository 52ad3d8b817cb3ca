package org.rtcn.jobs.tables;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport.WriteContext;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Writes a Parquet file of a table: arrays of numbers in bulk ({@link NumberArrays}), all else
 * through Parquet's column writers. Rows are of 10 to 80 KB, recordings of 240 KB and more: a page
 * ends at the row's end once it holds {@link #PAGE_BYTES} of plain values, a row group once its
 * compressed pages and what waits for compression take {@link #ROW_GROUP_BYTES}. That much memory a
 * writer takes, of which a task has one per fold, and a reader of all columns.
 */
final class TableFileWriter extends OutputWriter {
  /** Unless {@code parquet.page.size} is set. */
  static final int PAGE_BYTES = 1 << 20;

  /**
   * Next to arrays a page of single values ends after so many rows, so that who looks for a key by
   * the page index decodes but the arrays next to it, and not a row group's.
   */
  private static final int PAGE_ROWS = 16;

  /** Unless {@code parquet.block.size} is set. */
  static final long ROW_GROUP_BYTES = 16L << 20;

  /**
   * Of the heap, all writers of the JVM together may take this part before row groups end early.
   */
  private static final long HEAP_BYTES = Runtime.getRuntime().maxMemory() / 4;

  private static final AtomicInteger OPEN = new AtomicInteger();

  private final String path;
  private final Map<String, String> metadata;
  private final PageCompressor compressor;
  private final Output output;
  private final ParquetFileWriter file;
  private final RowDigest digest;
  private final ScalarColumns scalars;
  private final List<NumberArrays> arrays = new ArrayList<>();

  /** In the schema's order, which the chunks of a row group must have. */
  private final List<ColumnChunk> chunks = new ArrayList<>();

  private final long rowGroupBytes;
  private long rows;
  private boolean failed;
  private boolean closed;

  /**
   * @param configuration of the job, with Spark's row schema
   * @param metadata added to the footer
   */
  TableFileWriter(
      String path,
      Configuration configuration,
      CompressionCodecName codec,
      Map<String, String> metadata) {
    this.path = path;
    StructType schema =
        (StructType) DataType.fromJson(configuration.get(ParquetWriteSupport.SPARK_ROW_SCHEMA()));
    digest = new RowDigest(schema);
    WriteContext context = new ParquetWriteSupport().init(configuration);
    this.metadata = new HashMap<>(context.getExtraMetaData());
    this.metadata.putAll(metadata);
    rowGroupBytes = configuration.getLong(ParquetOutputFormat.BLOCK_SIZE, ROW_GROUP_BYTES);
    compressor = PageCompressor.of(codec, configuration);
    try {
      scalars = columns(context.getSchema(), schema, configuration);
      output = new Output(HadoopOutputFile.fromPath(new Path(path), configuration));
      file = open(output, context.getSchema(), configuration);
      file.start();
      OPEN.incrementAndGet();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ScalarColumns columns(
      MessageType parquet, StructType schema, Configuration configuration) {
    int pageBytes = configuration.getInt(ParquetOutputFormat.PAGE_SIZE, PAGE_BYTES);
    Map<ColumnDescriptor, ColumnChunk> byColumn = new LinkedHashMap<>();
    List<Type> single = new ArrayList<>();
    for (ColumnDescriptor column : parquet.getColumns()) {
      ColumnChunk chunk = new ColumnChunk(column, compressor);
      chunks.add(chunk);
      byColumn.put(column, chunk);
      if (!NumberArrays.takes(column)) {
        single.add(parquet.getType(column.getPath()[0]));
      }
    }
    ScalarColumns others =
        new ScalarColumns(
            new MessageType(parquet.getName(), single),
            properties(configuration, pageBytes, single.size() < chunks.size()),
            byColumn);
    NumberArrays.Scratch scratch = new NumberArrays.Scratch();
    boolean dictionary = ParquetOutputFormat.getEnableDictionary(configuration);
    for (ColumnDescriptor column : parquet.getColumns()) {
      // Spark's converter keeps the columns' order and names; a column is one leaf here.
      int ordinal = parquet.getFieldIndex(column.getPath()[0]);
      StructField field = schema.fields()[ordinal];
      if (NumberArrays.takes(column)) {
        ColumnChunk chunk = byColumn.get(column);
        arrays.add(new NumberArrays(ordinal, column, chunk, pageBytes, dictionary, scratch));
      } else {
        others.add(ordinal, column, field.dataType(), field.nullable());
      }
    }
    return others;
  }

  private static ParquetProperties properties(
      Configuration configuration, int pageBytes, boolean besideArrays) {
    int rows = besideArrays ? PAGE_ROWS : ParquetProperties.DEFAULT_PAGE_ROW_COUNT_LIMIT;
    return ParquetProperties.builder()
        .withPageSize(pageBytes)
        .withPageRowCountLimit(rows)
        .withDictionaryPageSize(ParquetOutputFormat.getDictionaryPageSize(configuration))
        .withDictionaryEncoding(ParquetOutputFormat.getEnableDictionary(configuration))
        .build();
  }

  private static ParquetFileWriter open(
      OutputFile output, MessageType schema, Configuration configuration) throws IOException {
    return new ParquetFileWriter(
        output,
        schema,
        ParquetFileWriter.Mode.CREATE,
        configuration.getLong(ParquetOutputFormat.BLOCK_SIZE, ROW_GROUP_BYTES),
        configuration.getInt(
            ParquetOutputFormat.MAX_PADDING_BYTES, ParquetWriter.MAX_PADDING_SIZE_DEFAULT),
        ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
        ParquetProperties.DEFAULT_STATISTICS_TRUNCATE_LENGTH,
        ParquetOutputFormat.getPageWriteChecksumEnabled(configuration));
  }

  @Override
  public void write(InternalRow row) {
    try {
      digest.add(row);
      scalars.add(row);
      for (NumberArrays array : arrays) {
        array.add(row);
      }
      rows++;
      if (bytes() >= Math.min(rowGroupBytes, HEAP_BYTES / Math.max(1, OPEN.get()))) {
        endRowGroup();
      }
    } catch (IOException e) {
      failed = true;
      throw new UncheckedIOException("Failed to write " + path, e);
    } catch (RuntimeException e) {
      failed = true;
      throw e;
    }
  }

  private long bytes() {
    long bytes = scalars.bytes();
    for (NumberArrays array : arrays) {
      bytes += array.bytes();
    }
    return bytes;
  }

  private void endRowGroup() throws IOException {
    if (rows == 0) {
      return;
    }
    scalars.finish();
    for (NumberArrays array : arrays) {
      array.finish();
    }
    file.startBlock(rows);
    for (ColumnChunk chunk : chunks) {
      chunk.writeTo(file);
    }
    file.endBlock();
    rows = 0;
  }

  @Override
  public void close() {
    try {
      if (!failed && !closed) {
        // Whatever fails from here on, there is no second try.
        failed = true;
        endRowGroup();
        metadata.put(VersionedParquetFormat.ROWS_KEY, digest.sum().hex());
        file.end(metadata);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to write " + path, e);
    } finally {
      if (!closed) {
        closed = true;
        OPEN.decrementAndGet();
        scalars.close();
        compressor.close();
        output.close();
      }
    }
  }

  @Override
  public String path() {
    return path;
  }

  /** Keeps the stream: Parquet's writer closes it only where it comes to the file's end. */
  private static final class Output implements OutputFile {
    private final OutputFile target;
    private PositionOutputStream stream;

    Output(OutputFile target) {
      this.target = target;
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) throws IOException {
      stream = target.create(blockSizeHint);
      return stream;
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
      stream = target.createOrOverwrite(blockSizeHint);
      return stream;
    }

    @Override
    public boolean supportsBlockSize() {
      return target.supportsBlockSize();
    }

    @Override
    public long defaultBlockSize() {
      return target.defaultBlockSize();
    }

    @Override
    public String getPath() {
      return target.getPath();
    }

    void close() {
      try {
        if (stream != null) {
          stream.close();
        }
      } catch (IOException e) {
        // After the file's end it is closed already; before, another error is on its way.
        return;
      }
    }
  }
}
