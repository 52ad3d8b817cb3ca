package org.rtcn.jobs.plot;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Row;
import org.rtcn.common.report.Picture;
import org.rtcn.jobs.command.RunOptions;
import org.rtcn.jobs.run.StageContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rtcn plot}. */
@Command(
    name = "plot",
    mixinStandardHelpOptions = true,
    description = {
      "Draws a recording or a beat of a run.",
      "A recording on ECG paper (25 mm/s, 10 mm/mV); of a beat its twelve leads "
          + "with the R peak, and the S-transform of some leads (time in ms, frequency "
          + "in Hz, colour in mV). A generated beat is drawn next to real ones of its "
          + "class, with the steps in which it emerged from the noise."
    },
    footer = {
      "",
      "Examples:",
      "  rtcn plot ptbdb/patient001/s0010_re --run /tmp/ptb --out ecg.png",
      "  rtcn plot ptbdb/patient001/s0010_re#00007 --run /tmp/ptb --leads II,V2,V5 --out beat.svg",
      "  rtcn plot IMI#000003 --run /tmp/ptb --out generated.png"
    })
public final class PlotCommand implements Callable<Integer> {
  @Mixin private RunOptions runOptions;

  @Parameters(
      paramLabel = "RECORD|BEAT",
      description =
          "Key of a recording, a beat or a generated beat, as the tables records, beats and"
              + " synthetic_beats have it")
  private String subject;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Where to write the picture: a local file, FILE.svg or FILE.png")
  private Path out;

  @Option(
      names = "--leads",
      paramLabel = "LEADS",
      split = ",",
      defaultValue = "I,II,AVF,V1,V3,V5",
      description = "Leads whose S-transform is shown. Default: ${DEFAULT-VALUE}")
  private List<String> leads;

  @Option(
      names = "--from-s",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = "Where in the recording to begin. Default: ${DEFAULT-VALUE}")
  private double fromS;

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How much of the recording to draw. Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Override
  public Integer call() {
    Picture.requireKnown(out);
    return runOptions.look("plot", run -> run.requirePresent().requireStage("ingest"), this::draw);
  }

  private void draw(StageContext context) {
    Optional<Row> record = RecordPlot.find(context, subject);
    if (record.isPresent()) {
      RecordPlot.write(context, record.get(), fromS, seconds, out);
    } else {
      BeatPlot.write(context, subject, leads, out);
    }
  }
}
