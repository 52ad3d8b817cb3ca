package org.rtcn.jobs.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What a stage leaves behind: {@code manifest.json}, written last, so that its presence means that
 * everything it names is complete.
 *
 * @param stage the stage's name
 * @param version version of rtcn-spark
 * @param schemaVersion version of the tables' columns
 * @param simulated whether the data are simulated, null where the stage does not know
 * @param fingerprint SHA-256 over stage, version, configuration and inputs: equal fingerprints give
 *     equal rows
 * @param configuration the effective settings that the stage reads
 * @param inputs name to fingerprint
 * @param outputs path below the run to rows (tables) or bytes (files)
 * @param counts what was read, kept and refused, by dotted name
 * @param facts further findings of the stage (figures, curves), for the report
 * @param startedAt ISO-8601 UTC
 * @param durationSeconds wall clock
 * @param spark application id, master, Spark version
 * @param exit exit category: {@code success}, {@code user_error}, {@code failure}
 * @param message the error's message, null on success
 */
public record Manifest(
    @JsonProperty("stage") String stage,
    @JsonProperty("version") String version,
    @JsonProperty("schema_version") int schemaVersion,
    @JsonProperty("simulated") Boolean simulated,
    @JsonProperty("fingerprint") String fingerprint,
    @JsonProperty("configuration") Map<String, String> configuration,
    @JsonProperty("inputs") Map<String, String> inputs,
    @JsonProperty("outputs") Map<String, Long> outputs,
    @JsonProperty("counts") Map<String, Long> counts,
    @JsonProperty("facts") Map<String, Object> facts,
    @JsonProperty("started_at") String startedAt,
    @JsonProperty("duration_s") double durationSeconds,
    @JsonProperty("spark") Map<String, String> spark,
    @JsonProperty("exit") String exit,
    @JsonProperty("message") String message) {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  static Manifest read(FileSystem fileSystem, Path path) {
    try (InputStream in = fileSystem.open(path)) {
      return JSON.readValue(in, Manifest.class);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read the manifest " + path, e);
    }
  }

  /** Writes it where nobody reads yet; {@link Commit} moves it to its place. */
  void write(FileSystem fileSystem, Path path) throws IOException {
    try (OutputStream out = fileSystem.create(path, true)) {
      out.write(JSON.writeValueAsBytes(this));
      out.write('\n');
    }
  }

  /** One count, 0 if the stage did not count it. */
  public long count(String name) {
    return counts.getOrDefault(name, 0L);
  }
}
