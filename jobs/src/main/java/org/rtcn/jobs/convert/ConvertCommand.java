package org.rtcn.jobs.convert;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgFormats;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.write.OutputFile;
import org.rtcn.common.formats.write.Target;
import org.rtcn.common.wfdb.WfdbFiles;
import org.rtcn.jobs.cli.RunOptions;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rtcn convert}. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = {
      "Writes recordings as WFDB or EDF+: local files of any format that ingest reads, or the",
      "tables of a run. Integers and gains stay as the source has them. Names and birth dates are",
      "not written. What cannot be converted is told, and the rest goes on."
    },
    footer = {
      "",
      "Examples:",
      "  rtcn convert ecg.dcm folder-of-scp --to wfdb --out converted",
      "  rtcn convert --tables --run /tmp/ptb --to edf --out converted"
    })
public final class ConvertCommand implements Callable<Integer> {
  @Mixin private RunOptions runOptions;

  @Parameters(
      paramLabel = "FILE|FOLDER",
      arity = "0..*",
      description = "Local files, or folders whose ECG files are converted")
  private List<Path> inputs = new ArrayList<>();

  @Option(names = "--tables", description = "Converts the recordings of --run instead of files")
  private boolean tables;

  @Option(names = "--to", required = true, description = "${COMPLETION-CANDIDATES}, in any case")
  private Target target;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Local folder for the files; those that are there are not replaced")
  private Path out;

  private final PrintStream console = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final Set<String> names = new HashSet<>();
  private int written;
  private int refused;

  @Override
  public Integer call() throws IOException {
    if (tables == !inputs.isEmpty()) {
      throw new UserException("Invalid arguments: give files and folders, or --tables with --run");
    }
    Files.createDirectories(out);
    if (tables) {
      runOptions.execute(
          "convert", run -> run.requirePresent().requireStage("ingest"), this::convertTables);
    } else {
      for (Path input : inputs) {
        convertBelow(input);
      }
    }
    console.printf("convert: %d written, %d refused, in %s%n", written, refused, out);
    if (written == 0) {
      throw new UserException("Cannot convert anything: no input could be read as ECG; see above");
    }
    return 0;
  }

  private void convertBelow(Path input) throws IOException {
    if (!Files.exists(input)) {
      throw new UserException("Cannot find " + input + ": give a local file or folder");
    }
    try (Stream<Path> files = Files.walk(input)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        convertFile(input, file);
      }
    }
  }

  private void convertFile(Path root, Path file) throws IOException {
    String name = file.getFileName().toString();
    EcgFile source = new EcgFile(name, WfdbFiles.in(file.toAbsolutePath().getParent()));
    try {
      Optional<EcgReader> reader = EcgFormats.of(source);
      if (reader.isEmpty()) {
        if (root.equals(file) || EcgFormats.isNamedLikeEcg(name)) {
          throw EcgFormats.unknown(name);
        }
        return;
      }
      String base = root.equals(file) ? name : root.relativize(file).toString();
      try (EcgRecords records = reader.get().read(source, ReadLimits.DEFAULT)) {
        for (int i = 0; i < records.count(); i++) {
          String part = records.part(i);
          convertOne(part.isEmpty() ? base : base + "_" + part, records, i);
        }
      }
    } catch (RecordException e) {
      refuse(file.toString(), e);
    }
  }

  private void convertOne(String name, EcgRecords records, int index) throws IOException {
    try {
      write(name, records.get(index));
    } catch (RecordException e) {
      refuse(name, e);
    }
  }

  private void convertTables(StageContext context) {
    Dataset<Row> rows =
        context
            .run()
            .read(context.spark(), Table.SIGNALS)
            .join(
                context
                    .run()
                    .read(context.spark(), Table.RECORDS)
                    .select("record_id", "patient_id", "age_years", "sex", "diagnosis"),
                "record_id")
            .orderBy("record_id");
    try {
      for (Iterator<Row> each = rows.toLocalIterator(); each.hasNext(); ) {
        Row row = each.next();
        String id = row.getAs("record_id");
        try {
          write(id, TableRecords.of(row));
        } catch (RecordException e) {
          refuse(id, e);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String name, EcgRecord record) throws IOException {
    String plain = name.replaceAll("[^A-Za-z0-9_-]+", "_");
    String unique = plain;
    for (int i = 2; !names.add(unique); i++) {
      unique = plain + "_" + i;
    }
    for (OutputFile file : target.files(unique, record)) {
      Path to = out.resolve(file.name());
      if (Files.exists(to)) {
        throw new UserException("Cannot write " + to + ": it is there already; remove it first");
      }
      Files.write(to, file.content());
    }
    written++;
  }

  private void refuse(String name, RecordException why) {
    refused++;
    console.printf("  refused %s: %s (%s)%n", name, why.getMessage(), why.code());
  }
}
