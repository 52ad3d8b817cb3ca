package org.rtcn.jobs.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.rtcn.common.error.UserException;
import org.rtcn.common.storage.StrictJson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write into a run directory: one process has it at a time. Who wants it
 *
 * <ol>
 *   <li>writes a claim of its own, {@code .lease/NONCE/claim.json},
 *   <li>lists all claims. If no other one is alive it holds the lease, since everybody who claims
 *       later sees this claim; else it withdraws its own, and tries again or gives up.
 * </ol>
 *
 * <p>So it takes no more than that a file appears whole and that a listing shows what was written
 * before: no exclusive creation, no atomic rename, no common clock. Claims are never changed, and
 * withdrawn or removed by their name alone. A holder touches {@code beat} next to its claim now and
 * then; a claim is dead when its process is (on the same machine) or when its last sign of life is
 * older than it promised (elsewhere), by the file system's own clock. Who removes a dead claim
 * removes the folder, and with it the journal that the holder may have prepared: should it wake up,
 * it can neither find its claim nor commit.
 *
 * <p>Who gets the lease settles the commits that a dead holder has left, and sweeps its staging.
 */
public final class Lease implements AutoCloseable {
  /** Claims; below the run. */
  static final String FOLDER = ".lease";

  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final String CLAIM = "claim.json";
  private static final String BEAT = "beat";
  private static final int LONGEST_CLAIM = 1 << 16;

  /** Between two tries, ms: longer than it takes a claimant to look around and to withdraw. */
  private static final int PAUSE_MS = 300;

  /** Spark's own hook has 40, that which closes file systems 10; the higher runs first. */
  private static final int HOOK_PRIORITY = 90;

  /** How long a process that is told to end waits for its own commit. */
  public static final int HOOK_SECONDS = 25;

  /** What is not a claim (yet, or any more) is removed when it is this old. */
  private static final Duration STRAY = Duration.ofMinutes(10);

  private static final double UNREADABLE_SECONDS = 60;

  /** Those of this process; one that runs several stages in a run has the lease once. */
  private static final Map<Path, Lease> OWN = new HashMap<>();

  /** Stages that this process has committed. */
  private static final List<String> COMMITTED = new ArrayList<>();

  /**
   * What a claim says.
   *
   * @param command what the process does
   * @param owner the process
   * @param since ISO-8601 UTC, by the process's clock; for people
   * @param expiresAfterSeconds without a sign of life
   */
  record Claim(
      @JsonProperty("command") String command,
      @JsonProperty("owner") ProcessIdentity owner,
      @JsonProperty("since") String since,
      @JsonProperty("expires_after_s") double expiresAfterSeconds) {

    private boolean isWhole() {
      return command != null
          && owner != null
          && owner.isWhole()
          && Double.isFinite(expiresAfterSeconds);
    }
  }

  /** Somebody else holds the lease. */
  static final class HeldException extends Exception {
    private static final long serialVersionUID = 1;

    HeldException(String message) {
      super(message);
    }
  }

  /** Changes of files. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /** A claim that somebody else's process has not given up. */
  private record Rival(String nonce, Claim claim, double silentSeconds) {}

  private final FileSystem fileSystem;
  private final Path root;
  private final Path folder;
  private final boolean madeRoot;
  private final ReentrantLock committing = new ReentrantLock();
  private final Runnable atShutdown = this::letGo;
  private final ScheduledExecutorService heart =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "rtcn-lease");
            thread.setDaemon(true);
            return thread;
          });
  private Future<?> beats = CompletableFuture.completedFuture(null);
  private volatile boolean over;
  private boolean refusesCommits;
  private boolean warned;
  private int holders = 1;

  private Lease(FileSystem fileSystem, Path root, String nonce, boolean madeRoot) {
    this.fileSystem = fileSystem;
    this.root = root;
    this.folder = new Path(root, FOLDER + "/" + nonce);
    this.madeRoot = madeRoot;
  }

  /**
   * Does what writes into a run while this process holds its lease.
   *
   * @param command what for, for those who find the run taken
   * @throws UserException if another process holds it, or the run cannot be written to
   */
  public static <T> T holding(
      RunDirectory run, String command, LeaseOptions options, Supplier<T> work) {
    Lease lease = take(run, command, options);
    try {
      return work.get();
    } finally {
      lease.close();
    }
  }

  /** Takes the lease of a run for this process; where it has it already, once more. */
  static Lease take(RunDirectory run, String command, LeaseOptions options) {
    try {
      return takeIfFree(run, command, options);
    } catch (HeldException e) {
      throw new UserException(e.getMessage(), e);
    }
  }

  static Lease takeIfFree(RunDirectory run, String command, LeaseOptions options)
      throws HeldException {
    synchronized (OWN) {
      Lease own = OWN.get(run.root());
      if (own != null) {
        own.holders++;
        return own;
      }
    }
    Lease taken = take(run.fileSystem(), run.root(), command, ProcessIdentity.current(), options);
    synchronized (OWN) {
      OWN.put(run.root(), taken);
    }
    return taken;
  }

  /** Whether this process holds the lease of a run. */
  static boolean isOwn(Path root) {
    synchronized (OWN) {
      return OWN.containsKey(root);
    }
  }

  /** As a process of one's choice. */
  static Lease take(
      FileSystem fileSystem, Path root, String command, ProcessIdentity owner, LeaseOptions options)
      throws HeldException {
    Claim claim =
        new Claim(
            command,
            owner,
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            options.expiry().toMillis() / 1e3);
    try {
      Lease lease = claim(fileSystem, root, claim, options.patience());
      lease.begin(options.heartbeat());
      return lease;
    } catch (IOException e) {
      throw new UserException(
          "Cannot write to the run directory " + root + ": " + e.getMessage(), e);
    }
  }

  private static Lease claim(FileSystem fileSystem, Path root, Claim claim, Duration patience)
      throws IOException, HeldException {
    boolean madeRoot = !fileSystem.exists(root);
    long deadline = System.nanoTime() + patience.toNanos();
    String seen = "";
    while (true) {
      String nonce = UUID.randomUUID().toString();
      Lease lease = new Lease(fileSystem, root, nonce, madeRoot);
      lease.write(claim);
      Rival rival = lease.rival();
      if (rival == null) {
        return lease;
      }
      lease.withdraw();
      // Who appears twice does not withdraw: it is the holder.
      if (rival.nonce().equals(seen) && System.nanoTime() > deadline) {
        throw new HeldException(refusal(root, rival));
      }
      seen = rival.nonce();
      pause();
    }
  }

  private static String refusal(Path root, Rival rival) {
    Claim claim = rival.claim();
    boolean here = claim.owner().isOnThisMachine();
    return String.format(
        Locale.ROOT,
        "Cannot write to %s: rtcn %s is at work there (%s, since %s). Wait until it has ended, %s"
            + "or give another --run.",
        root,
        claim.command(),
        claim.owner(),
        claim.since(),
        here
            ? "end it, "
            : String.format(
                Locale.ROOT,
                "or, if it is dead, until %.0f s have passed since its last sign of life (%.0f s"
                    + " ago), ",
                claim.expiresAfterSeconds(),
                rival.silentSeconds()));
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MS + ThreadLocalRandom.current().nextInt(PAUSE_MS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Failed to wait for the lease: interrupted", e);
    }
  }

  private void write(Claim claim) throws IOException {
    Path aside = new Path(folder, CLAIM + ".writing");
    for (int attempt = 1; ; attempt++) {
      try {
        FileMoves.write(fileSystem, aside, StrictJson.writePretty(claim));
        FileMoves.move(fileSystem, aside, claimFile());
        return;
      } catch (IOException e) {
        // Who withdraws removes the folder of all claims if it is empty.
        if (attempt == 3) {
          throw e;
        }
      }
    }
  }

  /** Another claim that is alive, null if there is none; those that are dead are removed. */
  private Rival rival() throws IOException {
    long now = fileSystem.getFileStatus(claimFile()).getModificationTime();
    Rival found = null;
    for (FileStatus other : FileMoves.list(fileSystem, new Path(root, FOLDER))) {
      Path path = other.getPath();
      if (path.getName().equals(folder.getName())) {
        continue;
      }
      double silent = (now - lastSign(path)) / 1e3;
      Claim claim = read(new Path(path, CLAIM));
      if (claim == null) {
        if (silent > STRAY.toSeconds()) {
          fileSystem.delete(path, true);
        }
      } else if (isDead(claim, silent)) {
        LOG.info("Taking over {} from rtcn {} ({})", root, claim.command(), claim.owner());
        fileSystem.delete(path, true);
      } else {
        found = new Rival(path.getName(), claim, silent);
      }
    }
    return found;
  }

  private static boolean isDead(Claim claim, double silentSeconds) {
    return claim.owner().isOnThisMachine()
        ? !claim.owner().isAlive()
        : silentSeconds > claim.expiresAfterSeconds();
  }

  private long lastSign(Path claimFolder) throws IOException {
    long last = 0;
    for (FileStatus file : FileMoves.list(fileSystem, claimFolder)) {
      last = Math.max(last, file.getModificationTime());
    }
    return last == 0 ? Long.MAX_VALUE : last;
  }

  private Claim read(Path file) throws IOException {
    try {
      byte[] text = WholeFiles.read(fileSystem, file, LONGEST_CLAIM, "");
      Claim claim = StrictJson.read(text, Claim.class, file.getName());
      if (claim.isWhole()) {
        return claim;
      }
    } catch (FileNotFoundException e) {
      return null;
    } catch (IllegalArgumentException | UserException e) {
      LOG.debug("{} is no claim", file, e);
    }
    // Damaged by a power cut, say: its age decides.
    return new Claim("?", new ProcessIdentity("?", "?", 0, "?", "?"), "?", UNREADABLE_SECONDS);
  }

  private void begin(Duration heartbeat) throws IOException {
    ShutdownHookManager.get().addShutdownHook(atShutdown, HOOK_PRIORITY);
    beats =
        heart.scheduleWithFixedDelay(
            this::beat, heartbeat.toMillis(), heartbeat.toMillis(), TimeUnit.MILLISECONDS);
    try {
      Commit.settle(fileSystem, root, this);
      Commit.sweep(fileSystem, root);
    } catch (IOException | RuntimeException | Error e) {
      end();
      throw e;
    }
  }

  private synchronized void beat() {
    if (over) {
      return;
    }
    try {
      if (fileSystem.exists(claimFile())) {
        FileMoves.write(
            fileSystem,
            new Path(folder, BEAT),
            (Instant.now() + "\n").getBytes(StandardCharsets.UTF_8));
      }
      if (!fileSystem.exists(claimFile())) {
        over = true;
        fileSystem.delete(folder, true);
        LOG.error("This process has lost its lease of {}: it will not commit", root);
      }
      warned = false;
    } catch (IOException e) {
      if (!warned) {
        LOG.warn("Failed to renew the lease of {}: {}", root, e.getMessage());
        warned = true;
      }
    }
  }

  /** Where the holder may put what is to vanish with the lease. */
  Path folder() {
    return folder;
  }

  private Path claimFile() {
    return new Path(folder, CLAIM);
  }

  /** Whether it has been neither closed nor taken over, as far as is known. */
  boolean isHeld() {
    return !over;
  }

  /**
   * Makes sure that it still holds.
   *
   * @throws UserException if another process has taken over, or this one is being ended
   */
  void requireHeld() throws IOException {
    if (over || !fileSystem.exists(claimFile())) {
      over = true;
      throw new UserException(
          "Cannot commit to "
              + root
              + ": this process has lost its lease, since it was told to end or gave no sign of"
              + " life for too long, and another may be at work there. Run the command again.");
    }
  }

  /** Does what must not be interrupted by an orderly end of the JVM. */
  void whileHeld(String stage, Action action) throws IOException {
    committing.lock();
    try {
      if (refusesCommits) {
        throw new UserException(
            "Cannot commit to " + root + ": this process was told to end. Run the command again.");
      }
      requireHeld();
      action.run();
      synchronized (COMMITTED) {
        COMMITTED.add(stage);
      }
    } finally {
      committing.unlock();
    }
  }

  /**
   * From here on this process commits nothing any more; a commit that has begun is waited for.
   *
   * @return what it has committed so far, stage by stage; empty if a commit is still under way
   */
  public static Optional<List<String>> endCommits() {
    List<Lease> all;
    synchronized (OWN) {
      all = List.copyOf(OWN.values());
    }
    boolean ended = true;
    for (Lease lease : all) {
      ended &= lease.refuseCommits();
    }
    synchronized (COMMITTED) {
      return ended ? Optional.of(List.copyOf(COMMITTED)) : Optional.empty();
    }
  }

  /** Whether no commit is under way now, nor will be. */
  boolean refuseCommits() {
    try {
      if (committing.tryLock(HOOK_SECONDS, TimeUnit.SECONDS)) {
        refusesCommits = true;
        committing.unlock();
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** SIGTERM: a commit that has begun ends, none begins, and the next writer need not wait. */
  void letGo() {
    try {
      if (committing.tryLock(HOOK_SECONDS, TimeUnit.SECONDS)) {
        try {
          end();
        } finally {
          // Who comes to commit now is refused, and not left waiting.
          committing.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    synchronized (OWN) {
      if (--holders > 0) {
        return;
      }
      OWN.remove(root, this);
    }
    end();
  }

  private synchronized void end() {
    boolean mine = !over;
    over = true;
    beats.cancel(false);
    heart.shutdown();
    try {
      ShutdownHookManager.get().removeShutdownHook(atShutdown);
    } catch (IllegalStateException e) {
      LOG.debug("The JVM is ending", e);
    }
    if (mine) {
      try {
        withdraw();
      } catch (IOException e) {
        LOG.warn("Failed to give back the lease of {}: {}", root, e.getMessage());
      }
    }
  }

  private void withdraw() throws IOException {
    fileSystem.delete(folder, true);
    FileMoves.removeIfEmpty(fileSystem, new Path(root, FOLDER));
    if (madeRoot) {
      FileMoves.removeIfEmpty(fileSystem, root);
    }
  }
}
