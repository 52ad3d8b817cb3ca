package org.rtcn.jobs.diagnose;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.rtcn.common.config.Settings;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.formats.write.OutputFiles;
import org.rtcn.common.formats.write.OutputFiles.IfPresent;
import org.rtcn.common.nd4j.GpuPolicy;
import org.rtcn.jobs.inputs.EcgInputs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rtcn diagnose}. */
@Command(
    name = "diagnose",
    mixinStandardHelpOptions = true,
    description = {
      "Answers for ECG files with a model, without Spark and without a run.",
      "A line for each recording; files of any format that ingest reads, folders and archives of"
          + " them. Without --model a small one answers that has learned from simulated ECG alone.",
      "Research use only, not a medical device."
    },
    footer = {
      "",
      "Examples:",
      "  rtcn diagnose ecg.dcm",
      "  rtcn diagnose --model rtcn-run/models/rtcn --json --pages answers drawer.zip"
    })
public final class DiagnoseCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE|FOLDER|ARCHIVE",
      arity = "1..*",
      description = "Files (of WFDB the .hea); folders and archives (.zip, .tar, .tar.gz)")
  private List<String> inputs = new ArrayList<>();

  @Mixin private LocalModel model;

  @Option(names = "--json", description = "A JSON object a line instead of text")
  private boolean json;

  @Option(
      names = "--pages",
      paramLabel = "DIR",
      description = "Writes a page for each recording (answer, ECG, Grad-CAM) into this folder")
  private Path pages;

  @Option(names = "--overwrite", description = "Replaces pages that are there")
  private boolean overwrite;

  @Override
  public Integer call() {
    // Before the model is loaded: a wrong path is mended first.
    List<EcgInputs> all = EcgInputs.all(inputs, new Configuration());
    if (pages != null) {
      OutputFiles.makeFolder(pages, "--pages");
    }
    GpuPolicy.OFF.use();
    RtcnDiagnoser diagnoser = model.diagnoser();
    Answers answers =
        new Answers(
            diagnoser,
            Settings.defaults().read("ingest", config -> config.getInt("window-s")),
            pages == null
                ? null
                : new Answers.Pages(pages, overwrite ? IfPresent.REPLACE : IfPresent.REFUSE),
            json ? Answers.Form.JSON : Answers.Form.TEXT,
            new PrintStream(System.out, true, StandardCharsets.UTF_8),
            new PrintStream(System.err, true, StandardCharsets.UTF_8));
    all.forEach(some -> some.visit(answers));
    return answers.end();
  }
}
