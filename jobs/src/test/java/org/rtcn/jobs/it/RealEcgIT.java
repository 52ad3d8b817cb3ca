package org.rtcn.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.PtbXlLabels;
import org.rtcn.common.ecg.ScpStatements;
import org.rtcn.common.labels.LabelRow;

/** The same commands on real recordings: a slice, small enough for every build. */
class RealEcgIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void aSliceOfPtbXlEndsInAReport() throws Exception {
    Path ptbXl = slice(ReferenceData.require("data/ptbxl"));
    String run = folder.resolve("run").toString();
    List<String> settings =
        List.of(
            "--config", "ptbxl-three-class",
            "--set", "ingest.ptbxl-rate-hz=100",
            "--set", "train.epochs=3",
            "--set", "evaluate.bootstrap-resamples=200");
    assertThat(rtcn(settings, "ingest", "--run", run, "--input", ptbXl.toString())).isZero();
    for (String stage : List.of("transform", "train", "evaluate")) {
      assertThat(rtcn(settings, stage, "--run", run)).as(stage).isZero();
    }
    JsonNode ingest = manifest("ingest");
    assertThat(ingest.path("simulated").asBoolean()).isFalse();
    assertThat(ingest.path("counts").path("kept").asInt()).isEqualTo(sliceSize);
    assertThat(manifest("evaluate").path("simulated").asBoolean()).isFalse();
    assertThat(Files.readString(folder.resolve("run/report/report.html"))).contains("ptbxl");
    OneAnswer.require(folder.resolve("run"));
  }

  @Test
  void everyPtbRecordGivesBeatsOrAReason() throws Exception {
    Path ptb = ReferenceData.require("data/ptbdb");
    String run = folder.resolve("run").toString();
    assertThat(rtcn(List.of(), "ingest", "--run", run, "--input", ptb.toString())).isZero();
    assertThat(rtcn(List.of(), "transform", "--run", run)).isZero();
    assertThat(manifest("ingest").path("counts").path("read").asInt()).isEqualTo(83);
    JsonNode counts = manifest("transform").path("counts");
    assertThat(counts.path("records.read").asInt()).isEqualTo(79);
    int refused = 0;
    for (Map.Entry<String, JsonNode> count : counts.properties()) {
      if (count.getKey().startsWith("records.refused.")) {
        refused += count.getValue().asInt();
      }
    }
    assertThat(counts.path("records.kept").asInt() + refused).isEqualTo(79);
    assertThat(counts.path("beats.kept").asInt()).isGreaterThan(400);
  }

  private int sliceSize;

  /** Up to four records of each class and fold, by links. */
  private Path slice(Path whole) throws IOException {
    Path slice = Files.createDirectories(folder.resolve("ptbxl"));
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).build();
    Map<String, Integer> taken = new TreeMap<>();
    try (Reader reader = Files.newBufferedReader(whole.resolve("ptbxl_database.csv"));
        var rows = format.parse(reader);
        CSVPrinter out =
            CSVFormat.RFC4180.print(Files.newBufferedWriter(slice.resolve("ptbxl_database.csv")))) {
      out.printRecord(rows.getHeaderNames());
      for (CSVRecord row : rows) {
        Label label =
            PtbXlLabels.facts(
                    LabelRow.of("ptbxl_database.csv", 1, row.toMap()), ScpStatements.INFARCTS)
                .label();
        String key = label + row.get("strat_fold");
        if (!List.of(Label.HC, Label.ASMI, Label.IMI).contains(label)
            || taken.merge(key, 1, Integer::sum) > 4) {
          continue;
        }
        out.printRecord(row.toList());
        for (String extension : List.of(".hea", ".dat")) {
          String name = row.get("filename_lr") + extension;
          Path target = slice.resolve(name);
          Files.createDirectories(target.getParent());
          Files.copy(whole.resolve(name), target);
        }
        sliceSize++;
      }
    }
    return slice;
  }

  private int rtcn(List<String> settings, String stage, String... arguments) throws Exception {
    List<String> all = new java.util.ArrayList<>();
    all.add(stage);
    all.addAll(List.of(arguments));
    all.addAll(settings);
    return RtcnProcess.rtcn(folder, all.toArray(new String[0])).exit();
  }

  private JsonNode manifest(String stage) throws IOException {
    return JSON.readTree(folder.resolve("run/stages/" + stage + "/manifest.json").toFile());
  }
}
