package org.rtcn.jobs.inputs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.all.EcgFormats;

/**
 * What lies below a folder: headers, inputs that can be refused by their place or name alone, and
 * signal files without a header of their name. Names and sizes only; nothing is opened. Extensions
 * count in any case.
 *
 * @param records by name relative to the folder, without {@code .hea}
 * @param refused links that loop or lead out, folders named like headers, folders that do not open,
 *     names that this JVM cannot read, second headers of one record
 * @param orphans full paths of signal files without a header of the same name
 * @param others files that are no WFDB by their name, orphans among them: of what format they are,
 *     their content tells
 */
public record HeaderFiles(
    Map<String, ListedRecord> records,
    List<Refusal> refused,
    List<String> orphans,
    List<ListedRecord> others) {

  /** What a file is by its name. */
  public enum Kind {
    HEADER,
    SIGNAL,
    OTHER;

    private static final List<String> SIGNALS = List.of(".dat", ".mat", ".xyz");

    /** By the name alone. */
    public static Kind of(String name) {
      String plain = unpacked(name.toLowerCase(Locale.ROOT));
      return plain.endsWith(".hea")
          ? HEADER
          : SIGNALS.stream().anyMatch(plain::endsWith) ? SIGNAL : OTHER;
    }
  }

  /** The name of a packed file's content. */
  public static String unpacked(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".gz")
        ? name.substring(0, name.length() - 3)
        : name;
  }

  /**
   * All headers below a folder; sizes include the files of the same stem.
   *
   * @throws UserException if the folder does not exist
   */
  public static HeaderFiles below(FileSystem fileSystem, Path root) throws IOException {
    Path qualified = fileSystem.makeQualified(root);
    if (!fileSystem.exists(qualified)) {
      throw new UserException(
          "Cannot find the input " + root + ": give a folder of WFDB records with --input");
    }
    Walk walk = new Walk(fileSystem, qualified, LocalTree.below(qualified));
    walk.run();
    return walk.found();
  }

  /** Without the recordings and signal files of a folder below the root. */
  public HeaderFiles without(String folder) {
    Map<String, ListedRecord> kept = new TreeMap<>(records);
    kept.keySet().removeIf(name -> name.startsWith(folder));
    return new HeaderFiles(
        kept,
        refused,
        orphans.stream().filter(path -> !path.contains("/" + folder)).toList(),
        others.stream().filter(file -> !file.name().startsWith(folder)).toList());
  }

  /** One walk over a tree. */
  private static final class Walk {
    private final FileSystem fileSystem;
    private final Path root;
    private final String prefix;
    private final LocalTree local;
    private final Map<String, Long> bytesByStem = new TreeMap<>();
    private final Map<String, Long> newestByStem = new TreeMap<>();
    private final Map<String, String> headerByStem = new TreeMap<>();
    private final Map<String, String> signals = new TreeMap<>();
    private final Map<ListedRecord, String> others = new LinkedHashMap<>();
    private final List<Refusal> refused = new ArrayList<>();
    private final Deque<Path> folders = new ArrayDeque<>();

    Walk(FileSystem fileSystem, Path root, LocalTree local) {
      this.fileSystem = fileSystem;
      this.root = root;
      this.prefix = root.toUri().getPath();
      this.local = local;
    }

    void run() throws IOException {
      folders.add(root);
      while (!folders.isEmpty()) {
        Path folder = folders.remove();
        FileStatus[] files;
        try {
          files = fileSystem.listStatus(folder);
        } catch (FileNotFoundException e) {
          // Removed since its parent was listed.
          continue;
        } catch (IOException e) {
          refused.add(
              new Refusal(
                  folder.toString(),
                  "LISTING_FAILED",
                  "Cannot list " + folder + ": " + e.getMessage() + "; check its permissions"));
          continue;
        }
        refused.addAll(local.notListed(folder));
        Arrays.sort(files, Comparator.comparing(FileStatus::getPath));
        for (FileStatus file : files) {
          take(file);
        }
      }
    }

    private void take(FileStatus file) throws IOException {
      String name = file.getPath().getName();
      Kind kind = Kind.of(name);
      if (file.isDirectory() || kind == Kind.HEADER) {
        Refusal refusal = local.refusal(file.getPath(), file.isDirectory());
        if (refusal != null) {
          refused.add(refusal);
          return;
        }
      }
      if (file.isDirectory()) {
        if (kind == Kind.HEADER) {
          refused.add(
              new Refusal(
                  file.getPath().toString(),
                  "NOT_A_FILE",
                  "Cannot read " + file.getPath() + ": it is a folder; rename it"));
        }
        folders.add(file.getPath());
        return;
      }
      String relative =
          file.getPath().toUri().getPath().substring(prefix.length()).replaceFirst("^/+", "");
      String plain = unpacked(relative);
      int dot = plain.lastIndexOf('.');
      String stem = dot > plain.lastIndexOf('/') ? plain.substring(0, dot) : plain;
      bytesByStem.merge(stem, file.getLen(), Long::sum);
      newestByStem.merge(stem, file.getModificationTime(), Math::max);
      if (kind == Kind.HEADER) {
        String earlier = headerByStem.putIfAbsent(stem, file.getPath().toString());
        if (earlier != null) {
          refused.add(
              new Refusal(
                  file.getPath().toString(),
                  "DUPLICATE",
                  "Cannot take "
                      + file.getPath()
                      + ": "
                      + new Path(earlier).getName()
                      + " is the header of this record; remove one"));
        }
        return;
      }
      if (kind == Kind.SIGNAL) {
        signals.put(file.getPath().toString(), stem);
      }
      others.put(
          new ListedRecord(
              file.getPath().toString(),
              plain,
              file.getLen(),
              file.getLen() + "@" + file.getModificationTime(),
              null,
              ""),
          stem);
    }

    HeaderFiles found() {
      Map<String, ListedRecord> records = new TreeMap<>();
      headerByStem.forEach(
          (stem, header) ->
              records.put(
                  stem,
                  new ListedRecord(
                      header,
                      stem,
                      bytesByStem.get(stem),
                      bytesByStem.get(stem) + "@" + newestByStem.get(stem),
                      null)));
      List<String> orphans = new ArrayList<>();
      signals.forEach(
          (path, stem) -> {
            if (!headerByStem.containsKey(stem)) {
              orphans.add(path);
            }
          });
      List<ListedRecord> further = new ArrayList<>();
      others.forEach(
          (file, stem) -> {
            // What shares its name with a header belongs to that record: .atr, .xws, ...
            if (!headerByStem.containsKey(stem) || EcgFormats.mayBeEcg(file.name())) {
              further.add(file);
            }
          });
      return new HeaderFiles(records, refused, orphans, further);
    }
  }
}
