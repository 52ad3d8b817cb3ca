package org.rtcn.jobs.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
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
 * @param files name of the {@link FileList} next to this file, null if the stage has failed
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

  /** Longer than any that a stage writes. */
  private static final int LONGEST = 16 << 20;

  private static final int DEEPEST = 64;

  /** Its own SHA-256, taken with zeros in its place: who edits a manifest is told so. */
  private static final String DIGEST = "sha256";

  private static final String NO_DIGEST = "0".repeat(64);
  private static final Pattern LIST = Pattern.compile("files-[0-9a-f]{32}\\.tsv");

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

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
    String again = Remedy.again(root, stage);
    byte[] text;
    try {
      text = WholeFiles.read(fileSystem, path, LONGEST, again);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read the manifest " + path, e);
    }
    try {
      JsonNode tree = JSON.readTree(text);
      Manifest manifest = JSON.treeToValue(tree, Manifest.class);
      if (manifest == null || !manifest.isWhole(stage) || !tree.path(DIGEST).isTextual()) {
        throw new UserException(
            "Cannot use the manifest "
                + path
                + ": it does not say all that it must; an earlier version of rtcn-spark may have"
                + " written it. "
                + again);
      }
      manifest.requireUnchanged(tree.path(DIGEST).textValue(), text, path, again);
      return Optional.of(manifest);
    } catch (JsonProcessingException e) {
      throw new UserException(
          "Cannot read the manifest " + path + ": it is cut or damaged. " + again, e);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read the manifest " + path, e);
    }
  }

  /**
   * What is not as it was written is refused, and so is what points outside: a digest can be made
   * to fit by anybody.
   */
  private void requireUnchanged(String stated, byte[] text, Path path, String again) {
    String whole = new String(text, StandardCharsets.UTF_8);
    int at = whole.lastIndexOf(digest(stated));
    boolean isUnchanged =
        at >= 0
            && Sha256.of(
                    (whole.substring(0, at)
                            + digest(NO_DIGEST)
                            + whole.substring(at + digest(stated).length()))
                        .getBytes(StandardCharsets.UTF_8))
                .equals(stated);
    if (!isUnchanged || !isPossible()) {
      throw new UserException(
          "Cannot use the manifest "
              + path
              + ": it has been changed since it was written. "
              + again);
    }
  }

  private static String digest(String value) {
    return "\"" + DIGEST + "\" : \"" + value + "\"";
  }

  /** Whether it names nothing but what its stage owns, and stages. */
  private boolean isPossible() {
    List<String> owned = Writers.byStage().getOrDefault(stage, List.of());
    boolean hasNull =
        List.of(configuration, inputs, outputs, contents, counts).stream()
            .anyMatch(map -> map.containsValue(null));
    return !hasNull
        && LIST.matcher(files).matches()
        && owned.containsAll(contents.keySet())
        && inputs.keySet().stream().allMatch(Lineage::isPossible);
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
    ObjectNode tree = JSON.valueToTree(this);
    tree.put(DIGEST, NO_DIGEST);
    String text = JSON.writeValueAsString(tree) + "\n";
    String sha256 = Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    int at = text.lastIndexOf(digest(NO_DIGEST));
    String whole =
        text.substring(0, at) + digest(sha256) + text.substring(at + digest(sha256).length());
    try (OutputStream out = fileSystem.create(path, true)) {
      out.write(whole.getBytes(StandardCharsets.UTF_8));
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
