package org.rtcn.jobs.run;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.rtcn.jobs.tables.VersionedParquetFormat;

/**
 * What files hold. Of a table's file only what stands behind the last page is read, a few
 * kilobytes: the indexes, and the footer, which says how many rows there are and the digest that
 * was taken of them while they were written. Of any other file all bytes are read. Many files are
 * shared out to the executors.
 */
final class FileDigests {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  /** Footer length and magic. */
  private static final int TAIL = 8;

  /** So few are quicker read here than sent to executors. */
  private static final int FEW = 8;

  private static final int FILES_PER_TASK = 64;

  private FileDigests() {}

  /** A file to be read. */
  private record Listed(String path, long bytes, boolean ofTable) {}

  /**
   * Reads files.
   *
   * @param root what the paths are relative to
   * @param files path to bytes
   * @param ofTable whether they are Parquet files of a table
   * @return one entry per file; one that cannot be read has an empty digest
   */
  static List<FileEntry> of(
      SparkSession spark, Path root, SortedMap<String, Long> files, boolean ofTable) {
    List<Listed> listed = new ArrayList<>();
    files.forEach((path, bytes) -> listed.add(new Listed(path, bytes, ofTable)));
    listed.sort(Comparator.comparingLong(Listed::bytes).reversed().thenComparing(Listed::path));
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    String folder = root.toString();
    if (listed.size() <= FEW && (ofTable || bytes(files) < 64L << 20)) {
      return read(listed.iterator(), folder, context.hadoopConfiguration());
    }
    Broadcast<SerializableConfiguration> configuration =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    int tasks =
        Math.min(
            listed.size(), Math.max(context.defaultParallelism(), listed.size() / FILES_PER_TASK));
    List<FileEntry> entries =
        context
            .parallelize(dealt(listed, tasks), tasks)
            .mapPartitions(some -> read(some, folder, configuration.value().value()).iterator())
            .collect();
    configuration.destroy();
    return entries;
  }

  private static long bytes(SortedMap<String, Long> files) {
    return files.values().stream().mapToLong(Long::longValue).sum();
  }

  /** In an order in which consecutive parts hold about equal bytes: every n-th of the largest. */
  private static List<Listed> dealt(List<Listed> sorted, int tasks) {
    List<Listed> order = new ArrayList<>();
    for (int task = 0; task < tasks; task++) {
      for (int i = task; i < sorted.size(); i += tasks) {
        order.add(sorted.get(i));
      }
    }
    return order;
  }

  private static List<FileEntry> read(
      Iterator<Listed> files, String root, Configuration configuration) {
    List<FileEntry> entries = new ArrayList<>();
    Path folder = new Path(root);
    while (files.hasNext()) {
      Listed file = files.next();
      Path path = new Path(folder, file.path());
      try {
        FileSystem fileSystem = path.getFileSystem(configuration);
        if (file.ofTable()) {
          entries.add(ofTable(fileSystem, path, file));
        } else {
          try (InputStream in = fileSystem.open(path)) {
            entries.add(FileEntry.ofBytes(file.path(), file.bytes(), Sha256.of(in)));
          }
        }
      } catch (IOException | RuntimeException e) {
        // What the caller makes of it: damage, or a fault of ours.
        entries.add(new FileEntry(file.path(), file.bytes(), file.ofTable() ? 0 : -1, "", ""));
      }
    }
    return entries;
  }

  /** Rows and their digest, as the footer states them, and SHA-256 of all behind the last page. */
  private static FileEntry ofTable(FileSystem fileSystem, Path path, Listed file)
      throws IOException {
    try (FSDataInputStream in = fileSystem.open(path)) {
      byte[] ends = new byte[MAGIC.length + TAIL];
      in.readFully(0, ends, 0, MAGIC.length);
      in.readFully(file.bytes() - TAIL, ends, MAGIC.length, TAIL);
      int length = ByteBuffer.wrap(ends).order(ByteOrder.LITTLE_ENDIAN).getInt(MAGIC.length);
      long start = file.bytes() - TAIL - length;
      if (!Arrays.equals(ends, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
          || !Arrays.equals(ends, ends.length - MAGIC.length, ends.length, MAGIC, 0, MAGIC.length)
          || length <= 0
          || start < MAGIC.length) {
        throw new IOException("Invalid Parquet file " + path);
      }
      byte[] footer = new byte[length];
      in.readFully(start, footer);
      ParquetMetadata metadata =
          new ParquetMetadataConverter()
              .readParquetMetadata(
                  new ByteArrayInputStream(footer), ParquetMetadataConverter.NO_FILTER);
      long pagesEnd = MAGIC.length;
      long rows = 0;
      for (BlockMetaData block : metadata.getBlocks()) {
        rows += block.getRowCount();
        for (ColumnChunkMetaData column : block.getColumns()) {
          pagesEnd = Math.max(pagesEnd, column.getStartingPos() + column.getTotalSize());
        }
      }
      if (pagesEnd > start) {
        throw new IOException("Invalid Parquet file " + path + ": its pages overlap the footer");
      }
      // Readers skip pages by the indexes that stand between the pages and the footer.
      byte[] tail = new byte[(int) (file.bytes() - pagesEnd)];
      in.readFully(pagesEnd, tail);
      String rowsDigest =
          metadata
              .getFileMetaData()
              .getKeyValueMetaData()
              .getOrDefault(VersionedParquetFormat.ROWS_KEY, "");
      return new FileEntry(file.path(), file.bytes(), rows, rowsDigest, Sha256.of(tail));
    }
  }
}
