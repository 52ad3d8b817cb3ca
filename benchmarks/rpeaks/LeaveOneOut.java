import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.rtcn.common.dsp.CleaningOptions;
import org.rtcn.common.dsp.RPeakDetector;
import org.rtcn.common.dsp.RPeakScore;
import org.rtcn.common.dsp.SignalCleaner;
import org.rtcn.common.wfdb.Annotation;
import org.rtcn.common.wfdb.AnnotationFile;
import org.rtcn.common.wfdb.WfdbFiles;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.common.wfdb.WfdbRecord;

/**
 * Leave one record out: the detector's constants chosen anew on all records but one, judged on that
 * one. Started by {@code leave-one-out.sh}, which compiles the detector with constants that can be
 * set. Choosing is a random search around the shipped values, then one pass over the constants,
 * each up and down; what is made least is missed plus false beats within 50 ms, one lead and all
 * leads.
 */
public final class LeaveOneOut {
  private static final long SEED = 17;

  /** Each constant is drawn from the shipped one divided by this to multiplied by it. */
  private static final double SPREAD = 1.4;

  private static final double STEP = 1.25;
  private static final double[] WINDOWS = {0.05, 0.15};
  private static final Map<String, List<String>> CONSTANTS =
      Map.of(
          "RPeakDetector",
          List.of(
              "T_WAVE_SECONDS",
              "SEARCH_BACK_SECONDS",
              "THRESHOLD",
              "SEARCH_BACK_GAP",
              "SOUGHT",
              "SOUGHT_OF_LOCAL",
              "WIDE",
              "ABOUT_AS_HIGH",
              "BEHIND_T_WAVE_SECONDS",
              "LEAST_OF_LOCAL",
              "MOST_OF_LOCAL"),
          "Interlopers",
          List.of("ON_TIME", "REGULAR", "LEAST_LIKENESS"),
          "QrsFeature",
          List.of(
              "REACH_SECONDS",
              "AVERAGE_SECONDS",
              "SLOPE_SECONDS",
              "BAND_LOW_HZ",
              "BAND_HIGH_HZ",
              "LEAST_CLARITY",
              "PURE",
              "MOST_FACTOR",
              "SURE_CONTRAST",
              "STANDS_OUT",
              "MOST_ENERGY"),
          "LeadAgreement",
          List.of("APART", "TOGETHER", "MOST_HEIGHT"),
          "Fiducials",
          List.of(
              "LOW_HZ",
              "HIGH_HZ",
              "REACH_SECONDS",
              "COMPLEX_SECONDS",
              "CENTRE_TAPER_SECONDS",
              "PEAK_TAPER_SECONDS",
              "SHARPEN_SECONDS",
              "READABLE"));

  /** A recording, cleaned as {@code rtcn score-rpeaks} does it. */
  private record Recording(String name, double fsHz, float[][] leads, int[] beats) {}

  /** Beats, detections, pairs by record, by number of leads (one, all) and window. */
  private record Figures(int[][][][] counts) {
    int errors(int record) {
      int errors = 0;
      for (int leads = 0; leads < 2; leads++) {
        int[] c = counts[record][leads][0];
        errors += c[0] + c[1] - 2 * c[2];
      }
      return errors;
    }

    int errorsWithout(int left) {
      int errors = 0;
      for (int record = 0; record < counts.length; record++) {
        errors += record == left ? 0 : errors(record);
      }
      return errors;
    }
  }

  private final List<Recording> recordings;
  private final List<Field> fields = new ArrayList<>();
  private final double[] shipped;
  private final Map<String, Figures> known = new HashMap<>();

  private LeaveOneOut(List<Recording> recordings) throws ReflectiveOperationException {
    this.recordings = recordings;
    for (String type : CONSTANTS.keySet().stream().sorted().toList()) {
      for (String name : CONSTANTS.get(type)) {
        Field field = Class.forName("org.rtcn.common.dsp." + type).getDeclaredField(name);
        field.setAccessible(true);
        fields.add(field);
      }
    }
    shipped = new double[fields.size()];
    for (int i = 0; i < shipped.length; i++) {
      shipped[i] = fields.get(i).getDouble(null);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    int draws = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
    List<Recording> recordings = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path header : files.filter(f -> f.toString().endsWith(".hea")).sorted().toList()) {
        recordings.add(read(folder, header.getFileName().toString().replace(".hea", "")));
      }
    }
    new LeaveOneOut(recordings).run(draws);
  }

  private static Recording read(Path folder, String name) throws Exception {
    WfdbFiles files = WfdbFiles.in(folder);
    WfdbRecord record = WfdbReader.read(name + ".hea", files);
    double fsHz = record.header().fsHz();
    float[][] leads = new float[2][];
    for (int lead = 0; lead < leads.length; lead++) {
      double[] exact = record.millivolts(lead);
      leads[lead] = new float[exact.length];
      for (int i = 0; i < exact.length; i++) {
        leads[lead][i] = (float) exact[i];
      }
    }
    float[][] clean = new SignalCleaner(CleaningOptions.forScoring(fsHz), fsHz).clean(leads);
    int[] beats =
        AnnotationFile.read(name + ".atr", files).annotations().stream()
            .filter(Annotation::isBeat)
            .mapToInt(beat -> (int) beat.sample())
            .toArray();
    return new Recording(name, fsHz, clean, beats);
  }

  private void run(int draws) throws ReflectiveOperationException {
    SplittableRandom random = new SplittableRandom(SEED);
    List<double[]> pool = new ArrayList<>();
    for (int draw = 0; draw < draws; draw++) {
      double[] values = shipped.clone();
      for (int i = 0; i < values.length; i++) {
        values[i] *= Math.exp((2 * random.nextDouble() - 1) * Math.log(SPREAD));
      }
      pool.add(values);
      figures(values);
    }
    Figures asShipped = figures(shipped);
    int[][][] unseen = new int[2][2][3];
    int[][][] all = new int[2][2][3];
    System.out.println(
        "| record | constants re-chosen on the others: one lead, 50 ms | all leads, 50 ms | one"
            + " lead, 150 ms | all leads, 150 ms | as shipped: one lead, 50 ms | all leads, 50 ms"
            + " |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (int left = 0; left < recordings.size(); left++) {
      Figures figures = figures(descended(best(pool, left), left));
      StringBuilder row = new StringBuilder("| " + recordings.get(left).name());
      for (int window = 0; window < 2; window++) {
        for (int leads = 0; leads < 2; leads++) {
          int[] counts = figures.counts()[left][leads][window];
          row.append(" | ").append(shown(counts));
          add(unseen[leads][window], counts);
        }
      }
      for (int leads = 0; leads < 2; leads++) {
        row.append(" | ").append(shown(asShipped.counts()[left][leads][0]));
        add(all[leads][0], asShipped.counts()[left][leads][0]);
      }
      System.out.println(row + " |");
    }
    System.out.printf(
        "| gross | %s | %s | %s | %s | %s | %s |%n",
        shown(unseen[0][0]),
        shown(unseen[1][0]),
        shown(unseen[0][1]),
        shown(unseen[1][1]),
        shown(all[0][0]),
        shown(all[1][0]));
    int[] errors =
        pool.stream()
            .mapToInt(values -> known.get(Arrays.toString(values)).errorsWithout(-1))
            .sorted()
            .toArray();
    System.out.printf(
        "%nMissed and false within 50 ms, one lead and all leads, all records: as shipped %d; of %d"
            + " random draws the best %d, the median %d, the worst %d%n",
        asShipped.errorsWithout(-1), draws, errors[0], errors[draws / 2], errors[draws - 1]);
  }

  private static String shown(int[] counts) {
    return String.format(
        Locale.ROOT,
        "%.2f / %.2f",
        100.0 * counts[2] / counts[0],
        100.0 * counts[2] / Math.max(1, counts[1]));
  }

  private static void add(int[] sums, int[] counts) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += counts[i];
    }
  }

  private double[] best(List<double[]> pool, int left) throws ReflectiveOperationException {
    double[] best = pool.get(0);
    for (double[] values : pool) {
      if (figures(values).errorsWithout(left) < figures(best).errorsWithout(left)) {
        best = values;
      }
    }
    return best;
  }

  private double[] descended(double[] start, int left) throws ReflectiveOperationException {
    double[] best = start;
    for (int i = 0; i < start.length; i++) {
      for (double factor : new double[] {1 / STEP, STEP}) {
        double[] values = best.clone();
        values[i] = best[i] * factor;
        if (figures(values).errorsWithout(left) < figures(best).errorsWithout(left)) {
          best = values;
        }
      }
    }
    return best;
  }

  private Figures figures(double[] values) throws ReflectiveOperationException {
    String key = Arrays.toString(values);
    Figures figures = known.get(key);
    if (figures == null) {
      for (int i = 0; i < values.length; i++) {
        fields.get(i).setDouble(null, values[i]);
      }
      int[][][][] counts = new int[recordings.size()][2][2][];
      for (int r = 0; r < counts.length; r++) {
        Recording recording = recordings.get(r);
        RPeakDetector detector = new RPeakDetector(recording.fsHz());
        for (int leads = 0; leads < 2; leads++) {
          float[][] searched =
              leads == 0 ? new float[][] {recording.leads()[0]} : recording.leads();
          int[] peaks = detector.detect(searched);
          for (int window = 0; window < 2; window++) {
            RPeakScore score =
                RPeakScore.of(peaks, recording.beats(), recording.fsHz(), WINDOWS[window]);
            counts[r][leads][window] =
                new int[] {score.referenceBeats(), score.detections(), score.truePositives()};
          }
        }
      }
      figures = new Figures(counts);
      known.put(key, figures);
    }
    return figures;
  }
}
