package org.rtcn.jobs.inputs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.all.EcgFormats;

/**
 * The files of a folder, of an archive, or one file, as {@code ingest} would look at them, without
 * Spark: in the order of their names, of an archive in the order in which they are best read.
 *
 * @param files headers of WFDB, and files that may be of other formats
 * @param refused what cannot be read by its place or name alone
 */
public record EcgInputs(List<File> files, List<Refused> refused) {

  /** What is made of a file that is no ECG. */
  public enum Otherwise {
    /** It was asked for, or is named like ECG. */
    REFUSED,
    /** It is a signal file without a header of its name: refused unless a header names it. */
    REFUSED_UNLESS_NAMED,
    PASSED_OVER
  }

  /**
   * A file.
   *
   * @param name path below the input; of WFDB without {@code .hea}
   * @param path full path
   * @param otherwise what is made of it if it is no ECG
   */
  public record File(String name, String path, EcgFile file, Otherwise otherwise) {

    /** Full paths of the files that were opened to read it. */
    public Set<String> opened() {
      return ((TaskFiles) file.folder()).opened();
    }
  }

  /** A path that is refused, with a reason's code and a sentence. */
  public record Refused(String path, String reason, String detail) {}

  /** Gives a recording. */
  @FunctionalInterface
  public interface Source {
    EcgRecord get() throws IOException;
  }

  /** What is done with recordings, and with what cannot be one. */
  public interface Visitor {
    /**
     * A recording.
     *
     * @param name path below the input; of several in one file, {@code FILE/NAME}
     * @param source good until this returns
     */
    void record(String name, Source source);

    /** A file, with a reason's code and a sentence. */
    void refuse(String name, String reason, String detail);
  }

  public EcgInputs {
    files = List.copyOf(files);
    refused = List.copyOf(refused);
  }

  /**
   * Lists an input.
   *
   * @param given a path or URI; a WFDB record may go without its suffix
   * @throws UserException if it is not there
   */
  public static EcgInputs of(String given, Configuration configuration) throws IOException {
    String input = located(given);
    Path path = Locations.path("the input", input);
    FileSystem fileSystem = path.getFileSystem(configuration);
    if (!fileSystem.exists(path)) {
      throw new UserException(
          "Cannot find " + given + ": give a file, a folder or an archive of ECG files");
    }
    InputRoot root = InputRoot.of(input, configuration);
    if (root.fileSystem() == fileSystem && fileSystem.getFileStatus(path).isFile()) {
      InputRoot folder = new InputRoot(fileSystem, fileSystem.makeQualified(path).getParent());
      File file = one(folder, fileSystem.makeQualified(path), path.getName(), Otherwise.REFUSED);
      return new EcgInputs(List.of(file), List.of());
    }
    HeaderFiles tree =
        HeaderFiles.below(root.fileSystem(), root.fileSystem().makeQualified(root.root()));
    List<ListedRecord> listed = new ArrayList<>(tree.records().values());
    listed.addAll(tree.others());
    Set<String> orphans = new HashSet<>(tree.orphans());
    List<File> files = new ArrayList<>();
    for (ListedRecord record : root.inOrder(listed)) {
      files.add(
          one(
              root,
              new Path(record.header()),
              record.name(),
              orphans.contains(record.header())
                  ? Otherwise.REFUSED_UNLESS_NAMED
                  : Otherwise.PASSED_OVER));
    }
    List<Refused> refused = new ArrayList<>();
    for (List<Refusal> some : List.of(tree.refused(), root.refused())) {
      some.forEach(r -> refused.add(new Refused(r.path(), r.reason(), r.detail())));
    }
    return new EcgInputs(files, refused);
  }

  /** What is there: the input itself or, of a WFDB record without its suffix, the header. */
  private static String located(String given) {
    String header = given + ".hea";
    return !Locations.isLocal(given) && Locations.isLocal(header)
        ? Locations.of(header)
        : Locations.of(given);
  }

  /**
   * Lists inputs.
   *
   * @throws UserException if one of them is not there or cannot be listed
   */
  public static List<EcgInputs> all(List<String> inputs, Configuration configuration) {
    List<EcgInputs> all = new ArrayList<>();
    for (String input : inputs) {
      try {
        all.add(of(input, configuration));
      } catch (IOException e) {
        throw new UserException("Cannot read " + input + ": " + e.getMessage(), e);
      }
    }
    return all;
  }

  /** Every recording, and everything that is refused, one after another. */
  public void visit(Visitor visitor) {
    refused.forEach(r -> visitor.refuse(r.path(), r.reason(), r.detail()));
    Set<String> opened = new HashSet<>();
    List<File> orphans = new ArrayList<>();
    for (File file : files) {
      try {
        if (visit(file, visitor)) {
          opened.addAll(file.opened());
        } else if (file.otherwise() == Otherwise.REFUSED_UNLESS_NAMED) {
          orphans.add(file);
        }
      } catch (RecordException e) {
        visitor.refuse(file.name(), e.code(), e.getMessage());
      } catch (IOException e) {
        visitor.refuse(
            file.name(), "READ_FAILED", "Failed to read " + file.name() + ": " + e.getMessage());
      }
    }
    for (File orphan : orphans) {
      if (!opened.contains(orphan.path())) {
        visitor.refuse(
            orphan.name(),
            "HEADER_MISSING",
            "Cannot read " + orphan.name() + ": no header names it; copy that, too");
      }
    }
  }

  /** The recordings of a file; false if it is no ECG and need not be. */
  private static boolean visit(File file, Visitor visitor) throws IOException {
    Optional<EcgReader> reader = EcgFormats.of(file.file());
    if (reader.isEmpty()) {
      if (file.otherwise() == Otherwise.REFUSED) {
        throw HeaderFiles.Kind.of(file.name()) == HeaderFiles.Kind.SIGNAL
            ? new FormatException(
                FormatException.Reason.FORMAT_UNKNOWN,
                "Cannot read "
                    + file.file().name()
                    + ": if it is the signal file of a WFDB record, give the record's header,"
                    + " *.hea")
            : EcgFormats.unknown(file.file().name());
      }
      return false;
    }
    try (EcgRecords records = reader.get().read(file.file(), ReadLimits.DEFAULT)) {
      for (int i = 0; i < records.count(); i++) {
        String part = records.part(i);
        int index = i;
        visitor.record(
            part.isEmpty() ? file.name() : file.name() + "/" + part, () -> records.get(index));
      }
    }
    return true;
  }

  private static File one(InputRoot root, Path path, String name, Otherwise otherwise)
      throws IOException {
    TaskFiles files =
        new TaskFiles(root.fileSystem(), path.getParent(), root.localRoot(), TaskFiles.sha256());
    String plain = HeaderFiles.unpacked(path.getName());
    boolean promised =
        HeaderFiles.Kind.of(plain) == HeaderFiles.Kind.HEADER || EcgFormats.isNamedLikeEcg(plain);
    return new File(
        name, path.toString(), new EcgFile(plain, files), promised ? Otherwise.REFUSED : otherwise);
  }
}
