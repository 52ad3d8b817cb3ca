package org.rtcn.jobs.plot;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.rtcn.common.report.Picture;
import org.rtcn.jobs.cli.RunOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rtcn plot}. */
@Command(
    name = "plot",
    mixinStandardHelpOptions = true,
    description = {
      "Draws a beat of a run: its twelve leads with the R peak, and the S-transform of some leads",
      "(time in ms, frequency in Hz, colour in mV), as SVG or PNG."
    },
    footer = {
      "",
      "Example:",
      "  rtcn plot ptbdb/patient001/s0010_re#00007 --run /tmp/ptb --leads II,V2,V5 --out beat.svg"
    })
public final class PlotCommand implements Callable<Integer> {
  @Mixin private RunOptions runOptions;

  @Parameters(
      paramLabel = "BEAT",
      description =
          "Key of a beat or generated beat, as the tables beats and synthetic_beats have it")
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

  @Override
  public Integer call() {
    Picture.requireKnown(out);
    return runOptions.execute("plot", context -> BeatPlot.write(context, subject, leads, out));
  }
}
