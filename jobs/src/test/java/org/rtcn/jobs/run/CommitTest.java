package org.rtcn.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.run.KillingFileSystem.Fault;
import org.rtcn.jobs.run.KillingFileSystem.Renames;
import org.rtcn.jobs.tables.Table;

class CommitTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Renames.class)
  void aKillAtAnyChangeLeavesWhatWasOrWhatComes(Renames renames) throws IOException {
    for (String stage :
        renames == Renames.ATOMIC ? List.of("augment", "ingest", "train") : ofEachKind()) {
      CommitKills.Outcome outcome = kills(renames).killEverywhere(stage, false, false);
      assertThat(outcome.states()).as(stage).startsWith("before").endsWith("after");
    }
  }

  /** To a commit, stages that own as many tables and as many folders are the same. */
  private static Collection<String> ofEachKind() {
    Map<String, String> kinds = new TreeMap<>();
    CommitKills.STAGES.forEach(
        (stage, owned) -> {
          long tables = owned.stream().filter(path -> path.startsWith("tables/")).count();
          kinds.putIfAbsent(tables + " of " + owned.size(), stage);
        });
    return kinds.values();
  }

  @ParameterizedTest
  @EnumSource(Renames.class)
  void aFirstRunLeavesNothingOrAll(Renames renames) throws IOException {
    CommitKills.Outcome outcome = kills(renames).killEverywhere("ingest", true, false);
    assertThat(outcome.states()).startsWith("before").endsWith("after");
  }

  @ParameterizedTest
  @EnumSource(Renames.class)
  void aRecoveryMayBeKilledAtAnyChange(Renames renames) throws IOException {
    assertThat(kills(renames).killEverywhere("train", false, true).kills()).isGreaterThan(60);
  }

  @ParameterizedTest
  @EnumSource(Renames.class)
  void whatCannotBeMovedIsPutBack(Renames renames) throws IOException {
    // A single error: the commit says that it has failed, and the earlier output is there at once.
    CommitKills.Outcome once = kills(renames).failEverywhere("augment", Fault.ONE_ERROR);
    assertThat(once.states())
        .startsWith("before")
        .endsWith("after")
        .containsOnly("before", "after");
    // Nothing can be written any more, the earlier output not be put back either.
    CommitKills.Outcome full = kills(renames).failEverywhere("train", Fault.ERRORS_FROM_THEN_ON);
    assertThat(full.states())
        .startsWith("before")
        .anyMatch(state -> state.startsWith("taken up"))
        .endsWith("after");
  }

  /** A plan that owned more would be refused by Writers, so that none is forgotten here. */
  @Test
  void whatAnyStageOwnsIsTried() {
    assertThat(CommitKills.STAGES.keySet())
        .containsExactly(
            "ablate",
            "augment",
            "compare",
            "crossval",
            "evaluate",
            "gate",
            "ingest",
            "predict",
            "simulate",
            "train",
            "transform");
    assertThatThrownBy(() -> StagePlan.named("train", "test").owns("models/other"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot let train own models/other: name it in Writers");
    assertThatThrownBy(() -> StagePlan.named("evaluate", "test").owns(Table.UNANSWERED))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aReaderWaitsForACommitThatIsBeingMade() throws Exception {
    Path run = folder.resolve("run");
    write(run.resolve("tables/splits/part-0"), "old");
    FileSystem local = new LocalFiles();
    local.initialize(URI.create("file:///"), new Configuration());
    CountDownLatch midst = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    FileSystem slow =
        new FilterFileSystem(local) {
          @Override
          public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
              throws IOException {
            if (to.toString().endsWith("run/tables/splits")) {
              midst.countDown();
              await(goOn);
            }
            return super.rename(from, to);
          }
        };
    org.apache.hadoop.fs.Path root =
        local.makeQualified(new org.apache.hadoop.fs.Path(run.toString()));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Lease writer =
        Lease.take(
            local,
            root,
            "ingest",
            ProcessIdentity.current(),
            new LeaseOptions(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ZERO))) {
      // Who takes a lease sweeps first.
      write(run.resolve(".staging/t/tables/splits/part-0"), "new");
      write(run.resolve(".staging/t/stages/ingest/manifest.json"), "{}");
      Future<?> commit =
          threads.submit(
              () -> {
                Commit.publish(slow, root, "ingest", List.of("tables/splits"), "t", writer);
                return null;
              });
      await(midst);
      // Here the table stands nowhere.
      assertThat(run.resolve("tables/splits")).doesNotExist();
      assertThatThrownBy(
              () -> RunDirectory.at(run.toString(), new Configuration(), Duration.ofMillis(600)))
          .isInstanceOf(UserException.class)
          .hasMessageStartingWith("Cannot read " + root + " in the midst of a commit: ")
          .hasMessageContaining("rtcn ingest is at work there");
      Future<RunDirectory> reader =
          threads.submit(() -> RunDirectory.at(run.toString(), new Configuration()));
      assertThatThrownBy(() -> reader.get(700, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      goOn.countDown();
      commit.get(20, TimeUnit.SECONDS);
      reader.get(20, TimeUnit.SECONDS);
      assertThat(run.resolve("tables/splits/part-0")).hasContent("new");
    } finally {
      goOn.countDown();
      threads.shutdown();
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IOException("Nothing happened within 20 s");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private CommitKills kills(Renames renames) throws IOException {
    FileSystem local = new LocalFiles();
    local.initialize(URI.create("file:///"), new Configuration());
    return new CommitKills(
        local, new org.apache.hadoop.fs.Path(folder.resolve("kills").toString()), renames);
  }

  /** Starts no process for each file to set its permissions. */
  private static final class LocalFiles extends RawLocalFileSystem {
    @Override
    public void setPermission(
        org.apache.hadoop.fs.Path path, org.apache.hadoop.fs.permission.FsPermission permission) {}
  }
}
