package org.rtcn.jobs.ingest;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.GainStretch;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.jobs.inputs.ListedRecord;

/** Makes the rows of a recording, whatever its format was. */
final class RecordRows {
  private static final List<Lead> FRANK = List.of(Lead.VX, Lead.VY, Lead.VZ);

  /** No amplifier of ECG lets more pass, whatever the electrodes' offset. */
  private static final float MAX_MILLIVOLTS = 1000;

  private static final long HASH_SEED = 42;

  private final String dataset;

  /**
   * @param dataset the user's name for the data set, empty for the source's own
   */
  RecordRows(String dataset) {
    this.dataset = dataset;
  }

  /**
   * A recording, or a window of one, as it was read.
   *
   * @param signal the twelve standard leads, and Frank leads where there are any
   * @param gains of the signal's leads, in time order; empty where the source stores no integers
   * @param sourceFsHz rate of each lead in the source, null of a derived one; empty where all have
   *     the signal's
   * @param checksum whether stated checksums match, null where there are none
   * @param fingerprint of the source's bytes
   * @param startSample first sample of a window, null for a whole recording
   */
  record Piece(
      EcgSignal signal,
      List<GainStretch> gains,
      List<Double> sourceFsHz,
      Boolean checksum,
      String fingerprint,
      Long startSample) {
    Piece {
      gains = List.copyOf(gains);
      // Unlike List.copyOf this takes nulls: derived leads have no rate of their own.
      sourceFsHz = Collections.unmodifiableList(new ArrayList<>(sourceFsHz));
    }
  }

  /**
   * The outcome of a piece.
   *
   * @param sourceDataset the source's name for its data set
   * @param opened files that were opened for it
   */
  RecordReader.Outcome kept(
      ListedRecord listed,
      String sourceDataset,
      RecordFacts facts,
      Piece piece,
      List<String> opened) {
    String named = dataset.isEmpty() ? (facts.simulated() ? "simulated" : sourceDataset) : dataset;
    String recordId =
        named
            + "/"
            + listed.name()
            + (piece.startSample() == null ? "" : "@" + piece.startSample());
    List<Extent> extents = new ArrayList<>();
    for (Lead lead : Lead.STANDARD_12) {
      extents.add(Extent.of(piece.signal().millivolts()[piece.signal().leads().indexOf(lead)]));
    }
    Row signals = signals(recordId, named, piece, extents);
    return new RecordReader.Outcome(
        listed.header(),
        record(recordId, named, listed, facts, piece, quality(piece, extents)),
        signals,
        null,
        opened);
  }

  private static Row record(
      String recordId,
      String dataset,
      ListedRecord listed,
      RecordFacts facts,
      Piece piece,
      String quality) {
    EcgSignal signal = piece.signal();
    return RowFactory.create(
        recordId,
        dataset,
        dataset + "/" + facts.patientName(),
        facts.ageYears(),
        facts.sex(),
        facts.diagnosis(),
        facts.infarctSites(),
        facts.label().name(),
        signal.fsHz(),
        signal.sampleCount(),
        signal.leads().stream().map(Lead::label).toArray(String[]::new),
        listed.header(),
        piece.checksum(),
        quality,
        facts.simulated(),
        facts.stratFold(),
        piece.fingerprint(),
        piece.startSample(),
        facts.statements(),
        facts.infarctStadium(),
        facts.validatedByHuman(),
        listed.stamp(),
        facts.unread().isEmpty() ? null : String.join("; ", facts.unread()),
        signalHash(signal));
  }

  /** Of the samples as they are written, so that a signal under another name is found. */
  static long signalHash(EcgSignal signal) {
    long hash = HASH_SEED;
    for (Lead lead : Lead.STANDARD_12) {
      float[] samples = signal.millivolts()[signal.leads().indexOf(lead)];
      hash =
          XXH64.hashUnsafeBytes(
              samples, Platform.FLOAT_ARRAY_OFFSET, samples.length * Float.BYTES, hash);
    }
    return hash;
  }

  private static Row signals(String recordId, String dataset, Piece piece, List<Extent> extents) {
    EcgSignal signal = piece.signal();
    int standard = Lead.STANDARD_12.size();
    Integer[] invalid = new Integer[standard];
    Float[] rates = piece.sourceFsHz().isEmpty() ? null : new Float[standard];
    List<Float> gains = new ArrayList<>();
    List<Integer> from = new ArrayList<>();
    Object[] values = new Object[9 + standard + FRANK.size()];
    for (GainStretch stretch : piece.gains()) {
      from.add(stretch.fromSample());
      for (Lead lead : Lead.STANDARD_12) {
        int row = signal.leads().indexOf(lead);
        gains.add(row < 0 ? null : stretch.aduPerMillivolt().get(row));
      }
    }
    for (int i = 0; i < standard; i++) {
      int row = signal.leads().indexOf(Lead.STANDARD_12.get(i));
      values[9 + i] = signal.millivolts()[row];
      invalid[i] = extents.get(i).invalid();
      if (rates != null) {
        Double rate = piece.sourceFsHz().get(row);
        rates[i] = rate == null ? null : rate.floatValue();
      }
    }
    values[0] = recordId;
    values[1] = dataset;
    values[2] = signal.fsHz();
    values[3] = signal.sampleCount();
    values[4] = "mV";
    values[5] = gains.toArray(new Float[0]);
    values[6] = from.toArray(new Integer[0]);
    values[7] = rates;
    values[8] = invalid;
    for (int i = 0; i < FRANK.size(); i++) {
      int row = signal.leads().indexOf(FRANK.get(i));
      values[9 + standard + i] = row < 0 ? null : signal.millivolts()[row];
    }
    return RowFactory.create(values);
  }

  /** What is wrong, or {@code ok}. */
  private static String quality(Piece piece, List<Extent> extents) {
    Set<String> words = new TreeSet<>();
    if (!piece.sourceFsHz().isEmpty()) {
      words.add("resampled_leads");
    }
    for (Extent extent : extents) {
      extent.describe(words);
    }
    return words.isEmpty() ? "ok" : String.join("+", words);
  }

  /**
   * What a look at all samples of a lead tells.
   *
   * @param lowest of the valid samples; beyond {@code highest} where there are none
   */
  private record Extent(int samples, int invalid, float lowest, float highest) {
    static Extent of(float[] samples) {
      float lowest = Float.POSITIVE_INFINITY;
      float highest = Float.NEGATIVE_INFINITY;
      int invalid = 0;
      for (float sample : samples) {
        invalid += Float.isNaN(sample) ? 1 : 0;
        // Comparisons with NaN are false.
        lowest = sample < lowest ? sample : lowest;
        highest = sample > highest ? sample : highest;
      }
      return new Extent(samples.length, invalid, lowest, highest);
    }

    void describe(Set<String> words) {
      boolean anyValid = invalid < samples;
      if (invalid > 0) {
        words.add("invalid_samples");
      }
      if (!anyValid || lowest == highest) {
        words.add("flat_lead");
      }
      if (anyValid && Math.max(highest, -lowest) > MAX_MILLIVOLTS) {
        words.add("beyond_voltage");
      }
    }
  }
}
