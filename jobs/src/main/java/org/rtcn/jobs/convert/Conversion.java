package org.rtcn.jobs.convert;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.write.OutputFiles;
import org.rtcn.common.formats.write.OutputFiles.IfPresent;
import org.rtcn.common.formats.write.Target;

/** Writes recordings one after another, and counts what became of them. */
final class Conversion {
  /** File systems take 255 bytes, suffixes among them. */
  private static final int LONGEST_NAME = 120;

  private final Target target;
  private final Path out;
  private final IfPresent ifPresent;
  private final PrintStream console;
  private final Set<String> names = new HashSet<>();
  private long written;
  private long refused;

  Conversion(Target target, Path out, IfPresent ifPresent, PrintStream console) {
    this.target = target;
    this.out = out;
    this.ifPresent = ifPresent;
    this.console = console;
  }

  /** Gives a recording. */
  @FunctionalInterface
  interface Source {
    EcgRecord get() throws IOException;
  }

  /**
   * Writes a recording, or says why not.
   *
   * @param name its path or id
   * @throws UserException if the folder takes no files
   */
  void write(String name, Source source) {
    String unique = unique(name);
    try (OutputFiles files = new OutputFiles(out, ifPresent)) {
      target.write(unique, source.get(), files);
      files.commit();
      written++;
    } catch (RecordException e) {
      refuse(name, e.code(), e.getMessage());
    } catch (FileAlreadyExistsException e) {
      refuse(
          name,
          "TARGET_PRESENT",
          "Cannot write " + e.getFile() + ": it is there already; remove it or add --overwrite");
    } catch (IOException e) {
      refuse(name, "READ_FAILED", String.valueOf(e.getMessage()));
    }
  }

  /**
   * A name for files: letters, digits, {@code _} and {@code -}; of those that would be the same,
   * the second ends in {@code _2}.
   */
  private String unique(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9_-]+", "_").replaceFirst("^-", "_");
    if (plain.length() > LONGEST_NAME) {
      CRC32 crc = new CRC32();
      crc.update(name.getBytes(StandardCharsets.UTF_8));
      plain = "%s_%08x".formatted(plain.substring(0, LONGEST_NAME), crc.getValue());
    }
    String unique = plain;
    // Some file systems take capitals and small letters for the same.
    for (int i = 2; !names.add(unique.toLowerCase(Locale.ROOT)); i++) {
      unique = plain + "_" + i;
    }
    if (!unique.equals(plain)) {
      console.printf("  %s: %s%n", unique, name);
    }
    return unique;
  }

  void refuse(String name, String reason, String detail) {
    refused++;
    console.printf("  refused %s: %s (%s)%n", name, detail, reason);
  }

  /**
   * Says what was done.
   *
   * @throws UserException if nothing was written
   */
  int end() {
    console.printf("convert: %d written, %d refused, in %s%n", written, refused, out);
    if (written == 0) {
      throw new UserException(
          "Cannot convert anything: no recording could be written"
              + (refused == 0 ? "; no input holds ECG" : "; see above"));
    }
    return 0;
  }
}
