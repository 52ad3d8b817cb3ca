package org.rtcn.jobs.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs the commands whose start people wait for, on a few simulated recordings, so that the JVM
 * meets their classes: {@code deploy/bin/rtcn} has it write them to a class data archive
 * (-XX:ArchiveClassesAtExit), from which later starts map them into memory.
 */
final class Rehearsal {
  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("rtcn-rehearsal");
    PrintStream out = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    try {
      Logging.configure();
      String run = folder.resolve("run").toString();
      List<List<String>> commands =
          List.of(
              List.of("--help"),
              List.of("sql", "--help"),
              List.of("simulate", "--set", "simulate.patients={HC=2, IMI=1}"),
              List.of("ingest", "--set", "split.folds=2"),
              List.of("transform"),
              List.of("records"),
              List.of("plot", "HC-000001", "--out", folder.resolve("plot.png").toString()),
              List.of("sql", "SELECT label, count(*) AS n FROM beats GROUP BY label ORDER BY n"));
      for (List<String> command : commands) {
        boolean isHelp = command.contains("--help");
        Main.run(
            Stream.concat(command.stream(), isHelp ? Stream.of() : Stream.of("--run", run))
                .toArray(String[]::new));
      }
    } finally {
      System.setOut(out);
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }
}
