package org.rtcn.common.wfdb;

import java.util.ArrayList;
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
  private final int[] invalidSample;
  private final int[] checksums;

  WfdbRecord(
      WfdbHeader header, int frameCount, int[][] digital, int[] invalidSample, int[] checksums) {
    this.header = header;
    this.frameCount = frameCount;
    this.digital = digital;
    this.invalidSample = invalidSample;
    this.checksums = checksums;
  }

  public WfdbHeader header() {
    return header;
  }

  /** Samples of each signal that has one sample per frame. */
  public int frameCount() {
    return frameCount;
  }

  /** Samples of one signal in ADC units. The array is the record's own: do not change it. */
  public int[] digital(int signal) {
    return digital[signal];
  }

  /** How many samples of one signal are marked invalid. */
  public int invalidCount(int signal) {
    int count = 0;
    for (int sample : digital[signal]) {
      count += sample == invalidSample[signal] ? 1 : 0;
    }
    return count;
  }

  /**
   * Whether all stated checksums match the samples; empty if the header states none for any signal.
   */
  public Optional<Boolean> checksumMatches() {
    boolean any = false;
    boolean all = true;
    for (int s = 0; s < checksums.length; s++) {
      var stated = header.signals().get(s).checksum();
      any |= stated.isPresent();
      all &= stated.isEmpty() || stated.getAsInt() == checksums[s];
    }
    return any ? Optional.of(all) : Optional.empty();
  }

  /** Samples of one signal in the units of its header; NaN where marked invalid. */
  public double[] physical(int signal) {
    return scaled(signal, 1);
  }

  /**
   * Samples of one signal in mV; NaN where marked invalid.
   *
   * @throws WfdbException if the signal's units are no voltage
   */
  public double[] millivolts(int signal) throws WfdbException {
    return scaled(signal, millivoltsPerUnit(signal));
  }

  /**
   * The leads whose names are known, in table order (I to V6, then Vx to Vz), in mV.
   *
   * @throws WfdbException if a lead's units are no voltage, if a lead stands there twice or if the
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
    int found = -1;
    for (int s = 0; s < digital.length; s++) {
      if (Lead.parse(header.signals().get(s).description()).filter(lead::equals).isPresent()) {
        if (found >= 0) {
          throw new WfdbException(
              Reason.HEADER_MALFORMED,
              "Cannot read %s: signals %d and %d are both lead %s; rename one"
                  .formatted(header.recordName(), found, s, lead.label()));
        }
        found = s;
      }
    }
    return found;
  }

  private float[] millivoltsAsFloat(int signal) throws WfdbException {
    SignalSpec spec = header.signals().get(signal);
    double factor = millivoltsPerUnit(signal);
    int[] samples = digital[signal];
    float[] out = new float[samples.length];
    for (int i = 0; i < samples.length; i++) {
      out[i] =
          samples[i] == invalidSample[signal]
              ? Float.NaN
              : (float) (physical(samples[i], spec) * factor);
    }
    return out;
  }

  private double[] scaled(int signal, double factor) {
    SignalSpec spec = header.signals().get(signal);
    int[] samples = digital[signal];
    double[] out = new double[samples.length];
    for (int i = 0; i < samples.length; i++) {
      out[i] =
          samples[i] == invalidSample[signal] ? Double.NaN : physical(samples[i], spec) * factor;
    }
    return out;
  }

  /** (ADC value - baseline) / gain, in double: the difference of two ints may overflow an int. */
  private static double physical(int sample, SignalSpec spec) {
    return ((double) sample - spec.baseline()) / spec.gainAduPerUnit();
  }

  private double millivoltsPerUnit(int signal) throws WfdbException {
    SignalSpec spec = header.signals().get(signal);
    return spec.millivoltsPerUnit()
        .orElseThrow(
            () ->
                new WfdbException(
                    Reason.UNITS_UNSUPPORTED,
                    "Cannot convert signal '%s' of %s to mV: its units are '%s'; state uV, mV or V"
                        .formatted(spec.description(), header.recordName(), spec.units())));
  }
}
