package org.rtcn.jobs.inputs;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.rtcn.common.formats.all.EcgFormats;

/**
 * What a local tree has and Hadoop's listing does not tell or leaves out: symbolic links, and names
 * that are no text in the JVM's encoding of file names. Other file systems have neither.
 *
 * @param root real path of the tree's root, null on another file system
 */
record LocalTree(Path root) {

  static LocalTree below(org.apache.hadoop.fs.Path root) throws IOException {
    Path local = LocalPaths.of(root);
    return new LocalTree(local == null ? null : local.toRealPath());
  }

  /** Why a link is not followed; null if it is no link or a harmless one. */
  Refusal refusal(org.apache.hadoop.fs.Path path, boolean folder) throws IOException {
    Path local = root == null ? null : LocalPaths.of(path);
    if (local == null || !Files.isSymbolicLink(local)) {
      return null;
    }
    Path target = local.toRealPath();
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

  /**
   * What a listing of the folder leaves out: links to nothing or to themselves, and whatever has a
   * name that cannot be read.
   */
  List<Refusal> notListed(org.apache.hadoop.fs.Path folder) throws IOException {
    List<Refusal> refused = new ArrayList<>();
    if (root == null) {
      return refused;
    }
    try (Stream<Path> entries = Files.list(LocalPaths.of(folder))) {
      for (Path entry : entries.sorted().toList()) {
        if (!isReadable(entry)) {
          refuseNames(entry, refused);
        } else if (Files.isSymbolicLink(entry) && !Files.exists(entry)) {
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

  /** Whether the name's text gives its bytes again: only then can Hadoop open it. */
  private static boolean isReadable(Path entry) {
    try {
      return entry.resolveSibling(entry.getFileName().toString()).equals(entry);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * One for each header below, for each signal file whose header is not there, and for each file
   * that is ECG of another format by its name.
   */
  private static void refuseNames(Path entry, List<Refusal> refused) throws IOException {
    List<Path> files;
    try (Stream<Path> below = Files.walk(entry)) {
      files = below.filter(path -> !Files.isDirectory(path)).sorted().toList();
    } catch (FileSystemLoopException e) {
      files = List.of(entry);
    }
    Set<String> stems = new HashSet<>();
    for (Path file : files) {
      if (HeaderFiles.Kind.of(file.getFileName().toString()) == HeaderFiles.Kind.HEADER) {
        stems.add(stem(file));
        refused.add(unreadable(file));
      }
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      HeaderFiles.Kind kind = HeaderFiles.Kind.of(name);
      boolean isSignal = kind == HeaderFiles.Kind.SIGNAL && !stems.contains(stem(file));
      boolean isOther =
          kind == HeaderFiles.Kind.OTHER && EcgFormats.mayBeEcg(HeaderFiles.unpacked(name));
      if (isOther || (isSignal && !hasHeader(file))) {
        refused.add(unreadable(file));
      }
    }
  }

  /** Of the name's bytes, so that different names stay different. */
  private static String stem(Path file) {
    return HeaderFiles.unpacked(file.toUri().getRawPath()).replaceFirst("\\.[^./]*$", "");
  }

  private static boolean hasHeader(Path file) throws IOException {
    String stem = stem(file);
    try (Stream<Path> siblings = Files.list(file.getParent())) {
      return siblings.anyMatch(
          sibling ->
              HeaderFiles.Kind.of(sibling.getFileName().toString()) == HeaderFiles.Kind.HEADER
                  && stem(sibling).equals(stem));
    }
  }

  private static Refusal unreadable(Path file) {
    return new Refusal(
        file.toUri().toString(),
        "NAME_ENCODING",
        "Cannot read "
            + file.toUri()
            + ": its name is no text in "
            + NameEncoding.name()
            + ", this JVM's encoding of file names; rename it, or set LC_ALL=C.UTF-8 if the name is"
            + " UTF-8");
  }

  private static boolean loops(Path link) throws IOException {
    Set<Path> seen = new HashSet<>();
    Path at = link;
    while (Files.isSymbolicLink(at)) {
      if (!seen.add(at)) {
        return true;
      }
      at = at.resolveSibling(Files.readSymbolicLink(at)).normalize();
    }
    return false;
  }
}
