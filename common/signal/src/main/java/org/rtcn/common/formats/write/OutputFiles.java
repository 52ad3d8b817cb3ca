package org.rtcn.common.formats.write;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.rtcn.common.error.IoReason;
import org.rtcn.common.error.UserException;

/**
 * The files of one recording in a local folder: written aside, and put in place all together or not
 * at all, in the order in which they were created.
 */
public final class OutputFiles implements Closeable {
  /** What to do where a file is there already. */
  public enum IfPresent {
    REFUSE,
    REPLACE
  }

  private final Path folder;
  private final IfPresent ifPresent;
  private final Map<Path, Path> aside = new LinkedHashMap<>();

  public OutputFiles(Path folder, IfPresent ifPresent) {
    this.folder = folder;
    this.ifPresent = ifPresent;
  }

  /**
   * Begins a file; the caller closes the stream before {@link #commit}.
   *
   * @param name plain file name
   * @throws FileAlreadyExistsException if it is there and is not to be replaced
   * @throws UserException if the folder takes no file
   */
  public OutputStream create(String name) throws IOException {
    Path target = folder.resolve(name);
    if (ifPresent == IfPresent.REFUSE && Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    // Not a temporary file of Java's, which is the owner's alone to read.
    Path part = folder.resolve("." + name + "." + UUID.randomUUID() + ".part");
    try {
      OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE_NEW);
      aside.put(target, part);
      return new BufferedOutputStream(new Written(out, target), 1 << 16);
    } catch (IOException e) {
      throw cannot(target, e);
    }
  }

  /**
   * Makes a folder for files where it is not there.
   *
   * @param option of the command line that names it
   * @throws UserException if that cannot be done
   */
  public static void makeFolder(Path folder, String option) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UserException("Cannot write into " + folder + ": it is a file; give a folder");
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UserException(
          "Cannot make the folder "
              + folder
              + ": "
              + IoReason.of(e)
              + "; give another with "
              + option,
          e);
    }
  }

  /**
   * Writes one file, whole or not at all.
   *
   * @throws UserException if it is there and is not to be replaced, or the folder takes no file
   */
  public static void write(Path file, byte[] content, IfPresent ifPresent) {
    Path folder = file.toAbsolutePath().getParent();
    try (OutputFiles files = new OutputFiles(folder, ifPresent)) {
      try (OutputStream out = files.create(file.getFileName().toString())) {
        out.write(content);
      }
      files.commit();
    } catch (FileAlreadyExistsException e) {
      throw new UserException(
          "Cannot write " + file + ": it is there already; remove it or add --overwrite", e);
    } catch (IOException e) {
      throw cannot(file, e);
    }
  }

  /**
   * Puts the files in place.
   *
   * @throws FileAlreadyExistsException if one has appeared since and is not to be replaced
   */
  public void commit() throws IOException {
    for (Map.Entry<Path, Path> file : aside.entrySet()) {
      Path target = file.getKey();
      try {
        if (ifPresent == IfPresent.REPLACE) {
          Files.move(file.getValue(), target, StandardCopyOption.REPLACE_EXISTING);
        } else {
          Files.move(file.getValue(), target);
        }
      } catch (FileAlreadyExistsException e) {
        throw e;
      } catch (IOException e) {
        throw cannot(target, e);
      }
    }
    aside.clear();
  }

  private static UserException cannot(Path target, IOException e) {
    return new UserException(
        "Cannot write "
            + target
            + ": "
            + IoReason.of(e)
            + "; make room there, or give another folder",
        e);
  }

  /** Whoever reads a recording throws, too: what fails here is the target's fault. */
  private static final class Written extends FilterOutputStream {
    private final Path target;

    Written(OutputStream out, Path target) {
      super(out);
      this.target = target;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      try {
        out.write(bytes, from, length);
      } catch (IOException e) {
        throw cannot(target, e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw cannot(target, e);
      }
    }
  }

  /** Removes what was not put in place. */
  @Override
  public void close() throws IOException {
    for (Path part : aside.values()) {
      Files.deleteIfExists(part);
    }
  }
}
