package org.rtcn.jobs.score;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.rtcn.common.dsp.CleaningOptions;
import org.rtcn.common.dsp.PowerLine;
import org.rtcn.common.dsp.RPeakDetector;
import org.rtcn.common.dsp.RPeakScore;
import org.rtcn.common.dsp.RPeaks;
import org.rtcn.common.dsp.SignalCleaner;
import org.rtcn.common.error.UserException;
import org.rtcn.common.wfdb.BeatAnnotations;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.common.wfdb.WfdbRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rtcn score-rpeaks}. */
@Command(
    name = "score-rpeaks",
    mixinStandardHelpOptions = true,
    description = {
      "Finds the R peaks of a WFDB record and scores them against its annotations, beat by beat, in",
      "the manner of ANSI/AAMI EC57: sensitivity, positive predictive value, timing error."
    },
    footer = {
      "",
      "Example:",
      "  rtcn score-rpeaks /data/mitdb/100 --annotations atr --signals MLII --tolerance-ms 50"
    })
public final class ScoreRPeaksCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RECORD", description = "Path of the record, with or without .hea")
  private String record;

  @Option(
      names = "--annotations",
      paramLabel = "SUFFIX",
      defaultValue = "atr",
      description = "Suffix of the annotation file. Default: ${DEFAULT-VALUE}")
  private String annotations;

  @Option(
      names = "--signals",
      paramLabel = "NAMES",
      split = ",",
      description = "Signals to search together, by their names in the header. Default: all")
  private List<String> signals = new ArrayList<>();

  @Option(
      names = "--tolerance-ms",
      paramLabel = "MS",
      defaultValue = "150",
      description = "Largest distance of a detection from its beat. Default: ${DEFAULT-VALUE}")
  private double toleranceMs;

  @Option(
      names = "--skip-seconds",
      paramLabel = "S",
      defaultValue = "0",
      description = "Beginning that is not scored (EC57 skips 300). Default: ${DEFAULT-VALUE}")
  private double skipSeconds;

  @Override
  public Integer call() {
    Path header = Path.of(record.endsWith(".hea") ? record : record + ".hea").toAbsolutePath();
    Path folder = header.getParent();
    String name = header.getFileName().toString();
    Path marks = folder.resolve(name.substring(0, name.length() - 3) + annotations);
    if (!Files.isReadable(header) || !Files.isReadable(marks)) {
      throw new UserException(
          "Cannot read "
              + (Files.isReadable(header) ? marks : header)
              + ": give the path of a local record and the suffix of its annotations");
    }
    if (!(toleranceMs > 0) || !(skipSeconds >= 0)) {
      throw new UserException(
          "Invalid --tolerance-ms " + toleranceMs + " or --skip-seconds " + skipSeconds);
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(marks))) {
      WfdbRecord wfdb = WfdbReader.read(name, file -> Files.newInputStream(folder.resolve(file)));
      score(wfdb, BeatAnnotations.samples(in), marks);
    } catch (IOException e) {
      throw new UserException("Cannot score " + header + ": " + e.getMessage());
    }
    return 0;
  }

  private void score(WfdbRecord wfdb, int[] beats, Path marks) throws IOException {
    double fsHz = wfdb.header().fsHz();
    List<String> names = new ArrayList<>();
    List<double[]> rows = new ArrayList<>();
    for (int s = 0; s < wfdb.header().signals().size(); s++) {
      String signal = wfdb.header().signals().get(s).description();
      if (signals.isEmpty() || signals.contains(signal)) {
        names.add(signal);
        rows.add(bridged(wfdb.millivolts(s)));
      }
    }
    if (rows.isEmpty()) {
      throw new UserException(
          "Cannot find signals "
              + signals
              + ": the record has "
              + wfdb.header().signals().stream().map(signal -> signal.description()).toList());
    }
    CleaningOptions cleaning =
        new CleaningOptions(
            CleaningOptions.Baseline.NONE,
            PowerLine.AUTO,
            CleaningOptions.Denoise.BAND_PASS,
            0.5,
            Math.min(40, 0.4 * fsHz));
    double[][] cleaned = new SignalCleaner(cleaning, fsHz).clean(rows.toArray(new double[0][]));
    float[][] leads = new float[cleaned.length][];
    for (int lead = 0; lead < leads.length; lead++) {
      leads[lead] = new float[cleaned[lead].length];
      for (int i = 0; i < leads[lead].length; i++) {
        leads[lead][i] = (float) cleaned[lead][i];
      }
    }
    RPeaks found = new RPeakDetector(fsHz).find(leads);
    int from = (int) Math.round(skipSeconds * fsHz);
    RPeakScore score =
        RPeakScore.of(
            Arrays.stream(found.samples()).filter(sample -> sample >= from).toArray(),
            Arrays.stream(beats).filter(sample -> sample >= from).toArray(),
            fsHz,
            toleranceMs / 1000);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "record       %s, %s, %s Hz%n", record, names, fsHz);
    out.printf(
        Locale.ROOT,
        "annotations  %s, %d beats from %s s on%n",
        marks.getFileName(),
        score.referenceBeats(),
        skipSeconds);
    if (found.finding() != RPeaks.Finding.FOUND) {
      out.printf(Locale.ROOT, "found        nothing (%s): %s%n", found.finding(), found.detail());
    }
    out.printf(
        Locale.ROOT,
        "detections   %d: %d true, %d false; %d beats missed (within %s ms)%n",
        score.detections(),
        score.truePositives(),
        score.falsePositives(),
        score.falseNegatives(),
        toleranceMs);
    out.printf(
        Locale.ROOT,
        "Se           %.2f %%%nPPV          %.2f %%%n",
        100 * score.sensitivity(),
        100 * score.positivePredictiveValue());
    out.printf(
        Locale.ROOT,
        "timing       %.2f +- %.2f ms, mean distance %.2f ms%n",
        score.meanErrorMs(),
        score.deviationMs(),
        score.meanAbsoluteErrorMs());
    out.flush();
  }

  /** Invalid samples take the last valid one before them, zero at the beginning. */
  private static double[] bridged(double[] signal) {
    BitSet invalid = new BitSet();
    for (int i = 0; i < signal.length; i++) {
      invalid.set(i, Double.isNaN(signal[i]));
    }
    for (int i = invalid.nextSetBit(0); i >= 0; i = invalid.nextSetBit(i + 1)) {
      signal[i] = i == 0 ? 0 : signal[i - 1];
    }
    return signal;
  }
}
