package org.rtcn.common.wfdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.WfdbException.Reason;

/** The header and samples of a record. */
public final class WfdbRecord {
  private final WfdbHeader header;
  private final int frameCount;
  private final int[][] digital;
  private final List<Piece> pieces;
  private final Boolean checksumMatches;

  /**
   * Samples {@code from} to {@code to} of one signal that share a scale: all of them, or those of a
   * segment. What lies in no piece was not recorded.
   */
  record Piece(int signal, int from, int to, SignalSpec spec, int invalidSample) {}

  WfdbRecord(
      WfdbHeader header,
      int frameCount,
      int[][] digital,
      List<Piece> pieces,
      Boolean checksumMatches) {
    this.header = header;
    this.frameCount = frameCount;
    this.digital = digital;
    this.pieces = List.copyOf(pieces);
    this.checksumMatches = checksumMatches;
  }

  /** The header; of a record of segments, with the layout's signals. */
  public WfdbHeader header() {
    return header;
  }

  /** Samples of each signal that has one sample per frame. */
  public int frameCount() {
    return frameCount;
  }

  /**
   * Samples of one signal in ADC units, as they stand in the files: where segments differ in gain,
   * so do these. The array is the record's own: do not change it.
   */
  public int[] digital(int signal) {
    return digital[signal];
  }

  /** Which samples of one signal are there: neither marked invalid nor in a gap. */
  public BitSet validity(int signal) {
    BitSet valid = new BitSet(digital[signal].length);
    for (Piece piece : pieces) {
      if (piece.signal() == signal) {
        for (int i = piece.from(); i < piece.to(); i++) {
          if (digital[signal][i] != piece.invalidSample()) {
            valid.set(i);
          }
        }
      }
    }
    return valid;
  }

  /** How many samples of one signal are marked invalid or lie in a gap. */
  public int invalidCount(int signal) {
    return digital[signal].length - validity(signal).cardinality();
  }

  /**
   * Whether all stated checksums that could be checked match; empty if there was none. A window can
   * check only the files or segments that it reads whole.
   */
  public Optional<Boolean> checksumMatches() {
    return Optional.ofNullable(checksumMatches);
  }

  /**
   * One value per frame in ADC units: the mean of the frame's samples, rounded to the nearest whole
   * number (halves up); an invalid sample makes its frame invalid.
   */
  public int[] frameMeans(int signal) {
    int perFrame = header.signals().get(signal).samplesPerFrame();
    int[] samples = digital[signal];
    if (perFrame == 1) {
      return samples.clone();
    }
    BitSet valid = validity(signal);
    int[] means = new int[frameCount];
    for (int frame = 0; frame < frameCount; frame++) {
      long sum = 0;
      int bad = -1;
      for (int k = frame * perFrame; k < (frame + 1) * perFrame; k++) {
        sum += samples[k];
        bad = valid.get(k) ? bad : k;
      }
      means[frame] = bad >= 0 ? samples[bad] : (int) Math.floor((double) sum / perFrame + 0.5);
    }
    return means;
  }

  /** Samples of one signal in the units of its header; NaN where marked invalid. */
  public double[] physical(int signal) {
    try {
      return scaled(signal, spec -> 1);
    } catch (WfdbException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Samples of one signal in mV; NaN where marked invalid.
   *
   * @throws WfdbException if the signal's units are no voltage
   */
  public double[] millivolts(int signal) throws WfdbException {
    return scaled(signal, spec -> millivoltsPerUnit(header, spec));
  }

  /**
   * The leads whose names are known, in table order (I to V6, then Vx to Vz), in mV.
   *
   * @throws WfdbException if a lead's units are no voltage, if a lead appears twice or if the
   *     leads' rates differ
   */
  public EcgSignal leads() throws WfdbException {
    List<Lead> leads = new ArrayList<>();
    List<float[]> rows = new ArrayList<>();
    double fsHz = 0;
    for (Lead lead : Lead.values()) {
      int index = indexOf(lead);
      if (index >= 0) {
        double rate = header.fsHz() * header.signals().get(index).samplesPerFrame();
        if (!rows.isEmpty() && rate != fsHz) {
          throw new WfdbException(
              Reason.HEADER_MALFORMED,
              "Cannot read %s: lead %s has %s Hz and others %s Hz; resample it first"
                  .formatted(header.recordName(), lead.label(), rate, fsHz));
        }
        fsHz = rate;
        leads.add(lead);
        rows.add(millivoltsAsFloat(index));
      }
    }
    double rowRate = rows.isEmpty() ? header.fsHz() : fsHz;
    return new EcgSignal(rowRate, leads, rows.toArray(new float[0][]));
  }

  /**
   * The signal that holds a lead, or -1.
   *
   * @throws WfdbException if two signals claim to be that lead
   */
  public int indexOf(Lead lead) throws WfdbException {
    return header.indexOf(lead);
  }

  private float[] millivoltsAsFloat(int signal) throws WfdbException {
    double[] exact = millivolts(signal);
    float[] out = new float[exact.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) exact[i];
    }
    return out;
  }

  /** Physical values times the factor of each piece's units. */
  private double[] scaled(int signal, UnitFactor factor) throws WfdbException {
    int[] samples = digital[signal];
    double[] out = new double[samples.length];
    Arrays.fill(out, Double.NaN);
    for (Piece piece : pieces) {
      if (piece.signal() == signal) {
        double times = factor.of(piece.spec());
        for (int i = piece.from(); i < piece.to(); i++) {
          if (samples[i] != piece.invalidSample()) {
            out[i] = physical(samples[i], piece.spec()) * times;
          }
        }
      }
    }
    return out;
  }

  @FunctionalInterface
  private interface UnitFactor {
    double of(SignalSpec spec) throws WfdbException;
  }

  /** (ADC value - baseline) / gain, in double: the difference of two ints may overflow an int. */
  private static double physical(int sample, SignalSpec spec) {
    return ((double) sample - spec.baseline()) / spec.gainAduPerUnit();
  }

  static double millivoltsPerUnit(WfdbHeader header, SignalSpec spec) throws WfdbException {
    return spec.millivoltsPerUnit()
        .orElseThrow(
            () ->
                new WfdbException(
                    Reason.UNITS_UNSUPPORTED,
                    "Cannot convert signal '%s' of %s to mV: its units are '%s'; state uV, mV or V"
                        .formatted(spec.description(), header.recordName(), spec.units())));
  }
}
