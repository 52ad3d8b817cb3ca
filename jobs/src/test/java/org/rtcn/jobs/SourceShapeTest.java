package org.rtcn.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** What class files no longer tell: how long methods are, and how many components records have. */
class SourceShapeTest {
  private static final int LONGEST_METHOD = 80;
  private static final int MOST_COMPONENTS = 10;

  @Test
  void methodsAreShortAndRecordsNarrow() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String module : List.of("common/signal", "common", "jobs/files", "jobs")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      }
    }
    assertThat(sources).hasSizeGreaterThan(400);
    TreeMap<String, Integer> beyond = new TreeMap<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  ignored -> {},
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new Shapes(unit, positions, beyond).scan(unit, null);
      }
    }
    // What is left of earlier days; nothing joins it.
    assertThat(beyond.keySet()).isSubsetOf("record Manifest", "record RecordFacts");
  }

  private static final class Shapes extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final Map<String, Integer> beyond;
    private String inside = "";

    Shapes(CompilationUnitTree unit, SourcePositions positions, Map<String, Integer> beyond) {
      this.unit = unit;
      this.positions = positions;
      this.beyond = beyond;
    }

    @Override
    public Void visitClass(ClassTree type, Void none) {
      String outer = inside;
      inside =
          outer.isEmpty() ? type.getSimpleName().toString() : outer + "." + type.getSimpleName();
      if (type.getKind() == Tree.Kind.RECORD) {
        int components = 0;
        for (Tree member : type.getMembers()) {
          boolean isComponent =
              member instanceof VariableTree field
                  && !field.getModifiers().getFlags().contains(Modifier.STATIC);
          components += isComponent ? 1 : 0;
        }
        if (components > MOST_COMPONENTS) {
          beyond.put("record " + inside, components);
        }
      }
      super.visitClass(type, null);
      inside = outer;
      return null;
    }

    @Override
    public Void visitMethod(MethodTree method, Void none) {
      if (method.getBody() != null) {
        LineMap lines = unit.getLineMap();
        long from = positions.getStartPosition(unit, method.getBody());
        long to = positions.getEndPosition(unit, method.getBody());
        // Those that the compiler adds stand nowhere.
        long length = to < 0 ? 0 : lines.getLineNumber(to) - lines.getLineNumber(from) + 1;
        if (length > LONGEST_METHOD) {
          beyond.put("method " + inside + "." + method.getName(), Math.toIntExact(length));
        }
      }
      return super.visitMethod(method, null);
    }
  }
}
