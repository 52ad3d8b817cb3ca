package org.rtcn.jobs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.Version;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.shell.WorldFault;
import org.rtcn.jobs.tables.Table;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a stage so that it either happens wholly or not at all: outputs are written aside and moved
 * into the run by a {@link Commit}, the manifest last, while the process holds the run's {@link
 * Lease}. A stage that has already run with the same settings and inputs is not run again; with
 * others it is refused unless told to overwrite.
 */
public final class StageRunner {
  private static final Logger LOG = LoggerFactory.getLogger(StageRunner.class);

  private StageRunner() {}

  /** The work of a stage. */
  @FunctionalInterface
  public interface Body {
    void run(StageOutput output);
  }

  /**
   * Runs the body under the plan.
   *
   * @return the manifest, of this run or of the earlier equal one
   * @throws UserException if the stage has run here with other settings or inputs
   */
  public static Manifest run(StageContext context, StagePlan plan, Body body) {
    LeaseOptions options = LeaseOptions.of(context.settings());
    try (Lease lease = Lease.take(context.run(), plan.stage, options)) {
      return run(context, plan, body, lease);
    }
  }

  private static Manifest run(StageContext context, StagePlan plan, Body body, Lease lease) {
    RunDirectory run = context.run();
    plan.resolve(run);
    String fingerprint = fingerprint(plan);
    Optional<Manifest> earlier = earlier(context, plan);
    if (earlier.isPresent()) {
      if (earlier.get().fingerprint().equals(fingerprint)) {
        run.requireWhole(earlier.get());
        context
            .console()
            .printf("%-10s up to date in %s (same settings and inputs)%n", plan.stage, run.root());
        return earlier.get();
      }
      if (context.ifPresent() == StageContext.IfPresent.REUSE_OR_REFUSE) {
        throw new UserException(refusal(run, plan, earlier.get()));
      }
    }
    SparkSession spark = context.spark();
    spark.sparkContext().setJobGroup(plan.stage, plan.stage + ": " + plan.description, true);
    context.console().printf("%-10s %s …%n", plan.stage, plan.description);
    Instant started = Instant.now();
    long startNanos = System.nanoTime();
    String token = plan.stage + "-" + UUID.randomUUID();
    Path staging = new Path(run.path(Commit.STAGING), token);
    StageOutput output = new StageOutput(plan.stage, run, plan.owned, staging);
    try {
      run.fileSystem().mkdirs(staging);
      body.run(output);
      FileList files = output.list(spark);
      Manifest manifest =
          manifest(plan, fingerprint, output, spark, started, startNanos, "success", null);
      // Under a name of its own: until the commit is over, the earlier list is needed as well.
      files.write(run.fileSystem(), run.stage(plan.stage));
      manifest.write(
          run.fileSystem(), new Path(staging, RunDirectory.relativeManifest(plan.stage)));
      Commit.publish(run.fileSystem(), run.root(), plan.stage, plan.owned, token, lease);
      files.removeOthers(run.fileSystem(), run.stage(plan.stage));
      delete(run.fileSystem(), failure(run, plan));
      report(context, plan, manifest);
      return manifest;
    } catch (IOException e) {
      failed(run, plan, fingerprint, output, spark, started, startNanos, lease, e);
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      failed(run, plan, fingerprint, output, spark, started, startNanos, lease, e);
      throw e;
    } catch (Exception e) {
      // Scala throws checked exceptions undeclared: Spark's own SparkException is one.
      failed(run, plan, fingerprint, output, spark, started, startNanos, lease, e);
      throw new IllegalStateException("Failed to run " + plan.stage + ": " + e.getMessage(), e);
    } finally {
      removeStaging(run, token, lease);
      // What is printed afterwards is this stage's, too: no job stands nameless in Spark's pages.
      spark.sparkContext().setJobGroup(plan.stage, plan.stage + ": results", true);
    }
  }

  /** What the stage has left here, unless it is to be replaced anyhow. */
  private static Optional<Manifest> earlier(StageContext context, StagePlan plan) {
    RunDirectory run = context.run();
    return switch (context.ifPresent()) {
      case OVERWRITE -> Optional.empty();
      case REUSE_OR_REFUSE -> run.own(plan.stage);
      case REUSE_OR_REPLACE -> {
        try {
          Optional<Manifest> earlier = run.own(plan.stage);
          earlier.ifPresent(run::requireWhole);
          yield earlier;
        } catch (UserException e) {
          // Damaged, and quickly made again.
          LOG.warn("{}", e.getMessage());
          yield Optional.empty();
        }
      }
    };
  }

  /** Without the lease it is another's to remove; that of a commit to be taken up stays. */
  private static void removeStaging(RunDirectory run, String token, Lease lease) {
    try {
      if (lease.isHeld() && !Commit.isPending(run.fileSystem(), run.root(), token)) {
        run.fileSystem().delete(new Path(run.path(Commit.STAGING), token), true);
        FileMoves.removeIfEmpty(run.fileSystem(), run.path(Commit.STAGING));
      }
    } catch (IOException e) {
      LOG.warn("Failed to remove {}: {}", run.path(Commit.STAGING), e.getMessage());
    }
  }

  private static void failed(
      RunDirectory run,
      StagePlan plan,
      String fingerprint,
      StageOutput output,
      SparkSession spark,
      Instant started,
      long startNanos,
      Lease lease,
      Exception error) {
    if (!lease.isHeld()) {
      // The JVM is being ended, or the run is another's: nothing more is written.
      return;
    }
    String category = category(error);
    try {
      Path aside = new Path(output.staging(), "failure.json");
      manifest(plan, fingerprint, output, spark, started, startNanos, category, error.getMessage())
          .write(run.fileSystem(), aside);
      FileMoves.replace(run.fileSystem(), aside, failure(run, plan));
    } catch (IOException | RuntimeException e) {
      LOG.warn("Failed to write {}: {}", failure(run, plan), e.getMessage());
    }
  }

  private static String category(Exception error) {
    if (error instanceof UserException) {
      return "user_error";
    }
    return WorldFault.explain(error).isPresent() ? "world_fault" : "failure";
  }

  private static Path failure(RunDirectory run, StagePlan plan) {
    return run.path("stages/" + plan.stage + "/failure.json");
  }

  private static Manifest manifest(
      StagePlan plan,
      String fingerprint,
      StageOutput output,
      SparkSession spark,
      Instant started,
      long startNanos,
      String exit,
      String message) {
    Map<String, String> engine = new TreeMap<>();
    engine.put("application_id", spark.sparkContext().applicationId());
    engine.put("master", spark.sparkContext().master());
    engine.put("version", spark.version());
    return new Manifest(
        plan.stage,
        Version.current(),
        Table.SCHEMA_VERSION,
        output.simulated(),
        fingerprint,
        plan.configuration,
        plan.inputs,
        output.outputs,
        output.contents(),
        output.listName(),
        output.counts,
        output.facts,
        started.toString(),
        Math.round((System.nanoTime() - startNanos) / 1e6) / 1e3,
        engine,
        exit,
        message);
  }

  private static void report(StageContext context, StagePlan plan, Manifest manifest) {
    StringBuilder line = new StringBuilder();
    manifest
        .counts()
        .forEach(
            (name, value) ->
                line.append(
                    String.format(
                        Locale.ROOT, "%s%s %,d", line.isEmpty() ? "" : ", ", name, value)));
    context
        .console()
        .printf(
            Locale.ROOT,
            "%-10s done in %.1f s: %s%n",
            plan.stage,
            manifest.durationSeconds(),
            line);
  }

  private static String refusal(RunDirectory run, StagePlan plan, Manifest earlier) {
    TreeSet<String> changed = new TreeSet<>();
    differences(changed, "", earlier.configuration(), plan.configuration);
    differences(changed, "input ", earlier.inputs(), plan.inputs);
    if (!earlier.version().equals(Version.current())) {
      changed.add("version " + earlier.version() + " -> " + Version.current());
    }
    return String.format(
        "Cannot run %s in %s: it has already run there with other settings or inputs (%s)."
            + " Add --overwrite to replace it, or choose another --run directory.",
        plan.stage, run.root(), String.join("; ", changed));
  }

  private static void differences(
      SortedSet<String> changed,
      String prefix,
      Map<String, String> before,
      Map<String, String> now) {
    TreeSet<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(now.keySet());
    for (String key : keys) {
      String was = before.get(key);
      String is = now.get(key);
      if (!java.util.Objects.equals(was, is)) {
        changed.add(
            prefix.isEmpty() ? key + ": " + was + " -> " + is : prefix + key + " has changed");
      }
    }
  }

  private static String fingerprint(StagePlan plan) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String text =
          plan.stage
              + "\n"
              + Version.current()
              + "\n"
              + Table.SCHEMA_VERSION
              + "\n"
              + plan.configuration
              + "\n"
              + plan.inputs;
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }

  private static void delete(FileSystem fileSystem, Path path) {
    try {
      fileSystem.delete(path, false);
    } catch (IOException e) {
      LOG.warn("Failed to remove {}: {}", path, e.getMessage());
    }
  }
}
