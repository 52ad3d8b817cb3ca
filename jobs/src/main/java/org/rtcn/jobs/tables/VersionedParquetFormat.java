package org.rtcn.jobs.tables;

import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.mapreduce.Job;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Spark's Parquet writer with the table's name, schema version and a digest of its rows added to
 * each file's footer (key-value metadata), where any engine's Parquet tools see it. The digest is
 * taken of the rows as they go by: nothing is read a second time for it.
 */
public final class VersionedParquetFormat extends ParquetFileFormat {
  private static final long serialVersionUID = 1L;

  /** Footer key of the schema version. */
  public static final String SCHEMA_VERSION_KEY = "rtcn.schema_version";

  /** Footer key of the table's name. */
  public static final String TABLE_KEY = "rtcn.table";

  /** Footer key of the {@link RowDigest} of the file's rows. */
  public static final String ROWS_KEY = "rtcn.rows_digest";

  @Override
  public OutputWriterFactory prepareWrite(
      SparkSession spark,
      Job job,
      scala.collection.immutable.Map<String, String> options,
      StructType schema) {
    final OutputWriterFactory factory = super.prepareWrite(spark, job, options, schema);
    Configuration configuration = job.getConfiguration();
    for (String key : new String[] {SCHEMA_VERSION_KEY, TABLE_KEY}) {
      if (options.contains(key)) {
        configuration.set(key, options.apply(key));
      }
    }
    ParquetOutputFormat.setWriteSupportClass(job, WriteSupport.class);
    return factory;
  }

  /** Adds the keys to what Spark puts into the footer. Public: Parquet instantiates it. */
  public static final class WriteSupport extends ParquetWriteSupport {
    private RowDigest digest;

    @Override
    public WriteContext init(Configuration configuration) {
      digest =
          new RowDigest(
              (StructType)
                  DataType.fromJson(configuration.get(ParquetWriteSupport.SPARK_ROW_SCHEMA())));
      WriteContext context = super.init(configuration);
      Map<String, String> metadata = new HashMap<>(context.getExtraMetaData());
      for (String key : new String[] {SCHEMA_VERSION_KEY, TABLE_KEY}) {
        String value = configuration.get(key);
        if (value != null) {
          metadata.put(key, value);
        }
      }
      return new WriteContext(context.getSchema(), metadata);
    }

    @Override
    public void write(InternalRow row) {
      digest.add(row);
      super.write(row);
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
      return new FinalizedWriteContext(Map.of(ROWS_KEY, digest.sum().hex()));
    }
  }
}
