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
import java.util.List;
import org.rtcn.common.error.UserException;

/**
 * ND4J's library as the jar holds it: packed by zstd, which takes 38 MB of it where a jar's own
 * compression takes 93, and half the time to unpack. {@code deploy/release/Repack.java} packs; the
 * class path of a build has it unpacked, and is left alone.
 */
final class PackedNatives {
  private static final String LIBRARY = "libnd4jcpu.so";
  private static final String BINDINGS = "org/nd4j/linalg/cpu/nativecpu/bindings/";

  /** Where JavaCPP looks for what is no resource. It reads this once, when its loader is loaded. */
  private static final String PATH = "org.bytedeco.javacpp.platform.preloadpath";

  private static final String CACHE = "org.bytedeco.javacpp.cachedir";

  /** Whoever unpacks for so long has ended without a word. */
  private static final Duration UNPACKING = Duration.ofMinutes(30);

  private PackedNatives() {}

  /** Whether a build of the library is on the class path, packed or not. */
  static boolean isPresent(String classifier) {
    return resource(classifier, "") != null || resource(classifier, ".zst") != null;
  }

  /**
   * Unpacks a build of the library, unless that has been done on this machine, and tells JavaCPP
   * where it is. Call this before anything of JavaCPP's is loaded.
   *
   * @throws UserException if no cache folder can be written, or what is in it is another user's
   */
  static void unpack(String classifier) {
    URL packed = resource(classifier, ".zst");
    if (packed == null || resource(classifier, "") != null) {
      return;
    }
    Path folder = null;
    try {
      Stamp stamp = Stamp.read(resource(classifier, ".stamp"));
      // Named by its content: another version never takes the place of one that is in use.
      folder = cache().resolve("rtcn-" + classifier + "-" + stamp.sha256().substring(0, 16));
      Path library = folder.resolve(LIBRARY);
      if (!Files.exists(library) || Files.size(library) != stamp.size()) {
        removeRemains(folder);
        unpack(packed, stamp, library);
      }
      requireOwn(library);
      String others = System.getProperty(PATH);
      System.setProperty(
          PATH, others == null ? folder.toString() : folder + java.io.File.pathSeparator + others);
    } catch (IOException e) {
      throw new UserException(
          "Cannot unpack ND4J's library"
              + (folder == null ? "" : " to " + folder)
              + ": "
              + e.getMessage()
              + ". Give the home folder 500 MB that can be written, or set SPARK_SUBMIT_OPTS=-D"
              + CACHE
              + "=FOLDER (executors: spark.executor.extraJavaOptions)",
          e);
    }
  }

  /**
   * The first of the folders that JavaCPP would take ({@code Loader.getCacheDir}, 1.5.7) that can
   * be written. Not asked of JavaCPP itself: that would load its loader.
   */
  private static Path cache() throws IOException {
    String set = System.getProperty(CACHE);
    List<Path> candidates =
        set != null
            ? List.of(Path.of(set))
            : List.of(
                Path.of(System.getProperty("user.home"), ".javacpp", "cache"),
                Path.of(
                    System.getProperty("java.io.tmpdir"),
                    ".javacpp-" + System.getProperty("user.name"),
                    "cache"));
    IOException first = null;
    for (Path candidate : candidates) {
      try {
        Files.createDirectories(candidate);
        if (Files.isWritable(candidate)) {
          return candidate.toAbsolutePath();
        }
        throw new IOException(candidate + " cannot be written");
      } catch (IOException e) {
        if (first == null) {
          first = new IOException(candidate + " cannot be written", e);
        }
      }
    }
    throw first;
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
    Files.createDirectories(folder);
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
