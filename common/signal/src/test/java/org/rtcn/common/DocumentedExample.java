package org.rtcn.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/**
 * An example of the documentation, compiled and run with the classes of this module and what the
 * module's POM asks of others, as who takes the jar has it: nothing of the tests is in reach.
 */
public final class DocumentedExample {
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern NAME = Pattern.compile("public class (\\w+)");

  private final String text;
  private final String name;
  private final String classPath;

  private DocumentedExample(String text, String classPath) {
    Matcher named = NAME.matcher(text);
    assertThat(named.find()).as(text).isTrue();
    this.text = text;
    this.name = named.group(1);
    this.classPath = classPath;
  }

  /**
   * The Java examples of a page.
   *
   * @param page below {@code docs}
   */
  public static List<DocumentedExample> of(String page) throws IOException {
    Path module = Path.of("").toAbsolutePath();
    Path home = module;
    while (!Files.exists(home.resolve("mvnw"))) {
      home = home.getParent();
    }
    // Maven's own list, of this build.
    String classPath =
        module.resolve("target/classes")
            + File.pathSeparator
            + Files.readString(module.resolve("target/class-path")).strip();
    assertThat(classPath).doesNotContain("spark").doesNotContain("hadoop").doesNotContain("junit");
    List<DocumentedExample> examples = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(home.resolve("docs").resolve(page)));
    while (block.find()) {
      examples.add(new DocumentedExample(block.group(1), classPath));
    }
    return examples;
  }

  /** The class's name. */
  public String name() {
    return name;
  }

  /** Where its classes come from. */
  public String classPath() {
    return classPath;
  }

  /** How many lines its method has. */
  public long lines() {
    return text.lines().filter(line -> line.startsWith("    ")).count();
  }

  /**
   * Compiles and runs it in a JVM of its own.
   *
   * @param folder is empty
   * @return what it printed
   */
  public String run(Path folder, String... arguments) throws IOException, InterruptedException {
    Path source = Files.writeString(folder.resolve(name + ".java"), text);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, said, said, "-cp", classPath, "-d", folder.toString(), source.toString());
    assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(folder + File.pathSeparator + classPath);
    command.add(name);
    command.addAll(List.of(arguments));
    Path errors = folder.resolve("errors");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    return out;
  }
}
