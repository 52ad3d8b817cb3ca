package org.rtcn.jobs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short run of {@link ModelFolderFuzz} in a JVM of its own: its end, and not only its exceptions,
 * is part of the test. {@code -Drtcn.fuzz.cases=10000}, {@code -Drtcn.fuzz.seed=…} and {@code
 * -Drtcn.fuzz.first=…} make it a long one, or repeat a case.
 */
class ModelFolderFuzzTest {
  @TempDir Path folder;

  @Test
  void mutatedModelsAreRefusedInOneLine() throws Exception {
    // In a run, whose manifest is looked for.
    Path run = folder.resolve("run");
    Path cases = Files.createDirectories(run.resolve("models/rtcn"));
    Path out = folder.resolve("out.txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx1g",
            "-Djava.security.manager=allow",
            "-Drtcn.fuzz.allowed=" + run,
            "-Djava.awt.headless=true",
            "-Dorg.eclipse.deeplearning4j.helpers.disable=false",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            ModelFolderFuzz.class.getName(),
            cases.toString(),
            System.getProperty("rtcn.fuzz.cases", "200"),
            System.getProperty("rtcn.fuzz.seed", "20251127"),
            System.getProperty("rtcn.fuzz.first", "0")));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    boolean ended = process.waitFor(30, TimeUnit.MINUTES);
    process.destroyForcibly();
    String text = Files.readString(out);
    String last = text.substring(text.lastIndexOf("seed ") < 0 ? 0 : text.lastIndexOf("seed "));
    System.out.println(last.strip());
    assertThat(ended).as("ended: %s", text).isTrue();
    assertThat(process.exitValue()).as(text).isZero();
    assertThat(last).contains("model refused", "ddpm refused", "0 failures");
  }
}
