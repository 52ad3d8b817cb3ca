package org.rtcn.jobs.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.formats.write.OutputFiles.IfPresent;
import org.rtcn.common.formats.write.Target;
import org.rtcn.common.wfdb.WfdbWriter;
import org.rtcn.jobs.StageTest;
import org.rtcn.jobs.ingest.IngestOptions;
import org.rtcn.jobs.ingest.IngestStage;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.Table;

/** Tables that were written as files come back as the same tables. */
class ConvertSparkTest {
  private static final List<String> GOLDEN =
      List.of(
          "ge-muse-xml/muse_example1_made_up_patient.xml",
          "scp-ecg/ecgtoolkit_eli250.scp",
          "dicom/ge_mac55_explicit_le.dcm",
          "hdf5/ml4h_ukb_rest.hd5");

  @TempDir Path folder;
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();

  @Test
  void tablesComeBackFromWfdbAndEdf() throws IOException {
    Path input = Files.createDirectories(folder.resolve("input/patient"));
    Path golden = ReferenceData.require("golden");
    for (String file : GOLDEN) {
      Files.copy(
          golden.resolve("formats").resolve(file), input.resolve(Path.of(file).getFileName()));
    }
    for (String suffix : List.of(".hea", ".dat", ".xyz")) {
      Files.copy(golden.resolve("wfdb/s0010_re" + suffix), input.resolve("s0010_re" + suffix));
    }
    simulated(input);
    StageTest before = ingest(input.getParent(), "before");
    List<Row> records = before.rows(Table.RECORDS);
    List<Row> signals = before.rows(Table.SIGNALS);
    assertThat(records).hasSize(6);
    for (Target target : Target.values()) {
      Path out = Files.createDirectories(folder.resolve("out-" + target));
      Conversion conversion = conversion(target, out, IfPresent.REFUSE);
      TableRecords.convert(before.context(), conversion);
      assertThat(conversion.end()).isZero();
      // No leftovers beside the files.
      assertThat(out.toFile().list()).hasSize(target == Target.WFDB ? 12 : 6);
      StageTest after = ingest(out, "after-" + target);
      List<Row> came = after.rows(Table.RECORDS);
      assertThat(came).hasSize(6);
      for (int i = 0; i < 6; i++) {
        same(records.get(i), came.get(i), target);
        same(signals.get(i), after.rows(Table.SIGNALS).get(i));
      }
    }
  }

  private static void simulated(Path input) throws IOException {
    int[][] adu = new int[12][1000];
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < 1000; i++) {
        adu[lead][i] = (i * (lead + 1)) % 400 - 200;
      }
    }
    WfdbWriter.Files files =
        WfdbWriter.format16(
            "sim",
            500,
            1000,
            LeadColumns.NAMES.stream().map(n -> n.substring(5)).toList(),
            adu,
            List.of("Simulated: yes"));
    Files.write(input.resolve(files.headerName()), files.header());
    Files.write(input.resolve(files.signalName()), files.signal());
  }

  private static void same(Row before, Row after, Target target) {
    String id = before.getAs("record_id");
    assertThat(after.<String>getAs("record_id"))
        .endsWith(id.replaceAll("[^A-Za-z0-9_-]+", "_") + (target == Target.EDF ? ".edf" : ""));
    for (String column : List.of("sex", "diagnosis", "n_samples", "fs_hz", "simulated")) {
      assertThat(after.<Object>getAs(column)).as(id + " " + column).isEqualTo(before.getAs(column));
    }
    if (target == Target.WFDB) {
      assertThat(patient(after)).isEqualTo(patient(before));
      assertThat(after.<Float>getAs("age_years")).isEqualTo(before.getAs("age_years"));
      assertThat(after.<Boolean>getAs("checksum_ok")).isTrue();
    }
  }

  private static String patient(Row row) {
    return row.<String>getAs("patient_id").replaceFirst("^[^/]+/", "");
  }

  private static void same(Row before, Row after) {
    for (String column : LeadColumns.NAMES) {
      List<Float> was = before.getList(before.fieldIndex(column));
      List<Float> is = after.getList(after.fieldIndex(column));
      assertThat(is).hasSameSizeAs(was);
      for (int i = 0; i < was.size(); i++) {
        assertThat(Math.abs(is.get(i) - was.get(i)))
            .as(column)
            .isLessThanOrEqualTo(2e-6f * Math.max(1, Math.abs(was.get(i))));
      }
    }
    assertThat(after.isNullAt(after.fieldIndex("lead_vz")))
        .isEqualTo(before.isNullAt(before.fieldIndex("lead_vz")));
  }

  private StageTest ingest(Path input, String run) {
    StageTest test = new StageTest(folder.resolve(run));
    StageContext context = test.context();
    IngestStage.run(context, IngestOptions.read(context.settings(), input.toString()));
    return test;
  }

  private Conversion conversion(Target target, Path out, IfPresent ifPresent) {
    return new Conversion(
        target, out, ifPresent, new PrintStream(console, true, StandardCharsets.UTF_8));
  }
}
