package org.rtcn.jobs.transform;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.rtcn.common.dsp.Beat;
import org.rtcn.common.dsp.BeatExtraction;
import org.rtcn.common.dsp.BeatExtractor;
import org.rtcn.common.dsp.BeatOptions;
import org.rtcn.common.error.UserException;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.LazyIterators;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.PlainRows;
import org.rtcn.jobs.tables.Table;

/**
 * Recordings to beats to images: {@code records}, {@code signals} and {@code splits} in, {@code
 * beats} and {@code spectrograms} out. A row depends on its recording alone, so that partitions and
 * executors don't matter. Memory holds one recording per task, of a long one the window that it was
 * ingested as.
 */
public final class TransformStage {
  private TransformStage() {}

  /**
   * Runs the stage in the context's run directory.
   *
   * @throws UserException if no recording gave a beat
   */
  public static Manifest run(StageContext context, TransformOptions options) {
    SparkSession spark = context.spark();
    Manifest ingest = context.run().requireStage("ingest");
    boolean onlyClasses = options.take() == TransformOptions.Take.CLASSES;
    StagePlan plan =
        StagePlan.named("transform", "denoise, R peaks, beats, S-transform images")
            .owns(Table.BEATS, Table.SPECTROGRAMS)
            .reads(
                onlyClasses
                    ? context.settings().flatten("transform", "classes")
                    : context.settings().flatten("transform"))
            .input(context.run(), "ingest");
    return StageRunner.run(
        context,
        plan,
        output -> {
          Dataset<Row> records = context.run().read(spark, Table.RECORDS);
          if (onlyClasses) {
            long all = records.count();
            records = records.where(col("label").isInCollection(context.settings().classes()));
            output.count("records.refused.OTHER_LABEL", all - records.count());
          }
          Dataset<Row> folded =
              records.join(
                  context.run().read(spark, Table.SPLITS).select("patient_id", "fold"),
                  "patient_id");
          long listed = records.count();
          transform(
              output,
              listed,
              folded,
              context.run().read(spark, Table.SIGNALS),
              options,
              ingest.simulated());
        });
  }

  private static void transform(
      StageOutput output,
      long listed,
      Dataset<Row> records,
      Dataset<Row> signals,
      TransformOptions options,
      Boolean simulated) {
    SparkSession spark = signals.sparkSession();
    TransformCounts counts = new TransformCounts(spark);
    long beats = output.write(Table.BEATS, beats(records, signals, options.beats(), counts));
    if (beats == 0) {
      throw new UserException(
          "Cannot transform: none of the "
              + counts.byName().get("records.read")
              + " recordings gave a beat "
              + counts.byName()
              + "; look at the input, or relax rtcn.transform");
    }
    output.write(
        Table.SPECTROGRAMS,
        BeatImages.of(output.staged(spark, Table.BEATS), options.image(), Table.SPECTROGRAMS));
    counts.byName().forEach(output::count);
    long lost = listed - counts.byName().get("records.read");
    if (lost > 0) {
      output.count("records.refused.NO_FOLD_OR_SIGNAL", lost);
    }
    output.fact(TransformFacts.RECORDS_REFUSED, counts.refusals());
    Map<String, Long> byLabel = new TreeMap<>();
    output
        .staged(spark, Table.BEATS)
        .groupBy("label")
        .count()
        .collectAsList()
        .forEach(row -> byLabel.put(row.getString(0), row.getLong(1)));
    output.fact(TransformFacts.BEATS_BY_LABEL, byLabel);
    if (simulated != null) {
      output.simulated(simulated);
    }
  }

  /**
   * The beats of recordings.
   *
   * @param records {@code record_id patient_id dataset label fold simulated start_sample
   *     n_samples}, one row per recording or window that takes part; small enough to be sent to
   *     every executor
   * @param signals rows of {@link Table#SIGNALS}; those that are not in {@code records} are left
   *     out
   * @param counts receives what became of each recording when the result is computed
   * @return rows of {@link Table#BEATS}
   */
  public static Dataset<Row> beats(
      Dataset<Row> records, Dataset<Row> signals, BeatOptions options, TransformCounts counts) {
    Dataset<Row> meta = records.select("record_id", "patient_id", "label", "fold", "simulated");
    StructType schema = Table.BEATS.schema();
    Dataset<Row> windows = records.where(col("start_sample").isNotNull());
    FlatMapFunction<Iterator<Row>, Row> extraction =
        rows ->
            beats(rows, options, counts, (extractor, row) -> extractor.extract(Signals.of(row)));
    if (windows.isEmpty()) {
      return PlainRows.map(spread(signals).join(broadcast(meta), "record_id"), extraction, schema);
    }
    FlatMapFunction<Iterator<Row>, Row> ofWindows =
        rows -> beats(rows, options, counts, RecordWindows::extract);
    Dataset<Row> whole = records.where(col("start_sample").isNull()).select("record_id");
    Dataset<Row> ofWhole =
        spread(signals).join(broadcast(whole), "record_id").join(broadcast(meta), "record_id");
    Dataset<Row> ofParts =
        RecordWindows.withMargins(signals, windows).join(broadcast(meta), "record_id");
    return PlainRows.map(ofWhole, extraction, schema)
        .union(PlainRows.map(ofParts, ofWindows, schema));
  }

  /** A small table is a single file and would keep a single core busy. */
  private static Dataset<Row> spread(Dataset<Row> signals) {
    int cores = signals.sparkSession().sparkContext().defaultParallelism();
    return signals.rdd().getNumPartitions() < cores
        ? signals.repartition(4 * cores, col("record_id"))
        : signals;
  }

  private static Iterator<Row> beats(
      Iterator<Row> rows,
      BeatOptions options,
      TransformCounts counts,
      BiFunction<BeatExtractor, Row, BeatExtraction> extract) {
    BeatExtractor extractor = new BeatExtractor(options);
    return LazyIterators.flatMap(
        rows,
        row -> {
          BeatExtraction extraction = extract.apply(extractor, row);
          counts.add(row.getAs("record_id"), extraction);
          return LazyIterators.map(
              extraction.beats().iterator(), beat -> beatRow(row, beat, options));
        });
  }

  private static Row beatRow(Row record, Beat beat, BeatOptions options) {
    String recordId = record.getAs("record_id");
    int leads = LeadColumns.NAMES.size();
    Object[] values = new Object[Table.BEATS.schema().length()];
    int i = 0;
    values[i++] = beatId(recordId, beat.beatIndex());
    values[i++] = recordId;
    values[i++] = record.getAs("patient_id");
    values[i++] = record.getAs("dataset");
    values[i++] = record.getAs("label");
    values[i++] = record.getAs("fold");
    values[i++] = beat.beatIndex();
    values[i++] = beat.rSample();
    values[i++] = options.samplesBeforeR();
    values[i++] = beat.fsHz();
    values[i++] = Float.isNaN(beat.rrBeforeSeconds()) ? null : beat.rrBeforeSeconds();
    values[i++] = beat.ectopic();
    values[i++] = beat.edge();
    values[i++] = beat.quality().text();
    values[i++] = beat.quality().leadTexts().toArray(new String[0]);
    values[i++] = record.getAs("simulated");
    for (int lead = 0; lead < leads; lead++) {
      values[i++] = beat.window()[lead];
    }
    return RowFactory.create(values);
  }

  /** The key of a beat, for example {@code ptbdb/patient001/s0010_re#00007}. */
  public static String beatId(String recordId, int beatIndex) {
    return recordId + String.format(Locale.ROOT, "#%05d", beatIndex);
  }

  /** The record of a beat, from its key. */
  public static String recordId(String beatId) {
    return beatId.substring(0, beatId.lastIndexOf('#'));
  }
}
