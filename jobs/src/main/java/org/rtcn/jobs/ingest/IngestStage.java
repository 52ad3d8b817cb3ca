package org.rtcn.jobs.ingest;

import static org.apache.spark.sql.functions.col;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.ingest.EcgSource.ListedRecord;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.ingest.EcgSource.Refusal;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;

/**
 * Reads every recording below the input to {@code records} and {@code signals}, or gives the reason
 * in {@code rejects}; deals patients to folds in {@code splits}.
 */
public final class IngestStage {
  /** What one task reads, so that thousands of small files make few tasks. */
  private static final long BYTES_PER_TASK = 64L << 20;

  private static final StructType OUTCOME =
      new StructType()
          .add("record", Table.RECORDS.schema(), true)
          .add("signals", Table.SIGNALS.schema(), true)
          .add("path", DataTypes.StringType, true)
          .add("reason", DataTypes.StringType, true)
          .add("detail", DataTypes.StringType, true);

  private IngestStage() {}

  /** Runs the stage. */
  public static Manifest run(StageContext context, IngestOptions options) {
    Path root = new Path(options.input());
    EcgSource source;
    Listing listing;
    try {
      FileSystem fileSystem =
          root.getFileSystem(context.spark().sparkContext().hadoopConfiguration());
      source = source(options, fileSystem, root);
      listing = source.list(fileSystem, fileSystem.makeQualified(root));
    } catch (IOException e) {
      throw new UserException(
          "Cannot read the input " + options.input() + ": " + e.getMessage(), e);
    }
    if (listing.records().isEmpty() && listing.refused().isEmpty()) {
      throw new UserException(
          "Cannot find any WFDB header (*.hea) below "
              + options.input()
              + ": give the folder that holds the records with --input");
    }
    StagePlan plan =
        StagePlan.named("ingest", listing.records().size() + " recordings of " + options.input())
            .owns(Table.RECORDS, Table.SIGNALS, Table.REJECTS, Table.SPLITS)
            .reads(context.settings().flatten("seed", "ingest", "split"))
            .input("recordings", fingerprint(listing));
    return StageRunner.run(
        context, plan, output -> write(context.spark(), options, source, listing, output));
  }

  private static EcgSource source(IngestOptions options, FileSystem fileSystem, Path root)
      throws IOException {
    boolean hasDatabase = fileSystem.exists(new Path(root, PtbXlSource.DATABASE));
    return switch (options.source()) {
      case PTB -> new PtbSource(options.former());
      case PTBXL -> {
        if (!hasDatabase) {
          throw new UserException(
              "Cannot find "
                  + PtbXlSource.DATABASE
                  + " in "
                  + root
                  + ": give PTB-XL's own folder, or another ingest.source");
        }
        yield new PtbXlSource(options.ptbxlRateHz());
      }
      case UNLABELLED -> new UnlabelledSource();
      case AUTO ->
          hasDatabase ? new PtbXlSource(options.ptbxlRateHz()) : new PtbSource(options.former());
    };
  }

  private static void write(
      SparkSession spark,
      IngestOptions options,
      EcgSource source,
      Listing listing,
      StageOutput output) {
    Dataset<Row> outcomes =
        read(spark, options.dataset(), source, listing.records()).persist(StorageLevel.DISK_ONLY());
    try {
      Dataset<Row> records = outcomes.where("record IS NOT NULL").select("record.*");
      final long kept =
          output.write(
              Table.RECORDS, records.coalesce(filesFor(listing)).sortWithinPartitions("record_id"));
      output.write(
          Table.SIGNALS,
          outcomes
              .where("signals IS NOT NULL")
              .select("signals.*")
              .sortWithinPartitions("record_id"));
      Dataset<Row> rejects = rejects(spark, options, source, listing, outcomes);
      final long refused = output.write(Table.REJECTS, rejects);
      output.write(Table.SPLITS, splits(spark, options, output.staged(spark, Table.RECORDS)));
      summarise(spark, output, listing, kept, refused);
    } finally {
      outcomes.unpersist();
    }
  }

  /** Records are a few hundred bytes each: a file holds half a million. */
  private static int filesFor(Listing listing) {
    return 1 + listing.records().size() / 500_000;
  }

  /** Reads recordings in balanced tasks; one row each, with either both rows or a reason. */
  private static Dataset<Row> read(
      SparkSession spark, String dataset, EcgSource source, List<ListedRecord> records) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<List<ListedRecord>> tasks = balanced(records, context.defaultParallelism());
    Broadcast<SerializableConfiguration> configuration =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    JavaRDD<Row> rows =
        context
            .parallelize(tasks, Math.max(1, tasks.size()))
            .mapPartitions(task -> outcomes(task, source, dataset, configuration.value()));
    return spark.createDataFrame(rows, OUTCOME);
  }

  private static Iterator<Row> outcomes(
      Iterator<List<ListedRecord>> task,
      EcgSource source,
      String dataset,
      SerializableConfiguration configuration)
      throws IOException {
    if (!task.hasNext()) {
      return java.util.Collections.emptyIterator();
    }
    List<ListedRecord> listed = task.next();
    FileSystem fileSystem = new Path(listed.get(0).header()).getFileSystem(configuration.value());
    RecordReader reader = new RecordReader(source, dataset, fileSystem);
    return listed.stream()
        .map(
            record -> {
              RecordReader.Outcome outcome = reader.read(record);
              Refusal refusal = outcome.refusal();
              return refusal == null
                  ? RowFactory.create(outcome.record(), outcome.signals(), null, null, null)
                  : RowFactory.create(
                      null, null, refusal.path(), refusal.reason(), refusal.detail());
            })
        .iterator();
  }

  /**
   * Tasks of about equal bytes, each in the order of the listing: largest first to the emptiest.
   */
  static List<List<ListedRecord>> balanced(List<ListedRecord> records, int parallelism) {
    long total = records.stream().mapToLong(ListedRecord::bytes).sum();
    int count =
        (int)
            Math.min(
                Math.max(1, records.size()), Math.max(parallelism, total / BYTES_PER_TASK + 1));
    List<List<ListedRecord>> tasks = new ArrayList<>();
    long[] load = new long[count];
    PriorityQueue<Integer> emptiest =
        new PriorityQueue<>(
            Comparator.<Integer>comparingLong(task -> load[task])
                .thenComparing(Comparator.naturalOrder()));
    for (int task = 0; task < count; task++) {
      tasks.add(new ArrayList<>());
      emptiest.add(task);
    }
    List<ListedRecord> bySize = new ArrayList<>(records);
    bySize.sort(
        Comparator.comparingLong(ListedRecord::bytes).reversed().thenComparing(ListedRecord::name));
    for (ListedRecord record : bySize) {
      int task = emptiest.remove();
      tasks.get(task).add(record);
      // An empty file still costs an opening.
      load[task] += record.bytes() + 4096;
      emptiest.add(task);
    }
    tasks.removeIf(List::isEmpty);
    return tasks;
  }

  private static Dataset<Row> rejects(
      SparkSession spark,
      IngestOptions options,
      EcgSource source,
      Listing listing,
      Dataset<Row> outcomes) {
    String dataset = options.dataset().isEmpty() ? source.dataset() : options.dataset();
    List<Row> listed = new ArrayList<>();
    for (Refusal refusal : listing.refused()) {
      listed.add(
          RowFactory.create(refusal.path(), dataset, "ingest", refusal.reason(), refusal.detail()));
    }
    return outcomes
        .where("reason IS NOT NULL")
        .selectExpr("path", "'" + dataset + "' AS dataset", "'ingest' AS stage", "reason", "detail")
        .union(spark.createDataFrame(listed, Table.REJECTS.schema()))
        .coalesce(1)
        .sortWithinPartitions("path");
  }

  private static Dataset<Row> splits(
      SparkSession spark, IngestOptions options, Dataset<Row> records) {
    List<FoldAssignment.Patient> patients = new ArrayList<>();
    Map<String, Row> first = new TreeMap<>();
    for (Row row :
        records
            .select("patient_id", "dataset", "label", "strat_fold", "record_id")
            .orderBy(col("record_id"))
            .collectAsList()) {
      Row earlier = first.putIfAbsent(row.getString(0), row);
      if (earlier != null && !java.util.Objects.equals(earlier.get(3), row.get(3))) {
        throw new UserException(
            String.format(
                "Cannot split by patient: %s stands in fold %s with %s and in fold %s with %s",
                row.getString(0), earlier.get(3), earlier.get(4), row.get(3), row.get(4)));
      }
    }
    first
        .values()
        .forEach(
            row ->
                patients.add(
                    new FoldAssignment.Patient(
                        row.getString(0), row.getString(1), row.getString(2), row.getAs(3))));
    Map<String, Integer> folds = FoldAssignment.assign(patients, options.folds(), options.seed());
    List<Row> rows =
        patients.stream()
            .map(
                patient ->
                    RowFactory.create(
                        patient.patientId(),
                        patient.dataset(),
                        patient.label(),
                        folds.get(patient.patientId())))
            .toList();
    return spark.createDataFrame(rows, Table.SPLITS.schema()).coalesce(1);
  }

  private static void summarise(
      SparkSession spark, StageOutput output, Listing listing, long kept, long refused) {
    long found = (long) listing.records().size() + listing.refused().size();
    if (kept + refused != found) {
      throw new IllegalStateException(
          "Failed to account for every input: "
              + found
              + " found, "
              + kept
              + " kept, "
              + refused
              + " refused");
    }
    output.count("read", found);
    output.count("kept", kept);
    for (Row row : output.staged(spark, Table.REJECTS).groupBy("reason").count().collectAsList()) {
      output.count("refused." + row.getString(0), row.getLong(1));
    }
    Map<String, Long> labels = new TreeMap<>();
    boolean simulated = false;
    for (Row row :
        output.staged(spark, Table.RECORDS).groupBy("label", "simulated").count().collectAsList()) {
      labels.merge(row.getString(0), row.getLong(2), Long::sum);
      simulated |= row.getBoolean(1);
    }
    output.fact("records_by_label", labels);
    output.count("patients", output.staged(spark, Table.SPLITS).count());
    output.simulated(simulated);
  }

  private static String fingerprint(Listing listing) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (ListedRecord record : listing.records()) {
        digest.update(
            (record.name() + "\t" + record.stamp() + "\t" + record.facts() + "\n")
                .getBytes(StandardCharsets.UTF_8));
      }
      for (Refusal refusal : listing.refused()) {
        digest.update((refusal + "\n").getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
