package org.rtcn.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.when;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.inputs.InputRoot;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.simulate.SimulateStage;
import org.rtcn.jobs.spark.LiveMetrics;
import org.rtcn.jobs.tables.PlainRows;
import org.rtcn.jobs.tables.Table;

/**
 * Reads every recording below the input to {@code records} and {@code signals}, or gives the reason
 * in {@code rejects}; deals patients to folds in {@code splits}.
 */
public final class IngestStage {
  /** What one task reads, so that thousands of small files make few tasks. */
  private static final long BYTES_PER_TASK = 64L << 20;

  /** Counts windows without a valid sample, of recordings that have others. */
  static final String WINDOWS_LEFT_OUT = "windows_left_out";

  /** Distinct values that the manifest names. */
  private static final int UNREAD_SHOWN = 100;

  /** Columns of the record in {@link #HEADS}. */
  private static final String OF_RECORD = "record_";

  /**
   * What became of an input, without its samples; the record's columns are NULL if it is refused.
   */
  private static final StructType HEADS = heads();

  private static final Column STATED_FOLD =
      when(col("strat_fold").isNotNull(), struct("strat_fold", "record_id"));

  /** A recording's signals, NULL if it is refused, and its head. */
  private static final StructType OUTCOME = outcome();

  private IngestStage() {}

  private static StructType heads() {
    StructType heads =
        new StructType()
            .add("path", DataTypes.StringType)
            .add("reason", DataTypes.StringType)
            .add("detail", DataTypes.StringType)
            .add("opened", DataTypes.createArrayType(DataTypes.StringType, false));
    for (StructField field : Table.RECORDS.schema().fields()) {
      heads = heads.add(OF_RECORD + field.name(), field.dataType());
    }
    return heads;
  }

  private static StructType outcome() {
    StructType outcome = new StructType();
    for (StructField field : Table.SIGNALS.schema().fields()) {
      outcome = outcome.add(field.name(), field.dataType());
    }
    for (StructField field : HEADS.fields()) {
      outcome = outcome.add(field);
    }
    return outcome;
  }

  /**
   * Refuses an input that is absent, or without the labels that its source needs. Lists nothing.
   *
   * @throws UserException naming what is missing
   */
  public static void requireInput(IngestOptions options, Configuration configuration) {
    Inputs.require(options, configuration);
  }

  /** Runs the stage on all inputs. */
  public static Manifest run(StageContext context, IngestOptions options) {
    return run(context, options, Mode.ALL);
  }

  /** What to read again. */
  enum Mode {
    /** Every input; an earlier result must be equal or overwritten. */
    ALL,
    /** Inputs that are new or changed since the last run; the rest keeps its rows. */
    UPDATE
  }

  static Manifest run(StageContext context, IngestOptions options, Mode mode) {
    boolean ofThisRun = isOfThisRun(context, options);
    if (ofThisRun) {
      context.run().requireStage("simulate");
      // What cannot be read becomes a reject, as in any archive; what is gone would not be missed.
      context
          .run()
          .difference("simulate")
          .ifPresent(
              difference ->
                  context.console().printf("           not as simulated: %s%n", difference));
    }
    Inputs inputs = Inputs.find(context.spark(), options).stamped(context.spark(), options);
    Map<String, String> settings = context.settings().flatten("seed", "ingest", "split");
    Changes changes =
        mode == Mode.UPDATE
            ? Changes.since(context, settings, inputs.listing())
            : Changes.all(inputs.listing());
    StagePlan plan =
        StagePlan.named(
                "ingest",
                (mode == Mode.UPDATE ? changes.reread().size() + " of " : "")
                    + inputs.listing().records().size()
                    + " recordings of "
                    + options.input())
            .owns(Table.RECORDS, Table.SIGNALS, Table.REJECTS, Table.SPLITS)
            .reads(settings)
            .input("recordings", fingerprint(inputs.listing()));
    if (ofThisRun) {
      plan.input(context.run(), "simulate");
    }
    StageContext chosen =
        mode == Mode.UPDATE && isChanged(context, settings, inputs.listing())
            ? new StageContext(
                context.spark(),
                context.run(),
                context.settings(),
                StageContext.IfPresent.OVERWRITE,
                context.console())
            : context;
    return StageRunner.run(chosen, plan, output -> write(chosen, options, inputs, changes, output));
  }

  /** Whether the input is what simulate has left in this very run. */
  private static boolean isOfThisRun(StageContext context, IngestOptions options) {
    RunDirectory run = context.run();
    return run.has("simulate")
        && run.fileSystem()
            .makeQualified(new Path(options.input()))
            .equals(run.path(SimulateStage.RAW));
  }

  private static boolean isChanged(
      StageContext context, Map<String, String> settings, Listing listing) {
    if (!context.run().has("ingest")) {
      return false;
    }
    Manifest earlier = context.run().requireStage("ingest");
    return !fingerprint(listing).equals(earlier.inputs().get("recordings"))
        || !settings.equals(earlier.configuration());
  }

  /** Prints what {@link #run} would do, and does nothing. */
  static void dryRun(StageContext context, IngestOptions options, Mode mode) {
    Inputs inputs = Inputs.find(context.spark(), options).stamped(context.spark(), options);
    Listing listing = inputs.listing();
    Map<String, String> settings = context.settings().flatten("seed", "ingest", "split");
    Changes changes =
        mode == Mode.UPDATE ? Changes.since(context, settings, listing) : Changes.all(listing);
    long bytes = changes.reread().stream().mapToLong(ListedRecord::bytes).sum();
    int tasks =
        balanced(changes.reread(), context.spark().sparkContext().defaultParallelism()).size();
    context
        .console()
        .printf(
            Locale.ROOT,
            "ingest (dry run): %s as %s%n  recordings found %,d, refused by their place %,d,"
                + " signal files without a header %,d%n  to read %,d (%,d bytes) in %,d tasks,"
                + " unchanged %,d, gone %,d%n  would write %s%n",
            options.input(),
            inputs.source().getClass().getSimpleName().replace("Source", ""),
            listing.records().size(),
            listing.refused().size(),
            listing.orphans().size(),
            changes.reread().size(),
            bytes,
            tasks,
            changes.unchanged().size(),
            changes.gone(),
            context.run().root());
    for (Refusal refusal : listing.refused().subList(0, Math.min(10, listing.refused().size()))) {
      context.console().printf("  %s %s%n", refusal.reason(), refusal.path());
    }
  }

  private static void write(
      StageContext stage,
      IngestOptions options,
      Inputs inputs,
      Changes changes,
      StageOutput output) {
    SparkSession spark = stage.spark();
    Listing listing = inputs.listing();
    Dataset<Row> outcomes = read(spark, options, inputs.source(), changes.reread());
    if (!changes.unchanged().isEmpty()) {
      outcomes = outcomes.unionByName(keptSignals(stage, changes), true);
    }
    // One pass: the samples go to their table as they are read, and the heads to a place of theirs.
    Dataset<Row> heads = output.write(Table.SIGNALS, outcomes, HEADS);
    Claims claims = Claims.of(spark, heads, listing);
    if (!claims.segments().isEmpty()) {
      withoutSegments(output, heads, claims);
    }
    Dataset<Row> read = heads.filter(claims.notSegments());
    Dataset<Row> records = records(read);
    if (!changes.unchanged().isEmpty()) {
      records = Table.RECORDS.conform(records).union(changes.keptRecords(stage));
    }
    output.write(
        Table.RECORDS, records.coalesce(filesFor(listing)).sortWithinPartitions("record_id"));
    Dataset<Row> rejects = rejects(spark, options, inputs.source(), listing, read, claims);
    final long refused = output.write(Table.REJECTS, rejects);
    output.count(
        "patients",
        output.write(Table.SPLITS, splits(spark, options, output.staged(spark, Table.RECORDS))));
    summarise(spark, output, listing, claims, changes, refused);
    long withoutSamples =
        read.where(col(OF_RECORD + "record_id").isNull().and(col("reason").isNull())).count();
    if (withoutSamples > 0) {
      output.count(WINDOWS_LEFT_OUT, withoutSamples);
    }
    if (inputs.candidates().others() > 0) {
      output.count("not_ecg", inputs.candidates().others());
    }
    if (!inputs.candidates().formats().isEmpty()) {
      output.fact(IngestFacts.FORMATS, inputs.candidates().formats());
    }
  }

  private static Dataset<Row> records(Dataset<Row> heads) {
    return heads.where(col(OF_RECORD + "record_id").isNotNull()).select(ofRecord());
  }

  private static Column[] ofRecord() {
    return Arrays.stream(Table.RECORDS.schema().fieldNames())
        .map(name -> col(OF_RECORD + name).as(name))
        .toArray(Column[]::new);
  }

  /** The signals of recordings that need not be read again. */
  private static Dataset<Row> keptSignals(StageContext stage, Changes changes) {
    Dataset<Row> kept = changes.keptRecords(stage).select(col("record_id").as("kept_id"));
    return stage
        .run()
        .read(stage.spark(), Table.SIGNALS)
        .join(kept, col("record_id").equalTo(col("kept_id")), "left_semi");
  }

  /**
   * That a header was but a segment of another recording is known only when both have been read.
   * Archives that list such headers have their signals written a second time.
   */
  private static void withoutSegments(StageOutput output, Dataset<Row> heads, Claims claims) {
    Dataset<Row> segments =
        records(heads.filter(not(claims.notSegments()))).select(col("record_id").as("segment_id"));
    output.filter(
        Table.SIGNALS,
        signals -> signals.join(segments, col("record_id").equalTo(col("segment_id")), "left_anti"),
        heads.sparkSession());
  }

  /** Records are a few hundred bytes each: a file holds half a million. */
  private static int filesFor(Listing listing) {
    return 1 + listing.records().size() / 500_000;
  }

  /** Reads recordings in balanced tasks; rows of {@link #OUTCOME}. */
  private static Dataset<Row> read(
      SparkSession spark, IngestOptions options, EcgSource source, List<ListedRecord> records) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<List<ListedRecord>> tasks = balanced(records, context.defaultParallelism());
    Broadcast<SerializableConfiguration> configuration =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    LiveCounts counts = LiveCounts.show(spark.sparkContext());
    JavaRDD<Row> rows =
        context
            .parallelize(tasks, Math.max(1, tasks.size()))
            .mapPartitions(
                task -> {
                  Iterator<RecordReader.Outcome> read =
                      outcomes(task, source, options, configuration.value());
                  return counts.rows(read);
                });
    return PlainRows.of(spark, rows, OUTCOME);
  }

  private static Iterator<RecordReader.Outcome> outcomes(
      Iterator<List<ListedRecord>> task,
      EcgSource source,
      IngestOptions options,
      SerializableConfiguration configuration)
      throws IOException {
    if (!task.hasNext()) {
      return java.util.Collections.emptyIterator();
    }
    InputRoot input = InputRoot.of(options.input(), configuration.value());
    RecordReader wfdb =
        new WfdbRecordReader(
            source, options.dataset(), options.windowSeconds(), input.fileSystem(), input.root());
    FormatRecordReader formats =
        new FormatRecordReader(
            input, source.datasetOfFiles(), options.dataset(), options.windowSeconds());
    TaskCompletionListener closing = ended -> formats.close();
    TaskContext.get().addTaskCompletionListener(closing);
    RecordReader reader = listed -> listed.isWfdb() ? wfdb.read(listed) : formats.read(listed);
    Iterator<ListedRecord> records = input.inOrder(task.next()).iterator();
    return new Iterator<>() {
      private Iterator<RecordReader.Outcome> current = java.util.Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        while (!current.hasNext() && records.hasNext()) {
          current = reader.read(records.next());
        }
        return current.hasNext();
      }

      @Override
      public RecordReader.Outcome next() {
        if (!hasNext()) {
          throw new java.util.NoSuchElementException();
        }
        return current.next();
      }
    };
  }

  /** What has been read so far. */
  private record LiveCounts(LongAccumulator read, LongAccumulator refused) implements Serializable {
    static LiveCounts show(SparkContext context) {
      LiveCounts counts = new LiveCounts(context.longAccumulator(), context.longAccumulator());
      LiveMetrics.show(
          context,
          Map.of(
              "ingest.records", LiveMetrics.of(counts.read),
              "ingest.rejects", LiveMetrics.of(counts.refused)));
      return counts;
    }

    Iterator<Row> rows(Iterator<RecordReader.Outcome> outcomes) {
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return outcomes.hasNext();
        }

        @Override
        public Row next() {
          RecordReader.Outcome outcome = outcomes.next();
          read.add(outcome.record() == null ? 0 : 1);
          refused.add(outcome.refusal() == null ? 0 : 1);
          return row(outcome);
        }
      };
    }
  }

  private static Row row(RecordReader.Outcome outcome) {
    Object[] values = new Object[OUTCOME.length()];
    Refusal refusal = outcome.refusal();
    int at = put(values, 0, outcome.signals(), Table.SIGNALS);
    values[at++] = outcome.path();
    values[at++] = refusal == null ? null : refusal.reason();
    values[at++] = refusal == null ? null : refusal.detail();
    values[at++] = outcome.opened().toArray(new String[0]);
    put(values, at, outcome.record(), Table.RECORDS);
    return RowFactory.create(values);
  }

  private static int put(Object[] values, int at, Row row, Table table) {
    int length = table.schema().length();
    for (int i = 0; row != null && i < length; i++) {
      values[at + i] = row.get(i);
    }
    return at + length;
  }

  /** Tasks of about equal bytes, each by name: largest first to the emptiest. */
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
    // Signals stand in the order in which they are read: by name, they are soon found.
    tasks.forEach(task -> task.sort(Comparator.comparing(ListedRecord::name)));
    return tasks;
  }

  private static Dataset<Row> rejects(
      SparkSession spark,
      IngestOptions options,
      EcgSource source,
      Listing listing,
      Dataset<Row> outcomes,
      Claims claims) {
    String dataset = options.dataset().isEmpty() ? source.dataset() : options.dataset();
    List<Row> listed = new ArrayList<>();
    List<Refusal> known = new ArrayList<>(listing.refused());
    known.addAll(claims.refusals());
    for (Refusal refusal : known) {
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
    for (Row row :
        records
            .groupBy("patient_id")
            .agg(
                min(struct("record_id", "dataset", "label")),
                // The fold that any of the patient's recordings states is that of all.
                min(STATED_FOLD),
                max(STATED_FOLD))
            .orderBy("patient_id")
            .collectAsList()) {
      Row first = row.getStruct(1);
      requireOneFold(row.getString(0), row.getStruct(2), row.getStruct(3));
      patients.add(
          new FoldAssignment.Patient(
              row.getString(0),
              first.getString(1),
              first.getString(2),
              row.isNullAt(2) ? null : row.getStruct(2).getInt(0)));
    }
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

  /** Folds that recordings state, each with a recording. */
  private static void requireOneFold(String patient, Row lowest, Row highest) {
    if (lowest != null && lowest.getInt(0) != highest.getInt(0)) {
      throw new UserException(
          String.format(
              "Cannot split by patient: %s stands in fold %s with %s and in fold %s with %s",
              patient, lowest.get(0), lowest.get(1), highest.get(0), highest.get(1)));
    }
  }

  /** Counts, from what was written; every input must be in one table and in one only. */
  private static void summarise(
      SparkSession spark,
      StageOutput output,
      Listing listing,
      Claims claims,
      Changes changes,
      long refused) {
    Map<String, Long> labels = new TreeMap<>();
    boolean simulated = false;
    long rows = 0;
    long kept = 0;
    long unread = 0;
    // One query: each costs more than its rows. Windows of a recording have its label.
    for (Row row :
        output
            .staged(spark, Table.RECORDS)
            .groupBy("label", "simulated")
            .agg(
                functions.count("*"),
                functions.countDistinct("source_path"),
                functions.count("unread"))
            .collectAsList()) {
      labels.merge(row.getString(0), row.getLong(2), Long::sum);
      simulated |= row.getBoolean(1);
      rows += row.getLong(2);
      kept += row.getLong(3);
      unread += row.getLong(4);
    }
    long found = (long) listing.records().size() + listing.refused().size() + claims.orphanCount();
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
    if (rows != kept) {
      output.count("windows", rows);
    }
    if (changes.isUpdate()) {
      output.count("unchanged", changes.unchanged().size());
      output.count("gone", changes.gone());
    }
    if (refused > 0) {
      for (Row row :
          output.staged(spark, Table.REJECTS).groupBy("reason").count().collectAsList()) {
        output.count("refused." + row.getString(0), row.getLong(1));
      }
    }
    output.fact(IngestFacts.RECORDS_BY_LABEL, labels);
    if (!listing.unknownCodes().isEmpty()) {
      output.fact(IngestFacts.UNKNOWN_STATEMENTS, listing.unknownCodes());
    }
    if (!listing.labelFiles().isEmpty()) {
      output.fact(IngestFacts.LABEL_FILES, listing.labelFiles());
    }
    if (unread > 0) {
      countUnread(spark, output);
    }
    output.simulated(simulated);
  }

  /** Values that gave nothing, by column; some of them by name. */
  private static void countUnread(SparkSession spark, StageOutput output) {
    Dataset<Row> values =
        output
            .staged(spark, Table.RECORDS)
            .where("unread IS NOT NULL")
            .selectExpr("source_path", "explode(split(unread, '; ')) AS value")
            .distinct();
    for (Row row : values.groupBy(substring_index(col("value"), "=", 1)).count().collectAsList()) {
      output.count("unread." + row.getString(0), row.getLong(1));
    }
    Map<String, Long> shown = new TreeMap<>();
    for (Row row :
        values
            .groupBy("value")
            .count()
            .orderBy(col("count").desc(), col("value"))
            .limit(UNREAD_SHOWN)
            .collectAsList()) {
      shown.put(row.getString(0), row.getLong(1));
    }
    if (!shown.isEmpty()) {
      output.fact(IngestFacts.UNREAD, shown);
    }
  }

  private static String fingerprint(Listing listing) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (ListedRecord record : listing.records()) {
        digest.update(
            (record.name() + "\t" + record.stamp() + "\t" + record.facts() + "\n")
                .getBytes(StandardCharsets.UTF_8));
      }
      for (String orphan : listing.orphans()) {
        digest.update((orphan + "\n").getBytes(StandardCharsets.UTF_8));
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
