package org.rtcn.common.nd4j;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.bytedeco.javacpp.Loader;
import org.rtcn.common.error.UserException;

/**
 * ND4J's library as the jar holds it: packed by zstd, which takes 38 MB of it where a jar's own
 * compression takes 93, and half the time to unpack. {@code deploy/release/Repack.java} packs; the
 * class path of a build has it unpacked, and is left alone.
 */
final class PackedNatives {
  private static final String LIBRARY = "libnd4jcpu.so";
  private static final String BINDINGS = "org/nd4j/linalg/cpu/nativecpu/bindings/";

  /** What JavaCPP itself unpacks and loads; it looks for the library in its own folder. */
  private static final String JNI = "libjnind4jcpu.so";

  /** Whoever unpacks for so long has ended without a word. */
  private static final Duration UNPACKING = Duration.ofMinutes(30);

  private PackedNatives() {}

  /** Whether a build of the library is on the class path, packed or not. */
  static boolean isPresent(String classifier) {
    return resource(classifier, LIBRARY) != null || resource(classifier, LIBRARY + ".zst") != null;
  }

  /**
   * Unpacks a build of the library, unless that has been done on this machine, to where the linker
   * finds it: beside the file that JavaCPP loads. (Its own search path is of no use: it is read
   * when JavaCPP's loader is loaded, which may have been before.)
   *
   * @throws UserException if no cache folder can be written, or what is in it is another user's
   */
  static void unpack(String classifier) {
    URL packed = resource(classifier, LIBRARY + ".zst");
    if (packed == null || resource(classifier, LIBRARY) != null) {
      return;
    }
    try {
      Stamp stamp = Stamp.read(resource(classifier, LIBRARY + ".stamp"));
      Path library =
          Loader.cacheResource(resource(classifier, JNI)).toPath().resolveSibling(LIBRARY);
      if (!Files.exists(library) || Files.size(library) != stamp.size()) {
        removeRemains(library.getParent());
        unpack(packed, stamp, library);
      }
      requireOwn(library);
    } catch (IOException e) {
      throw new UserException(
          "Cannot unpack ND4J's library: "
              + e.getMessage()
              + ". Give the home folder 500 MB that can be written, or set"
              + " SPARK_SUBMIT_OPTS=-Dorg.bytedeco.javacpp.cachedir=FOLDER (executors:"
              + " spark.executor.extraJavaOptions)",
          e);
    }
  }

  /** A folder in /tmp has a name that others know. */
  private static void requireOwn(Path library) throws IOException {
    Path made = Files.createTempFile(library.getParent(), "owner", "");
    try {
      if (!Files.getOwner(library).equals(Files.getOwner(made))) {
        throw new IOException(library + " is another user's");
      }
    } finally {
      Files.delete(made);
    }
  }

  /** What killed processes have left. */
  private static void removeRemains(Path folder) throws IOException {
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*.part")) {
      for (Path part : parts) {
        FileTime written = Files.getLastModifiedTime(part);
        if (written.toInstant().isBefore(Instant.now().minus(UNPACKING))) {
          Files.deleteIfExists(part);
        }
      }
    }
  }

  /** Under a name of its own, then in one step: other JVMs may be at it at the same time. */
  private static void unpack(URL packed, Stamp stamp, Path library) throws IOException {
    Path aside = Files.createTempFile(library.getParent(), LIBRARY, ".part");
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in =
          new DigestInputStream(new ZstdInputStream(packed.openStream()).setLongMax(27), digest)) {
        Files.copy(in, aside, StandardCopyOption.REPLACE_EXISTING);
      }
      if (!HexFormat.of().formatHex(digest.digest()).equals(stamp.sha256())) {
        throw new IOException("the jar is damaged; copy it again");
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

  private static URL resource(String classifier, String name) {
    return PackedNatives.class.getClassLoader().getResource(BINDINGS + classifier + "/" + name);
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
