package org.rtcn.jobs.train;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;

/**
 * The shards that lie on this executor, for as long as their training lasts. Spark's own cache
 * would hold them on the heap, or read them from its disk store as a whole.
 */
final class LocalShards {
  private static final Map<Key, Held> HELD = new ConcurrentHashMap<>();

  private LocalShards() {}

  private record Key(String training, int worker) {}

  private record Held(ShardFile file, Shard shard) {}

  /**
   * The shard of a worker, written first where this executor does not have it.
   *
   * @param training unique to a training
   * @param examples asked for only where the shard has to be written
   */
  static Shard shard(
      String training, int worker, TrainingOptions options, Supplier<Iterator<Example>> examples) {
    return HELD.computeIfAbsent(
            new Key(training, worker),
            key -> {
              ShardFile file = ShardFile.write(examples.get(), newFile());
              return new Held(file, new Shard(file, options));
            })
        .shard();
  }

  /** Closes the shards of a training, which frees their space. */
  static void drop(String training) {
    for (Key key : List.copyOf(HELD.keySet())) {
      if (key.training().equals(training)) {
        // Another task of this executor may be doing the same.
        Held held = HELD.remove(key);
        if (held != null) {
          held.file().close();
        }
      }
    }
  }

  /** In one of the folders that Spark spreads its own files over. */
  private static Path newFile() {
    return SparkEnv.get().blockManager().diskBlockManager().createTempLocalBlock()._2().toPath();
  }
}
