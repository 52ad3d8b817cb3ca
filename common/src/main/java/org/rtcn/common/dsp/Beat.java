package org.rtcn.common.dsp;

/**
 * One heartbeat cut out of a recording.
 *
 * @param beatIndex index among all R peaks of the recording, from 0; refused beats leave holes
 * @param rSample the R peak's sample in the recording, at the recording's own rate
 * @param rrBeforeSeconds time since the previous R peak; NaN for the first and after a gap
 * @param window {@code [lead][sample]} in mV, the twelve standard leads in table order, band-passed
 */
@SuppressWarnings("ArrayRecordComponent")
public record Beat(int beatIndex, int rSample, float rrBeforeSeconds, float[][] window) {}
