package org.rtcn.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;

class LeaseTest {
  private static final LeaseOptions OPTIONS =
      new LeaseOptions(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ZERO);
  private static final ProcessIdentity ELSEWHERE =
      new ProcessIdentity("node-7", "another boot", 4711, "1", "airflow");

  @TempDir Path folder;
  private FileSystem local;
  private org.apache.hadoop.fs.Path root;

  @BeforeEach
  void open() throws IOException {
    local = FileSystem.getLocal(new Configuration());
    local.setWriteChecksum(false);
    root = local.makeQualified(new org.apache.hadoop.fs.Path(folder.resolve("run").toString()));
  }

  @Test
  void aSecondWriterIsToldWhoIsAtWork() throws Exception {
    Lease first = take("ingest", ProcessIdentity.current());
    long start = System.nanoTime();
    assertThatThrownBy(() -> take("transform", ProcessIdentity.current()))
        .isInstanceOf(Lease.HeldException.class)
        .hasMessageStartingWith("Cannot write to " + root + ": rtcn ingest is at work there (host ")
        .hasMessageContaining("process " + ProcessHandle.current().pid())
        .hasMessageContaining("since 20");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    first.requireHeld();
    first.close();
    take("transform", ProcessIdentity.current()).close();
    // Nothing stands where nothing stood.
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void whatADeadHolderLeftIsSweptAndThatOfALivingOneIsNot() throws Exception {
    Lease killed = take("ingest", CommitKills.dead());
    Path left = Files.createDirectories(folder.resolve("run/.staging/ingest-1/tables"));
    Files.writeString(left.resolve("half.parquet"), "half");
    Lease next = take("ingest", ProcessIdentity.current());
    assertThat(folder.resolve("run/.staging")).doesNotExist();

    Files.createDirectories(left);
    assertThatThrownBy(() -> take("ingest", ProcessIdentity.current()))
        .isInstanceOf(Lease.HeldException.class);
    assertThat(left).exists();
    next.close();
    killed.close();
  }

  @Test
  void aHolderElsewhereIsDeadWhenItsSignsOfLifeHaveStopped() throws Exception {
    Lease there = take("train", ELSEWHERE);
    assertThatThrownBy(() -> take("train", ProcessIdentity.current()))
        .isInstanceOf(Lease.HeldException.class)
        .hasMessageContaining("host node-7, process 4711 of airflow")
        .hasMessageContaining("300 s");
    age(there, Duration.ofMinutes(4));
    assertThatThrownBy(() -> take("train", ProcessIdentity.current()))
        .isInstanceOf(Lease.HeldException.class);
    age(there, Duration.ofMinutes(6));
    take("train", ProcessIdentity.current()).close();
    there.close();
  }

  @Test
  void aZombieCannotCommitAndHarmsNothing() throws Exception {
    Files.createDirectories(folder.resolve("run/tables/splits"));
    Files.writeString(folder.resolve("run/tables/splits/part-0"), "good");
    Lease zombie = take("ingest", ELSEWHERE);
    age(zombie, Duration.ofMinutes(6));
    Lease retry = take("ingest", ProcessIdentity.current());
    stage("zombie", "of the zombie");
    stage("retry", "of the retry");

    assertThatThrownBy(() -> commit("zombie", zombie))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot commit to " + root + ": this process has lost its lease");
    assertThat(zombie.isHeld()).isFalse();
    assertThat(folder.resolve("run/tables/splits/part-0")).hasContent("good");
    zombie.close();

    commit("retry", retry);
    assertThat(folder.resolve("run/tables/splits/part-0")).hasContent("of the retry");
    retry.close();
  }

  @Test
  void aZombieThatWakesUpBetweenLookingAndCommittingFindsItsJournalGone() throws Exception {
    Lease zombie = take("ingest", ELSEWHERE);
    zombie.whileHeld(
        "ingest",
        () -> {
          // Here it sleeps: the journal is prepared, the lease has been looked at.
          FileMoves.write(local, new org.apache.hadoop.fs.Path(zombie.folder(), "t.json"), BYTES);
          age(zombie, Duration.ofMinutes(6));
          try (Lease retry = take("ingest", ProcessIdentity.current())) {
            retry.requireHeld();
          } catch (Lease.HeldException e) {
            throw new AssertionError(e);
          }
          assertThat(local.exists(new org.apache.hadoop.fs.Path(zombie.folder(), "t.json")))
              .isFalse();
        });
    zombie.close();
  }

  private static final byte[] BYTES = {'{', '}'};

  @Test
  void theHolderGivesSignsOfLifeAndNoticesItsLoss() throws Exception {
    LeaseOptions quick =
        new LeaseOptions(Duration.ofMillis(20), Duration.ofSeconds(5), Duration.ZERO);
    try (Lease lease = Lease.take(local, root, "train", ProcessIdentity.current(), quick)) {
      org.apache.hadoop.fs.Path beat = new org.apache.hadoop.fs.Path(lease.folder(), "beat");
      await(() -> local.exists(beat));
      local.delete(lease.folder(), true);
      await(() -> !lease.isHeld());
      assertThat(local.exists(lease.folder())).isFalse();
    }
  }

  /** What happens on SIGTERM: a commit that has begun ends, none begins any more. */
  @Test
  void whoIsToldToEndCommitsWhatHasBegunAndNoMore() throws Exception {
    Files.createDirectories(folder.resolve("run/tables/splits"));
    Lease lease = take("ingest", ProcessIdentity.current());
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    Future<?> commit =
        threads.submit(
            () -> {
              lease.whileHeld(
                  "ingest",
                  () -> {
                    begun.countDown();
                    await(() -> goOn.getCount() == 0);
                    lease.requireHeld();
                    Files.writeString(folder.resolve("run/tables/splits/part-0"), "whole");
                  });
              return null;
            });
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    Future<?> end = threads.submit(lease::letGo);
    Thread.sleep(300);
    assertThat(end.isDone()).isFalse();
    assertThat(lease.isHeld()).isTrue();
    goOn.countDown();
    commit.get(10, TimeUnit.SECONDS);
    end.get(10, TimeUnit.SECONDS);
    threads.shutdown();
    assertThat(folder.resolve("run/tables/splits/part-0")).hasContent("whole");
    assertThat(lease.isHeld()).isFalse();
    assertThat(folder.resolve("run/.lease")).doesNotExist();
    stage("late", "too late");
    assertThatThrownBy(() -> commit("late", lease))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("this process has lost its lease, since it was told to end");
    assertThat(folder.resolve("run/tables/splits/part-0")).hasContent("whole");
    lease.close();
  }

  /** What SIGTERM says first: it must be true, also when the commit has just begun. */
  @Test
  void whatIsSaidOfCommitsWhenTheyAreEndedIsTrue() throws Exception {
    Files.createDirectories(folder.resolve("run/tables/splits"));
    Lease lease = take("ingest", ProcessIdentity.current());
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    Future<?> commit =
        threads.submit(
            () -> {
              lease.whileHeld(
                  "ingest",
                  () -> {
                    begun.countDown();
                    await(() -> goOn.getCount() == 0);
                  });
              return null;
            });
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    Future<Boolean> asked = threads.submit(lease::refuseCommits);
    Thread.sleep(200);
    // Neither "committed" nor "not committed" could be said.
    assertThat(asked.isDone()).isFalse();
    goOn.countDown();
    commit.get(10, TimeUnit.SECONDS);
    assertThat(asked.get(10, TimeUnit.SECONDS)).isTrue();
    threads.shutdown();
    assertThat(Lease.endCommits().orElseThrow()).contains("ingest");
    // Still held: what has been written aside is this process's to remove.
    assertThat(lease.isHeld()).isTrue();
    stage("late", "too late");
    assertThatThrownBy(() -> commit("late", lease))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("was told to end");
    assertThat(folder.resolve("run/tables/splits")).isEmptyDirectory();
    lease.close();
  }

  @Test
  void ofManyWhoComeAtOnceOneHoldsAtATime() throws Exception {
    int writers = 6;
    AtomicInteger holding = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    LeaseOptions patient =
        new LeaseOptions(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(2));
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      all.add(
          threads.submit(
              () -> {
                Lease lease = Lease.take(local, root, "ingest", ProcessIdentity.current(), patient);
                most.accumulateAndGet(holding.incrementAndGet(), Math::max);
                Thread.sleep(20);
                holding.decrementAndGet();
                lease.close();
                return null;
              }));
    }
    for (Future<?> each : all) {
      each.get(2, TimeUnit.MINUTES);
    }
    threads.shutdown();
    assertThat(most).hasValue(1);
  }

  @Test
  void anAgedOrDamagedClaimDoesNotBlock() throws Exception {
    Path claim = Files.createDirectories(folder.resolve("run/.lease/cut")).resolve("claim.json");
    Files.writeString(claim, "{\"command\" : \"ing");
    assertThatThrownBy(() -> take("ingest", ProcessIdentity.current()))
        .isInstanceOf(Lease.HeldException.class);
    claim.toFile().setLastModified(System.currentTimeMillis() - 70_000);
    take("ingest", ProcessIdentity.current()).close();
    assertThat(claim).doesNotExist();
  }

  @Test
  void aRunThatCannotBeWrittenToIsTheUsersToMend() throws Exception {
    Files.writeString(folder.resolve("run"), "a file");
    assertThatThrownBy(() -> take("ingest", ProcessIdentity.current()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot write to the run directory " + root);
  }

  private Lease take(String command, ProcessIdentity owner) throws Lease.HeldException {
    return Lease.take(local, root, command, owner, OPTIONS);
  }

  private void stage(String token, String content) throws IOException {
    Path staged = folder.resolve("run/.staging/" + token);
    Files.createDirectories(staged.resolve("tables/splits"));
    Files.writeString(staged.resolve("tables/splits/part-0"), content);
    Files.createDirectories(staged.resolve("stages/ingest"));
    Files.writeString(staged.resolve("stages/ingest/manifest.json"), "{}");
  }

  private void commit(String token, Lease lease) throws IOException {
    Commit.publish(local, root, "ingest", List.of("tables/splits"), token, lease);
  }

  private void age(Lease lease, Duration age) throws IOException {
    Path claim = Path.of(lease.folder().toUri().getPath());
    try (Stream<Path> files = Files.list(claim)) {
      for (Path file : files.toList()) {
        boolean set = file.toFile().setLastModified(System.currentTimeMillis() - age.toMillis());
        assertThat(set).isTrue();
      }
    }
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws IOException {
    for (int i = 0; i < 500; i++) {
      if (condition.holds()) {
        return;
      }
      LockSupport.parkNanos(20_000_000);
    }
    throw new AssertionError("Nothing happened within 10 s");
  }
}
