package org.rtcn.jobs.train;

import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.jobs.run.CheckpointFiles;

/** The checkpoints of a running training. */
final class CheckpointStore {
  private final CheckpointFiles files;

  CheckpointStore(FileSystem fileSystem, Path folder) {
    files = new CheckpointFiles(fileSystem, folder);
  }

  /** Writes a checkpoint and removes all but the last two. */
  void save(Checkpoint checkpoint) {
    files.save(checkpoint.state().step(), checkpoint.toBytes());
  }

  /** The newest checkpoint that is whole. */
  Optional<Checkpoint> latest() {
    return files.latest(Checkpoint::parse);
  }

  /** Removes all checkpoints. */
  void clear() {
    files.clear();
  }
}
