package org.rtcn.jobs.score;

import java.util.List;
import org.rtcn.common.dsp.RPeakScore;
import org.rtcn.common.dsp.RPeaks;

/**
 * A record's R peaks against its annotations.
 *
 * @param record as it was named
 * @param signals names of those searched
 * @param fsHz rate at which they were searched
 * @param annotations file name
 * @param beatsBeyondEnd annotated beats behind the record's end, left out
 * @param found what the search came to
 * @param score the figures
 */
record RecordScore(
    String record,
    List<String> signals,
    double fsHz,
    String annotations,
    int beatsBeyondEnd,
    RPeaks found,
    RPeakScore score) {}
