package org.rtcn.jobs.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ReferenceData;

/** The Java example of docs/diagnose.md compiles and answers. */
class JavaExampleTest {
  @TempDir Path folder;

  @Test
  void theDocumentedExampleAnswers() throws Exception {
    String document = Files.readString(Path.of("..", "docs", "diagnose.md"));
    int from = document.indexOf("```java\n") + "```java\n".length();
    String example = document.substring(from, document.indexOf("```", from));
    assertThat(example.lines().filter(line -> line.startsWith("    ")).count()).isLessThan(11);
    Path source = Files.writeString(folder.resolve("Example.java"), example);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    String classPath = System.getProperty("java.class.path");
    int status =
        compiler.run(
            null, said, said, "-cp", classPath, "-d", folder.toString(), source.toString());
    assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();

    Path file = ReferenceData.require("golden/formats/dicom/ge_mac55_explicit_le.dcm");
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      System.setOut(new PrintStream(answer, true, StandardCharsets.UTF_8));
      loader
          .loadClass("Example")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {file.toString()});
    } finally {
      System.setOut(before);
    }
    assertThat(answer.toString(StandardCharsets.UTF_8))
        .startsWith("Diagnosis[probabilities={HC=")
        .contains("simulated=true");
  }
}
