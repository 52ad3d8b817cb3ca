package org.rtcn.jobs.train;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a running training, on any Hadoop file system. The last two are kept: a kill
 * in the midst of writing one leaves the other, and the damaged one is told by its digest, so that
 * no rename is needed (object stores have none).
 */
final class CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final int KEPT = 2;
  private static final String SUFFIX = ".checkpoint";

  private final FileSystem fileSystem;
  private final Path folder;

  CheckpointStore(FileSystem fileSystem, Path folder) {
    this.fileSystem = fileSystem;
    this.folder = folder;
  }

  /** Writes a checkpoint and removes all but the last two. */
  void save(Checkpoint checkpoint) {
    Path file = new Path(folder, String.format("step-%010d%s", checkpoint.state().step(), SUFFIX));
    try {
      try (OutputStream out = fileSystem.create(file, true)) {
        out.write(checkpoint.toBytes());
      }
      List<Path> all = newestFirst();
      for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
        fileSystem.delete(old, false);
      }
    } catch (IOException e) {
      // Training itself has not failed.
      LOG.warn("Failed to write the checkpoint {}: {}", file, e.getMessage());
    }
  }

  /** The newest checkpoint that is whole. */
  Optional<Checkpoint> latest() {
    try {
      for (Path file : newestFirst()) {
        try (InputStream in = fileSystem.open(file)) {
          return Optional.of(Checkpoint.parse(in.readAllBytes()));
        } catch (IllegalArgumentException e) {
          LOG.warn("Cannot use {}: {}", file, e.getMessage());
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read checkpoints in " + folder, e);
    }
  }

  /** Removes all checkpoints. */
  void clear() {
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
