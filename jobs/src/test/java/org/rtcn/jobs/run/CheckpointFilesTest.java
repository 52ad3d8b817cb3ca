package org.rtcn.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.averaging.Checkpoint;
import org.rtcn.common.averaging.SampleCheckpoint;

class CheckpointFilesTest {
  @TempDir Path folder;

  /** A file system of its own: others switch checksums off. */
  private CheckpointFiles files() throws IOException {
    return new CheckpointFiles(
        FileSystem.newInstanceLocal(new Configuration()),
        new org.apache.hadoop.fs.Path(folder.resolve("checkpoints/train").toUri()));
  }

  private static Optional<Integer> latest(CheckpointFiles files) {
    return files.latest(Checkpoint::parse).map(checkpoint -> checkpoint.state().step());
  }

  private static void cut(Path file) throws IOException {
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 40));
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
  }

  @Test
  void theLastTwoAreKeptAndTheNewestWholeOneIsRead() throws IOException {
    CheckpointFiles files = files();
    assertThat(latest(files)).isEmpty();
    files.keep("first", SampleCheckpoint.at(1).toBytes());
    for (int step : new int[] {15, 90, 100}) {
      files.save(step, SampleCheckpoint.at(step).toBytes());
    }
    Path train = folder.resolve("checkpoints/train");
    assertThat(train.resolve("step-0000000015.checkpoint")).doesNotExist();
    assertThat(train.resolve("step-0000000090.checkpoint")).exists();
    assertThat(latest(files)).contains(100);
    // A kill in the midst of writing.
    cut(train.resolve("step-0000000100.checkpoint"));
    assertThat(latest(files)).contains(90);
    // Hadoop's own checksums tell of damage, too.
    files.save(110, SampleCheckpoint.at(110).toBytes());
    Path checksums = train.resolve(".step-0000000110.checkpoint.crc");
    byte[] wrong = Files.readAllBytes(checksums);
    wrong[wrong.length - 1] ^= 1;
    Files.write(checksums, wrong);
    assertThat(latest(files)).isEmpty();
    // What they build on is neither a checkpoint nor too old.
    assertThat(files.kept("first", Checkpoint::parse)).isPresent();
    cut(train.resolve("first"));
    assertThat(files.kept("first", Checkpoint::parse)).isEmpty();
    assertThat(files.kept("never", Checkpoint::parse)).isEmpty();
    files.clear();
    assertThat(folder.resolve("checkpoints")).doesNotExist();
  }
}
