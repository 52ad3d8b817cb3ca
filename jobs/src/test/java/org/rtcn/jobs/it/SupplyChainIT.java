package org.rtcn.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;

/** What is delivered, as the build has written it down, against what has been decided about it. */
class SupplyChainIT {
  private static final Path FOLDER = RtcnProcess.HOME.resolve("deploy/supply-chain");

  @Test
  void theVerdictsAreOnWhatIsDelivered() throws Exception {
    Map<String, Set<String>> delivered = delivered();
    assertThat(delivered).hasSizeGreaterThan(150);
    List<String> stale = new ArrayList<>();
    Set<String> ids = new TreeSet<>();
    for (CSVRecord row : verdicts()) {
      String component = row.get("component");
      if (!delivered.getOrDefault(component, Set.of()).contains(row.get("version"))) {
        stale.add(
            row.get("advisory")
                + " of "
                + component
                + " "
                + row.get("version")
                + ": delivered is "
                + delivered.get(component));
      }
      ids.add(row.get("advisory"));
      assertThat(row.get("advisory")).matches("(CVE-\\d{4}-\\d{4,}|GHSA(-\\w{4}){3})");
      assertThat(row.get("reachable")).isIn("no", "partly");
      assertThat(row.get("why")).hasSizeGreaterThan(15);
      assertThat(row.get("source")).startsWith("https://");
    }
    assertThat(stale).as("verdicts on other versions: look at the advisory again").isEmpty();
    Set<String> ignored =
        Pattern.compile("(?m)^id = \"(.*)\"$")
            .matcher(Files.readString(FOLDER.resolve("osv-scanner.toml")))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
    assertThat(ignored).isEqualTo(ids);
  }

  @Test
  void archivesAreReadWithALibraryOfOurOwn() throws Exception {
    try (JarFile jar = new JarFile(RtcnProcess.HOME.resolve("jobs/target/rtcn.jar").toFile())) {
      assertThat(jar.getEntry("org/rtcn/shaded/compress/archivers/tar/TarArchiveInputStream.class"))
          .isNotNull();
      assertThat(
              jar.getEntry("org/apache/commons/compress/archivers/tar/TarArchiveInputStream.class"))
          .isNull();
      String archive =
          new String(
              jar.getInputStream(jar.getEntry("org/rtcn/jobs/inputs/Archive$Tar.class"))
                  .readAllBytes(),
              java.nio.charset.StandardCharsets.ISO_8859_1);
      assertThat(archive)
          .contains("org/rtcn/shaded/compress/")
          .doesNotContain("org/apache/commons/compress/");
    }
    assertThat(delivered().get("org.apache.commons:commons-compress"))
        .allSatisfy(version -> assertThat(version.compareTo("1.26")).isPositive());
  }

  private static List<CSVRecord> verdicts() throws Exception {
    try (Reader in = Files.newBufferedReader(FOLDER.resolve("advisories.csv"))) {
      return CSVFormat.DEFAULT
          .builder()
          .setHeader()
          .setSkipHeaderRecord(true)
          .build()
          .parse(in)
          .getRecords();
    }
  }

  private static Map<String, Set<String>> delivered() throws Exception {
    Map<String, Set<String>> versions = new TreeMap<>();
    for (String bill :
        List.of("jobs/target/rtcn.cdx.json", "deploy/runtime/target/spark.cdx.json")) {
      JsonNode json = new ObjectMapper().readTree(RtcnProcess.HOME.resolve(bill).toFile());
      for (JsonNode component : json.path("components")) {
        versions
            .computeIfAbsent(
                component.path("group").asText() + ":" + component.path("name").asText(),
                key -> new TreeSet<>())
            .add(component.path("version").asText());
      }
    }
    // What the image has besides (-Pkubernetes), as that profile's dependency:list says.
    for (String line : Files.readAllLines(FOLDER.resolve("kubernetes.txt"))) {
      int version = line.lastIndexOf(':');
      versions
          .computeIfAbsent(line.substring(0, version), key -> new TreeSet<>())
          .add(line.substring(version + 1));
    }
    return versions;
  }
}
