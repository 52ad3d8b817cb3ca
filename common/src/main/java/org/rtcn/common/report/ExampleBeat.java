package org.rtcn.common.report;

import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.explain.LeadSegmentMap;

/**
 * A held-out beat, its S-transform and what spoke for the answer.
 *
 * @param beatId which beat
 * @param truth its label
 * @param predicted the model's answer
 * @param probability the answer's probability
 * @param kind right, wrong or unsure
 * @param window the beat, in mV
 * @param rSample the R peak in the window
 * @param spectrogram the S-transform of one lead
 * @param importance Grad-CAM of the answer, {@code [voice][column]}, 0 to 1, shape of the
 *     spectrogram
 * @param pieces what each lead and segment says for the answer
 */
@SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
public record ExampleBeat(
    String beatId,
    String truth,
    String predicted,
    double probability,
    String kind,
    EcgSignal window,
    int rSample,
    HeatMap.Spectrogram spectrogram,
    Optional<float[][]> importance,
    Optional<LeadSegmentMap> pieces) {}
