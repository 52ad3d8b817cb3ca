package org.rtcn.jobs.convert;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.write.OutputFiles;
import org.rtcn.common.formats.write.OutputFiles.IfPresent;
import org.rtcn.common.formats.write.Target;
import org.rtcn.jobs.command.WriteOptions;
import org.rtcn.jobs.inputs.EcgInputs;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rtcn convert}. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = {
      "Writes recordings as WFDB or EDF+.",
      "Files of any format that ingest reads, folders and archives of them, or "
          + "the tables of a run. Integers and gains stay as the source has them. Names "
          + "and birth dates are not written. What cannot be converted is reported, and the "
          + "rest continues; --overwrite replaces files that are there."
    },
    footer = {
      "",
      "Examples:",
      "  rtcn convert ecg.dcm folder-of-scp drawer.zip --to wfdb --out converted",
      "  rtcn convert --tables --run /tmp/ptb --to edf --out converted"
    })
public final class ConvertCommand implements Callable<Integer> {
  @Mixin private WriteOptions runOptions;

  @Parameters(
      paramLabel = "FILE|FOLDER|ARCHIVE",
      arity = "0..*",
      description = "Files; folders and archives (.zip, .tar, .tar.gz) whose files are converted")
  private List<String> inputs = new ArrayList<>();

  @Option(names = "--tables", description = "Converts the recordings of --run instead of files")
  private boolean tables;

  @Option(names = "--to", required = true, description = "${COMPLETION-CANDIDATES}, in any case")
  private Target target;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Local folder for the files; it is made where it is not there")
  private Path out;

  private final PrintStream console = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private Conversion conversion;

  @Override
  public Integer call() {
    if (tables == !inputs.isEmpty()) {
      throw new UserException(
          "Invalid arguments: give files, folders or archives, or --tables with --run");
    }
    IfPresent ifPresent = runOptions.overwrites() ? IfPresent.REPLACE : IfPresent.REFUSE;
    conversion = new Conversion(target, out, ifPresent, console);
    if (tables) {
      runOptions.look(
          "convert", run -> run.requirePresent().requireStage("ingest"), this::convertTables);
    } else {
      Configuration configuration =
          SparkHadoopUtil.get().newConfiguration(SparkSessions.configuration("convert"));
      // Before anything is written: a wrong path is mended first.
      List<EcgInputs> all = EcgInputs.all(inputs, configuration);
      OutputFiles.makeFolder(out, "--out");
      all.forEach(some -> some.visit(conversion));
    }
    return conversion.end();
  }

  private void convertTables(StageContext context) {
    OutputFiles.makeFolder(out, "--out");
    TableRecords.convert(context, conversion);
  }
}
