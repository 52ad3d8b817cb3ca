package org.rtcn.common.formats.hdf5;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.exceptions.UnsupportedHdfException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Array;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.ReadLimits;

/**
 * An HDF5 file as jHDF shows it, without its links: these may lead to other files. Whatever jHDF
 * throws at damaged bytes becomes a {@link FormatException}.
 */
final class Hdf implements Closeable {
  private static final int IN_MEMORY = 32 << 20;
  private static final int TEMPORARY_FILES_PER_LIMIT = 64;

  /** Deflate makes at most 1,032 bytes of one. */
  private static final long MOST_TO_A_BYTE = 1_100;

  private static final int MAX_ATTRIBUTE_BYTES = 1 << 20;

  private final String name;
  private final HdfFile file;
  private final Path temporary;
  private final long bytes;

  private Hdf(String name, HdfFile file, Path temporary, long bytes) {
    this.name = name;
    this.bytes = bytes;
    this.file = file;
    this.temporary = temporary;
  }

  /**
   * Opens a file; a large one is copied to the local disk first, for HDF5 is read here and there.
   */
  static Hdf open(EcgFile file, ReadLimits limits) throws IOException {
    int inMemory = Math.min(IN_MEMORY, limits.fileBytes());
    byte[] head = file.head(inMemory + 1);
    if (head.length <= inMemory) {
      return new Hdf(
          file.name(), guarded(file.name(), () -> HdfFile.fromBytes(head)), null, head.length);
    }
    Path copy = Files.createTempFile("rtcn-", ".h5");
    try {
      long most = (long) TEMPORARY_FILES_PER_LIMIT * limits.fileBytes();
      try (InputStream in = file.open();
          var out = Files.newOutputStream(copy)) {
        byte[] block = new byte[1 << 16];
        long total = 0;
        for (int count = in.read(block); count >= 0; count = in.read(block)) {
          total += count;
          if (total > most) {
            throw new FormatException(
                Reason.RECORD_TOO_LONG,
                "Cannot read %s: it has more than %d bytes; split it".formatted(file.name(), most));
          }
          out.write(block, 0, count);
        }
      }
      return new Hdf(
          file.name(), guarded(file.name(), () -> new HdfFile(copy)), copy, Files.size(copy));
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(copy);
      throw e;
    }
  }

  /**
   * Does what may fail on damaged bytes. A claim of more memory than there is is the file's fault:
   * no other thread's allocation fails for it.
   */
  static <T> T guarded(String name, Supplier<T> action) throws FormatException {
    try {
      return action.get();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof UnsupportedHdfException) {
          throw new FormatException(
              Reason.FORMAT_UNSUPPORTED,
              "Cannot read %s: it uses a part of HDF5 that is not read (%s); save it with libver='earliest'"
                  .formatted(name, oneLine(cause)),
              e);
        }
      }
      throw new FormatException(
          Reason.FILE_MALFORMED,
          "Cannot read " + name + ": its HDF5 structure is damaged (" + oneLine(e) + ")",
          e);
    }
  }

  private static String oneLine(Throwable e) {
    String text = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    return e.getClass().getSimpleName() + ": " + text.substring(0, Math.min(160, text.length()));
  }

  String name() {
    return name;
  }

  /** What stands at a path, by name, links left out; empty if it is no group. */
  Map<String, Node> children(String... path) throws FormatException {
    return guarded(
        name,
        () -> {
          Group group = file;
          for (String step : path) {
            Node child = group.getChildren().get(step);
            if (child == null || child.isLink() || !(child instanceof Group next)) {
              return Map.of();
            }
            group = next;
          }
          return plain(group);
        });
  }

  private static Map<String, Node> plain(Group group) {
    Map<String, Node> children = new TreeMap<>();
    group
        .getChildren()
        .forEach(
            (key, node) -> {
              if (!node.isLink()) {
                children.put(key, node);
              }
            });
    return children;
  }

  /** All data sets, by path, at most a thousand and eight levels deep. */
  Map<String, Dataset> datasets() throws FormatException {
    Map<String, Dataset> found = new TreeMap<>();
    guarded(
        name,
        () -> {
          collect(file, "", 0, found);
          return null;
        });
    return found;
  }

  private static void collect(Group group, String path, int depth, Map<String, Dataset> found) {
    for (Map.Entry<String, Node> child : plain(group).entrySet()) {
      String at = path + "/" + child.getKey();
      if (child.getValue() instanceof Dataset set && found.size() < 1000) {
        found.put(at, set);
      } else if (child.getValue() instanceof Group inner && depth < 8) {
        collect(inner, at, depth + 1, found);
      }
    }
  }

  /** Lengths of a data set's axes. */
  long[] shape(Dataset set) throws FormatException {
    return guarded(name, () -> Arrays.stream(set.getDimensions()).asLongStream().toArray());
  }

  /** Whether its elements are integers. */
  boolean isInteger(Dataset set) throws FormatException {
    return guarded(
        name, () -> set.getJavaType() != float.class && set.getJavaType() != double.class);
  }

  /**
   * Numbers of a data set, in C order.
   *
   * @param offset first of each axis
   * @param lengths of each axis
   */
  double[] numbers(Dataset set, long[] offset, int[] lengths, ReadLimits limits)
      throws FormatException {
    long count = 1;
    for (int length : lengths) {
      count *= length;
      if (length < 0 || count > limits.samples()) {
        throw new FormatException(
            Reason.RECORD_TOO_LONG,
            "Cannot read %s: a data set has more than %d numbers; split it"
                .formatted(name, limits.samples()));
      }
    }
    int width = guarded(name, () -> set.getDataType().getSize());
    // Only chunks may be compressed.
    if (count
        > (set instanceof ChunkedDataset ? MOST_TO_A_BYTE * bytes : bytes / Math.max(1, width))) {
      throw FormatException.malformed(
          name, "a data set claims %d numbers in a file of %d bytes".formatted(count, bytes));
    }
    double[] values = new double[(int) count];
    int filled =
        guarded(
            name,
            () -> {
              if (set instanceof ChunkedDataset chunked && lengths.length > 0) {
                new Chunks(chunked).read(offset, lengths, values);
                return values.length;
              }
              Object data = lengths.length == 0 ? set.getData() : set.getData(offset, lengths);
              return flatten(data, values, 0);
            });
    if (filled != values.length) {
      throw FormatException.malformed(
          name, "%s gives %d of %d numbers".formatted(set.getPath(), filled, values.length));
    }
    return values;
  }

  /** All numbers of a data set, in C order. */
  double[] numbers(Dataset set, ReadLimits limits) throws FormatException {
    long[] shape = shape(set);
    int[] lengths = Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
    return numbers(set, new long[shape.length], lengths, limits);
  }

  private static int flatten(Object data, double[] into, int at) {
    if (data instanceof float[] row) {
      for (float value : row) {
        into[at++] = value;
      }
    } else if (data instanceof double[] row) {
      System.arraycopy(row, 0, into, at, row.length);
      at += row.length;
    } else if (data instanceof Object[] rows) {
      for (Object row : rows) {
        at = flatten(row, into, at);
      }
    } else if (data != null && data.getClass().isArray()) {
      int length = Array.getLength(data);
      for (int i = 0; i < length; i++) {
        Object value = Array.get(data, i);
        into[at++] = value instanceof Boolean b ? (b ? 1 : 0) : ((Number) value).doubleValue();
      }
    } else {
      into[at++] = ((Number) data).doubleValue();
    }
    return at;
  }

  /** An attribute's value: a number, text, or an array of them; empty if it is not there. */
  Optional<Object> attribute(Node node, String key) throws FormatException {
    return guarded(
        name,
        () -> {
          Attribute attribute = node.getAttributes().get(key);
          return attribute == null || attribute.getSizeInBytes() > MAX_ATTRIBUTE_BYTES
              ? Optional.empty()
              : Optional.ofNullable(attribute.getData());
        });
  }

  /** An attribute that is a number. */
  Optional<Double> number(Node node, String key) throws FormatException {
    Object value = attribute(node, key).orElse(null);
    if (value != null && value.getClass().isArray() && Array.getLength(value) == 1) {
      value = Array.get(value, 0);
    }
    return value instanceof Number number ? Optional.of(number.doubleValue()) : Optional.empty();
  }

  /** An attribute that is text. */
  Optional<String> text(Node node, String key) throws FormatException {
    return attribute(node, key).filter(String.class::isInstance).map(String.class::cast);
  }

  /** Texts of a data set of strings; none if it is no such thing. */
  List<String> texts(Node node) throws FormatException {
    return guarded(
        name,
        () -> {
          List<String> texts = new ArrayList<>();
          if (node instanceof Dataset set && set.getSize() <= 1000) {
            Chunks.requireKnownFilters(set);
            collect(set.getData(), texts);
          }
          return texts;
        });
  }

  /** Texts in an array or alone. */
  static void collect(Object data, List<String> into) {
    if (data instanceof String text) {
      into.add(text);
    } else if (data instanceof Object[] many) {
      for (Object one : many) {
        collect(one, into);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      file.close();
    } catch (RuntimeException e) {
      throw new IOException("Failed to close " + name, e);
    } finally {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    }
  }
}
