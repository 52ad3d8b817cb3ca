package org.rtcn.jobs.transform;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.rtcn.common.dsp.Beat;
import org.rtcn.common.dsp.BeatExtraction;
import org.rtcn.common.dsp.BeatRefusal;
import org.rtcn.common.dsp.RecordRefusal;
import org.rtcn.jobs.spark.LiveMetrics;

/**
 * What became of the recordings, gathered while the beats are written. Exact as long as the beats
 * are made in the last step of a job, where Spark counts each task once however often it ran.
 */
public final class TransformCounts implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Recordings without beats; more than these are counted, but not named in the manifest. */
  private static final int NAMED_REFUSALS = 1000;

  private static final List<String> MARKS =
      List.of(
          "ectopic",
          "edge",
          "invalid",
          "flat",
          "saturated",
          "noisy",
          "limb_leads_inconsistent",
          "swap_suspected");

  private final LongAccumulator records;
  private final LongAccumulator rPeaks;
  private final LongAccumulator kept;
  private final Map<RecordRefusal, LongAccumulator> refusedRecords =
      new EnumMap<>(RecordRefusal.class);
  private final Map<BeatRefusal, LongAccumulator> refusedBeats = new EnumMap<>(BeatRefusal.class);
  private final Map<String, LongAccumulator> marks = new TreeMap<>();
  private final FirstStrings refusals;

  public TransformCounts(SparkSession spark) {
    SparkContext context = spark.sparkContext();
    this.records = context.longAccumulator();
    this.rPeaks = context.longAccumulator();
    this.kept = context.longAccumulator();
    for (RecordRefusal reason : RecordRefusal.values()) {
      refusedRecords.put(reason, context.longAccumulator());
    }
    for (BeatRefusal reason : BeatRefusal.values()) {
      refusedBeats.put(reason, context.longAccumulator());
    }
    for (String mark : MARKS) {
      marks.put(mark, context.longAccumulator());
    }
    this.refusals = new FirstStrings(NAMED_REFUSALS);
    context.register(refusals);
    LiveMetrics.show(
        context,
        Map.of(
            "transform.records", LiveMetrics.of(records),
            "transform.records_refused", this::refusedRecords,
            "transform.beats", LiveMetrics.of(kept)));
  }

  void add(String recordId, BeatExtraction extraction) {
    records.add(1);
    rPeaks.add(extraction.rPeaks());
    kept.add(extraction.beats().size());
    extraction.refusedBeats().forEach((reason, count) -> refusedBeats.get(reason).add(count));
    for (Beat beat : extraction.beats()) {
      if (beat.ectopic()) {
        marks.get("ectopic").add(1);
      }
      if (beat.edge()) {
        marks.get("edge").add(1);
      }
      beat.quality().words().forEach(word -> marks.get(word).add(1));
    }
    extraction
        .refusal()
        .ifPresent(
            reason -> {
              refusedRecords.get(reason).add(1);
              refusals.add(recordId + ": " + reason + ": " + extraction.detail());
            });
  }

  /**
   * Counts by dotted name: {@code records.read}, {@code records.kept}, {@code
   * records.refused.NO_R_PEAKS}, {@code r_peaks}, {@code beats.kept}, {@code beats.refused.EDGE},
   * {@code beats.marked.noisy} (kept all the same). Reasons that did not occur are left out.
   */
  public Map<String, Long> byName() {
    Map<String, Long> counts = new TreeMap<>();
    counts.put("records.read", records.sum());
    counts.put("r_peaks", rPeaks.sum());
    counts.put("beats.kept", kept.sum());
    refusedRecords.forEach(
        (reason, count) -> {
          if (count.sum() > 0) {
            counts.put("records.refused." + reason, count.sum());
          }
        });
    counts.put("records.kept", records.sum() - refusedRecords());
    refusedBeats.forEach(
        (reason, count) -> {
          if (count.sum() > 0) {
            counts.put("beats.refused." + reason, count.sum());
          }
        });
    marks.forEach(
        (mark, count) -> {
          if (count.sum() > 0) {
            counts.put("beats.marked." + mark, count.sum());
          }
        });
    return counts;
  }

  private long refusedRecords() {
    return refusedRecords.values().stream().mapToLong(LongAccumulator::sum).sum();
  }

  /** The first recordings without beats, {@code record_id: REASON: detail}, sorted. */
  public List<String> refusals() {
    return refusals.value();
  }
}
