package org.rtcn.jobs.train;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.stream.IntStream;

/**
 * The examples of one worker on its local disk, so that the heap does not grow with them: of an
 * example the heap holds 32 bytes, its image is read when a batch asks for it.
 *
 * <p>Read at positions, not mapped: mapped pages count as memory of the process, and YARN ends a
 * container that grows beyond what it asked for. The operating system caches what is read often
 * either way.
 *
 * <p>The file has no name once it is open (POSIX), so its space is free again when the process
 * ends, however it ends.
 */
final class ShardFile implements Closeable {
  private static final int WRITE_BUFFER_BYTES = 1 << 18;

  private final FileChannel channel;
  private final int imageLength;
  private final long[] keys;
  private final int[] labels;
  private final float[] weights;
  private final long[] positions;

  private ShardFile(FileChannel channel, int imageLength, Index index, int[] order) {
    this.channel = channel;
    this.imageLength = imageLength;
    this.keys = Arrays.stream(order).mapToLong(i -> index.keys[i]).toArray();
    this.labels = Arrays.stream(order).map(i -> index.labels[i]).toArray();
    this.positions = Arrays.stream(order).mapToLong(i -> index.positions[i]).toArray();
    this.weights = new float[order.length];
    for (int i = 0; i < order.length; i++) {
      weights[i] = index.weights[order[i]];
    }
  }

  /**
   * Writes examples as they come and sorts their index by key, then by id.
   *
   * @param examples in any order, images of equal length
   * @param path of a file that does not exist yet
   * @throws UncheckedIOException if the disk is full or cannot be written
   * @throws IllegalArgumentException if the images differ in length
   */
  static ShardFile write(Iterator<Example> examples, Path path) {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      Index index = new Index();
      int imageLength = append(examples, channel, index);
      return new ShardFile(channel, imageLength, index, index.order(channel, imageLength));
    } catch (IOException e) {
      closeAfter(e, channel);
      throw new UncheckedIOException(
          "Failed to write training examples to " + path + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      closeAfter(e, channel);
      throw e;
    }
  }

  /** As the other, in the folder for temporary files of this JVM. */
  static ShardFile write(Iterator<Example> examples) {
    try {
      Path folder = Files.createTempDirectory("rtcn-shard");
      try {
        return write(examples, folder.resolve("examples"));
      } finally {
        // The open file has no name any more.
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to make a temporary folder", e);
    }
  }

  private static int append(Iterator<Example> examples, FileChannel channel, Index index)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(WRITE_BUFFER_BYTES);
    int imageLength = 0;
    long position = 0;
    while (examples.hasNext()) {
      Example example = examples.next();
      float[] image = example.image();
      if (index.size == 0) {
        imageLength = image.length;
      }
      if (image.length != imageLength) {
        throw new IllegalArgumentException(
            "Invalid image of "
                + example.id()
                + ": "
                + image.length
                + " values, others have "
                + imageLength);
      }
      index.add(example, position);
      byte[] id = example.id().getBytes(StandardCharsets.UTF_8);
      position += (long) imageLength * Float.BYTES + Integer.BYTES + id.length;
      for (float value : image) {
        room(buffer, channel, Float.BYTES).putFloat(value);
      }
      room(buffer, channel, Integer.BYTES).putInt(id.length);
      for (byte character : id) {
        room(buffer, channel, 1).put(character);
      }
    }
    drain(buffer, channel);
    return imageLength;
  }

  private static ByteBuffer room(ByteBuffer buffer, FileChannel channel, int bytes)
      throws IOException {
    if (buffer.remaining() < bytes) {
      drain(buffer, channel);
    }
    return buffer;
  }

  private static void drain(ByteBuffer buffer, FileChannel channel) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static void closeAfter(Exception error, FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        error.addSuppressed(e);
      }
    }
  }

  int size() {
    return keys.length;
  }

  long key(int example) {
    return keys[example];
  }

  int label(int example) {
    return labels[example];
  }

  float weight(int example) {
    return weights[example];
  }

  /** Values of an image. */
  int imageLength() {
    return imageLength;
  }

  /**
   * Reads an image; any number of threads may read at once.
   *
   * @param scratch of at least {@link #imageLength} floats' bytes; a caller's own
   */
  void image(int example, ByteBuffer scratch, float[] into) {
    scratch.clear().limit(imageLength * Float.BYTES);
    try {
      readFully(channel, scratch, positions[example]);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read training examples: " + e.getMessage(), e);
    }
    scratch.flip().asFloatBuffer().get(into, 0, imageLength);
  }

  /** A buffer for {@link #image}. */
  ByteBuffer scratch() {
    return ByteBuffer.allocateDirect(Math.max(1, imageLength) * Float.BYTES);
  }

  private static void readFully(FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw new EOFException("the file ends at " + at);
      }
      at += read;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to close a file of training examples", e);
    }
  }

  /** What is known of the examples while they are written. */
  private static final class Index {
    private int size;
    private long[] keys = new long[64];
    private int[] labels = new int[64];
    private float[] weights = new float[64];
    private long[] positions = new long[64];

    void add(Example example, long position) {
      if (size == keys.length) {
        int more = Math.addExact(size, size / 2);
        keys = Arrays.copyOf(keys, more);
        labels = Arrays.copyOf(labels, more);
        weights = Arrays.copyOf(weights, more);
        positions = Arrays.copyOf(positions, more);
      }
      keys[size] = example.key();
      labels[size] = example.label();
      weights[size] = example.weight();
      positions[size] = position;
      size++;
    }

    /** The order by key, then by id, which is looked up in the file: equal keys are rare. */
    int[] order(FileChannel channel, int imageLength) {
      Comparator<Integer> byKey = Comparator.comparingLong(i -> keys[i]);
      return IntStream.range(0, size)
          .boxed()
          .sorted(byKey.thenComparing(i -> id(channel, imageLength, i)))
          .mapToInt(Integer::intValue)
          .toArray();
    }

    private String id(FileChannel channel, int imageLength, int example) {
      try {
        long at = positions[example] + (long) imageLength * Float.BYTES;
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        readFully(channel, length, at);
        ByteBuffer id = ByteBuffer.allocate(length.flip().getInt());
        readFully(channel, id, at + Integer.BYTES);
        return new String(id.array(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException("Failed to read training examples: " + e.getMessage(), e);
      }
    }
  }
}
