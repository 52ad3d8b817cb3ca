package org.rtcn.common.nd4j;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;

/**
 * Loads native libraries for the first time while no other JVM of this machine does. JavaCPP
 * unpacks them to a folder that all JVMs share, one library after another; a JVM that loads one
 * while another JVM is still writing a library that it links to does not survive (JavaCPP 1.5.13
 * with LibTorch; never seen with 1.5.7). Executors start at the same time. Once everything has been
 * unpacked nobody waits for anybody.
 */
public final class NativeLoading {
  private NativeLoading() {}

  /**
   * Loads, alone where this has not yet been done on this machine.
   *
   * @param name of what is loaded; part of a file's name
   * @param load called once, also where others cannot be kept out
   */
  public static <T> T firstAlone(String name, Supplier<T> load) {
    try {
      return firstAlone(Loader.getCacheDir().toPath(), name + "-" + build(), load);
    } catch (IOException e) {
      // JavaCPP itself says what is wrong with its folder.
      return load.get();
    }
  }

  static synchronized <T> T firstAlone(Path folder, String name, Supplier<T> load) {
    Path done = folder.resolve(".loaded-" + name);
    if (Files.exists(done)) {
      return load.get();
    }
    FileChannel lock = locked(folder.resolve(".loading"));
    try {
      T loaded = load.get();
      if (lock != null) {
        mark(done);
      }
      return loaded;
    } finally {
      release(lock);
    }
  }

  /** Null on a file system that cannot be locked or written. */
  private static FileChannel locked(Path file) {
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.lock();
      return channel;
    } catch (IOException e) {
      return null;
    }
  }

  private static void release(FileChannel lock) {
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("Failed to let other processes load libraries", e);
    }
  }

  /** Without the mark the next JVM loads alone as well, which costs it a moment. */
  private static void mark(Path done) {
    try {
      Files.write(done, new byte[0]);
    } catch (IOException e) {
      return;
    }
  }

  /** What tells this jar from another of the same name. */
  private static String build() throws IOException {
    try {
      Path jar =
          Path.of(NativeLoading.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return Integer.toHexString(jar.hashCode())
          + "-"
          + Files.size(jar)
          + "-"
          + Files.getLastModifiedTime(jar).toMillis();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("Failed to find this class' own jar", e);
    }
  }
}
