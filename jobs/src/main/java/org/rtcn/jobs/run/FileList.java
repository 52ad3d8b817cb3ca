package org.rtcn.jobs.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every file of a stage's output, one line each (size, rows, digest, footer's digest, path). It
 * lies next to the manifest, which would be unreadable with a hundred thousand lines in it; its
 * name holds its own SHA-256 and the manifest holds its name. So a list is never changed, an old
 * one and a new one stand side by side while a stage commits, and a cut one is told.
 */
final class FileList {
  private static final int NAME_DIGITS = 32;

  /** Half a million files. */
  private static final int LONGEST = 64 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(FileList.class);
  private static final String PREFIX = "files-";
  private static final String SUFFIX = ".tsv";

  private final SortedMap<String, FileEntry> entries = new TreeMap<>();

  FileList(Collection<FileEntry> entries) {
    entries.forEach(entry -> this.entries.put(entry.path(), entry));
  }

  /** All of them, by path. */
  Collection<FileEntry> entries() {
    return entries.values();
  }

  /** Those of an owned path, which is a folder or a file itself. */
  SortedMap<String, FileEntry> below(String owned) {
    SortedMap<String, FileEntry> found = new TreeMap<>();
    if (entries.containsKey(owned)) {
      found.put(owned, entries.get(owned));
    }
    // '0' follows '/'.
    found.putAll(entries.subMap(owned + "/", owned + "0"));
    return found;
  }

  private byte[] toBytes() {
    StringBuilder text = new StringBuilder();
    for (FileEntry entry : entries.values()) {
      if (entry.path().indexOf('\t') >= 0 || entry.path().indexOf('\n') >= 0) {
        throw new IllegalStateException("Cannot list a file named \"" + entry.path() + "\"");
      }
      text.append(entry.bytes()).append('\t');
      text.append(entry.isOfTable() ? Long.toString(entry.rows()) : "").append('\t');
      text.append(entry.digest()).append('\t');
      text.append(entry.footer()).append('\t');
      text.append(entry.path()).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The name of the list's file. */
  String name() {
    return name(toBytes());
  }

  private static String name(byte[] bytes) {
    return PREFIX + Sha256.of(bytes).substring(0, NAME_DIGITS) + SUFFIX;
  }

  /** Writes the list into a folder, under its name. */
  void write(FileSystem fileSystem, Path folder) throws IOException {
    byte[] bytes = toBytes();
    try (OutputStream out = fileSystem.create(new Path(folder, name(bytes)), true)) {
      out.write(bytes);
    }
  }

  /** Removes all other lists of a folder: those of earlier commits. */
  void removeOthers(FileSystem fileSystem, Path folder) throws IOException {
    String own = name();
    for (FileStatus file : fileSystem.listStatus(folder)) {
      String name = file.getPath().getName();
      if (name.startsWith(PREFIX) && name.endsWith(SUFFIX) && !name.equals(own)) {
        fileSystem.delete(file.getPath(), false);
      }
    }
  }

  /**
   * Reads a list.
   *
   * @param remedy what to do if it is not what it was
   * @throws UserException if it is missing or has changed
   */
  static FileList read(FileSystem fileSystem, Path file, String remedy) {
    byte[] bytes;
    try {
      bytes = WholeFiles.read(fileSystem, file, LONGEST, remedy);
    } catch (FileNotFoundException e) {
      throw new UserException(
          "Cannot find " + file + ", which the manifest next to it names. " + remedy, e);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read " + file, e);
    }
    if (name(bytes).equals(file.getName())) {
      try {
        return new FileList(
            new String(bytes, StandardCharsets.UTF_8).lines().map(FileList::entry).toList());
      } catch (IllegalArgumentException e) {
        LOG.debug("{} is no list", file, e);
      }
    }
    throw new UserException(
        "Cannot use " + file + ": it has been cut or changed since it was written. " + remedy);
  }

  private static FileEntry entry(String line) {
    List<String> fields = List.of(line.split("\t", -1));
    if (fields.size() != 5) {
      throw new IllegalArgumentException("Invalid line \"" + line + "\": not five fields");
    }
    return new FileEntry(
        fields.get(4),
        Long.parseLong(fields.get(0)),
        fields.get(1).isEmpty() ? FileEntry.NO_TABLE : Long.parseLong(fields.get(1)),
        fields.get(2),
        fields.get(3));
  }
}
