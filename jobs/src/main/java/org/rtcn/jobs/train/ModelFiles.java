package org.rtcn.jobs.train;

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
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.run.RunDirectory;

/** Models as folders on any Hadoop file system. */
public final class ModelFiles {
  /** Where {@code train} leaves its model, below the run directory. */
  public static final String RTCN = "models/rtcn";

  private ModelFiles() {}

  /**
   * Reads a model folder as named byte arrays: what a driver broadcasts, for {@link
   * RtcnModel#parse} in each task.
   *
   * @throws UserException if there is no such folder
   */
  public static Map<String, byte[]> read(Path folder, Configuration configuration) {
    try {
      FileSystem fileSystem = folder.getFileSystem(configuration);
      Map<String, byte[]> files = new TreeMap<>();
      for (FileStatus file : fileSystem.listStatus(folder)) {
        if (file.isFile()) {
          try (InputStream in = fileSystem.open(file.getPath())) {
            files.put(file.getPath().getName(), in.readAllBytes());
          }
        }
      }
      requireAsTrained(folder, files, configuration);
      return files;
    } catch (FileNotFoundException e) {
      throw new UserException(
          "Cannot find a model in " + folder + ": run \"rtcn train\" first, or give its folder", e);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read the model " + folder, e);
    }
  }

  /** A model that still stands in the run that trained it is compared with its manifest. */
  private static void requireAsTrained(
      Path folder, Map<String, byte[]> files, Configuration configuration) {
    Path models = folder.getParent();
    if (models != null && models.getParent() != null) {
      RunDirectory.at(models.getParent().toString(), configuration)
          .requireAsWritten("train", models.getName() + "/" + folder.getName(), files);
    }
  }

  /**
   * Reads a model.
   *
   * @throws UserException if it is missing or damaged
   */
  public static RtcnModel load(Path folder, Configuration configuration) {
    try {
      return RtcnModel.parse(read(folder, configuration));
    } catch (IllegalArgumentException e) {
      throw new UserException("Cannot load the model " + folder + ": " + e.getMessage(), e);
    }
  }
}
