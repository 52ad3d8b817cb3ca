package org.rtcn.jobs.train;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.metrics.LikeCases;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.storage.StrictJson;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.WholeFiles;

/** Models as folders on any Hadoop file system. */
public final class ModelFiles {
  /** Where {@code train} leaves its model, below the run directory. */
  public static final String RTCN = "models/rtcn";

  /** What {@code evaluate} leaves next to the model, below the run directory. */
  public static final String EVALUATION = LikeCases.fileOf(RTCN);

  /** What {@code train} leaves next to the model, below the run directory. */
  public static final String BEATS = TrainingBeats.fileOf(RTCN);

  private ModelFiles() {}

  /**
   * Beats that the model has learned from, where they lie next to it.
   *
   * @param folder of the model
   * @throws UserException if the file is damaged, or belongs to another model
   */
  public static Optional<TrainingBeats> trainingBeats(
      Path folder, RtcnModel model, Configuration configuration) {
    return nextTo(
        folder,
        TrainingBeats::fileOf,
        TrainingBeats.LONGEST_FILE,
        bytes -> TrainingBeats.parse(bytes, model),
        configuration);
  }

  /**
   * How the model was evaluated, if that is known.
   *
   * @param folder of the model
   * @throws UserException if the file is damaged
   */
  public static Optional<LikeCases> evaluation(Path folder, Configuration configuration) {
    return nextTo(
        folder, LikeCases::fileOf, LikeCases.LONGEST_FILE, LikeCases::parse, configuration);
  }

  private static <T> Optional<T> nextTo(
      Path folder,
      UnaryOperator<String> name,
      long longest,
      Function<byte[], T> parse,
      Configuration configuration) {
    try {
      // A relative path may have no name of its own, such as ".".
      Path whole = folder.getFileSystem(configuration).makeQualified(folder);
      Optional<byte[]> found = sibling(whole, name, longest, configuration);
      if (found.isEmpty() && "file".equals(whole.toUri().getScheme())) {
        // Where the folder is a link: next to what it leads to.
        found = sibling(target(whole), name, longest, configuration);
      }
      return found.map(parse);
    } catch (IllegalArgumentException e) {
      throw refused(folder, e);
    } catch (IOException e) {
      throw new UserException(
          "Failed to read next to " + folder + ": " + StrictJson.quoted(e.getMessage()), e);
    }
  }

  private static Path target(Path local) {
    try {
      String real = java.nio.file.Path.of(local.toUri()).toRealPath().toString();
      return new Path(local.toUri().getScheme(), null, real);
    } catch (IOException e) {
      return local;
    }
  }

  private static Optional<byte[]> sibling(
      Path whole, UnaryOperator<String> name, long longest, Configuration configuration) {
    return whole.isRoot()
        ? Optional.empty()
        : file(new Path(whole.getParent(), name.apply(whole.getName())), longest, configuration);
  }

  private static Optional<byte[]> file(Path file, long longest, Configuration configuration) {
    try {
      FileSystem fileSystem = file.getFileSystem(configuration);
      FileStatus status = fileSystem.getFileStatus(file);
      try (InputStream in = WholeFiles.open(fileSystem, file)) {
        return Optional.of(RtcnModel.readAtMost(in, status.getLen(), file.getName(), longest));
      }
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UserException(
          "Failed to read " + file + ": " + StrictJson.quoted(e.getMessage()), e);
    }
  }

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
      SortedMap<String, Long> sizes = new TreeMap<>();
      for (FileStatus file : fileSystem.listStatus(folder)) {
        String name = file.getPath().getName();
        if (file.isFile()) {
          sizes.put(name, file.getLen());
        }
        if (file.isFile() && longest.containsKey(name)) {
          try (InputStream in = WholeFiles.open(fileSystem, file.getPath())) {
            files.put(name, RtcnModel.readAtMost(in, file.getLen(), name, longest.get(name)));
          }
        }
      }
      requireAsTrained(fileSystem.makeQualified(folder), sizes, files, configuration);
      return files;
    } catch (FileNotFoundException e) {
      throw new UserException(
          "Cannot find a model in " + folder + ": run \"rtcn train\" first, or give its folder", e);
    } catch (IllegalArgumentException e) {
      throw refused(folder, e);
    } catch (IOException e) {
      // A wrong checksum file next to a file, for one.
      throw new UserException(
          "Failed to read the model " + folder + ": " + StrictJson.quoted(e.getMessage()), e);
    }
  }

  /**
   * A model that still stands in the run that trained it is compared with its manifest.
   *
   * @param folder its whole path
   */
  private static void requireAsTrained(
      Path folder,
      SortedMap<String, Long> sizes,
      Map<String, byte[]> files,
      Configuration configuration) {
    Path models = folder.getParent();
    if (models != null
        && models.getParent() != null
        && RunDirectory.isPossibleAt(models.getParent().toString())) {
      RunDirectory.at(models.getParent().toString(), configuration)
          .requireAsWritten("train", models.getName() + "/" + folder.getName(), sizes, files);
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
