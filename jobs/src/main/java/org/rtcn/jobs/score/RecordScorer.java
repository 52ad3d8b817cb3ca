package org.rtcn.jobs.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.rtcn.common.dsp.CleaningOptions;
import org.rtcn.common.dsp.RPeakDetector;
import org.rtcn.common.dsp.RPeakScore;
import org.rtcn.common.dsp.RPeaks;
import org.rtcn.common.dsp.Resampler;
import org.rtcn.common.dsp.SignalCleaner;
import org.rtcn.common.error.UserException;
import org.rtcn.common.wfdb.Annotation;
import org.rtcn.common.wfdb.AnnotationFile;
import org.rtcn.common.wfdb.SignalSpec;
import org.rtcn.common.wfdb.WfdbFiles;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.common.wfdb.WfdbRecord;

/**
 * Finds the R peaks of local WFDB records and holds them against annotations. Each signal is taken
 * at its own rate; where those chosen differ, all are brought to the highest.
 *
 * @param annotations suffix of the annotation files
 * @param signals names of those to search together; none for all whose units are a voltage
 * @param toleranceSeconds largest distance of a pair
 * @param skipSeconds beginning that is not scored
 */
record RecordScorer(
    String annotations, List<String> signals, double toleranceSeconds, double skipSeconds) {

  /**
   * @param record path, with or without {@code .hea}
   * @throws UserException if it cannot be read or searched
   */
  RecordScore score(String record) {
    Path header = Path.of(record.endsWith(".hea") ? record : record + ".hea").toAbsolutePath();
    String name = header.getFileName().toString();
    String marks = name.substring(0, name.length() - 3) + annotations;
    for (Path needed : List.of(header, header.resolveSibling(marks))) {
      if (!Files.isReadable(needed)) {
        throw new UserException(
            "Cannot read "
                + needed
                + ": give the path of a local record and the suffix of its annotations");
      }
    }
    WfdbFiles files = file -> Files.newInputStream(header.resolveSibling(file));
    try {
      return score(record, WfdbReader.read(name, files), AnnotationFile.read(marks, files), marks);
    } catch (IOException e) {
      throw new UserException("Cannot score " + header + ": " + e.getMessage());
    }
  }

  private RecordScore score(String record, WfdbRecord wfdb, AnnotationFile file, String marks)
      throws IOException {
    List<Integer> chosen = chosen(record, wfdb.header().signals());
    double fsHz = 0;
    for (int s : chosen) {
      fsHz = Math.max(fsHz, rate(wfdb, s));
    }
    if (!(fsHz >= RPeakDetector.LEAST_HZ)) {
      throw new UserException(
          "Cannot find R peaks in %s: it is sampled at %s Hz, R peaks need %s Hz or more; take a"
                  .formatted(record, fsHz, RPeakDetector.LEAST_HZ)
              + " record of a higher rate");
    }
    float[][] leads = new float[chosen.size()][];
    for (int lead = 0; lead < leads.length; lead++) {
      leads[lead] =
          Resampler.between(rate(wfdb, chosen.get(lead)), fsHz)
              .resample(bridged(wfdb.millivolts(chosen.get(lead))));
    }
    int samples = Arrays.stream(leads).mapToInt(lead -> lead.length).min().orElseThrow();
    for (int lead = 0; lead < leads.length; lead++) {
      leads[lead] = Arrays.copyOf(leads[lead], samples);
    }
    RPeaks found =
        new RPeakDetector(fsHz)
            .find(new SignalCleaner(CleaningOptions.forScoring(fsHz), fsHz).clean(leads));
    double perTick = fsHz / file.ticksPerSecond().orElse(wfdb.header().fsHz());
    long[] beats =
        file.annotations().stream()
            .filter(Annotation::isBeat)
            .mapToLong(beat -> Math.round(beat.sample() * perTick))
            .toArray();
    if (skipSeconds * fsHz >= samples) {
      throw new UserException(
          "Cannot score %s: it lasts %s s, and --skip-seconds %s leaves nothing of it; give less"
              .formatted(record, samples / fsHz, skipSeconds));
    }
    int from = (int) Math.round(skipSeconds * fsHz);
    RPeakScore score =
        RPeakScore.of(
            Arrays.stream(found.samples()).filter(sample -> sample >= from).toArray(),
            Arrays.stream(beats)
                .filter(sample -> sample >= from && sample < samples)
                .mapToInt(Math::toIntExact)
                .sorted()
                .toArray(),
            fsHz,
            toleranceSeconds);
    int beyond = (int) Arrays.stream(beats).filter(sample -> sample >= samples).count();
    List<String> names =
        chosen.stream().map(s -> wfdb.header().signals().get(s).description()).toList();
    return new RecordScore(record, names, fsHz, marks, beyond, found, score);
  }

  private List<Integer> chosen(String record, List<SignalSpec> specs) {
    List<Integer> chosen = new ArrayList<>();
    for (int s = 0; s < specs.size(); s++) {
      boolean wanted =
          signals.isEmpty()
              ? specs.get(s).millivoltsPerUnit().isPresent()
              : signals.contains(specs.get(s).description());
      if (wanted) {
        chosen.add(s);
      }
    }
    if (!chosen.isEmpty()) {
      // In the order that was asked for: the first signal decides where the others are unclear.
      chosen.sort(Comparator.comparingInt(s -> signals.indexOf(specs.get(s).description())));
      return chosen;
    }
    if (signals.isEmpty()) {
      throw new UserException(
          "Cannot find an ECG in "
              + record
              + ": no signal is in mV, uV or V; the record has "
              + specs.stream().map(spec -> spec.description() + " in " + spec.units()).toList());
    }
    throw new UserException(
        "Cannot find signals "
            + signals
            + ": the record has "
            + specs.stream().map(SignalSpec::description).toList());
  }

  private static double rate(WfdbRecord wfdb, int signal) {
    return wfdb.header().fsHz() * wfdb.header().signals().get(signal).samplesPerFrame();
  }

  /** Invalid samples take the last valid one before them; at the beginning the first valid one. */
  private static float[] bridged(double[] signal) {
    float[] bridged = new float[signal.length];
    double last = Arrays.stream(signal).filter(value -> !Double.isNaN(value)).findFirst().orElse(0);
    for (int i = 0; i < bridged.length; i++) {
      last = Double.isNaN(signal[i]) ? last : signal[i];
      bridged[i] = (float) last;
    }
    return bridged;
  }
}
