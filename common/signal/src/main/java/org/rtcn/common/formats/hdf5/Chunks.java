package org.rtcn.common.formats.hdf5;

import io.jhdf.api.Dataset;
import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.exceptions.HdfException;
import io.jhdf.exceptions.UnsupportedHdfException;
import io.jhdf.filter.PipelineFilterWithData;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads a part of a chunked data set. jHDF 0.9.4 looks up the chunks of a slice by their number
 * where their offset is wanted, and gives zeros for all but the first; nor does it bound what a
 * chunk inflates to.
 */
final class Chunks {
  private static final int DEFLATE = 1;
  private static final int SHUFFLE = 2;
  private static final int FLETCHER32 = 3;

  /** Read by jHDF, in Java alone. */
  private static final int LZF = 32000;

  private static final int MAX_CHUNK_BYTES = 1 << 26;

  private final ChunkedDataset set;
  private final int[] chunk;
  private final int elementBytes;
  private final int chunkBytes;

  /** A data set of numbers. */
  Chunks(ChunkedDataset set) {
    requireKnownFilters(set);
    this.set = set;
    this.chunk = set.getChunkDimensions();
    this.elementBytes = set.getDataType().getSize();
    long bytes = elementBytes;
    for (int length : chunk) {
      bytes *= length;
      if (length < 1 || bytes > MAX_CHUNK_BYTES) {
        throw new HdfException("Chunks of " + Arrays.toString(chunk));
      }
    }
    this.chunkBytes = (int) bytes;
  }

  /**
   * Refuses data behind filters other than those that stay within Java's own bounds: jHDF hands LZ4
   * (also behind bitshuffle) to lz4-java, which a crafted chunk lets read and write outside its
   * arrays (CVE-2025-12183).
   */
  static void requireKnownFilters(Dataset set) {
    if (set instanceof ChunkedDataset chunked) {
      for (PipelineFilterWithData filter : chunked.getFilters()) {
        int id = filter.getId();
        if (id != DEFLATE && id != SHUFFLE && id != FLETCHER32 && id != LZF) {
          throw new UnsupportedHdfException(
              "data behind filter "
                  + id
                  + ", which is not one of gzip, shuffle, fletcher32 and lzf: convert it with"
                  + " h5repack -f GZIP=4");
        }
      }
    }
  }

  /** Numbers in C order, 0 where no chunk is stored. */
  void read(long[] offset, int[] lengths, double[] into) {
    int axes = lengths.length;
    long[] at = new long[axes];
    for (int a = 0; a < axes; a++) {
      at[a] = offset[a] / chunk[a] * chunk[a];
    }
    long[] first = at.clone();
    while (true) {
      copy(at, offset, lengths, into);
      int axis = axes - 1;
      while (axis >= 0) {
        at[axis] += chunk[axis];
        if (at[axis] < offset[axis] + lengths[axis]) {
          break;
        }
        at[axis] = first[axis];
        axis--;
      }
      if (axis < 0) {
        return;
      }
    }
  }

  /** Copies what a chunk has of the part, row by row of the last axis. */
  private void copy(long[] at, long[] offset, int[] lengths, double[] into) {
    byte[] bytes = chunk(at);
    if (bytes == null) {
      return;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order(set.getDataType()));
    int axes = lengths.length;
    int[] from = new int[axes];
    int[] count = new int[axes];
    for (int a = 0; a < axes; a++) {
      from[a] = (int) Math.max(0, offset[a] - at[a]);
      count[a] = (int) Math.min(chunk[a], offset[a] + lengths[a] - at[a]) - from[a];
    }
    int[] index = new int[axes];
    int last = axes - 1;
    while (true) {
      long source = 0;
      long target = 0;
      for (int a = 0; a < axes; a++) {
        source = source * chunk[a] + from[a] + index[a];
        target = target * lengths[a] + (at[a] + from[a] + index[a] - offset[a]);
      }
      for (int i = 0; i < count[last]; i++) {
        into[(int) target + i] =
            value(set.getDataType(), buffer, (int) (source + i) * elementBytes, elementBytes);
      }
      int axis = last - 1;
      while (axis >= 0 && ++index[axis] == count[axis]) {
        index[axis--] = 0;
      }
      if (axis < 0) {
        return;
      }
    }
  }

  /** A chunk's bytes, null where it was never written. */
  private byte[] chunk(long[] at) {
    int[] offset = Arrays.stream(at).mapToInt(Math::toIntExact).toArray();
    List<PipelineFilterWithData> filters = set.getFilters();
    boolean known =
        filters.stream()
            .allMatch(f -> f.getId() == DEFLATE || f.getId() == SHUFFLE || f.getId() == FLETCHER32);
    byte[] bytes;
    try {
      if (known) {
        ByteBuffer raw = set.getRawChunkBuffer(offset);
        bytes = new byte[raw.remaining()];
        raw.get(bytes);
      } else {
        bytes = set.getDecompressedChunk(offset);
      }
    } catch (HdfException e) {
      if (e.getMessage() != null && e.getMessage().startsWith("No chunk with offset")) {
        return null;
      }
      throw e;
    }
    for (int f = filters.size() - 1; known && f >= 0; f--) {
      bytes =
          switch (filters.get(f).getId()) {
            case DEFLATE -> inflate(bytes);
            case SHUFFLE -> unshuffle(bytes);
            default -> Arrays.copyOf(bytes, Math.max(0, bytes.length - 4));
          };
    }
    if (bytes.length < chunkBytes) {
      throw new HdfException("A chunk of %d of %d bytes".formatted(bytes.length, chunkBytes));
    }
    return bytes;
  }

  private byte[] inflate(byte[] bytes) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes);
      // A checksum may follow the numbers.
      int most = chunkBytes + 4;
      byte[] out = new byte[(int) Math.min(most, 4L * bytes.length + 64)];
      int count = 0;
      while (count < most && !inflater.finished()) {
        if (count == out.length) {
          // With the bytes that come, not with what the chunk's shape claims.
          out = Arrays.copyOf(out, (int) Math.min(most, 2L * out.length));
        }
        int more = inflater.inflate(out, count, out.length - count);
        if (more == 0) {
          break;
        }
        count += more;
      }
      return Arrays.copyOf(out, count);
    } catch (DataFormatException e) {
      throw new HdfException("A chunk does not inflate", e);
    } finally {
      inflater.end();
    }
  }

  /** Shuffled bytes stand by significance: all first bytes, then all second ones. */
  private byte[] unshuffle(byte[] bytes) {
    int count = bytes.length / elementBytes;
    byte[] out = bytes.clone();
    for (int b = 0; b < elementBytes; b++) {
      for (int i = 0; i < count; i++) {
        out[i * elementBytes + b] = bytes[b * count + i];
      }
    }
    return out;
  }

  private static ByteOrder order(DataType type) {
    if (type instanceof FixedPoint fixed) {
      return fixed.getByteOrder();
    }
    if (type instanceof FloatingPoint floating) {
      return floating.getByteOrder();
    }
    throw new HdfException("Elements of " + type.getClass().getSimpleName());
  }

  private static double value(DataType type, ByteBuffer buffer, int at, int bytes) {
    if (type instanceof FloatingPoint) {
      return switch (bytes) {
        case 2 -> FloatingPoint.toFloat(buffer.getShort(at));
        case 4 -> buffer.getFloat(at);
        case 8 -> buffer.getDouble(at);
        default -> throw new HdfException("Floating-point numbers of " + bytes + " bytes");
      };
    }
    boolean signed = ((FixedPoint) type).isSigned();
    return switch (bytes) {
      case 1 -> signed ? buffer.get(at) : buffer.get(at) & 0xff;
      case 2 -> signed ? buffer.getShort(at) : buffer.getShort(at) & 0xffff;
      case 4 -> signed ? buffer.getInt(at) : buffer.getInt(at) & 0xffffffffL;
      case 8 -> buffer.getLong(at);
      default -> throw new HdfException("Integers of " + bytes + " bytes");
    };
  }
}
