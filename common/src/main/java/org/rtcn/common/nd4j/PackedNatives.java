package org.rtcn.common.nd4j;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.bytedeco.javacpp.Loader;

/**
 * ND4J's library as the jar holds it: packed by zstd, which takes 38 MB of it where a jar's own
 * compression takes 93, and half the time to unpack. {@code deploy/release/Repack.java} packs; the
 * class path of a build has it unpacked, and is left alone.
 */
final class PackedNatives {
  private static final String LIBRARY = "libnd4jcpu.so";
  private static final String BINDINGS = "org/nd4j/linalg/cpu/nativecpu/bindings/";

  /** Where JavaCPP looks for what is no resource. */
  private static final String PATH = "org.bytedeco.javacpp.platform.preloadpath";

  private PackedNatives() {}

  /** Whether a build of the library is on the class path, packed or not. */
  static boolean isPresent(String classifier) {
    return resource(classifier, "") != null || resource(classifier, ".zst") != null;
  }

  /**
   * Unpacks a build of the library, unless that has been done on this machine, and tells JavaCPP
   * where it is. Call this before JavaCPP loads anything.
   *
   * @throws UncheckedIOException if JavaCPP's cache folder cannot be written
   */
  static void unpack(String classifier) {
    URL packed = resource(classifier, ".zst");
    if (packed == null || resource(classifier, "") != null) {
      return;
    }
    try {
      Stamp stamp = Stamp.read(resource(classifier, ".stamp"));
      // Named by its content: another version never takes the place of one that is in use.
      Path folder =
          Loader.getCacheDir()
              .toPath()
              .resolve("rtcn-" + classifier + "-" + stamp.sha256().substring(0, 16));
      Path library = folder.resolve(LIBRARY);
      if (!Files.exists(library) || Files.size(library) != stamp.size()) {
        unpack(packed, folder, library);
      }
      String others = System.getProperty(PATH);
      System.setProperty(
          PATH, others == null ? folder.toString() : folder + java.io.File.pathSeparator + others);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot unpack ND4J's library: "
              + e.getMessage()
              + "; give a home folder with 400 MB that can be written (docs/supply-chain.md)",
          e);
    }
  }

  /** Under a name of its own, then in one step: other JVMs may be at it at the same time. */
  private static void unpack(URL packed, Path folder, Path library) throws IOException {
    Files.createDirectories(folder);
    Path aside = Files.createTempFile(folder, LIBRARY, ".part");
    try {
      try (InputStream in = new ZstdInputStream(packed.openStream()).setLongMax(27)) {
        Files.copy(in, aside, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.move(aside, library, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  private static URL resource(String classifier, String ending) {
    return PackedNatives.class
        .getClassLoader()
        .getResource(BINDINGS + classifier + "/" + LIBRARY + ending);
  }

  /**
   * What the library was before it was packed.
   *
   * @param sha256 of its bytes, in hexadecimal digits
   * @param size its bytes
   */
  private record Stamp(String sha256, long size) {
    static Stamp read(URL resource) throws IOException {
      if (resource == null) {
        throw new FileNotFoundException(LIBRARY + ".stamp is missing in the jar");
      }
      try (BufferedReader in =
          new BufferedReader(
              new InputStreamReader(resource.openStream(), StandardCharsets.UTF_8))) {
        String line = in.readLine();
        int blank = line.indexOf(' ');
        return new Stamp(line.substring(0, blank), Long.parseLong(line.substring(blank + 1)));
      }
    }
  }
}
