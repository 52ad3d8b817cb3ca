package org.rtcn.common.nd4j;

import com.github.luben.zstd.ZstdInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;
import org.rtcn.common.error.UserException;

/**
 * ND4J's library as the jar holds it: packed by zstd, which makes 42 MB of it where a jar's own
 * compression makes 93. {@code deploy/release/Repack.java} packs it; where the class path has it as
 * it comes, as in a build, nothing happens here.
 */
public final class PackedNatives {
  private static final String LIBRARY = "libnd4jcpu.so";

  /** What JavaCPP itself unpacks and loads; the linker looks for the library in its folder. */
  private static final String JNI = "jnind4jcpu";

  /** Whoever unpacks for so long has ended without a word. */
  private static final Duration UNPACKING = Duration.ofMinutes(30);

  private PackedNatives() {}

  /** Whether the library of a build of ND4J's is on the class path, packed or not. */
  static boolean isPresent(String classifier) {
    String name = "org/nd4j/linalg/cpu/nativecpu/bindings/" + classifier + "/" + LIBRARY;
    ClassLoader loader = PackedNatives.class.getClassLoader();
    return loader.getResource(name) != null || loader.getResource(name + ".zst") != null;
  }

  /**
   * Unpacks the library that JavaCPP is going to load, unless that has been done on this machine,
   * to where the linker finds it. Other JVMs may do the same at the same time.
   *
   * @throws UserException if JavaCPP's cache folder cannot be written, or the jar is damaged
   */
  public static synchronized void unpack() {
    try {
      URL jni = chosen();
      if (jni == null) {
        return;
      }
      URL packed = beside(jni, LIBRARY + ".zst");
      if (isThere(beside(jni, LIBRARY)) || !isThere(packed)) {
        return;
      }
      Stamp stamp = Stamp.read(beside(jni, LIBRARY + ".stamp"));
      Path library = Loader.cacheResource(jni).toPath().resolveSibling(LIBRARY);
      if (!Files.exists(library) || Files.size(library) != stamp.size()) {
        removeRemains(library.getParent());
        unpack(packed, stamp, library);
      }
    } catch (IOException e) {
      throw new UserException(
          "Cannot unpack ND4J's library: "
              + e.getMessage().replaceFirst("\\.$", "")
              + ". Give the home folder 500 MB that can be written, or set"
              + " SPARK_SUBMIT_OPTS=-Dorg.bytedeco.javacpp.cachedir=FOLDER (executors:"
              + " spark.executor.extraJavaOptions)",
          e);
    } catch (NoClassDefFoundError e) {
      throw new UserException(
          "Cannot unpack ND4J's library: there is no zstd on the class path; put Spark's jars on"
              + " it",
          e);
    }
  }

  /** The first of the libraries that JavaCPP looks for and finds; null if there is none. */
  private static URL chosen() {
    ClassProperties properties =
        Loader.loadProperties(Nd4jCpu.class, Loader.loadProperties(), true);
    for (URL candidate : Loader.findLibrary(Nd4jCpu.class, properties, JNI, false)) {
      if (isThere(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private static URL beside(URL resource, String name) {
    try {
      String whole = resource.toString();
      return new URL(whole.substring(0, whole.lastIndexOf('/') + 1) + name);
    } catch (java.net.MalformedURLException e) {
      throw new IllegalStateException("Failed to name " + name + " beside " + resource, e);
    }
  }

  private static boolean isThere(URL resource) {
    try {
      resource.openStream().close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** What killed processes have left. */
  private static void removeRemains(Path folder) throws IOException {
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*.part")) {
      for (Path part : parts) {
        Instant written = Files.getLastModifiedTime(part).toInstant();
        if (written.isBefore(Instant.now().minus(UNPACKING))) {
          Files.deleteIfExists(part);
        }
      }
    }
  }

  /** Under a name of its own, then in one step: no JVM ever sees half a library. */
  private static void unpack(URL packed, Stamp stamp, Path library) throws IOException {
    Path aside = Files.createTempFile(library.getParent(), LIBRARY, ".part");
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Zstd.unpacking(packed.openStream()), digest)) {
        Files.copy(in, aside, StandardCopyOption.REPLACE_EXISTING);
      }
      if (!HexFormat.of().formatHex(digest.digest()).equals(stamp.sha256())) {
        throw new UserException(
            "Cannot unpack ND4J's library: it is damaged in the jar; copy the jar again");
      }
      // On the disk before it has its name, which stands for its content.
      try (FileChannel file = FileChannel.open(aside, StandardOpenOption.WRITE)) {
        file.force(true);
      }
      Files.move(aside, library, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Failed to find SHA-256", e);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  /** Apart, so that a class path on which nothing is packed need not have zstd. */
  private static final class Zstd {
    static InputStream unpacking(InputStream packed) throws IOException {
      return new ZstdInputStream(packed);
    }
  }

  /**
   * What the library was before it was packed.
   *
   * @param sha256 of its bytes, in hexadecimal digits
   * @param size its bytes
   */
  private record Stamp(String sha256, long size) {
    static Stamp read(URL resource) throws IOException {
      try (InputStream in = resource.openStream()) {
        String line = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        int blank = line.indexOf(' ');
        return new Stamp(line.substring(0, blank), Long.parseLong(line.substring(blank + 1)));
      } catch (FileNotFoundException e) {
        throw new UserException(
            "Cannot unpack ND4J's library: its stamp is missing in the jar; copy the jar again", e);
      }
    }
  }
}
