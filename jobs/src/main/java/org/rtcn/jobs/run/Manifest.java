package org.rtcn.jobs.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;

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
 * @param inputs name to fingerprint; of another stage's output {@code stages/STAGE} (in a run above
 *     or below {@code ../stages/STAGE} and the like) to its {@link #identity}
 * @param outputs path below the run to rows (tables) or bytes (files)
 * @param contents what stands in each path that the stage owns
 * @param files name of the {@link FileList} beside this file, null if the stage has failed
 * @param counts what was read, kept and refused, by dotted name
 * @param facts further findings of the stage (figures, curves), for the report
 * @param startedAt ISO-8601 UTC
 * @param durationSeconds wall clock
 * @param spark application id, master, Spark version
 * @param exit {@code success}; {@code user_error} and {@code world_fault}, which the user can mend;
 *     {@code failure}, a fault of ours
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
    @JsonProperty("contents") Map<String, Content> contents,
    @JsonProperty("files") String files,
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
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * What stands in a path that the stage owns.
   *
   * @param files how many files
   * @param bytes their size together
   * @param digest of a table's rows, whatever their order and the cut into files; of a model its
   *     id; null of what nothing is made from
   */
  public record Content(
      @JsonProperty("files") long files,
      @JsonProperty("bytes") long bytes,
      @JsonProperty("digest") @JsonInclude(JsonInclude.Include.NON_NULL) String digest) {}

  /**
   * The manifest of a stage that has committed.
   *
   * @param root the run
   * @return empty if there is none
   * @throws UserException if it is cut, damaged or of an earlier version
   */
  static Optional<Manifest> find(FileSystem fileSystem, Path root, String stage) {
    Path path = path(root, stage);
    byte[] text;
    try (InputStream in = fileSystem.open(path)) {
      text = in.readAllBytes();
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read the manifest " + path, e);
    }
    try {
      Manifest manifest = JSON.readValue(text, Manifest.class);
      if (manifest != null && manifest.isWhole(stage)) {
        return Optional.of(manifest);
      }
    } catch (JsonProcessingException e) {
      throw new UserException(
          "Cannot read the manifest "
              + path
              + ": it is cut or damaged. "
              + Remedy.again(root, stage),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read the manifest " + path, e);
    }
    throw new UserException(
        "Cannot use the manifest "
            + path
            + ": it does not say all that it must; an earlier version of rtcn-spark may have"
            + " written it. "
            + Remedy.again(root, stage));
  }

  static Path path(Path root, String stage) {
    return new Path(root, "stages/" + stage + "/manifest.json");
  }

  private boolean isWhole(String expected) {
    return expected.equals(stage)
        && "success".equals(exit)
        && version != null
        && fingerprint != null
        && configuration != null
        && inputs != null
        && outputs != null
        && contents != null
        && files != null
        && counts != null
        && facts != null;
  }

  /** Writes it where nobody reads yet; {@link Commit} moves it to its place. */
  void write(FileSystem fileSystem, Path path) throws IOException {
    try (OutputStream out = fileSystem.create(path, true)) {
      out.write(JSON.writeValueAsBytes(this));
      out.write('\n');
    }
  }

  /**
   * What later stages remember of this output: SHA-256 over the fingerprint and the digests of
   * tables and models. Equal identities are equal rows, whatever the partitions; running a stage
   * again leaves it as it was if the rows came out the same.
   */
  public String identity() {
    StringBuilder text = new StringBuilder(fingerprint);
    new TreeMap<>(contents)
        .forEach(
            (path, content) -> {
              if (content.digest() != null) {
                text.append('\n').append(path).append(' ').append(content.digest());
              }
            });
    return Sha256.of(text.toString());
  }

  /** Whether this output was made from that of another stage of the same run. */
  public boolean isMadeFrom(String otherStage) {
    return inputs.keySet().stream()
        .anyMatch(name -> Lineage.isStage(name) && name.endsWith("/" + otherStage));
  }

  /** One count, 0 if the stage did not count it. */
  public long count(String name) {
    return counts.getOrDefault(name, 0L);
  }
}
