package org.rtcn.jobs.train;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.storage.StrictJson;

/** Models as folders on any Hadoop file system. */
public final class ModelFiles {
  /** Where {@code train} leaves its model, below the run directory. */
  public static final String RTCN = "models/rtcn";

  private ModelFiles() {}

  /**
   * Reads a model folder as named byte arrays: what a driver broadcasts, for {@link
   * RtcnModel#parse} in each task. Only a model's own files are read, and none that is longer than
   * it may be.
   *
   * @throws UserException if there is no such folder, or a file is too long
   */
  public static Map<String, byte[]> read(Path folder, Configuration configuration) {
    try {
      FileSystem fileSystem = folder.getFileSystem(configuration);
      Map<String, Long> longest = RtcnModel.longestFiles();
      Map<String, byte[]> files = new TreeMap<>();
      for (FileStatus file : fileSystem.listStatus(folder)) {
        String name = file.getPath().getName();
        if (file.isFile() && longest.containsKey(name)) {
          try (InputStream in = fileSystem.open(file.getPath())) {
            files.put(name, RtcnModel.readAtMost(in, file.getLen(), name, longest.get(name)));
          }
        }
      }
      return files;
    } catch (FileNotFoundException e) {
      throw new UserException(
          "Cannot find a model in " + folder + ": run \"rtcn train\" first, or give its folder", e);
    } catch (IllegalArgumentException e) {
      throw refused(folder, e);
    } catch (IOException e) {
      // A wrong checksum file beside a file, for one.
      throw new UserException(
          "Failed to read the model " + folder + ": " + StrictJson.quoted(e.getMessage()), e);
    }
  }

  /**
   * Reads a file of unknown origin.
   *
   * @throws UserException if it cannot be read
   * @throws IllegalArgumentException if it is longer than it may be; nothing is read then
   */
  public static byte[] read(FileSystem fileSystem, Path file, long longest) {
    try (InputStream in = fileSystem.open(file)) {
      long size = fileSystem.getFileStatus(file).getLen();
      return RtcnModel.readAtMost(in, size, file.getName(), longest);
    } catch (IOException e) {
      throw new UserException(
          "Failed to read " + file + ": " + StrictJson.quoted(e.getMessage()), e);
    }
  }

  /**
   * Reads a model.
   *
   * @throws UserException if it is missing or damaged
   */
  public static RtcnModel load(Path folder, Configuration configuration) {
    return parse(folder, read(folder, configuration));
  }

  /**
   * A model of what {@link #read} gave.
   *
   * @param folder for messages
   * @throws UserException if it is damaged
   */
  public static RtcnModel parse(Path folder, Map<String, byte[]> files) {
    try {
      return RtcnModel.parse(files);
    } catch (IllegalArgumentException e) {
      throw refused(folder, e);
    }
  }

  private static UserException refused(Path folder, IllegalArgumentException e) {
    return new UserException("Cannot load the model " + folder + ": " + e.getMessage(), e);
  }
}
