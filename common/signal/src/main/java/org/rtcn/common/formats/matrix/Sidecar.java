package org.rtcn.common.formats.matrix;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.Voltage;

/**
 * What a matrix without a header of its own leaves open, as a JSON file next to it: {@code
 * NAME.json} for a file NAME, or with its last suffix replaced by {@code .json}, or {@code
 * matrix.json} for all files of a folder.
 *
 * <p>Keys: {@code fs_hz}; {@code unit} (nV, uV, mV or V); {@code scale} (units per stored step, 1);
 * {@code leads} (names in the matrix's order); {@code lead_axis} (0 or 1, where the shape does not
 * tell); {@code missing} (the number that marks gaps); {@code dataset} (path within HDF5); {@code
 * patient}, {@code age}, {@code sex}, {@code recorded_at}, {@code statements} of the one recording,
 * or {@code records}: a list of such objects, one per recording of the file.
 */
public final class Sidecar {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BYTES = 16 << 20;
  private static final String FOLDER_WIDE = "matrix.json";
  private static final Set<String> FACTS =
      Set.of("patient", "age", "sex", "recorded_at", "statements", "name");
  private static final Set<String> KEYS =
      Set.of("fs_hz", "unit", "scale", "leads", "lead_axis", "missing", "dataset", "records");

  private final String name;
  private final JsonNode json;

  private Sidecar(String name, JsonNode json) {
    this.name = name;
    this.json = json;
  }

  /**
   * The sidecar of a file, empty if there is none.
   *
   * @throws FormatException if it is no JSON object or has a key that means nothing
   */
  public static Optional<Sidecar> of(EcgFile file) throws IOException {
    for (String name : List.of(file.name() + ".json", file.stem() + ".json", FOLDER_WIDE)) {
      try {
        return Optional.of(read(new EcgFile(name, file.folder())));
      } catch (FileNotFoundException | NoSuchFileException e) {
        // The next name, then.
      }
    }
    return Optional.empty();
  }

  private static Sidecar read(EcgFile file) throws IOException {
    JsonNode json;
    try {
      json = JSON.readTree(file.bytes(new ReadLimits(MAX_BYTES, 1)));
    } catch (JsonProcessingException e) {
      throw malformed(file.name(), "it is no JSON: " + Facts.oneLine(e.getOriginalMessage()));
    }
    if (json == null || !json.isObject()) {
      throw malformed(file.name(), "it is no JSON object");
    }
    for (Iterator<String> keys = json.fieldNames(); keys.hasNext(); ) {
      String key = keys.next();
      if (!KEYS.contains(key) && !FACTS.contains(key)) {
        throw malformed(file.name(), "its key '" + key + "' means nothing here");
      }
    }
    return new Sidecar(file.name(), json);
  }

  /** An exception about this sidecar. */
  private static FormatException malformed(String name, String what) {
    return new FormatException(
        Reason.SIDECAR_MALFORMED, "Cannot read " + name + ": " + what + "; see docs/formats.md");
  }

  /** What a file without a sidecar is told. */
  public static FormatException missing(String file, String what) {
    return new FormatException(
        Reason.SIDECAR_MISSING,
        "Cannot read %s: it does not say %s; write %s.json next to it: {\"fs_hz\": 500, \"unit\": \"mV\", \"leads\": [\"I\", ...]}"
            .formatted(file, what, file));
  }

  /** A number, empty if it is not stated. */
  public Optional<Double> number(String key) throws FormatException {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw malformed(name, "'" + key + "' is " + node + ", not a number");
    }
    return Optional.of(node.doubleValue());
  }

  /** Text, empty if it is not stated. */
  public Optional<String> text(String key) {
    return Optional.ofNullable(json.get(key)).filter(JsonNode::isTextual).map(JsonNode::asText);
  }

  /** Sampling rate, if stated. */
  public Optional<Double> fsHz() throws FormatException {
    return number("fs_hz");
  }

  /** mV of one stored step, if a unit is stated. */
  public Optional<Double> millivoltsPerStep() throws FormatException {
    Optional<String> unit = text("unit");
    if (unit.isEmpty()) {
      return Optional.empty();
    }
    double scale = number("scale").orElse(1.0);
    if (scale == 0) {
      throw malformed(name, "'scale' is 0");
    }
    return Optional.of(scale * Voltage.required(name, unit.get()));
  }

  /** Lead names, if stated. */
  public Optional<List<String>> leads() throws FormatException {
    JsonNode node = json.get("leads");
    if (node == null) {
      return Optional.empty();
    }
    List<String> leads = new ArrayList<>();
    node.forEach(lead -> leads.add(lead.asText()));
    if (!node.isArray() || leads.isEmpty()) {
      throw malformed(name, "'leads' is no list of names");
    }
    return Optional.of(leads);
  }

  /** The facts of one of {@code count} recordings. */
  public EcgFacts facts(int index, int count) throws FormatException {
    JsonNode of = record(index, count);
    Facts facts = new Facts();
    facts.patientId(plain(of, "patient")).sex(plain(of, "sex"));
    if (of.hasNonNull("age")) {
      facts.age(of.get("age").asText(), "years");
    }
    facts.recordedAt(Facts.time(plain(of, "recorded_at")));
    if (of.hasNonNull("statements")) {
      of.get("statements").forEach(statement -> facts.statement(statement.asText()));
    }
    return facts.build();
  }

  /** The name of one of {@code count} recordings. */
  public String part(int index, int count) throws FormatException {
    if (count == 1) {
      return "";
    }
    String stated = plain(record(index, count), "name");
    return stated == null || !json.has("records") ? Integer.toString(index) : stated;
  }

  private JsonNode record(int index, int count) throws FormatException {
    JsonNode records = json.get("records");
    if (records == null) {
      return json;
    }
    if (!records.isArray() || records.size() != count) {
      throw malformed(
          name, "'records' has %d entries for %d recordings".formatted(records.size(), count));
    }
    return records.get(index);
  }

  private static String plain(JsonNode node, String key) {
    return node.hasNonNull(key) ? node.get(key).asText() : null;
  }
}
