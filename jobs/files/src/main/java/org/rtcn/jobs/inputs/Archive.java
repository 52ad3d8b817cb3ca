package org.rtcn.jobs.inputs;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/**
 * What a .zip, .tar, .tar.gz or .tgz holds, read in place: nothing is unpacked to disk, and memory
 * holds names, sizes and one file at a time (of .tar.gz also the last few files, since it can only
 * be read forwards).
 */
abstract class Archive implements Closeable {
  /**
   * A file inside.
   *
   * @param position its place among the others: reading in this order never goes back
   */
  record Entry(String name, long size, long modified, long position) {}

  /** Whether a path is named like an archive that can be read. */
  static boolean isNamedLikeOne(String path) {
    String name = path.toLowerCase(Locale.ROOT);
    return name.endsWith(".zip") || name.endsWith(".tar") || isPackedTar(name);
  }

  private static boolean isPackedTar(String name) {
    return name.endsWith(".tar.gz") || name.endsWith(".tgz");
  }

  /**
   * Opens one.
   *
   * @throws IOException if nothing of it can be read
   */
  static Archive open(FileSystem fileSystem, FileStatus file) throws IOException {
    String name = file.getPath().getName().toLowerCase(Locale.ROOT);
    if (name.endsWith(".zip")) {
      return new Zip(fileSystem, file);
    }
    return new Tar(fileSystem, file, isPackedTar(name));
  }

  /** All regular files, by position. */
  abstract List<Entry> entries();

  /** Names of links, which are not followed. */
  abstract List<String> links();

  /** Why not everything could be listed; empty for a sound archive. */
  abstract Optional<String> damage();

  /** The bytes of an entry from an offset on. */
  abstract InputStream open(Entry entry, long offset) throws IOException;

  private static final class Zip extends Archive {
    private final ZipFile zip;
    private final Map<String, ZipArchiveEntry> byName = new LinkedHashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final List<String> links = new ArrayList<>();

    Zip(FileSystem fileSystem, FileStatus file) throws IOException {
      this.zip =
          ZipFile.builder()
              .setSeekableByteChannel(new Channel(fileSystem.open(file.getPath()), file.getLen()))
              .setCharset(StandardCharsets.UTF_8)
              .get();
      for (ZipArchiveEntry entry : Collections.list(zip.getEntriesInPhysicalOrder())) {
        if (entry.isUnixSymlink()) {
          links.add(entry.getName());
        } else if (!entry.isDirectory()) {
          byName.putIfAbsent(entry.getName(), entry);
          entries.add(new Entry(entry.getName(), entry.getSize(), entry.getTime(), entries.size()));
        }
      }
    }

    @Override
    List<Entry> entries() {
      return entries;
    }

    @Override
    List<String> links() {
      return links;
    }

    @Override
    Optional<String> damage() {
      return Optional.empty();
    }

    @Override
    InputStream open(Entry entry, long offset) throws IOException {
      ZipArchiveEntry found = byName.get(entry.name());
      if (!zip.canReadEntryData(found)) {
        throw new IOException(
            "Cannot unpack "
                + entry.name()
                + ": it is encrypted or packed in a way that is not read; pack it with deflate");
      }
      InputStream in = new BufferedInputStream(zip.getInputStream(found), 1 << 16);
      in.skipNBytes(offset);
      return in;
    }

    @Override
    public void close() throws IOException {
      zip.close();
    }
  }

  private static final class Tar extends Archive {
    /** Files up to this size stay in memory for a while, for headers that follow their signals. */
    private static final long SMALL = 8L << 20;

    private static final long KEPT_BYTES = 64L << 20;

    private final FileSystem fileSystem;
    private final FileStatus file;
    private final boolean packed;
    private final List<Entry> entries = new ArrayList<>();
    private final List<String> links = new ArrayList<>();
    private final LinkedHashMap<Long, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long keptBytes;
    private String damage;
    private InputStream cursor;
    private long at;

    Tar(FileSystem fileSystem, FileStatus file, boolean packed) throws IOException {
      this.fileSystem = fileSystem;
      this.file = file;
      this.packed = packed;
      Counting raw = new Counting(stream());
      try (TarArchiveInputStream tar = new TarArchiveInputStream(raw, "UTF-8")) {
        TarArchiveEntry entry;
        while ((entry = tar.getNextEntry()) != null) {
          if (entry.isLink() || entry.isSymbolicLink() || entry.isSparse()) {
            links.add(entry.getName());
          } else if (entry.isFile()) {
            entries.add(
                new Entry(
                    entry.getName(),
                    entry.getSize(),
                    entry.getLastModifiedTime().toMillis(),
                    raw.count));
          }
        }
      } catch (IOException | IllegalArgumentException e) {
        // The last entry may be cut short: reading it says so.
        damage = String.valueOf(e.getMessage());
        if (entries.isEmpty()) {
          throw new IOException(damage, e);
        }
      }
    }

    private InputStream stream() throws IOException {
      InputStream in = fileSystem.open(file.getPath(), 1 << 16);
      return packed ? new GZIPInputStream(in, 1 << 16) : in;
    }

    @Override
    List<Entry> entries() {
      return entries;
    }

    @Override
    List<String> links() {
      return links;
    }

    @Override
    Optional<String> damage() {
      return Optional.ofNullable(damage);
    }

    @Override
    InputStream open(Entry entry, long offset) throws IOException {
      if (!packed) {
        FSDataInputStream in = fileSystem.open(file.getPath());
        in.seek(Math.min(entry.position() + offset, file.getLen()));
        return new BufferedInputStream(new Part(in, entry.size() - offset, entry.name()), 1 << 16);
      }
      if (entry.size() <= SMALL) {
        byte[] bytes = small(entry);
        int from = (int) Math.min(offset, bytes.length);
        return new java.io.ByteArrayInputStream(bytes, from, bytes.length - from);
      }
      return new BufferedInputStream(new Forward(entry, offset), 1 << 16);
    }

    private synchronized byte[] small(Entry entry) throws IOException {
      byte[] bytes = kept.get(entry.position());
      if (bytes == null) {
        moveTo(entry.position());
        bytes = read(entry);
      }
      return bytes;
    }

    private byte[] read(Entry entry) throws IOException {
      byte[] bytes = cursor.readNBytes((int) entry.size());
      at += bytes.length;
      if (bytes.length < entry.size()) {
        throw new EOFException("Cannot read " + entry.name() + ": the archive is cut short");
      }
      kept.put(entry.position(), bytes);
      keptBytes += bytes.length;
      var oldest = kept.entrySet().iterator();
      while (keptBytes > KEPT_BYTES && oldest.hasNext()) {
        keptBytes -= oldest.next().getValue().length;
        oldest.remove();
      }
      return bytes;
    }

    /** Goes forwards to a position, or once more from the beginning; keeps small files passed. */
    private void moveTo(long position) throws IOException {
      if (cursor == null || at > position) {
        if (cursor != null) {
          cursor.close();
        }
        cursor = stream();
        at = 0;
      }
      if (at == position) {
        return;
      }
      for (int i = firstFrom(at); i < entries.size(); i++) {
        Entry passed = entries.get(i);
        if (passed.position() >= position) {
          break;
        }
        if (passed.size() <= SMALL
            && position - passed.position() <= KEPT_BYTES
            && !kept.containsKey(passed.position())) {
          skipTo(passed.position());
          read(passed);
        }
      }
      skipTo(position);
    }

    private void skipTo(long position) throws IOException {
      cursor.skipNBytes(position - at);
      at = position;
    }

    private int firstFrom(long position) {
      int low = 0;
      int high = entries.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (entries.get(middle).position() < position) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    private synchronized int readAt(long position, byte[] into, int offset, int length)
        throws IOException {
      moveTo(position);
      int read = cursor.read(into, offset, length);
      at += Math.max(0, read);
      return read;
    }

    @Override
    public synchronized void close() throws IOException {
      if (cursor != null) {
        cursor.close();
        cursor = null;
      }
    }

    /** A large file of a packed archive; several may be read in turns, at a price. */
    private final class Forward extends InputStream {
      private final Entry entry;
      private long next;

      Forward(Entry entry, long offset) {
        this.entry = entry;
        this.next = offset;
      }

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        if (next >= entry.size()) {
          return -1;
        }
        int read =
            readAt(
                entry.position() + next, into, offset, (int) Math.min(length, entry.size() - next));
        if (read < 0) {
          throw new EOFException("Cannot read " + entry.name() + ": the archive is cut short");
        }
        next += read;
        return read;
      }
    }
  }

  /** So many bytes of a stream. */
  private static final class Part extends FilterInputStream {
    private final String name;
    private long left;

    Part(InputStream in, long length, String name) {
      super(in);
      this.left = length;
      this.name = name;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int read = in.read(into, offset, (int) Math.min(length, left));
      if (read < 0) {
        throw new EOFException("Cannot read " + name + ": the archive is cut short");
      }
      left -= read;
      return read;
    }

    @Override
    public long skip(long count) throws IOException {
      long skipped = in.skip(Math.min(count, left));
      left -= skipped;
      return skipped;
    }
  }

  private static final class Counting extends FilterInputStream {
    private long count;

    Counting(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      count += read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = in.read(into, offset, length);
      count += Math.max(0, read);
      return read;
    }

    @Override
    public long skip(long wanted) throws IOException {
      long skipped = in.skip(wanted);
      count += skipped;
      return skipped;
    }
  }

  /** A file of any Hadoop file system, as the zip reader wants it. */
  private static final class Channel implements SeekableByteChannel {
    private final FSDataInputStream in;
    private final long size;
    private boolean open = true;

    Channel(FSDataInputStream in, long size) {
      this.in = in;
      this.size = size;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      if (in.getPos() >= size) {
        return -1;
      }
      byte[] bytes = new byte[Math.min(into.remaining(), 1 << 16)];
      int read = in.read(bytes, 0, bytes.length);
      if (read > 0) {
        into.put(bytes, 0, read);
      }
      return read;
    }

    @Override
    public long position() throws IOException {
      return in.getPos();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
      in.seek(position);
      return this;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() throws IOException {
      open = false;
      in.close();
    }

    @Override
    public int write(ByteBuffer from) {
      throw new UnsupportedOperationException("Cannot write to an archive");
    }

    @Override
    public SeekableByteChannel truncate(long to) {
      throw new UnsupportedOperationException("Cannot write to an archive");
    }
  }
}
