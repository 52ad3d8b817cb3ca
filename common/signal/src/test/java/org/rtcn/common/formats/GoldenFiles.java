package org.rtcn.common.formats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.wfdb.WfdbFiles;

/** The files of {@code golden/formats} with what independent readers say of them. */
final class GoldenFiles {
  private static final String EXPECTED = ".expected.json";

  private GoldenFiles() {}

  /** All files that have expected values. */
  static List<Path> all() throws IOException {
    try (Stream<Path> files = Files.walk(ReferenceData.require("golden/formats"))) {
      return files
          .filter(file -> Files.exists(file.resolveSibling(file.getFileName() + EXPECTED)))
          .sorted()
          .toList();
    }
  }

  /** One file, by its path below {@code golden/formats}. */
  static Path file(String path) {
    return ReferenceData.require("golden/formats").resolve(path);
  }

  static JsonNode expected(Path file) throws IOException {
    return new ObjectMapper().readTree(file.resolveSibling(file.getFileName() + EXPECTED).toFile());
  }

  /** The file with a sidecar that says what its expected values say of it, where it needs one. */
  static EcgFile open(Path file) throws IOException {
    WfdbFiles folder = WfdbFiles.in(file.getParent());
    String name = file.getFileName().toString();
    if (!name.endsWith(".npy") && !name.endsWith(".csv")) {
      return new EcgFile(name, folder);
    }
    return new EcgFile(name, withFile(folder, name + ".json", sidecar(expected(file))));
  }

  /** A sidecar for a matrix. */
  static byte[] sidecar(JsonNode expected) throws IOException {
    Map<String, Object> sidecar = new HashMap<>();
    String unit = expected.get("stored_unit").asText();
    sidecar.put("unit", unit.startsWith("LSB") ? "uV" : unit);
    if (unit.startsWith("LSB")) {
      sidecar.put("scale", 5);
    }
    if (expected.has("fs_must_be_given")) {
      sidecar.put("fs_hz", expected.get("fs_must_be_given").asDouble());
    }
    return new ObjectMapper().writeValueAsBytes(sidecar);
  }

  /** A folder with one file more. */
  static WfdbFiles withFile(WfdbFiles folder, String added, byte[] content) {
    return name ->
        name.equals(added) ? new java.io.ByteArrayInputStream(content) : folder.open(name);
  }

  /** A folder of one file in memory. */
  static EcgFile inMemory(String fileName, byte[] content) {
    return new EcgFile(
        fileName,
        new WfdbFiles() {
          @Override
          public java.io.InputStream open(String name) throws IOException {
            if (!name.equals(fileName)) {
              throw new java.io.FileNotFoundException(name);
            }
            return new java.io.ByteArrayInputStream(content);
          }

          @Override
          public long size(String name) {
            return content.length;
          }
        });
  }

  /** Rows of expected values by lead name, derived ones left out. */
  static Map<String, JsonNode> leads(JsonNode parent) {
    Map<String, JsonNode> leads = new HashMap<>();
    parent
        .get("leads")
        .forEach(lead -> leads.put(EcgChannel.named(lead.get("name").asText(), 0).name(), lead));
    return leads;
  }

  static List<Double> numbers(JsonNode list) {
    List<Double> values = new ArrayList<>();
    list.forEach(value -> values.add(value.asDouble()));
    return values;
  }
}
