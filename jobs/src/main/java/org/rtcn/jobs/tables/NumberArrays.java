package org.rtcn.jobs.tables;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.statistics.FloatStatistics;
import org.apache.parquet.column.statistics.IntStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.Platform;

/**
 * A column of {@code array<float>} or {@code array<int>}, written a page at a time: levels as runs,
 * values copied as they stand, or as indices of two bytes into a dictionary. Parquet's own writer
 * takes each element through its level encoders, a dictionary and several calls.
 *
 * <p>A page takes the dictionary if its indices and the values that it adds are fewer bytes than
 * its values, and the dictionary then holds no more than 65,536: images rounded to a step and
 * signals of 16 bits do, filtered beats do not. The first page of a chunk that is not so ends the
 * dictionary of that chunk.
 */
final class NumberArrays {
  /**
   * What parquet-java calls dictionary and indices in pages of version 1; older readers know it.
   */
  @SuppressWarnings("deprecation")
  private static final Encoding INDICES = Encoding.PLAIN_DICTIONARY;

  /**
   * Where of the first values of a page hardly one comes twice, its dictionary will not pay. To try
   * the rest all the same took longer than to compress it.
   */
  private static final int MOST_NEW_OF_FIRST = ValueDictionary.FIRST / 32 * 31;

  private final int ordinal;
  private final ColumnChunk chunk;
  private final ColumnDescriptor column;
  private final boolean floats;
  private final int pageValues;
  private final boolean dictionaryAllowed;

  /** Definition levels of an element, a NULL element, an empty array. A NULL array has 0. */
  private final int elementLevel;

  private final int nullElementLevel;
  private final int emptyLevel;

  private final LevelRuns repetition = new LevelRuns();
  private final LevelRuns definition = new LevelRuns();
  private final ValueDictionary dictionary = new ValueDictionary();
  private boolean plain;

  // The page at work: the elements' bits, the number of levels, and the number of rows.
  private int[] words = new int[1024];
  private int size;
  private int levels;
  private int rows;

  /** What columns share: a page is made in one call, and nothing of it is kept. */
  static final class Scratch {
    private short[] indices = new short[0];
    private byte[] page = new byte[0];

    private short[] indices(int count) {
      if (indices.length < count) {
        indices = new short[count];
      }
      return indices;
    }

    private byte[] page(int bytes) {
      if (page.length < bytes) {
        page = new byte[bytes];
      }
      return page;
    }
  }

  private final Scratch scratch;

  /**
   * @param ordinal of the column in the rows
   * @param column the elements: {@code column.list.element}
   * @param pageBytes of plain values after which a page ends, at the row's end
   * @param withDictionary whether a dictionary may be tried
   */
  NumberArrays(
      int ordinal,
      ColumnDescriptor column,
      ColumnChunk chunk,
      int pageBytes,
      boolean withDictionary,
      Scratch scratch) {
    this.ordinal = ordinal;
    this.column = column;
    this.chunk = chunk;
    this.scratch = scratch;
    floats = column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.FLOAT;
    pageValues = Math.max(1, pageBytes / Integer.BYTES);
    dictionaryAllowed = withDictionary;
    plain = !withDictionary;
    elementLevel = column.getMaxDefinitionLevel();
    boolean elementsMayBeNull = column.getPrimitiveType().isRepetition(Repetition.OPTIONAL);
    nullElementLevel = elementsMayBeNull ? elementLevel - 1 : -1;
    emptyLevel = elementLevel - (elementsMayBeNull ? 2 : 1);
  }

  /** Whether a column is one of these. */
  static boolean takes(ColumnDescriptor column) {
    PrimitiveTypeName type = column.getPrimitiveType().getPrimitiveTypeName();
    return column.getMaxRepetitionLevel() == 1
        && (type == PrimitiveTypeName.FLOAT || type == PrimitiveTypeName.INT32);
  }

  /** Takes the column's array of a row. */
  void add(InternalRow row) throws IOException {
    if (row.isNullAt(ordinal)) {
      require(emptyLevel > 0, "NULL");
      level(0, 0);
    } else {
      ArrayData array = row.getArray(ordinal);
      int length = array.numElements();
      if (length == 0) {
        level(0, emptyLevel);
      } else if (RowDigest.holdsNull(array)) {
        addWithNulls(array, length);
      } else {
        addAll(array, length);
      }
    }
    rows++;
    if (Math.max(size, levels) >= pageValues) {
      endPage();
    }
  }

  /** Bytes of the chunk so far, those not yet compressed as they stand. */
  long bytes() {
    return chunk.bytes() + (long) Integer.BYTES * size;
  }

  /** Ends the chunk: its last page and its dictionary. */
  void finish() throws IOException {
    endPage();
    if (dictionary.size() > 0) {
      byte[] values = new byte[Integer.BYTES * dictionary.size()];
      copy(dictionary.values(), dictionary.size(), values, 0);
      chunk.writeDictionaryPage(
          new DictionaryPage(BytesInput.from(values), dictionary.size(), INDICES));
      dictionary.clear();
    }
    plain = !dictionaryAllowed;
  }

  private void level(int repetitionLevel, int definitionLevel) {
    repetition.add(repetitionLevel, 1);
    definition.add(definitionLevel, 1);
    levels++;
  }

  private void addAll(ArrayData array, int length) {
    reserve(length);
    if (array instanceof UnsafeArrayData unsafe) {
      Platform.copyMemory(
          unsafe.getBaseObject(),
          RowDigest.numbersOffset(unsafe),
          words,
          Platform.INT_ARRAY_OFFSET + (long) Integer.BYTES * size,
          (long) Integer.BYTES * length);
    } else {
      for (int i = 0; i < length; i++) {
        words[size + i] = word(array, i);
      }
    }
    size += length;
    levels += length;
    repetition.add(0, 1);
    if (length > 1) {
      repetition.add(1, length - 1);
    }
    definition.add(elementLevel, length);
  }

  private void addWithNulls(ArrayData array, int length) {
    require(nullElementLevel > 0, "a NULL element");
    reserve(length);
    for (int i = 0; i < length; i++) {
      if (array.isNullAt(i)) {
        level(i == 0 ? 0 : 1, nullElementLevel);
      } else {
        words[size++] = word(array, i);
        level(i == 0 ? 0 : 1, elementLevel);
      }
    }
  }

  private int word(ArrayData array, int i) {
    return floats ? Float.floatToRawIntBits(array.getFloat(i)) : array.getInt(i);
  }

  private void reserve(int more) {
    if (words.length - size < more) {
      words =
          Arrays.copyOf(words, Math.max(Math.addExact(size, more), Math.min(2 * size, pageValues)));
    }
  }

  private void require(boolean allowed, String found) {
    if (!allowed) {
      throw new IllegalArgumentException(
          "Cannot write " + found + " to " + column.getPath()[0] + ", which must not hold one");
    }
  }

  private void endPage() throws IOException {
    if (levels == 0) {
      return;
    }
    boolean indexed = !plain && size > 0 && encode();
    int width = dictionary.size() <= 1 << Byte.SIZE ? Byte.BYTES : Short.BYTES;
    int levelBytes = repetition.pageBytes() + definition.pageBytes();
    byte[] page = scratch.page(levelBytes + 32 + Integer.BYTES * size);
    repetition.writeTo(page, 0);
    definition.writeTo(page, repetition.pageBytes());
    int end = indexed ? writeIndices(page, levelBytes, width) : copy(words, size, page, levelBytes);
    chunk.writePage(
        BytesInput.from(page, 0, end),
        levels,
        rows,
        statistics(),
        Encoding.RLE,
        Encoding.RLE,
        indexed ? INDICES : Encoding.PLAIN);
    repetition.clear();
    definition.clear();
    size = 0;
    levels = 0;
    rows = 0;
  }

  private boolean encode() {
    // New values of four bytes and indices of two must stay below four bytes each.
    boolean pays =
        dictionary.encode(words, size, scratch.indices(size), (size - 1) / 2, MOST_NEW_OF_FIRST);
    plain = !pays;
    return pays;
  }

  /** One bit-packed run whose width is one or two whole bytes, filled up to a multiple of 8. */
  private int writeIndices(byte[] page, int offset, int width) {
    int at = offset;
    page[at++] = (byte) (Byte.SIZE * width);
    int groups = (size + 7) / 8;
    long header = ((long) groups << 1) | 1;
    while ((header & ~0x7fL) != 0) {
      page[at++] = (byte) (header | 0x80);
      header >>>= 7;
    }
    page[at++] = (byte) header;
    short[] indices = scratch.indices(size);
    if (width == Byte.BYTES) {
      for (int i = 0; i < size; i++) {
        page[at + i] = (byte) indices[i];
      }
    } else {
      ByteBuffer.wrap(page, at, Short.BYTES * size)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asShortBuffer()
          .put(indices, 0, size);
    }
    int end = at + 8 * groups * width;
    Arrays.fill(page, at + size * width, end, (byte) 0);
    return end;
  }

  private static int copy(int[] words, int size, byte[] page, int offset) {
    ByteBuffer.wrap(page, offset, Integer.BYTES * size)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .put(words, 0, size);
    return offset + Integer.BYTES * size;
  }

  private Statistics<?> statistics() {
    Statistics<?> statistics = Statistics.createStats(column.getPrimitiveType());
    statistics.incrementNumNulls(levels - size);
    if (floats) {
      bounds((FloatStatistics) statistics);
    } else if (size > 0) {
      int least = Integer.MAX_VALUE;
      int most = Integer.MIN_VALUE;
      for (int i = 0; i < size; i++) {
        least = Math.min(least, words[i]);
        most = Math.max(most, words[i]);
      }
      ((IntStatistics) statistics).setMinMax(least, most);
    }
    return statistics;
  }

  /** Comparisons with NaN are false: the format leaves NaN out of the bounds. */
  private void bounds(FloatStatistics statistics) {
    // Two lanes of each: a comparison that waits for the one before stands idle half of the time.
    float least = Float.POSITIVE_INFINITY;
    float least2 = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    float most2 = Float.NEGATIVE_INFINITY;
    int i = size & 1;
    if (i == 1) {
      float value = Float.intBitsToFloat(words[0]);
      least = value < least ? value : least;
      most = value > most ? value : most;
    }
    for (; i < size; i += 2) {
      float value = Float.intBitsToFloat(words[i]);
      float value2 = Float.intBitsToFloat(words[i + 1]);
      least = value < least ? value : least;
      least2 = value2 < least2 ? value2 : least2;
      most = value > most ? value : most;
      most2 = value2 > most2 ? value2 : most2;
    }
    least = least2 < least ? least2 : least;
    most = most2 > most ? most2 : most;
    if (least <= most) {
      // Readers differ about the zeros' order: either is within the bounds.
      statistics.setMinMax(least == 0 ? -0f : least, most == 0 ? 0f : most);
    }
  }
}
