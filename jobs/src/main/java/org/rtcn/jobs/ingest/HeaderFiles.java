package org.rtcn.jobs.ingest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.ingest.EcgSource.ListedRecord;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.ingest.EcgSource.Refusal;

/**
 * What lies below a folder: headers, inputs that can be refused by their place alone, and signal
 * files without a header of their name. Names and sizes only; nothing is opened.
 *
 * @param records by name relative to the folder, without {@code .hea}
 * @param refused links that loop or lead out, folders named like headers, folders that do not open
 * @param orphans full paths of signal files without a header of the same name
 */
record HeaderFiles(Map<String, ListedRecord> records, List<Refusal> refused, List<String> orphans) {
  private static final String HEADER = ".hea";
  private static final List<String> SIGNALS = List.of(".dat", ".mat", ".xyz");

  /**
   * All headers below a folder; sizes include the files of the same stem.
   *
   * @throws UserException if the folder does not exist
   */
  static HeaderFiles below(FileSystem fileSystem, Path root) throws IOException {
    Path qualified = fileSystem.makeQualified(root);
    if (!fileSystem.exists(qualified)) {
      throw new UserException(
          "Cannot find the input " + root + ": give a folder of WFDB records with --input");
    }
    String prefix = qualified.toUri().getPath();
    Map<String, Long> bytesByStem = new TreeMap<>();
    Map<String, Long> newestByStem = new TreeMap<>();
    Map<String, String> headerByStem = new TreeMap<>();
    Map<String, String> signals = new TreeMap<>();
    List<Refusal> refused = new ArrayList<>();
    Links links = Links.below(qualified);
    Deque<Path> folders = new ArrayDeque<>(List.of(qualified));
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
      refused.addAll(links.broken(folder));
      Arrays.sort(files, Comparator.comparing(FileStatus::getPath));
      for (FileStatus file : files) {
        String path = file.getPath().toUri().getPath();
        String name = file.getPath().getName();
        boolean header = name.endsWith(HEADER) || name.endsWith(HEADER + ".gz");
        if (file.isDirectory() || header) {
          Refusal refusal = links.refusal(file.getPath(), file.isDirectory());
          if (refusal != null) {
            refused.add(refusal);
            continue;
          }
        }
        if (file.isDirectory()) {
          if (header) {
            refused.add(
                new Refusal(
                    file.getPath().toString(),
                    "NOT_A_FILE",
                    "Cannot read " + file.getPath() + ": it is a folder; rename it"));
          }
          folders.add(file.getPath());
          continue;
        }
        String relative = path.substring(prefix.length()).replaceFirst("^/+", "");
        String plain =
            relative.endsWith(".gz") ? relative.substring(0, relative.length() - 3) : relative;
        int dot = plain.lastIndexOf('.');
        String stem = dot > plain.lastIndexOf('/') ? plain.substring(0, dot) : plain;
        bytesByStem.merge(stem, file.getLen(), Long::sum);
        newestByStem.merge(stem, file.getModificationTime(), Math::max);
        if (header) {
          headerByStem.putIfAbsent(stem, file.getPath().toString());
        } else if (SIGNALS.stream().anyMatch(plain::endsWith)) {
          signals.put(file.getPath().toString(), stem);
        }
      }
    }
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
    return new HeaderFiles(records, refused, orphans);
  }

  /** Everything, for sources whose labels stand in the headers. */
  Listing listing() {
    return new Listing(new ArrayList<>(records.values()), refused, orphans);
  }

  /** Symbolic links of a local tree; other file systems have none that we follow. */
  private record Links(java.nio.file.Path root) {

    static Links below(Path root) throws IOException {
      return new Links(LocalPaths.of(root) == null ? null : LocalPaths.of(root).toRealPath());
    }

    /** Why a link is not followed; null if it is no link or a harmless one. */
    Refusal refusal(Path path, boolean folder) throws IOException {
      java.nio.file.Path local = root == null ? null : LocalPaths.of(path);
      if (local == null || !Files.isSymbolicLink(local)) {
        return null;
      }
      java.nio.file.Path target = local.toRealPath();
      if (!target.startsWith(root)) {
        return new Refusal(
            path.toString(),
            "PATH_ESCAPES",
            "Cannot follow the link " + path + ": it leads out of the input; copy it there");
      }
      if (folder) {
        boolean loop = local.getParent().toRealPath().startsWith(target);
        return new Refusal(
            path.toString(),
            loop ? "SYMLINK_LOOP" : "SYMLINK_DUPLICATE",
            "Cannot follow the link "
                + path
                + ": "
                + (loop ? "it leads back to itself" : "its target is read at its own place")
                + "; remove it");
      }
      return null;
    }

    /** Links to nothing, or to themselves: a listing of the folder leaves them out. */
    List<Refusal> broken(Path folder) throws IOException {
      List<Refusal> refused = new ArrayList<>();
      if (root == null) {
        return refused;
      }
      try (var entries = Files.list(LocalPaths.of(folder))) {
        for (java.nio.file.Path entry : entries.sorted().toList()) {
          if (Files.isSymbolicLink(entry) && !Files.exists(entry)) {
            boolean loop = loops(entry);
            refused.add(
                new Refusal(
                    "file:" + entry,
                    loop ? "SYMLINK_LOOP" : "SYMLINK_BROKEN",
                    "Cannot follow the link "
                        + entry
                        + (loop ? ": it leads back to itself" : ": its target is not there")
                        + "; remove it"));
          }
        }
      }
      return refused;
    }

    private static boolean loops(java.nio.file.Path link) throws IOException {
      java.util.Set<java.nio.file.Path> seen = new java.util.HashSet<>();
      java.nio.file.Path at = link;
      while (Files.isSymbolicLink(at)) {
        if (!seen.add(at)) {
          return true;
        }
        at = at.resolveSibling(Files.readSymbolicLink(at)).normalize();
      }
      return false;
    }
  }
}
