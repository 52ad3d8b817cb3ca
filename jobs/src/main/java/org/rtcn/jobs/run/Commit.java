package org.rtcn.jobs.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;
import org.rtcn.common.storage.StrictJson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the output of a stage in the place of the earlier one, so that a kill at any point loses
 * neither:
 *
 * <ol>
 *   <li>The new output and its manifest stand whole in {@code .staging/TOKEN}.
 *   <li>The journal {@code .commit/TOKEN.json} appears, by the rename of one file. From here on the
 *       commit counts as done: whoever opens the run next brings it to its end.
 *   <li>The old output moves to {@code .commit/TOKEN/}, its manifest first.
 *   <li>The mark {@code .commit/TOKEN.aside} says that nothing old stands in its place any more.
 *   <li>The new output moves to its place, its manifest last.
 *   <li>Journal and mark go, then the old output.
 * </ol>
 *
 * <p>Each step can be repeated, and none needs a rename of a folder to be atomic: what stands at
 * the target is old before the mark and new behind it, so the rest of a move that was cut short
 * follows file by file. If part of the new output is gone when the commit is taken up again, the
 * old one is put back. Only the holder of the run's {@link Lease} may do any of this.
 */
final class Commit {
  /** Journals, and what is being replaced; below the run. */
  static final String FOLDER = ".commit";

  /** Work in progress; below the run. */
  static final String STAGING = ".staging";

  private static final Logger LOG = LoggerFactory.getLogger(Commit.class);
  private static final String JOURNAL = ".json";
  private static final String MARK = ".aside";
  private static final int LONGEST_JOURNAL = 1 << 20;
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9-]+");

  /** One owned path and what the new output holds there. */
  record Part(
      @JsonProperty("path") String path,
      @JsonProperty("files") long files,
      @JsonProperty("bytes") long bytes) {}

  /**
   * What is to be moved.
   *
   * @param token name of the folder in staging
   * @param parts the stage's paths; the manifest's is the last
   */
  record Journal(
      @JsonProperty("stage") String stage,
      @JsonProperty("token") String token,
      @JsonProperty("parts") List<Part> parts) {

    /**
     * Whether it may be carried out: anybody can lay a journal into a run, and what it names is
     * moved and deleted.
     *
     * @param name of its file
     */
    boolean isPossible(String name) {
      if (!(token + JOURNAL).equals(name) || !TOKEN.matcher(token).matches() || parts.isEmpty()) {
        return false;
      }
      List<String> owned = Writers.byStage().getOrDefault(stage, List.of());
      List<String> paths = parts.stream().map(Part::path).toList();
      int last = paths.size() - 1;
      return paths.get(last).equals(RunDirectory.relativeManifest(stage))
          && owned.containsAll(paths.subList(0, last))
          && parts.stream().allMatch(part -> part.files() >= 0 && part.bytes() >= 0);
    }
  }

  private final FileSystem fileSystem;
  private final Path root;
  private final Journal journal;
  private final Lease lease;

  private Commit(FileSystem fileSystem, Path root, Journal journal, Lease lease) {
    this.fileSystem = fileSystem;
    this.root = root;
    this.journal = journal;
    this.lease = lease;
  }

  /**
   * Commits what stands in {@code .staging/TOKEN}, the manifest included.
   *
   * @param owned paths below the run that the stage replaces; what is absent in staging ends absent
   * @throws UserException if the lease has been lost; nothing is changed then
   * @throws IOException if files cannot be moved; the earlier output is put back, or, where that is
   *     impossible as well, the next start of anything in this run takes the commit up
   */
  static void publish(
      FileSystem fileSystem, Path root, String stage, List<String> owned, String token, Lease lease)
      throws IOException {
    List<String> paths = new ArrayList<>(owned);
    paths.add(RunDirectory.relativeManifest(stage));
    List<Part> parts = new ArrayList<>();
    for (String path : paths) {
      FileMoves.Amount amount =
          FileMoves.amount(fileSystem, new Path(root, STAGING + "/" + token + "/" + path));
      parts.add(new Part(path, amount.files(), amount.bytes()));
    }
    Commit commit = new Commit(fileSystem, root, new Journal(stage, token, parts), lease);
    lease.whileHeld(stage, commit::publish);
  }

  /** Whether a commit has begun and not ended. */
  static boolean isPending(FileSystem fileSystem, Path root) throws IOException {
    for (FileStatus file : FileMoves.list(fileSystem, new Path(root, FOLDER))) {
      if (file.getPath().getName().endsWith(JOURNAL)) {
        return true;
      }
    }
    return false;
  }

  /** Whether this very commit has begun and not ended. */
  static boolean isPending(FileSystem fileSystem, Path root, String token) throws IOException {
    return fileSystem.exists(new Path(root, FOLDER + "/" + token + JOURNAL));
  }

  /** Brings every commit that was interrupted to its end. */
  static void settle(FileSystem fileSystem, Path root, Lease lease) throws IOException {
    for (FileStatus file : FileMoves.list(fileSystem, new Path(root, FOLDER))) {
      if (file.getPath().getName().endsWith(JOURNAL)) {
        Journal journal = read(fileSystem, file.getPath());
        LOG.info("Taking up the interrupted commit of {} in {}", journal.stage(), root);
        new Commit(fileSystem, root, journal, lease).takeUp();
      }
    }
  }

  /** Removes what writers that are dead have left in staging; commits have been settled before. */
  static void sweep(FileSystem fileSystem, Path root) throws IOException {
    for (String folder : List.of(STAGING, FOLDER)) {
      Path path = new Path(root, folder);
      for (FileStatus left : FileMoves.list(fileSystem, path)) {
        fileSystem.delete(left.getPath(), true);
      }
      FileMoves.removeIfEmpty(fileSystem, path);
    }
  }

  private static Journal read(FileSystem fileSystem, Path path) throws IOException {
    String remedy =
        "Remove the folder " + path.getParent() + " and run the stage again with --overwrite.";
    String refusal =
        "Cannot read the journal of an interrupted commit, " + path + ": it is damaged. " + remedy;
    byte[] text = WholeFiles.read(fileSystem, path, LONGEST_JOURNAL, remedy);
    try {
      Journal journal = StrictJson.read(text, Journal.class, path.getName());
      if (journal.isPossible(path.getName())) {
        return journal;
      }
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new UserException(refusal, e);
    }
    throw new UserException(refusal);
  }

  private void publish() throws IOException {
    // Prepared in the lease's own folder, which goes with the lease: who lost it cannot commit.
    Path prepared = new Path(lease.folder(), journal.token() + JOURNAL);
    FileMoves.write(fileSystem, prepared, StrictJson.writePretty(journal));
    lease.requireHeld();
    fileSystem.mkdirs(new Path(root, FOLDER));
    try {
      if (!fileSystem.rename(prepared, journalFile())) {
        lease.requireHeld();
        throw new IOException("Failed to rename " + prepared + " to " + journalFile());
      }
      setAside();
      moveIn();
    } catch (IOException e) {
      putBack(e);
      throw e;
    }
    try {
      cleanUp();
    } catch (IOException e) {
      LOG.warn("Failed to remove what {} has replaced: {}", journal.stage(), e.getMessage());
    }
  }

  private void takeUp() throws IOException {
    if (fileSystem.exists(mark())) {
      finish();
    } else if (isWhole(".staging/" + journal.token() + "/")) {
      setAside();
      finish();
    } else {
      LOG.warn("Part of the new output of {} is gone: the earlier one stays", journal.stage());
      back();
    }
    cleanUp();
  }

  private void finish() throws IOException {
    try {
      moveIn();
    } catch (Incomplete e) {
      LOG.warn("{}: the earlier output is put back", e.getMessage());
      back();
    }
  }

  private void setAside() throws IOException {
    List<Part> manifestFirst = new ArrayList<>(journal.parts());
    Collections.reverse(manifestFirst);
    for (Part part : manifestFirst) {
      lease.requireHeld();
      FileMoves.move(fileSystem, place(part), aside(part));
    }
    FileMoves.write(fileSystem, mark(), new byte[0]);
  }

  private void moveIn() throws IOException {
    List<Part> parts = journal.parts();
    for (int i = 0; i < parts.size(); i++) {
      if (i == parts.size() - 1 && !isWhole("", parts.subList(0, i))) {
        throw new Incomplete("Part of the new output of " + journal.stage() + " is gone");
      }
      lease.requireHeld();
      FileMoves.move(fileSystem, staged(parts.get(i)), place(parts.get(i)));
    }
    if (!isWhole("", parts)) {
      throw new Incomplete("The new manifest of " + journal.stage() + " is gone");
    }
  }

  /** The earlier output comes back; so far the commit was this process's own. */
  private void putBack(IOException cause) {
    try {
      back();
      cleanUp();
    } catch (IOException e) {
      cause.addSuppressed(e);
      LOG.warn(
          "Failed to put back the earlier output of {}: the next start in {} takes it up ({})",
          journal.stage(),
          root,
          e.getMessage());
    }
  }

  private void back() throws IOException {
    List<Part> parts = journal.parts();
    if (fileSystem.exists(mark())) {
      // Behind the mark everything in its place is new.
      for (int i = parts.size() - 1; i >= 0; i--) {
        fileSystem.delete(place(parts.get(i)), true);
      }
      fileSystem.delete(mark(), false);
    }
    for (Part part : parts) {
      lease.requireHeld();
      FileMoves.move(fileSystem, aside(part), place(part));
    }
  }

  private void cleanUp() throws IOException {
    fileSystem.delete(journalFile(), false);
    fileSystem.delete(mark(), false);
    fileSystem.delete(new Path(root, FOLDER + "/" + journal.token()), true);
    fileSystem.delete(new Path(root, STAGING + "/" + journal.token()), true);
    FileMoves.removeIfEmpty(fileSystem, new Path(root, FOLDER));
    FileMoves.removeIfEmpty(fileSystem, new Path(root, STAGING));
  }

  private boolean isWhole(String prefix) throws IOException {
    return isWhole(prefix, journal.parts());
  }

  private boolean isWhole(String prefix, List<Part> parts) throws IOException {
    for (Part part : parts) {
      FileMoves.Amount amount = FileMoves.amount(fileSystem, new Path(root, prefix + part.path()));
      if (amount.files() != part.files() || amount.bytes() != part.bytes()) {
        return false;
      }
    }
    return true;
  }

  private Path journalFile() {
    return new Path(root, FOLDER + "/" + journal.token() + JOURNAL);
  }

  private Path mark() {
    return new Path(root, FOLDER + "/" + journal.token() + MARK);
  }

  private Path place(Part part) {
    return new Path(root, part.path());
  }

  private Path aside(Part part) {
    return new Path(root, FOLDER + "/" + journal.token() + "/" + part.path());
  }

  private Path staged(Part part) {
    return new Path(root, STAGING + "/" + journal.token() + "/" + part.path());
  }

  private static final class Incomplete extends IOException {
    private static final long serialVersionUID = 1;

    Incomplete(String message) {
      super(message);
    }
  }
}
