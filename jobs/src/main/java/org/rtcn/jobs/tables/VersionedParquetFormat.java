package org.rtcn.jobs.tables;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.parquet.hadoop.codec.CodecConfig;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Parquet as Spark writes it, in files that {@link TableFileWriter} makes, with the table's name,
 * schema version and a digest of its rows in each file's footer (key-value metadata), where any
 * engine's Parquet tools see it. The digest is taken of the rows as they go by: nothing is read a
 * second time for it.
 *
 * <p>A dataset may carry rows of another kind in addition to the table's, so that one pass makes
 * both: see {@link #BESIDE_KEY}.
 */
public final class VersionedParquetFormat extends ParquetFileFormat {
  private static final long serialVersionUID = 1L;

  /** Footer key of the schema version. */
  public static final String SCHEMA_VERSION_KEY = "rtcn.schema_version";

  /** Footer key of the table's name. */
  public static final String TABLE_KEY = "rtcn.table";

  /** Footer key of the {@link RowDigest} of the file's rows. */
  public static final String ROWS_KEY = "rtcn.rows_digest";

  /**
   * Option: how many of the last columns are rows of another kind. They go to files of their own in
   * {@link #BESIDE}, under the same attempt of the task, so that they are committed with the
   * table's. A row is of a kind if that kind's first column is not NULL; it may be of both.
   */
  public static final String BESIDE_KEY = "rtcn.beside";

  /** Where those files stand below the table's folder; no reader of the table looks there. */
  public static final String BESIDE = "_beside/rows";

  @Override
  public OutputWriterFactory prepareWrite(
      SparkSession spark,
      Job job,
      scala.collection.immutable.Map<String, String> options,
      StructType schema) {
    int beside = options.contains(BESIDE_KEY) ? Integer.parseInt(options.apply(BESIDE_KEY)) : 0;
    int own = schema.length() - beside;
    StructType table = columns(schema, 0, own);
    final OutputWriterFactory ofSpark = super.prepareWrite(spark, job, options, table);
    Map<String, String> metadata = new HashMap<>();
    for (String key : new String[] {SCHEMA_VERSION_KEY, TABLE_KEY}) {
      if (options.contains(key)) {
        metadata.put(key, options.apply(key));
      }
    }
    // Arrays are "list.element", whatever the session says: that is what all readers know.
    job.getConfiguration().setBoolean(SQLConf.PARQUET_WRITE_LEGACY_FORMAT().key(), false);
    return new Factory(ofSpark, metadata, columns(schema, own, schema.length()));
  }

  private static StructType columns(StructType schema, int from, int to) {
    return new StructType(Arrays.copyOfRange(schema.fields(), from, to));
  }

  private static final class Factory extends OutputWriterFactory {
    private static final long serialVersionUID = 1L;

    private final OutputWriterFactory ofSpark;
    private final Map<String, String> metadata;
    private final StructType beside;

    Factory(OutputWriterFactory ofSpark, Map<String, String> metadata, StructType beside) {
      this.ofSpark = ofSpark;
      this.metadata = metadata;
      this.beside = beside;
    }

    @Override
    public String getFileExtension(TaskAttemptContext context) {
      return ofSpark.getFileExtension(context);
    }

    @Override
    public OutputWriter newInstance(String path, StructType schema, TaskAttemptContext context) {
      CompressionCodecName codec = CodecConfig.from(context).getCodec();
      Configuration configuration = context.getConfiguration();
      TableFileWriter table = new TableFileWriter(path, configuration, codec, metadata);
      if (beside.isEmpty()) {
        return table;
      }
      Configuration others = new Configuration(configuration);
      ParquetWriteSupport.setSchema(beside, others);
      Path file = new Path(path);
      String place = new Path(new Path(file.getParent(), BESIDE), file.getName()).toString();
      return new TwoKinds(table, new TableFileWriter(place, others, codec, Map.of()), beside);
    }
  }

  /** Deals rows to their files. */
  private static final class TwoKinds extends OutputWriter {
    private final TableFileWriter table;
    private final TableFileWriter others;
    private final DataType[] types;
    private int own = -1;

    TwoKinds(TableFileWriter table, TableFileWriter others, StructType beside) {
      this.table = table;
      this.others = others;
      this.types =
          Arrays.stream(beside.fields()).map(StructField::dataType).toArray(DataType[]::new);
    }

    @Override
    public void write(InternalRow row) {
      if (own < 0) {
        own = row.numFields() - types.length;
      }
      if (!row.isNullAt(0)) {
        table.write(row);
      }
      if (!row.isNullAt(own)) {
        Object[] values = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
          values[i] = row.isNullAt(own + i) ? null : row.get(own + i, types[i]);
        }
        others.write(new GenericInternalRow(values));
      }
    }

    @Override
    public void close() {
      try {
        table.close();
      } finally {
        others.close();
      }
    }

    @Override
    public String path() {
      return table.path();
    }
  }
}
