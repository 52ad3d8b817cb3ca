package org.rtcn.common.simulate;

import java.util.List;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.WfdbWriter;

/**
 * One simulated recording. Not a recording of a person; its header says so.
 *
 * @param patientName folder, for example {@code patient001}
 * @param recordName for example {@code s0011_sim}
 * @param label class of the patient
 * @param fsHz sampling rate
 * @param adu {@code [lead][sample]} of {@link Lead#STANDARD_12} in ADC units, {@link
 *     #GAIN_ADU_PER_MILLIVOLT} per mV
 * @param rSamples true R positions: the sample nearest to the centre of the main ventricular term
 * @param comments header comments, as PTB writes them
 */
@SuppressWarnings("ArrayRecordComponent") // Made once per record, then encoded.
public record SimulatedRecord(
    String patientName,
    String recordName,
    Label label,
    double fsHz,
    int[][] adu,
    List<Integer> rSamples,
    List<String> comments) {

  /** 0.5 µV per ADC unit, as in PTB. */
  public static final double GAIN_ADU_PER_MILLIVOLT = 2000;

  public SimulatedRecord {
    rSamples = List.copyOf(rSamples);
    comments = List.copyOf(comments);
  }

  /** The record in mV. */
  public EcgSignal signal() {
    float[][] millivolts = new float[adu.length][];
    for (int lead = 0; lead < adu.length; lead++) {
      millivolts[lead] = new float[adu[lead].length];
      for (int i = 0; i < millivolts[lead].length; i++) {
        millivolts[lead][i] = (float) (adu[lead][i] / GAIN_ADU_PER_MILLIVOLT);
      }
    }
    return new EcgSignal(fsHz, Lead.STANDARD_12, millivolts);
  }

  /** The record as a WFDB header and format 16 file. */
  public WfdbWriter.Files files() {
    return WfdbWriter.format16(
        recordName,
        fsHz,
        GAIN_ADU_PER_MILLIVOLT,
        Lead.STANDARD_12.stream().map(Lead::label).toList(),
        adu,
        comments);
  }
}
