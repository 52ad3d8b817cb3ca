package org.rtcn.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.jobs.it.RtcnProcess.Result;
import org.rtcn.jobs.tables.Table;

/** The README's first command, and what a user does next: look, ask, predict, run again. */
class DemoIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> STAGES =
      List.of("simulate", "ingest", "transform", "augment", "train", "evaluate");

  /** All but those that only other commands write. */
  private static final Set<Table> TABLES =
      EnumSet.complementOf(EnumSet.of(Table.COMPARISONS, Table.UNANSWERED, Table.GATE));

  @TempDir static Path folder;
  private static Path run;
  private static Result demo;

  @BeforeAll
  static void demo() throws Exception {
    run = folder.resolve("rtcn-run");
    Path events = Files.createDirectories(folder.resolve("events"));
    demo =
        RtcnProcess.rtcn(
            folder,
            "demo",
            "--run",
            run.toString(),
            "--",
            "--conf",
            "spark.eventLog.enabled=true",
            "--conf",
            "spark.eventLog.dir=" + events.toUri());
  }

  @Test
  void endsWithAReportAndItsHeadline() throws IOException {
    assertThat(demo.exit()).isZero();
    assertThat(demo.out())
        .containsIgnoringCase("simulated")
        .containsIgnoringCase("balanced accuracy")
        .contains("always HC")
        .contains("report/report.html");
    String report = Files.readString(run.resolve("report/report.html"));
    assertThat(report)
        .containsIgnoringCase("simulated")
        .containsIgnoringCase("not a medical device")
        .doesNotContain("src=\"http")
        .doesNotContain("href=\"http://localhost");
  }

  @Test
  void nobodyHasTwoAnswers() throws Exception {
    OneAnswer.require(run);
  }

  @Test
  void generatedBeatsAreComparedInTheFeaturesOfTheTrainedModel() throws IOException {
    JsonNode facts =
        JSON.readTree(run.resolve("stages/evaluate/manifest.json").toFile()).path("facts");
    JsonNode classes = facts.path("generated_beats_in_rtcn_features");
    assertThat(classes.size()).isPositive();
    for (JsonNode figures : classes) {
      assertThat(figures.path("generated_beats").asInt()).isGreaterThanOrEqualTo(2);
      assertThat(figures.path("real_beats").asInt()).isGreaterThanOrEqualTo(2);
      assertThat(figures.path("frechet").asDouble()).isPositive();
      assertThat(figures.path("frechet_real_halves").asDouble()).isPositive();
    }
  }

  @Test
  void everyStageLeavesItsManifest() throws IOException {
    for (String stage : STAGES) {
      JsonNode manifest = JSON.readTree(run.resolve("stages/" + stage + "/manifest.json").toFile());
      assertThat(manifest.path("exit").asText()).as(stage).isEqualTo("success");
      assertThat(manifest.path("simulated").asBoolean()).as(stage).isTrue();
      assertThat(manifest.path("counts").size()).as(stage).isPositive();
      assertThat(manifest.path("configuration").size()).as(stage).isPositive();
    }
    assertThat(Files.exists(run.resolve(".staging"))).isFalse();
  }

  @Test
  void bothExecutorsTrain() throws IOException {
    Map<String, Long> runTime = runTimeByExecutor("train");
    assertThat(runTime.keySet()).containsExactlyInAnyOrder("0", "1");
    long most = runTime.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    assertThat(runTime.values()).allSatisfy(ms -> assertThat(ms).isGreaterThan(most / 4));
  }

  /** Missing values are NULL: NaN is only ever a sample that is invalid. */
  @Test
  void noValueOfAnyTableIsNaN() throws Exception {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      view(statement);
      int looked = 0;
      for (Table table : TABLES) {
        for (StructField field : table.schema().fields()) {
          String type = field.dataType().sql().toLowerCase(Locale.ROOT);
          if (field.name().startsWith("lead_") || !type.matches(".*(float|double).*")) {
            continue;
          }
          String nan =
              type.startsWith("array")
                  ? "len(list_filter(\"%s\", x -> isnan(x))) > 0"
                  : "isnan(\"%s\")";
          try (ResultSet rows =
              statement.executeQuery(
                  ("SELECT count(*) FROM %s WHERE " + nan)
                      .formatted(table.tableName(), field.name()))) {
            rows.next();
            assertThat(rows.getInt(1)).as(table.tableName() + "." + field.name()).isZero();
            looked++;
          }
        }
      }
      assertThat(looked).isGreaterThan(30);
    }
  }

  @Test
  void heldOutPatientsTrainedNothing() throws Exception {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      view(statement);
      JsonNode model = JSON.readTree(run.resolve("models/rtcn/model.json").toFile());
      Set<String> trained = new HashSet<>();
      model.path("trainingPatients").forEach(patient -> trained.add(patient.asText()));
      assertThat(trained).isNotEmpty();
      try (ResultSet rows = statement.executeQuery("SELECT DISTINCT patient_id FROM predictions")) {
        while (rows.next()) {
          assertThat(trained).doesNotContain(String.valueOf(rows.getString(1)));
        }
      }
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT count(*) FROM synthetic_beats WHERE NOT simulated OR label = 'HC'")) {
        rows.next();
        assertThat(rows.getInt(1)).isZero();
      }
    }
  }

  @Test
  void duckDbReadsEveryTableAndAnswersThePagesQuestions() throws Exception {
    String page = Files.readString(RtcnProcess.HOME.resolve("docs/sql.md"));
    Matcher queries = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL).matcher(page);
    int asked = 0;
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      view(statement);
      for (Table table : TABLES) {
        try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table.tableName())) {
          rows.next();
          if (table != Table.REJECTS) {
            assertThat(rows.getLong(1)).as(table.tableName()).isPositive();
          }
        }
      }
      while (queries.find()) {
        String query = queries.group(1).replace("rtcn-run/", run + "/");
        try (ResultSet rows = statement.executeQuery(query)) {
          assertThat(rows.next()).as(query).isTrue();
          assertThat(rows.getMetaData().getColumnCount()).isGreaterThan(1);
        }
        asked++;
      }
    }
    assertThat(asked).isGreaterThanOrEqualTo(3);
  }

  /** What ONNX Runtime computes of the demo's own beats is what the demo has answered. */
  @Test
  void theExportedModelAnswersItsBeats() throws Exception {
    Path onnx = folder.resolve("demo.onnx");
    String model = run.resolve("models/rtcn").toString();
    assertThat(
            RtcnProcess.rtcn(folder, "export", "--onnx", onnx.toString(), "--model", model).exit())
        .isZero();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int beats = 0;
    double apart = 0;
    try (OrtSession session = environment.createSession(onnx.toString());
        Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      view(statement);
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT magnitude, phase, n_leads, n_voices, n_columns, probabilities FROM"
                  + " predictions JOIN spectrograms ON id = beat_id WHERE level = 'beat'")) {
        while (rows.next()) {
          long[] shape = {1, rows.getLong(3), rows.getLong(4), rows.getLong(5)};
          float[] expected = floats(rows.getArray(6));
          try (OnnxTensor magnitude = tensor(environment, rows.getArray(1), shape);
              OnnxTensor phase = tensor(environment, rows.getArray(2), shape);
              OrtSession.Result result =
                  session.run(Map.of("magnitude", magnitude, "phase", phase))) {
            float[] computed = ((float[][]) result.get(0).getValue())[0];
            assertThat(computed).hasSameSizeAs(expected);
            for (int c = 0; c < computed.length; c++) {
              apart = Math.max(apart, Math.abs(computed[c] - expected[c]));
            }
          }
          beats++;
        }
      }
    }
    assertThat(beats).isGreaterThan(100);
    assertThat(apart).as("probabilities of %d beats", beats).isLessThan(1e-5);
  }

  private static OnnxTensor tensor(OrtEnvironment environment, Array values, long... shape)
      throws Exception {
    return OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats(values)), shape);
  }

  private static float[] floats(Array values) throws SQLException {
    Object[] numbers = (Object[]) values.getArray();
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = ((Number) numbers[i]).floatValue();
    }
    return floats;
  }

  @Test
  void predictsNewRecordingsWithoutLabels() throws Exception {
    Path fresh = folder.resolve("fresh");
    assertThat(
            RtcnProcess.rtcn(
                    folder,
                    "simulate",
                    "--run",
                    fresh.toString(),
                    "--set",
                    "seed=7",
                    "--set",
                    "simulate.patients={HC=2, IMI=2}")
                .exit())
        .isZero();
    // As PTB-XL lies on the disk: each recording at two rates, of which one is read.
    Path archive = folder.resolve("archive");
    Files.createDirectories(archive);
    for (String rate : List.of("records100", "records500")) {
      copy(fresh.resolve("raw"), archive.resolve(rate));
    }
    Path broken = Files.createDirectories(archive.resolve("records500/broken"));
    Files.writeString(broken.resolve("broken.hea"), "broken 12 500\n");
    Path out = folder.resolve("predicted");
    Result result =
        RtcnProcess.rtcn(
            folder,
            "predict",
            "--model",
            run.resolve("models/rtcn").toString(),
            "--input",
            archive.toString(),
            "--run",
            out.toString());
    assertThat(result.exit()).isZero();
    assertThat(result.out()).contains("p(MI)").contains("not a medical device");
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT count(DISTINCT patient_id), count(truth), min(list_sum(probabilities)),"
                    + " max(list_sum(probabilities)) FROM '"
                    + out
                    + "/tables/predictions/*.parquet' WHERE level = 'patient'")) {
      rows.next();
      assertThat(rows.getInt(1)).isEqualTo(4);
      assertThat(rows.getInt(2)).isZero();
      assertThat(rows.getDouble(3)).isBetween(0.999, 1.001);
      assertThat(rows.getDouble(4)).isBetween(0.999, 1.001);
    }
    JsonNode ingest = JSON.readTree(out.resolve("stages/ingest/manifest.json").toFile());
    long headers;
    try (Stream<Path> files = Files.walk(archive.resolve("records500"))) {
      headers = files.filter(file -> file.toString().endsWith(".hea")).count();
    }
    assertThat(ingest.path("counts").path("read").asLong()).as("of one rate").isEqualTo(headers);
    assertThat(ingest.path("counts").path("kept").asLong()).isEqualTo(headers - 1);
    assertThat(
            ingest.path("counts").path("refused.HEADER_MALFORMED").asInt()
                + ingest.path("counts").path("refused.EMPTY").asInt())
        .isEqualTo(1);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.sorted().toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  void runAgainDoesNothingTwice() throws Exception {
    Result again = RtcnProcess.rtcn(folder, "demo", "--run", run.toString());
    assertThat(again.exit()).isZero();
    for (String stage : STAGES) {
      assertThat(again.out()).containsPattern(stage + " +up to date");
    }
  }

  private static void view(Statement statement) throws Exception {
    for (Table table : TABLES) {
      statement.execute(
          String.format(
              "CREATE OR REPLACE VIEW %s AS SELECT * FROM read_parquet('%s/tables/%s/**/*.parquet',"
                  + " hive_partitioning = true)",
              table.tableName(), run, table.tableName()));
    }
  }

  /** Executor run time of a stage's tasks in ms, from Spark's own event log. */
  private static Map<String, Long> runTimeByExecutor(String stage) throws IOException {
    Set<Integer> sparkStages = new HashSet<>();
    Map<String, Long> runTime = new TreeMap<>();
    List<Path> logs = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder.resolve("events"))) {
      files
          .filter(Files::isRegularFile)
          .filter(f -> !f.toString().endsWith(".crc"))
          .forEach(logs::add);
    }
    for (Path log : logs) {
      try (BufferedReader reader = Files.newBufferedReader(log)) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (line.contains("\"SparkListenerJobStart\"")) {
            JsonNode job = JSON.readTree(line);
            if (job.path("Properties").path("spark.jobGroup.id").asText().equals(stage)) {
              job.path("Stage IDs").forEach(id -> sparkStages.add(id.asInt()));
            }
          } else if (line.contains("\"SparkListenerTaskEnd\"")) {
            JsonNode task = JSON.readTree(line);
            if (sparkStages.contains(task.path("Stage ID").asInt())) {
              runTime.merge(
                  task.path("Task Info").path("Executor ID").asText(),
                  task.path("Task Metrics").path("Executor Run Time").asLong(),
                  Long::sum);
            }
          }
        }
      }
    }
    return runTime;
  }
}
