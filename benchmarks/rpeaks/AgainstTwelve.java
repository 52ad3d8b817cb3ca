import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.rtcn.common.dsp.CleaningOptions;
import org.rtcn.common.dsp.RPeakDetector;
import org.rtcn.common.dsp.RPeakScore;
import org.rtcn.common.dsp.SignalCleaner;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.WfdbException;
import org.rtcn.common.wfdb.WfdbFiles;
import org.rtcn.common.wfdb.WfdbReader;

/**
 * The beats of one lead and of two against those of all twelve, within 150 ms: recordings without
 * annotations tell so whether a second lead hurts. At most the first minute of each.
 *
 * <pre>java -cp common/signal/target/classes benchmarks/rpeaks/AgainstTwelve.java FOLDER</pre>
 */
public final class AgainstTwelve {
  private static final double SECONDS = 60;
  private static final double WINDOW = 0.15;
  private static final List<List<Lead>> CHOICES = new ArrayList<>();

  static {
    Lead.STANDARD_12.forEach(lead -> CHOICES.add(List.of(lead)));
    CHOICES.add(List.of(Lead.II, Lead.V1));
    CHOICES.add(List.of(Lead.I, Lead.V5));
  }

  private AgainstTwelve() {}

  public static void main(String[] arguments) throws Exception {
    int[][] sums = new int[CHOICES.size()][3];
    int recordings = 0;
    List<Path> headers;
    try (Stream<Path> files = Files.walk(Path.of(arguments[0]))) {
      headers = files.filter(file -> file.toString().endsWith(".hea")).sorted().toList();
    }
    for (Path header : headers) {
      EcgSignal signal;
      try {
        signal =
            WfdbReader.read(header.getFileName().toString(), WfdbFiles.in(header.getParent()))
                .leads();
      } catch (WfdbException e) {
        continue;
      }
      if (!signal.leads().containsAll(Lead.STANDARD_12)) {
        continue;
      }
      recordings++;
      float[][] leads = cleaned(signal);
      RPeakDetector detector = new RPeakDetector(signal.fsHz());
      int[] all = detector.detect(leads);
      for (int choice = 0; choice < sums.length; choice++) {
        float[][] chosen =
            CHOICES.get(choice).stream().map(lead -> leads[lead.ordinal()]).toArray(float[][]::new);
        RPeakScore score = RPeakScore.of(detector.detect(chosen), all, signal.fsHz(), WINDOW);
        sums[choice][0] += score.referenceBeats();
        sums[choice][1] += score.detections();
        sums[choice][2] += score.truePositives();
      }
    }
    System.out.printf("%d recordings, %d beats by twelve leads%n%n", recordings, sums[0][0]);
    System.out.println("| leads | found of them / of what was found, % |\n|---|---|");
    for (int choice = 0; choice < sums.length; choice++) {
      int[] counts = sums[choice];
      System.out.printf(
          Locale.ROOT,
          "| %s | %.2f / %.2f |%n",
          String.join(" + ", CHOICES.get(choice).stream().map(Lead::label).toList()),
          100.0 * counts[2] / counts[0],
          100.0 * counts[2] / counts[1]);
    }
  }

  /** The twelve standard leads as transform cleans them; what is invalid is 0. */
  private static float[][] cleaned(EcgSignal signal) {
    int n = (int) Math.min(signal.sampleCount(), SECONDS * signal.fsHz());
    double[][] exact = new double[Lead.STANDARD_12.size()][];
    for (Lead lead : Lead.STANDARD_12) {
      float[] row = signal.millivolts()[signal.leads().indexOf(lead)];
      exact[lead.ordinal()] =
          IntStream.range(0, n).mapToDouble(i -> Float.isNaN(row[i]) ? 0 : row[i]).toArray();
    }
    double[][] clean = new SignalCleaner(CleaningOptions.DEFAULT, signal.fsHz()).clean(exact);
    float[][] leads = new float[clean.length][n];
    for (int lead = 0; lead < leads.length; lead++) {
      for (int i = 0; i < n; i++) {
        leads[lead][i] = (float) clean[lead][i];
      }
    }
    return leads;
  }
}
