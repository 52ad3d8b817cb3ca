package org.rtcn.jobs.convert;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.write.FileNames;
import org.rtcn.common.formats.write.OutputFiles;
import org.rtcn.common.formats.write.OutputFiles.IfPresent;
import org.rtcn.common.formats.write.Target;
import org.rtcn.jobs.inputs.EcgInputs;

/** Writes recordings one after another, and counts what became of them. */
final class Conversion implements EcgInputs.Visitor {
  private final Target target;
  private final Path out;
  private final IfPresent ifPresent;
  private final PrintStream console;
  private final FileNames names = new FileNames();
  private long written;
  private long refused;

  Conversion(Target target, Path out, IfPresent ifPresent, PrintStream console) {
    this.target = target;
    this.out = out;
    this.ifPresent = ifPresent;
    this.console = console;
  }

  /**
   * Writes a recording, or says why not.
   *
   * @param name its path or id
   * @throws UserException if the folder takes no files
   */
  @Override
  public void record(String name, EcgInputs.Source source) {
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

  private String unique(String name) {
    String unique = names.unique(name);
    if (!unique.equals(FileNames.plain(name))) {
      console.printf("  %s: %s%n", unique, name);
    }
    return unique;
  }

  @Override
  public void refuse(String name, String reason, String detail) {
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
