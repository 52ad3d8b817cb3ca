package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.error.UserException;
import org.rtcn.common.wfdb.WfdbException;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.InputRoot;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.NameEncoding;
import org.rtcn.jobs.inputs.Refusal;

/**
 * The source of an input and what it lists.
 *
 * @param source chosen or detected
 * @param listing what it found, files of other formats among it
 * @param candidates what the files that are no WFDB by name turned out to be
 */
record Inputs(EcgSource source, Listing listing, Candidates candidates) {

  /** The same with the stamps that {@code ingest.changed-by} asks for. */
  Inputs stamped(SparkSession spark, IngestOptions options) {
    return new Inputs(source, ContentStamps.stamped(spark, options, listing), candidates);
  }

  /**
   * Refuses an input that is absent, or without the labels that its source needs. Lists nothing.
   *
   * @throws UserException naming what is missing
   */
  static void require(IngestOptions options, Configuration configuration) {
    try {
      Path root = new Path(options.input());
      FileSystem fileSystem = root.getFileSystem(configuration);
      if (!fileSystem.exists(root)) {
        throw new UserException(
            "Cannot find the input "
                + options.input()
                + ": give a folder or an archive of ECG recordings with --input"
                + NameEncoding.remedy(options.input()));
      }
      requireOpen(fileSystem.makeQualified(root));
      if (fileSystem.getFileStatus(root).isDirectory()
          && (options.source() == SourceKind.PTBXL || options.source() == SourceKind.CSV)) {
        source(options, fileSystem, root);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read the input " + options.input(), e);
    }
  }

  /**
   * A folder below that cannot be listed is a reject; of the input itself nothing would be left.
   */
  private static void requireOpen(Path root) {
    if (!"file".equals(root.toUri().getScheme())) {
      return;
    }
    java.nio.file.Path local = java.nio.file.Path.of(root.toUri().getPath());
    boolean isOpen =
        Files.isReadable(local) && (!Files.isDirectory(local) || Files.isExecutable(local));
    if (!isOpen) {
      throw new UserException(
          "Cannot read the input "
              + root
              + ": permission denied to user "
              + System.getProperty("user.name")
              + ". Change its permissions, or give another --input");
    }
  }

  static Inputs find(SparkSession spark, IngestOptions options) {
    Inputs inputs;
    try {
      InputRoot input = InputRoot.of(options.input(), spark.sparkContext().hadoopConfiguration());
      EcgSource source = source(options, input.fileSystem(), input.root());
      Path root = input.fileSystem().makeQualified(input.root());
      Candidates candidates =
          source instanceof PtbXlSource
              ? Candidates.NONE
              : Candidates.examine(
                  spark, options.input(), HeaderFiles.below(input.fileSystem(), root));
      Listing listing =
          source instanceof CsvSource
              ? new CsvSource(candidates.records()).list(input.fileSystem(), root)
              : source.list(input.fileSystem(), root).plus(candidates.records().values());
      List<Refusal> refused = new ArrayList<>(candidates.refused());
      refused.addAll(input.refused());
      inputs =
          new Inputs(
              source,
              listing.without(candidates.files()).with(listing.records(), refused),
              candidates);
    } catch (IOException e) {
      throw new UserException(
          "Cannot read the input " + options.input() + ": " + e.getMessage(), e);
    }
    Listing listing = inputs.listing();
    if (listing.records().isEmpty() && listing.refused().isEmpty()) {
      throw new UserException(
          "Cannot find any WFDB header (*.hea) or file of another ECG format below "
              + options.input()
              + ": give the folder that holds the records with --input");
    }
    return inputs;
  }

  private static EcgSource source(IngestOptions options, FileSystem fileSystem, Path root)
      throws IOException {
    return switch (options.source()) {
      case PTB -> new PtbSource(options.former());
      case CINC -> new CincSource(options.former());
      case PTBXL -> {
        require(fileSystem, root, PtbXlSource.DATABASE, "give PTB-XL's own folder");
        yield new PtbXlSource(options.ptbxlRateHz());
      }
      case CSV -> {
        require(fileSystem, root, CsvSource.LABELS, "write it (record, patient, label)");
        yield new CsvSource();
      }
      case MIMIC -> {
        require(fileSystem, root, MimicSource.RECORDS, "give MIMIC-IV-ECG's own folder");
        yield new MimicSource();
      }
      case UNLABELLED -> new UnlabelledSource(options.ptbxlRateHz());
      case AUTO -> detected(options, fileSystem, root);
    };
  }

  private static EcgSource detected(IngestOptions options, FileSystem fileSystem, Path root)
      throws IOException {
    if (fileSystem.exists(new Path(root, PtbXlSource.DATABASE))) {
      return new PtbXlSource(options.ptbxlRateHz());
    }
    if (fileSystem.exists(new Path(root, CsvSource.LABELS))) {
      return new CsvSource();
    }
    if (fileSystem.exists(new Path(root, MimicSource.RECORDS))) {
      return new MimicSource();
    }
    requireNoOtherCase(fileSystem, root);
    return hasSnomedCodes(fileSystem, root)
        ? new CincSource(options.former())
        : new PtbSource(options.former());
  }

  /** Labels under a name of other case would be passed over without a word. */
  private static void requireNoOtherCase(FileSystem fileSystem, Path root) throws IOException {
    if (!fileSystem.exists(root) || !fileSystem.getFileStatus(root).isDirectory()) {
      return;
    }
    List<String> names = List.of(CsvSource.LABELS, PtbXlSource.DATABASE, MimicSource.RECORDS);
    for (FileStatus file : fileSystem.listStatus(root)) {
      String name = file.getPath().getName();
      for (String expected : names) {
        if (name.equalsIgnoreCase(expected)) {
          throw new UserException(
              "Cannot take labels from " + file.getPath() + ": rename it to " + expected);
        }
      }
    }
  }

  /** Looks into the first header that can be read. */
  private static boolean hasSnomedCodes(FileSystem fileSystem, Path root) throws IOException {
    int looks = 0;
    for (ListedRecord record :
        new ArrayList<>(HeaderFiles.below(fileSystem, root).records().values())) {
      Path header = new Path(record.header());
      try {
        return WfdbReader.readHeader(header.getName(), name -> open(fileSystem, header))
            .comment("Dx")
            .isPresent();
      } catch (WfdbException e) {
        if (++looks == 10) {
          return false;
        }
      }
    }
    return false;
  }

  private static InputStream open(FileSystem fileSystem, Path header) throws IOException {
    return fileSystem.open(header);
  }

  private static void require(FileSystem fileSystem, Path root, String file, String remedy)
      throws IOException {
    if (!fileSystem.exists(new Path(root, file))) {
      throw new UserException(
          "Cannot find " + file + " in " + root + ": " + remedy + ", or another ingest.source");
    }
  }
}
