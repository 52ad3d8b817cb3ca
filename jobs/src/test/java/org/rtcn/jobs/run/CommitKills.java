package org.rtcn.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.jobs.run.KillingFileSystem.Fault;
import org.rtcn.jobs.run.KillingFileSystem.Killed;
import org.rtcn.jobs.run.KillingFileSystem.Renames;

/**
 * Kills the commit of a stage at every change of the file system, and asks what the next start
 * finds: what was before or what comes after, and nothing else. Works on any file system; as a
 * program it serves {@code deploy/test/run}.
 */
final class CommitKills {
  private static final LeaseOptions LEASE =
      new LeaseOptions(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ZERO);

  /** What each stage owns: no plan may own anything else. */
  static final Map<String, List<String>> STAGES = Writers.byStage();

  private final FileSystem real;
  private final Path folder;
  private final Renames renames;
  private int runs;
  private Path aside;
  private Path staging;

  CommitKills(FileSystem real, Path folder, Renames renames) {
    this.real = real;
    this.folder = folder;
    this.renames = renames;
  }

  /** What came out, by the number of the change that the writer died at. */
  record Outcome(List<String> states, int kills) {}

  /**
   * Kills the commit at change 1, 2, 3 … until it gets through.
   *
   * @param first whether nothing stands there before
   * @param recoveries whether the process that takes up is killed at each of its changes as well,
   *     for every tenth change that the writer died at
   * @throws AssertionError if a mixture is found, or an earlier state after a later one
   */
  Outcome killEverywhere(String stage, boolean first, boolean recoveries) throws IOException {
    Map<String, String> before = new TreeMap<>();
    before.put("tables/bystander/part-0.parquet", "not this stage's");
    before.put("stages/other/manifest.json", "another stage's");
    Map<String, String> after = new TreeMap<>(before);
    if (!first) {
      before.putAll(output(stage, "old", 0));
    }
    after.putAll(output(stage, "new", 1));
    List<String> states = new ArrayList<>();
    int kills = 0;
    for (long killAt = 1; ; killAt++) {
      Path root = setUp(before, output(stage, "new", 1), stage);
      boolean killed = commit(stage, root, killAt);
      if (!killed) {
        states.add(state(root, before, after, stage + " not killed"));
        real.delete(folder, true);
        return new Outcome(states, kills);
      }
      kills++;
      if (recoveries && killAt % 10 == 0) {
        kills += killRecoveries(stage, root, killAt, before, after);
      }
      recover(root, Long.MAX_VALUE);
      states.add(state(root, before, after, stage + " killed at change " + killAt));
      requireNoWayBack(states, stage);
    }
  }

  /**
   * Lets change 1, 2, 3 … of a commit fail with an I/O error. Where the commit says that it has
   * failed, the earlier output is back at once; if not even that can be done, the next start does.
   *
   * @throws AssertionError if what stands there is not what was said
   */
  Outcome failEverywhere(String stage, Fault fault) throws IOException {
    Map<String, String> before = new TreeMap<>(output(stage, "old", 0));
    Map<String, String> after = new TreeMap<>(output(stage, "new", 1));
    List<String> states = new ArrayList<>();
    for (long failAt = 1; ; failAt++) {
      Path root = setUp(before, after, stage);
      KillingFileSystem failing = new KillingFileSystem(real, renames, fault, failAt);
      String said = "after";
      try (Lease lease = Lease.take(real, root, stage, ProcessIdentity.current(), LEASE)) {
        moveToStaging();
        try {
          Commit.publish(failing, root, stage, STAGES.get(stage), stage + "-token", lease);
        } catch (IOException e) {
          said = "before";
        }
        if (!Commit.isPending(real, root)) {
          // As the stage does.
          real.delete(new Path(root, Commit.STAGING), true);
        }
      } catch (Lease.HeldException e) {
        throw new AssertionError(e);
      }
      String when = stage + ", change " + failAt + " failed";
      boolean pending = Commit.isPending(real, root);
      if (!pending) {
        // What was replaced may have to be removed by the next start; nothing has to be moved.
        Commit.sweep(real, root);
      } else {
        recover(root, Long.MAX_VALUE);
      }
      String found = state(root, before, after, when);
      boolean takenUp = pending && said.equals("before");
      if (!takenUp && !found.equals(said)) {
        throw new AssertionError(when + ": said " + said + ", found " + found);
      }
      states.add(takenUp ? "taken up at " + failAt : said);
      boolean failed = failing.changes() >= failAt;
      real.delete(root, true);
      if (!failed) {
        return new Outcome(states, states.size() - 1);
      }
    }
  }

  /** Recoveries of copies of the root, each killed a change later than the one before. */
  private int killRecoveries(
      String stage, Path root, long killAt, Map<String, String> before, Map<String, String> after)
      throws IOException {
    int kills = 0;
    for (long again = 1; ; again++) {
      Path copy = new Path(folder, "copy-" + runs++);
      for (Map.Entry<String, String> file : files(root).entrySet()) {
        put(new Path(copy, file.getKey()), file.getValue());
      }
      boolean killed = recover(copy, again);
      if (killed) {
        kills++;
        recover(copy, Long.MAX_VALUE);
      }
      state(copy, before, after, stage + " killed at " + killAt + ", its recovery at " + again);
      real.delete(copy, true);
      if (!killed) {
        return kills;
      }
    }
  }

  private static void requireNoWayBack(List<String> states, String stage) {
    if (states.size() > 1
        && states.get(states.size() - 1).equals("before")
        && states.get(states.size() - 2).equals("after")) {
      throw new AssertionError(stage + ": before came after after: " + states);
    }
  }

  private Path setUp(Map<String, String> before, Map<String, String> output, String stage)
      throws IOException {
    Path root = new Path(folder, "run-" + runs++);
    for (Map.Entry<String, String> file : before.entrySet()) {
      put(new Path(root, file.getKey()), file.getValue());
    }
    Path staging = new Path(root, Commit.STAGING + "/" + stage + "-token");
    aside = new Path(folder, "staged-" + runs);
    for (Map.Entry<String, String> file : output.entrySet()) {
      put(new Path(aside, file.getKey()), file.getValue());
    }
    this.staging = staging;
    return root;
  }

  private boolean commit(String stage, Path root, long killAt) throws IOException {
    KillingFileSystem dying = new KillingFileSystem(real, renames, killAt);
    Lease lease = null;
    try {
      lease = Lease.take(dying, root, stage, dead(), LEASE);
      moveToStaging();
      Commit.publish(dying, root, stage, STAGES.get(stage), stage + "-token", lease);
      return close(lease);
    } catch (Killed e) {
      close(lease);
      return true;
    } catch (Lease.HeldException e) {
      throw new AssertionError(e);
    } finally {
      real.delete(aside, true);
    }
  }

  /** What the body of the stage writes; nobody counts that. */
  private void moveToStaging() throws IOException {
    real.mkdirs(staging.getParent());
    if (!real.rename(aside, staging)) {
      throw new IOException("Failed to rename " + aside);
    }
  }

  private static boolean close(Lease lease) {
    try {
      if (lease != null) {
        lease.close();
      }
      return false;
    } catch (Killed e) {
      return true;
    }
  }

  private boolean recover(Path root, long killAt) throws IOException {
    FileSystem seen = new KillingFileSystem(real, renames, killAt);
    Lease lease = null;
    try {
      lease = Lease.take(seen, root, "recovery", dead(), LEASE);
      return close(lease);
    } catch (Killed e) {
      close(lease);
      return true;
    } catch (Lease.HeldException e) {
      throw new AssertionError(e);
    }
  }

  /** A process of this machine that is no more. */
  static ProcessIdentity dead() {
    ProcessIdentity own = ProcessIdentity.current();
    return new ProcessIdentity(own.host(), own.machine(), own.process(), "long ago", "tester");
  }

  private String state(
      Path root, Map<String, String> before, Map<String, String> after, String when)
      throws IOException {
    Map<String, String> found = files(root);
    if (found.equals(before)) {
      return "before";
    }
    if (found.equals(after)) {
      return "after";
    }
    throw new AssertionError(
        when
            + ": neither what was before nor what comes after:\n"
            + String.join("\n", found.keySet())
            + "\n"
            + found);
  }

  private Map<String, String> files(Path root) throws IOException {
    Map<String, String> found = new TreeMap<>();
    collect(root, "", found);
    return found;
  }

  private void collect(Path path, String relative, Map<String, String> found) throws IOException {
    for (FileStatus child : real.listStatus(path)) {
      String name = relative + child.getPath().getName();
      if (child.isDirectory()) {
        collect(child.getPath(), name + "/", found);
      } else if (!name.endsWith(".writing")) {
        // What never became a claim goes when it is ten minutes old.
        try (InputStream in = real.open(child.getPath())) {
          found.put(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    }
  }

  private void put(Path path, String content) throws IOException {
    // Without a permission, which the local file system would start a process for.
    try (OutputStream out = real.create(path, null, true, 4096, (short) 1, 1 << 27, null)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Output of a stage: tables with files of names of their own in two folds, other folders with
   * files of the same names each time. The last owned path is written the first time only, the last
   * but one the second time only.
   */
  private static Map<String, String> output(String stage, String word, int time) {
    Map<String, String> files = new TreeMap<>();
    List<String> owned = STAGES.get(stage);
    for (int i = 0; i < owned.size(); i++) {
      String path = owned.get(i);
      boolean absent = owned.size() > 2 && i == owned.size() - 1 - (1 - time);
      if (absent) {
        continue;
      }
      if (path.startsWith("tables/")) {
        files.put(path + "/_SUCCESS", "");
        files.put(path + "/fold=1/part-0-" + word + ".parquet", word + " rows");
        files.put(path + "/fold=2/part-1-" + word + ".parquet", word + " more rows");
      } else {
        files.put(path + "/main.json", word);
        files.put(path + "/below/weights.bin", word + " weights");
        files.put(path + "/below/" + word + ".txt", "only in " + word);
      }
    }
    files.put(RunDirectory.relativeManifest(stage), "manifest " + word);
    return files;
  }

  /**
   * {@code CommitKills URI RENAMES THREADS [STAGE…]}: overwrites by these stages (by all without
   * any), a few beside each other, since most of the time is spent waiting for the file system.
   */
  public static void main(String[] args) throws Exception {
    Configuration configuration = new Configuration();
    System.getProperties()
        .stringPropertyNames()
        .forEach(
            name -> {
              if (name.startsWith("fs.") || name.startsWith("dfs.")) {
                configuration.set(name, System.getProperty(name));
              }
            });
    Path path = new Path(args[0]);
    Renames renames = Renames.valueOf(args[1].toUpperCase(Locale.ROOT));
    FileSystem real = path.getFileSystem(configuration);
    List<String> stages = List.of(args).subList(3, args.length);
    ExecutorService threads = Executors.newFixedThreadPool(Integer.parseInt(args[2]));
    List<Future<?>> all = new ArrayList<>();
    for (String stage : stages.isEmpty() ? STAGES.keySet() : stages) {
      all.add(
          threads.submit(
              () -> {
                long start = System.nanoTime();
                Path folder = new Path(path, args[1] + "-" + stage);
                Outcome outcome =
                    new CommitKills(real, folder, renames).killEverywhere(stage, false, false);
                System.out.printf(
                    "%s, renames %s: %d kills, %d found before, %d after, none neither, %.1f s%n",
                    stage,
                    args[1],
                    outcome.kills(),
                    outcome.states().stream().filter("before"::equals).count(),
                    outcome.states().stream().filter("after"::equals).count(),
                    (System.nanoTime() - start) * 1e-9);
                return null;
              }));
    }
    threads.shutdown();
    for (Future<?> each : all) {
      each.get();
    }
  }
}
