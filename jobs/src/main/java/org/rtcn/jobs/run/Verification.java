package org.rtcn.jobs.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.spark.SparkOnDemand;
import org.rtcn.jobs.tables.RowDigest;
import org.rtcn.jobs.tables.Table;

/** Compares a run, and the runs below it, with what their manifests say. */
public final class Verification {
  /** How deep runs may stand below a run: {@code ablation/ARM/fold-01}. */
  private static final int DEPTH = 3;

  /** Folders of a run that hold no run. */
  private static final Set<String> NO_RUNS =
      Set.of("tables", "models", "stages", "report", "raw", "checkpoints", "comparison");

  /** How closely to look. */
  public enum Depth {
    /** Names and sizes. */
    SIZES,
    /** Every byte; of tables every footer and every row. */
    CONTENT
  }

  /** What was found of an output. */
  public enum State {
    OK,
    /** As it was written, but an earlier stage has been run again since. */
    STALE,
    DAMAGED
  }

  /**
   * One output.
   *
   * @param run the run below the one that was asked about, {@code .} for itself
   * @param stage what wrote it
   * @param output path below its run
   * @param files how many files its manifest names
   * @param bytes their size
   * @param rows of a table; null of others
   * @param detail what is wrong, empty if nothing is
   */
  public record Finding(
      String run,
      String stage,
      String output,
      long files,
      long bytes,
      Long rows,
      State state,
      String detail) {}

  private final SparkOnDemand session;
  private final FileSystem fileSystem;
  private final Path top;
  private final Depth depth;
  private final List<Finding> findings = new ArrayList<>();

  private Verification(SparkOnDemand session, RunDirectory run, Depth depth) {
    this.session = session;
    this.fileSystem = run.fileSystem();
    this.top = run.root();
    this.depth = depth;
  }

  /**
   * Looks at every output of every stage.
   *
   * @return one finding per output, and one per folder that no manifest speaks for
   * @throws UserException if there is no run
   */
  public static List<Finding> of(SparkOnDemand session, RunDirectory run, Depth depth) {
    Verification verification = new Verification(session, run, depth);
    verification.look(run.root(), 0);
    if (verification.findings.isEmpty()) {
      throw new UserException(
          "Cannot find the output of any stage in " + run.root() + ": give --run");
    }
    return verification.findings;
  }

  private void look(Path root, int level) {
    Set<String> claimed = new TreeSet<>();
    for (FileStatus stage : list(new Path(root, "stages"))) {
      claimed.addAll(stage(root, stage.getPath().getName()));
    }
    for (String above : List.of("tables", "models")) {
      for (FileStatus folder : list(new Path(root, above))) {
        String output = above + "/" + folder.getPath().getName();
        if (!claimed.contains(output)) {
          add(root, "", output, "no manifest speaks for it");
        }
      }
    }
    if (level < DEPTH) {
      for (FileStatus child : list(root)) {
        String name = child.getPath().getName();
        if (child.isDirectory() && !NO_RUNS.contains(name) && !name.startsWith(".")) {
          look(child.getPath(), level + 1);
        }
      }
    }
  }

  /** All outputs of a stage; what they are. */
  private Set<String> stage(Path root, String stage) {
    Manifest manifest;
    FileList list;
    Optional<String> stale;
    try {
      Optional<Manifest> found = Manifest.find(fileSystem, root, stage);
      if (found.isEmpty()) {
        return Set.of();
      }
      manifest = found.get();
      list =
          FileList.read(
              fileSystem,
              new Path(Manifest.path(root, stage).getParent(), manifest.files()),
              Remedy.again(root, stage));
      stale = Lineage.stale(fileSystem, root, manifest);
    } catch (UserException e) {
      add(root, stage, "stages/" + stage, e.getMessage());
      return Set.of();
    }
    manifest
        .contents()
        .forEach(
            (output, content) -> {
              SortedMap<String, FileEntry> written = list.below(output);
              Optional<String> difference = difference(root, output, written);
              findings.add(
                  new Finding(
                      relative(root),
                      stage,
                      output,
                      content.files(),
                      content.bytes(),
                      rows(manifest, output),
                      difference.isPresent()
                          ? State.DAMAGED
                          : stale.isPresent() ? State.STALE : State.OK,
                      difference.or(() -> stale).orElse("")));
            });
    return manifest.contents().keySet();
  }

  private Optional<String> difference(
      Path root, String output, SortedMap<String, FileEntry> written) {
    SortedMap<String, Long> there = FilesOnDisk.list(fileSystem, root, output);
    Optional<String> quick = FilesOnDisk.difference(written, there);
    if (quick.isPresent() || depth == Depth.SIZES) {
      return quick;
    }
    SparkSession spark = session.spark();
    spark.sparkContext().setJobGroup("verify", "verify: read all tables", true);
    Optional<Table> table =
        Arrays.stream(Table.values())
            .filter(each -> RunDirectory.relative(each).equals(output))
            .findFirst();
    SortedMap<String, String> wrong = new TreeMap<>();
    List<Path> sound = new ArrayList<>();
    for (FileEntry file : FileDigests.of(spark, root, there, table.isPresent())) {
      if (file.equals(written.get(file.path()))) {
        sound.add(new Path(root, file.path()));
      } else {
        wrong.put(file.path(), file.path() + " has another content");
      }
    }
    if (table.isPresent()) {
      Map<String, RowDigest.Sum> read = TableRows.digests(spark, table.get(), sound);
      written.forEach(
          (path, entry) -> {
            RowDigest.Sum stated = RowDigest.Sum.of(entry.rows(), entry.digest());
            if (!stated.equals(read.getOrDefault(entry.below(output), RowDigest.Sum.EMPTY))) {
              wrong.putIfAbsent(path, path + " has other rows");
            }
          });
    }
    return FilesOnDisk.summary(wrong);
  }

  private void add(Path root, String stage, String output, String damage) {
    findings.add(new Finding(relative(root), stage, output, 0, 0, null, State.DAMAGED, damage));
  }

  /** Of a table; what a manifest counts of other outputs is their bytes. */
  private static Long rows(Manifest manifest, String output) {
    return output.startsWith("tables/") ? manifest.outputs().get(output) : null;
  }

  private String relative(Path root) {
    return root.equals(top)
        ? "."
        : root.toUri().getPath().substring(top.toUri().getPath().length() + 1);
  }

  private List<FileStatus> list(Path folder) {
    try {
      List<FileStatus> children = new ArrayList<>(Arrays.asList(fileSystem.listStatus(folder)));
      children.sort(Comparator.comparing(FileStatus::getPath));
      return children;
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to list " + folder, e);
    }
  }
}
