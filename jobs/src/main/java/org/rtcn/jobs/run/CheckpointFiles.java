package org.rtcn.jobs.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.storage.NamedArrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a running work, on any Hadoop file system. The last two are kept: a kill in
 * the midst of writing one leaves the other, and the damaged one is told by its digest, so that no
 * rename is needed (object stores have none).
 */
public final class CheckpointFiles {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFiles.class);
  private static final int KEPT = 2;
  private static final String SUFFIX = ".checkpoint";

  private final FileSystem fileSystem;
  private final Path folder;

  /**
   * @param folder theirs alone
   */
  public CheckpointFiles(FileSystem fileSystem, Path folder) {
    this.fileSystem = fileSystem;
    this.folder = folder;
  }

  /** Writes a checkpoint and removes all but the last two. */
  public void save(int step, byte[] checkpoint) {
    Path file = new Path(folder, String.format("step-%010d%s", step, SUFFIX));
    try {
      try (OutputStream out = fileSystem.create(file, true)) {
        out.write(checkpoint);
      }
      List<Path> all = newestFirst();
      for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
        fileSystem.delete(old, false);
      }
    } catch (IOException e) {
      // The work itself has not failed.
      LOG.warn("Failed to write the checkpoint {}: {}", file, e.getMessage());
    }
  }

  /** Writes what all checkpoints of the work build on, once. */
  public void keep(String name, byte[] content) {
    Path file = new Path(folder, name);
    try (OutputStream out = fileSystem.create(file, true)) {
      out.write(content);
    } catch (IOException e) {
      // Without it the work is begun again.
      LOG.warn("Failed to write {}: {}", file, e.getMessage());
    }
  }

  /** What {@link #keep} wrote, if it is there and whole. */
  public <C> Optional<C> kept(String name, Function<byte[], C> parse) {
    Path file = new Path(folder, name);
    try {
      return fileSystem.exists(file) ? read(file, parse) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read " + file, e);
    }
  }

  /**
   * The newest checkpoint that is whole.
   *
   * @param parse reads one; throws IllegalArgumentException for what was cut short or changed
   */
  public <C> Optional<C> latest(Function<byte[], C> parse) {
    try {
      for (Path file : newestFirst()) {
        Optional<C> checkpoint = read(file, parse);
        if (checkpoint.isPresent()) {
          return checkpoint;
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read checkpoints in " + folder, e);
    }
  }

  private <C> Optional<C> read(Path file, Function<byte[], C> parse) throws IOException {
    long size = fileSystem.getFileStatus(file).getLen();
    if (size > NamedArrays.LONGEST_FILE) {
      LOG.warn("Cannot use {}: it has {} bytes, more than any checkpoint", file, size);
      return Optional.empty();
    }
    try (InputStream in = WholeFiles.open(fileSystem, file)) {
      return Optional.of(parse.apply(in.readNBytes((int) size)));
    } catch (IllegalArgumentException | ChecksumException e) {
      LOG.warn("Cannot use {}: {}", file, e.getMessage());
      return Optional.empty();
    }
  }

  /** Removes all checkpoints, and what they build on. */
  public void clear() {
    try {
      fileSystem.delete(folder, true);
      Path parent = folder.getParent();
      if (fileSystem.exists(parent) && fileSystem.listStatus(parent).length == 0) {
        fileSystem.delete(parent, false);
      }
    } catch (IOException e) {
      LOG.warn("Failed to remove {}: {}", folder, e.getMessage());
    }
  }

  private List<Path> newestFirst() throws IOException {
    List<Path> files = new ArrayList<>();
    try {
      for (FileStatus file : fileSystem.listStatus(folder)) {
        if (file.isFile() && file.getPath().getName().endsWith(SUFFIX)) {
          files.add(file.getPath());
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    files.sort(Comparator.comparing(Path::getName).reversed());
    return files;
  }
}
