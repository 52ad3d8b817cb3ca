import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes the shaded jar anew: entries by name, with one time, so that equal contents are equal bytes; and ND4J's library packed by zstd
 * (org.rtcn.common.nd4j.PackedNatives unpacks it). The build runs it.
 *
 * <p>Usage: java -cp zstd-jni.jar Repack.java JAR
 */
public final class Repack {
  private static final LocalDateTime TIME = LocalDateTime.of(2025, 1, 1, 0, 0);
  private static final String LIBRARY = "/libnd4jcpu.so";
  private static final int LEVEL = 9;

  /** 8 MiB: what any decoder of zstd takes; 128 MiB make the library 2 MB smaller. */
  private static final int WINDOW_LOG = 23;

  private Repack() {}

  public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
    Path jar = Path.of(args[0]);
    Path aside = jar.resolveSibling(jar.getFileName() + ".part");
    try (ZipFile in = new ZipFile(jar.toFile());
        OutputStream file = Files.newOutputStream(aside);
        ZipOutputStream out = new ZipOutputStream(file)) {
      out.setLevel(Deflater.DEFAULT_COMPRESSION);
      List<? extends ZipEntry> entries =
          in.stream()
              // Readers of manifests want META-INF/ and the manifest first.
              .sorted(
                  Comparator.<ZipEntry, Boolean>comparing(entry -> !entry.getName().equals("META-INF/"))
                      .thenComparing(entry -> !entry.getName().equals("META-INF/MANIFEST.MF"))
                      .thenComparing(ZipEntry::getName))
              .toList();
      for (ZipEntry entry : entries) {
        try (InputStream content = in.getInputStream(entry)) {
          byte[] bytes = content.readAllBytes();
          if (entry.getName().endsWith(LIBRARY)) {
            byte[] packed = compress(bytes);
            String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            store(out, entry.getName() + ".zst", packed);
            write(out, entry.getName() + ".stamp", (sha256 + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
          } else {
            write(out, entry.getName(), bytes);
          }
        }
      }
    }
    Files.move(aside, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] compress(byte[] bytes) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      return context.setLevel(LEVEL).setLong(WINDOW_LOG).compress(bytes);
    }
  }

  private static void write(ZipOutputStream out, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(TIME);
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }

  private static void store(ZipOutputStream out, String name, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(TIME);
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }
}
