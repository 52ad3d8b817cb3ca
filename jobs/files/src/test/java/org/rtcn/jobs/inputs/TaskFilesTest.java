package org.rtcn.jobs.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFilesTest {
  private static final byte[] CONTENT = "ten bytes.".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  @Test
  void checksumsOfHadoopStillCountWhereThereAreSome() throws IOException {
    // Another than the one that all share, whose checksums a run's folder turns off.
    LocalFileSystem local = new LocalFileSystem();
    local.initialize(java.net.URI.create("file:///"), new Configuration());
    org.apache.hadoop.fs.Path file =
        new org.apache.hadoop.fs.Path(folder.resolve("a.dat").toString());
    try (var out = local.create(file)) {
      out.write(CONTENT);
    }
    byte[] damaged = CONTENT.clone();
    damaged[3] ^= 1;
    Files.write(folder.resolve("a.dat"), damaged);
    assertThatThrownBy(() -> read(local, "a.dat", 0)).isInstanceOf(ChecksumException.class);
    Files.delete(folder.resolve(".a.dat.crc"));
    assertThat(read(local, "a.dat", 0)).isEqualTo(damaged);
  }

  @Test
  void findsNamesInOtherLettersAndReadsFromAnOffset() throws IOException {
    Files.write(folder.resolve("B.DAT"), CONTENT);
    FileSystem local = FileSystem.getLocal(new Configuration());
    assertThat(read(local, "b.dat", 4)).isEqualTo(Arrays.copyOfRange(CONTENT, 4, 10));
    Files.write(folder.resolve("10:30.dat"), CONTENT);
    assertThat(read(local, "10:30.dat", 0)).isEqualTo(CONTENT);
    assertThatThrownBy(() -> read(local, "c.dat", 0))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("c.dat ");
  }

  @Test
  void digestsWhatIsRead() throws IOException {
    Files.write(folder.resolve("d.dat"), CONTENT);
    var digest = TaskFiles.sha256();
    TaskFiles files = files(FileSystem.getLocal(new Configuration()), digest);
    assertThat(files.size("d.dat")).isEqualTo(CONTENT.length);
    try (InputStream in = files.open("d.dat")) {
      assertThat(in.readAllBytes()).isEqualTo(CONTENT);
    }
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo(HexFormat.of().formatHex(TaskFiles.sha256().digest(CONTENT)));
    assertThat(files.opened()).containsExactly("file:" + folder.resolve("d.dat"));
  }

  private byte[] read(FileSystem fileSystem, String name, long offset) throws IOException {
    try (InputStream in = files(fileSystem, TaskFiles.sha256()).openAt(name, offset)) {
      return in.readAllBytes();
    }
  }

  private TaskFiles files(FileSystem fileSystem, java.security.MessageDigest digest)
      throws IOException {
    return new TaskFiles(
        fileSystem, new org.apache.hadoop.fs.Path(folder.toString()), folder.toRealPath(), digest);
  }
}
