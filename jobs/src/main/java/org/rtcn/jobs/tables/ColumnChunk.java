package org.rtcn.jobs.tables;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.DoubleStatistics;
import org.apache.parquet.column.statistics.FloatStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileWriter;

/**
 * The compressed pages of a column in the row group at work. Parquet's own column writers and
 * {@link NumberArrays} both end here.
 */
final class ColumnChunk implements PageWriter {
  private final ColumnDescriptor column;
  private final PageCompressor compressor;
  private final List<Page> pages = new ArrayList<>();
  private DictionaryPage dictionary;
  private long values;
  private long bytes;
  private boolean bounded = true;
  private boolean indexed = true;

  /**
   * A data page.
   *
   * @param encodings of its repetition levels, definition levels and values
   */
  private record Page(
      BytesInput bytes,
      int plainBytes,
      int values,
      int rows,
      Statistics<?> statistics,
      List<Encoding> encodings) {}

  ColumnChunk(ColumnDescriptor column, PageCompressor compressor) {
    this.column = column;
    this.compressor = compressor;
  }

  /** Bytes that the pages take. */
  long bytes() {
    return bytes;
  }

  @Override
  public void writePage(
      BytesInput page,
      int valueCount,
      int rowCount,
      Statistics<?> statistics,
      Encoding repetition,
      Encoding definition,
      Encoding encoding)
      throws IOException {
    byte[] compressed = compressor.compress(page);
    pages.add(
        new Page(
            BytesInput.from(compressed),
            Math.toIntExact(page.size()),
            valueCount,
            rowCount,
            bounds(statistics, valueCount),
            List.of(repetition, definition, encoding)));
    values += valueCount;
    bytes += compressed.length;
  }

  @Override
  public void writeDictionaryPage(DictionaryPage page) throws IOException {
    byte[] compressed = compressor.compress(page.getBytes());
    dictionary =
        new DictionaryPage(
            BytesInput.from(compressed),
            Math.toIntExact(page.getBytes().size()),
            page.getDictionarySize(),
            page.getEncoding());
    bytes += compressed.length;
  }

  /** Writes the chunk at the file's end and forgets it. */
  void writeTo(ParquetFileWriter file) throws IOException {
    file.startColumn(column, values, compressor.codec());
    if (dictionary != null) {
      file.writeDictionaryPage(dictionary);
    }
    for (Page page : pages) {
      write(file, page, bounded ? page.statistics() : nullCount(page.statistics()));
    }
    file.endColumn();
    pages.clear();
    dictionary = null;
    values = 0;
    bytes = 0;
    bounded = true;
    indexed = true;
  }

  @SuppressWarnings("deprecation") // The call without rows: the only one that writes no index.
  private void write(ParquetFileWriter file, Page page, Statistics<?> statistics)
      throws IOException {
    if (indexed) {
      file.writeDataPage(
          page.values(),
          page.plainBytes(),
          page.bytes(),
          statistics,
          page.rows(),
          page.encodings().get(0),
          page.encodings().get(1),
          page.encodings().get(2));
    } else {
      file.writeDataPage(
          page.values(),
          page.plainBytes(),
          page.bytes(),
          statistics,
          page.encodings().get(0),
          page.encodings().get(1),
          page.encodings().get(2));
    }
  }

  /**
   * Parquet's column writers give NaN as a bound. Readers that hold to the format then skip rows
   * that they should find, so that such a chunk has no bounds. A page of nothing but NaN has none
   * either; an index would have to call it a page of nulls, so that its chunk has no page index.
   */
  private Statistics<?> bounds(Statistics<?> statistics, int valueCount) {
    boolean nan = hasNan(statistics);
    if (nan) {
      bounded = false;
    }
    if (nan || (!statistics.hasNonNullValue() && statistics.getNumNulls() < valueCount)) {
      indexed = false;
    }
    return statistics;
  }

  private static boolean hasNan(Statistics<?> statistics) {
    if (statistics instanceof FloatStatistics floats) {
      return Float.isNaN(floats.getMin()) || Float.isNaN(floats.getMax());
    }
    return statistics instanceof DoubleStatistics doubles
        && (Double.isNaN(doubles.getMin()) || Double.isNaN(doubles.getMax()));
  }

  private Statistics<?> nullCount(Statistics<?> statistics) {
    Statistics<?> nulls = Statistics.createStats(column.getPrimitiveType());
    nulls.incrementNumNulls(statistics.getNumNulls());
    return nulls;
  }

  @Override
  @Deprecated
  public void writePage(
      BytesInput page,
      int valueCount,
      Statistics<?> statistics,
      Encoding repetition,
      Encoding definition,
      Encoding encoding) {
    throw new UnsupportedOperationException("Cannot write a page without its number of rows");
  }

  @Override
  public void writePageV2(
      int rowCount,
      int nullCount,
      int valueCount,
      BytesInput repetition,
      BytesInput definition,
      Encoding encoding,
      BytesInput data,
      Statistics<?> statistics) {
    throw new UnsupportedOperationException("Cannot write pages of version 2");
  }

  @Override
  public long getMemSize() {
    return bytes;
  }

  @Override
  public long allocatedSize() {
    return bytes;
  }

  @Override
  public String memUsageString(String prefix) {
    return prefix + " " + pages.size() + " pages, " + bytes + " bytes";
  }
}
