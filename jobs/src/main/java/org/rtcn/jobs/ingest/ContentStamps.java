package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.LocalPaths;
import org.rtcn.jobs.inputs.TaskFiles;
import scala.Tuple2;

/**
 * Stamps that change when a recording's bytes do, for storage whose sizes and times are not to be
 * trusted: SHA-256 of its header and of every signal file that it names. Read in tasks, as ingest
 * reads, and not decoded. Recordings of several segments, which updates read again anyhow, and
 * headers that cannot be understood keep size and time.
 */
final class ContentStamps {
  private ContentStamps() {}

  /** The same recordings with the stamps that the options ask for. */
  static Listing stamped(SparkSession spark, IngestOptions options, Listing listing) {
    if (options.changedBy() == IngestOptions.ChangedBy.TIME) {
      return listing;
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<List<ListedRecord>> tasks =
        IngestStage.balanced(listing.records(), context.defaultParallelism());
    Broadcast<SerializableConfiguration> configuration =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    String input = options.input();
    Map<String, String> stamps =
        context
            .parallelize(tasks, Math.max(1, tasks.size()))
            .mapPartitionsToPair(task -> stamps(task, input, configuration.value()))
            .collectAsMap();
    List<ListedRecord> stamped = new ArrayList<>();
    for (ListedRecord record : listing.records()) {
      stamped.add(record.stamped(stamps.get(record.header())));
    }
    return listing.with(stamped, List.of());
  }

  private static Iterator<Tuple2<String, String>> stamps(
      Iterator<List<ListedRecord>> tasks, String input, SerializableConfiguration configuration)
      throws IOException {
    Path root = new Path(input);
    FileSystem fileSystem = root.getFileSystem(configuration.value());
    java.nio.file.Path local = LocalPaths.of(fileSystem.makeQualified(root));
    java.nio.file.Path localRoot = local == null ? null : local.toRealPath();
    List<Tuple2<String, String>> stamps = new ArrayList<>();
    String earlierFile = "";
    String earlierStamp = "";
    while (tasks.hasNext()) {
      for (ListedRecord record : tasks.next()) {
        // The recordings of a file of several share its stamp.
        boolean again = !record.isWfdb() && record.file().equals(earlierFile);
        earlierStamp = again ? earlierStamp : stamp(record, fileSystem, localRoot);
        earlierFile = record.file();
        stamps.add(new Tuple2<>(record.header(), earlierStamp));
      }
    }
    return stamps.iterator();
  }

  private static String stamp(
      ListedRecord record, FileSystem fileSystem, java.nio.file.Path localRoot) {
    MessageDigest digest = TaskFiles.sha256();
    Path path = new Path(record.file());
    TaskFiles files = new TaskFiles(fileSystem, path.getParent(), localRoot, digest);
    try {
      if (!record.isWfdb()) {
        try (InputStream in = files.open(HeaderFiles.unpacked(path.getName()))) {
          in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
      }
      WfdbHeader header = WfdbReader.readHeader(HeaderFiles.unpacked(path.getName()), files);
      if (header.isMultiSegment()) {
        return record.stampOfFiles();
      }
      Set<String> names = new TreeSet<>();
      header.signals().forEach(signal -> names.add(signal.fileName()));
      for (String name : names) {
        try (InputStream in = files.open(name)) {
          in.transferTo(OutputStream.nullOutputStream());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException | IllegalArgumentException e) {
      // Reading it will say why not, in rejects.
      return record.stampOfFiles();
    }
  }
}
