package org.rtcn.jobs.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;

/** A model's folder as named byte arrays, which is what the engines save and load. */
public final class ModelFiles {
  private ModelFiles() {}

  /**
   * Reads every file of the folder.
   *
   * @throws UserException if there is no such folder
   */
  public static Map<String, byte[]> read(Path folder, Configuration configuration) {
    try {
      FileSystem fileSystem = folder.getFileSystem(configuration);
      Map<String, byte[]> files = new TreeMap<>();
      for (FileStatus status : fileSystem.listStatus(folder)) {
        if (status.isFile() && !status.getPath().getName().startsWith(".")) {
          try (InputStream in = fileSystem.open(status.getPath())) {
            files.put(status.getPath().getName(), in.readAllBytes());
          }
        }
      }
      return files;
    } catch (FileNotFoundException e) {
      throw new UserException(
          "Cannot find a model in " + folder + ": train one first, or name its folder", e);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read the model in " + folder, e);
    }
  }

  /** Writes the files below an owned path of the running stage, for example {@code models/rtcn}. */
  public static void write(StageOutput output, String relative, Map<String, byte[]> files) {
    files.forEach((name, content) -> output.write(relative + "/" + name, content));
  }
}
