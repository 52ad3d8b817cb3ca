package org.rtcn.jobs.tables;

import com.github.luben.zstd.ZstdCompressCtx;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.codec.ZstandardCodec;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Compresses pages. Zstandard is called directly: parquet-java 1.13.1 keeps one codec per class for
 * the whole JVM, with the configuration of whoever came first, a reader for instance, so that a
 * level that is set later has no effect.
 */
abstract class PageCompressor implements Closeable {
  /**
   * Zstandard's, unless another is set. Level 3, parquet-java's, takes half as long again for
   * signals and twice as long for images, which are 3 and 0 % smaller then; level 1 makes signals 8
   * % larger than this one.
   */
  static final int LEVEL = 2;

  private final CompressionCodecName codec;

  private PageCompressor(CompressionCodecName codec) {
    this.codec = codec;
  }

  /**
   * The compressor of a codec.
   *
   * @param configuration holds {@code parquet.compression.codec.zstd.level}, otherwise {@link
   *     #LEVEL}
   */
  static PageCompressor of(CompressionCodecName codec, Configuration configuration) {
    return codec == CompressionCodecName.ZSTD
        ? new Zstandard(configuration.getInt(ZstandardCodec.PARQUET_COMPRESS_ZSTD_LEVEL, LEVEL))
        : new OfHadoop(codec, configuration);
  }

  /** A page's compressed bytes, which nobody else holds. */
  abstract byte[] compress(BytesInput page) throws IOException;

  @Override
  public abstract void close();

  CompressionCodecName codec() {
    return codec;
  }

  private static final class Zstandard extends PageCompressor {
    private final ZstdCompressCtx context = new ZstdCompressCtx();
    private byte[] buffer = new byte[0];

    Zstandard(int level) {
      super(CompressionCodecName.ZSTD);
      context.setLevel(level);
    }

    @Override
    byte[] compress(BytesInput page) throws IOException {
      ByteBuffer bytes = page.toByteBuffer();
      int length = bytes.remaining();
      int most = Math.toIntExact(com.github.luben.zstd.Zstd.compressBound(length));
      if (buffer.length < most) {
        buffer = new byte[most];
      }
      int compressed =
          context.compressByteArray(
              buffer, 0, most, bytes.array(), bytes.arrayOffset() + bytes.position(), length);
      return Arrays.copyOf(buffer, compressed);
    }

    @Override
    public void close() {
      context.close();
    }
  }

  private static final class OfHadoop extends PageCompressor {
    private final CodecFactory factory;
    private final BytesInputCompressor compressor;

    OfHadoop(CompressionCodecName codec, Configuration configuration) {
      super(codec);
      factory = new CodecFactory(configuration, 0);
      compressor = factory.getCompressor(codec);
    }

    @Override
    byte[] compress(BytesInput page) throws IOException {
      return compressor.compress(page).toByteArray();
    }

    @Override
    public void close() {
      factory.release();
    }
  }
}
