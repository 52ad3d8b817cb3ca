package org.rtcn.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.NetworkSize;
import org.rtcn.common.nn.RtcnConfig;

class CheckpointTest {
  @TempDir Path folder;

  private static Checkpoint at(int step) {
    return new Checkpoint(
        new Checkpoint.State(
            "f00d",
            3,
            step,
            0.25,
            List.of(
                new EpochRow(1, 7, 1.5, 1e-3, 0.9, 0.5, 100, 2, 8),
                new EpochRow(2, 14, 1.1, 1e-3, null, null, 100, 2, 16)),
            1,
            0.9),
        new float[] {1, step, 3},
        new float[] {Float.MIN_VALUE},
        new float[] {3, 2, 1});
  }

  /** A file system of its own: others switch checksums off. */
  private CheckpointStore store() throws IOException {
    return new CheckpointStore(
        FileSystem.newInstanceLocal(new Configuration()),
        new org.apache.hadoop.fs.Path(folder.resolve("checkpoints/train").toUri()));
  }

  @Test
  void comesBackAsItWas() {
    Checkpoint read = Checkpoint.parse(at(15).toBytes());
    assertThat(read.state()).isEqualTo(at(15).state());
    assertThat(read.parameters()).containsExactly(1, 15, 3);
    assertThat(read.updater()).containsExactly(Float.MIN_VALUE);
    assertThat(read.best()).containsExactly(3, 2, 1);
  }

  @Test
  void damageIsNoticed() {
    byte[] bytes = at(15).toBytes();
    bytes[bytes.length / 2] ^= 1;
    assertThatThrownBy(() -> Checkpoint.parse(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "Invalid rtcn-checkpoint/1: its content does not have the SHA-256 that it states");
    assertThatThrownBy(() -> Checkpoint.parse(Arrays.copyOf(at(15).toBytes(), 30)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNegativeSecondMomentIsRefused() throws IOException {
    RtcnConfig config = NetworkSize.TINY.config(2, 6, 8, 2, 1);
    Checkpoint sound = Checkpoint.parse(CheckpointResume.sound(config));
    FileSystem local = FileSystem.newInstanceLocal(new Configuration());
    org.apache.hadoop.fs.Path checkpoints =
        new org.apache.hadoop.fs.Path(folder.resolve("checkpoints/train").toUri());
    int weights = sound.parameters().length;
    // All of the first half are means, all of the second squares: batch normalisation's running
    // statistics have none.
    for (int at : new int[] {0, weights - 1, sound.updater().length - 1}) {
      float[] moments = sound.updater().clone();
      moments[at] = -1e-9f;
      new CheckpointStore(local, checkpoints)
          .save(new Checkpoint(sound.state(), sound.parameters(), moments, sound.best()));
      if (at < moments.length / 2) {
        assertThat(CheckpointResume.resume(config, local, checkpoints)).isTrue();
      } else {
        assertThatThrownBy(() -> CheckpointResume.resume(config, local, checkpoints))
            .isInstanceOf(UserException.class)
            .hasMessageStartingWith(
                "Cannot resume: the checkpoint at step 15 holds a negative second moment");
      }
    }
  }

  @Test
  void theLastTwoAreKeptAndTheNewestWholeOneIsRead() throws IOException {
    CheckpointStore store = store();
    assertThat(store.latest()).isEmpty();
    for (int step : new int[] {5, 90, 100}) {
      store.save(at(step));
    }
    Path train = folder.resolve("checkpoints/train");
    assertThat(train.resolve("step-0000000005.checkpoint")).doesNotExist();
    assertThat(train.resolve("step-0000000090.checkpoint")).exists();
    assertThat(store.latest().orElseThrow().state().step()).isEqualTo(100);
    // A kill in the midst of writing.
    Path newest = train.resolve("step-0000000100.checkpoint");
    Files.write(newest, Arrays.copyOf(Files.readAllBytes(newest), 40));
    Files.deleteIfExists(train.resolve(".step-0000000100.checkpoint.crc"));
    assertThat(store.latest().orElseThrow().state().step()).isEqualTo(90);
    // Hadoop's own checksums tell of damage, too.
    store.save(at(110));
    Path checksums = train.resolve(".step-0000000110.checkpoint.crc");
    byte[] wrong = Files.readAllBytes(checksums);
    wrong[wrong.length - 1] ^= 1;
    Files.write(checksums, wrong);
    assertThat(store.latest()).isEmpty();
    store.clear();
    assertThat(folder.resolve("checkpoints")).doesNotExist();
  }
}
