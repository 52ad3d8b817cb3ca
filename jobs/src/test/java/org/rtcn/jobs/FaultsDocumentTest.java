package org.rtcn.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each row of the table of faults names a test that exists. */
class FaultsDocumentTest {
  private static final Pattern TEST = Pattern.compile("`(\\w+)\\.(\\w+)`");

  @Test
  void eachFaultHasItsTest() throws Exception {
    List<String> missing = new ArrayList<>();
    int rows = 0;
    for (String row : Files.readAllLines(Path.of("../docs/faults.md"))) {
      String[] cells = row.split(" \\| ", -1);
      if (cells.length != 5 || cells[0].equals("| fault")) {
        continue;
      }
      rows++;
      assertThat(cells[2]).as(row).matches("\\d+(, \\d+)?");
      List<MatchResult> tests = TEST.matcher(cells[4]).results().toList();
      assertThat(tests).as(row).isNotEmpty();
      for (MatchResult test : tests) {
        if (!contains(test.group(1) + ".java", "void " + test.group(2) + "(")) {
          missing.add(test.group());
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(rows).isGreaterThan(15);
  }

  private static boolean contains(String file, String text) throws Exception {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      Path found =
          files.filter(path -> path.getFileName().toString().equals(file)).findFirst().orElse(null);
      return found != null && Files.readString(found).contains(text);
    }
  }
}
