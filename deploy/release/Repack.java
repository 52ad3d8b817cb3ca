import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes the shaded jar anew: entries by name, with one time, so that equal contents are equal bytes. The build runs it.
 *
 * <p>Usage: java Repack.java JAR
 */
public final class Repack {
  private static final LocalDateTime TIME = LocalDateTime.of(2025, 1, 1, 0, 0);

  private Repack() {}

  public static void main(String[] args) throws IOException {
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
          write(out, entry.getName(), content.readAllBytes());
        }
      }
    }
    Files.move(aside, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(ZipOutputStream out, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(TIME);
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }
}
