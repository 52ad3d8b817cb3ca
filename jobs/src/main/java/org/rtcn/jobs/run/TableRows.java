package org.rtcn.jobs.run;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.input_file_name;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.rtcn.jobs.tables.RowDigest;
import org.rtcn.jobs.tables.Table;
import scala.Tuple2;

/** Reads every row of a table's files, on the executors. */
final class TableRows {
  private TableRows() {}

  /**
   * The digest of each file's rows, as they come out of it.
   *
   * @param files of the table; their footers must be in order
   * @return path below the table's folder to digest; one without rows is absent. Of a file that
   *     breaks off the rows before the break count, so that its digest is another
   */
  static Map<String, RowDigest.Sum> digests(SparkSession spark, Table table, List<Path> files) {
    if (files.isEmpty()) {
      return Map.of();
    }
    StructType schema = table.fileSchema();
    int levels = table.partitionColumns().size();
    Column[] columns = Arrays.stream(schema.fieldNames()).map(n -> col(n)).toArray(Column[]::new);
    // The vectorised reader decodes some values only when they are asked for, outside what
    // ignoreCorruptFiles catches: one damaged file would end the whole job.
    SparkSession rowByRow = spark.newSession();
    rowByRow.conf().set("spark.sql.parquet.enableVectorizedReader", "false");
    Dataset<Row> rows =
        rowByRow
            .read()
            .option("ignoreCorruptFiles", true)
            // Spark leaves the pages' CRC unread otherwise.
            .option("parquet.page.verify-checksum.enabled", true)
            .schema(schema)
            .parquet(files.stream().map(Path::toString).toArray(String[]::new))
            .select(columns)
            .withColumn("file_name", input_file_name());
    return rows.queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitionsToPair(part -> digests(part, schema, levels))
        .reduceByKey(RowDigest.Sum::plus)
        .collectAsMap();
  }

  private static Iterator<Tuple2<String, RowDigest.Sum>> digests(
      Iterator<InternalRow> rows, StructType schema, int levels) {
    Map<String, RowDigest> byFile = new LinkedHashMap<>();
    int fileName = schema.length();
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      String path = row.getUTF8String(fileName).toString();
      byFile.computeIfAbsent(path, file -> new RowDigest(schema)).add(row);
    }
    List<Tuple2<String, RowDigest.Sum>> sums = new ArrayList<>();
    byFile.forEach((path, digest) -> sums.add(new Tuple2<>(last(path, levels), digest.sum())));
    return sums.iterator();
  }

  /** The name, and so many folders above it: {@code fold=1/part-0.parquet}. */
  private static String last(String path, int folders) {
    int from = path.length();
    for (int i = 0; i <= folders; i++) {
      from = path.lastIndexOf('/', from - 1);
    }
    return path.substring(from + 1);
  }
}
