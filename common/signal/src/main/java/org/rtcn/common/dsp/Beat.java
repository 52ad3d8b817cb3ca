package org.rtcn.common.dsp;

/**
 * One heartbeat cut out of a recording.
 *
 * @param beatIndex index among all R peaks of the recording, from 0; refused beats leave holes
 * @param rSample the R peak's sample in the recording, at the recording's own rate
 * @param rrBeforeSeconds time since the previous R peak; NaN for the first and after a gap
 * @param fsHz sampling rate of the window: the options' own, or the beat's where windows are
 *     relative to the interval
 * @param ectopic whether it seems not to belong to the basic rhythm
 * @param edge whether its window comes so near to an end of the recording that the filters' mirror
 *     image is felt, or goes beyond it
 * @param quality what is wrong with it
 * @param window {@code [lead][sample]} in mV, the twelve standard leads in table order, cleaned
 */
@SuppressWarnings("ArrayRecordComponent")
public record Beat(
    int beatIndex,
    int rSample,
    float rrBeforeSeconds,
    double fsHz,
    boolean ectopic,
    boolean edge,
    SignalQuality quality,
    float[][] window) {}
