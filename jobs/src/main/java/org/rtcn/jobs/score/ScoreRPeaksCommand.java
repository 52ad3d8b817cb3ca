package org.rtcn.jobs.score;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.rtcn.common.error.UserException;
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
      "Finds the R peaks of WFDB records and scores them against their " + "annotations.",
      "Beat by beat and one to one, in the manner of ANSI/AAMI EC57: QRS "
          + "sensitivity (QRS Se), QRS positive predictivity (QRS +P), timing error; of "
          + "several records gross statistics and averages. With one or two signals the "
          + "fiducial is the peak on the first one, as in the MIT-BIH annotations."
    },
    footer = {
      "",
      "Example:",
      "  rtcn score-rpeaks /data/mitdb/100 --annotations atr --signals MLII --tolerance-ms 50"
    })
public final class ScoreRPeaksCommand implements Callable<Integer> {
  /** Wider, a detection would pair with the beat before or after. */
  private static final int MOST_TOLERANCE_MS = 1000;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "RECORD",
      arity = "1..*",
      description = "Paths of records, with or without .hea")
  private List<String> records;

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
      description =
          "Signals to search together, by their names in the header. Default: all whose units are a"
              + " voltage")
  private List<String> signals = new ArrayList<>();

  @Option(
      names = "--tolerance-ms",
      paramLabel = "MS",
      defaultValue = "150",
      description =
          "Largest distance of a detection from its beat: the match window. Default:"
              + " ${DEFAULT-VALUE}")
  private double toleranceMs;

  @Option(
      names = "--skip-seconds",
      paramLabel = "S",
      defaultValue = "0",
      description = "Beginning that is not scored (EC57 skips 300). Default: ${DEFAULT-VALUE}")
  private double skipSeconds;

  @Option(
      names = "--format",
      defaultValue = "TEXT",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Format format;

  /** How the scores are printed. */
  enum Format {
    TEXT,
    JSON
  }

  @Override
  public Integer call() {
    if (!(toleranceMs > 0 && toleranceMs <= MOST_TOLERANCE_MS)
        || !(skipSeconds >= 0 && Double.isFinite(skipSeconds))) {
      throw new UserException(
          "Invalid --tolerance-ms "
              + toleranceMs
              + " or --skip-seconds "
              + skipSeconds
              + ": the first must lie between 0 and "
              + MOST_TOLERANCE_MS
              + ", the second must not be negative");
    }
    Set<Path> seen = new HashSet<>();
    for (String record : records) {
      String name = record.endsWith(".hea") ? record.substring(0, record.length() - 4) : record;
      if (!seen.add(Path.of(name).toAbsolutePath().normalize())) {
        throw new UserException(
            "Cannot score " + record + " twice: it would count double; name it once");
      }
    }
    RecordScorer scorer =
        new RecordScorer(annotations, List.copyOf(signals), toleranceMs / 1000, skipSeconds);
    ScoreReport report =
        new ScoreReport(
            records.stream().map(scorer::score).toList(), toleranceMs / 1000, skipSeconds);
    PrintWriter out = spec.commandLine().getOut();
    if (format == Format.JSON) {
      out.println(report.json());
    } else {
      out.print(report.text());
    }
    out.flush();
    return 0;
  }
}
