package org.rtcn.jobs.convert;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.EcgFormats;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.write.OutputFiles.IfPresent;
import org.rtcn.common.formats.write.Target;
import org.rtcn.jobs.cli.WriteOptions;
import org.rtcn.jobs.ingest.EcgInputs;
import org.rtcn.jobs.ingest.EcgInputs.Otherwise;
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
          + "and birth dates are not written. What cannot be converted is told, and the "
          + "rest goes on; --overwrite replaces files that are there."
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
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UserException("Cannot write into " + out + ": it is a file; give a folder");
    }
    IfPresent ifPresent = runOptions.overwrites() ? IfPresent.REPLACE : IfPresent.REFUSE;
    conversion = new Conversion(target, out, ifPresent, console);
    if (tables) {
      runOptions.look(
          "convert", run -> run.requirePresent().requireStage("ingest"), this::convertTables);
    } else {
      Configuration configuration =
          SparkHadoopUtil.get().newConfiguration(SparkSessions.configuration("convert"));
      List<EcgInputs> all = new ArrayList<>();
      for (String input : inputs) {
        // Before anything is written: a wrong path is mended first.
        all.add(listed(input, configuration));
      }
      makeFolder();
      for (EcgInputs some : all) {
        convertFiles(some);
      }
    }
    return conversion.end();
  }

  private static EcgInputs listed(String input, Configuration configuration) {
    try {
      return EcgInputs.of(input, configuration);
    } catch (IOException e) {
      throw new UserException("Cannot read " + input + ": " + e.getMessage(), e);
    }
  }

  private void makeFolder() {
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new UserException(
          "Cannot make the folder " + out + ": " + e.getMessage() + "; give another with --out", e);
    }
  }

  private void convertFiles(EcgInputs some) {
    some.refused().forEach(r -> conversion.refuse(r.path(), r.reason(), r.detail()));
    Set<String> opened = new HashSet<>();
    List<EcgInputs.File> orphans = new ArrayList<>();
    for (EcgInputs.File file : some.files()) {
      try {
        if (convertFile(file)) {
          opened.addAll(file.opened());
        } else if (file.otherwise() == Otherwise.REFUSED_UNLESS_NAMED) {
          orphans.add(file);
        }
      } catch (RecordException e) {
        conversion.refuse(file.name(), e.code(), e.getMessage());
      } catch (IOException e) {
        conversion.refuse(file.name(), "READ_FAILED", String.valueOf(e.getMessage()));
      }
    }
    for (EcgInputs.File orphan : orphans) {
      if (!opened.contains(orphan.path())) {
        conversion.refuse(
            orphan.name(),
            "HEADER_MISSING",
            "Cannot read " + orphan.name() + ": no header names it; copy that, too");
      }
    }
  }

  /** Converts the recordings of a file; false if it is no ECG and need not be. */
  private boolean convertFile(EcgInputs.File file) throws IOException {
    Optional<EcgReader> reader = EcgFormats.of(file.file());
    if (reader.isEmpty()) {
      if (file.otherwise() == Otherwise.REFUSED) {
        throw EcgFormats.unknown(file.file().name());
      }
      return false;
    }
    try (EcgRecords records = reader.get().read(file.file(), ReadLimits.DEFAULT)) {
      for (int i = 0; i < records.count(); i++) {
        String part = records.part(i);
        int index = i;
        conversion.write(
            part.isEmpty() ? file.name() : file.name() + "/" + part, () -> records.get(index));
      }
    }
    return true;
  }

  private void convertTables(StageContext context) {
    makeFolder();
    TableRecords.convert(context, conversion);
  }
}
