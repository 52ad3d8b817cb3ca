package org.rtcn.common.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLoadingTest {
  @TempDir private Path folder;

  @Test
  void theFirstLoadsAloneAndAllLaterOnesWaitForNobody() throws Exception {
    String loaded =
        NativeLoading.firstAlone(
            folder,
            "x",
            () -> {
              assertThatThrownBy(this::lock).isInstanceOf(OverlappingFileLockException.class);
              return "first";
            });
    assertThat(loaded).isEqualTo("first");
    try (FileChannel held = lock()) {
      assertThat(held.isOpen()).isTrue();
      assertThat(NativeLoading.firstAlone(folder, "x", () -> "later")).isEqualTo("later");
    }
  }

  @Test
  void whatFailedIsLoadedAloneAgain() throws Exception {
    assertThatThrownBy(
            () ->
                NativeLoading.firstAlone(
                    folder,
                    "x",
                    () -> {
                      throw new UnsatisfiedLinkError("no");
                    }))
        .isInstanceOf(UnsatisfiedLinkError.class);
    assertThat(folder.resolve(".loaded-x")).doesNotExist();
    lock().close();
  }

  @Test
  void aFolderThatIsNotThereKeepsNobodyFromLoading() {
    Path none = folder.resolve("none");
    assertThat(NativeLoading.firstAlone(none, "x", () -> "loaded")).isEqualTo("loaded");
    assertThat(Files.exists(none)).isFalse();
  }

  private FileChannel lock() throws Exception {
    FileChannel channel = FileChannel.open(folder.resolve(".loading"), StandardOpenOption.WRITE);
    channel.lock();
    return channel;
  }
}
