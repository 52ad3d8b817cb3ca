package org.rtcn.common.formats.matrix;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.Samples;

/**
 * NumPy's NPY 1.0 to 3.0: one recording (leads by samples or the reverse) or a stack of them on the
 * first axis, of integers or floating-point numbers in either byte order. Rate, unit and leads come
 * from the {@link Sidecar}; without stated leads the order is I, II, III, aVR, aVL, aVF, V1 to V6.
 */
public final class NpyReader implements EcgReader {
  private static final int USUAL_HEADER = 1024;

  /** Bytes that are read and converted at once. */
  private static final int BLOCK = 1 << 14;

  private static final String MAGIC = "\u0093NUMPY";
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([<>|=]?)([a-z?])(\\d*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\sL]*)\\)");

  @Override
  public String format() {
    return "NPY";
  }

  @Override
  public boolean mayHoldSeveral() {
    return true;
  }

  @Override
  public boolean recognises(Head head) {
    return head.has(0, MAGIC);
  }

  @Override
  public EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    Matrix matrix = header(file);
    Optional<Sidecar> sidecar = Sidecar.of(file);
    String name = file.name();
    Optional<Double> fsHz = sidecar.isPresent() ? sidecar.get().fsHz() : Optional.empty();
    Optional<Double> step =
        sidecar.isPresent() ? sidecar.get().millivoltsPerStep() : Optional.empty();
    if (fsHz.isEmpty() || step.isEmpty()) {
      throw Sidecar.missing(name, "its sampling rate and unit");
    }
    long[] shape = matrix.shape();
    int axes = shape.length;
    int count = axes == 3 ? (int) Math.min(shape[0], Integer.MAX_VALUE) : 1;
    long rows = axes == 1 ? 1 : shape[axes - 2];
    Orientation orientation = Orientation.of(name, rows, shape[axes - 1], sidecar);
    checkSize(file, matrix);
    return new EcgRecords() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public String part(int index) {
        try {
          return sidecar.get().part(index, count);
        } catch (FormatException e) {
          return Integer.toString(index);
        }
      }

      @Override
      public EcgRecord get(int index) throws IOException {
        Scale scale = new Scale(step.get(), sidecar.get().number("missing").orElse(Double.NaN));
        double perStep = matrix.isInteger() ? Math.abs(scale.millivolts()) : 0;
        List<EcgChannel> channels =
            orientation.leads().stream().map(lead -> EcgChannel.named(lead, perStep)).toList();
        Place place =
            new Place(index, channels.size(), orientation.samples(), orientation.leadsFirst());
        Samples decoded = (from, length) -> matrix.window(file, place, scale, from, length);
        return EcgRecord.checked(
            name,
            new EcgRecord(
                part(index),
                fsHz.get(),
                orientation.samples(),
                channels,
                sidecar.get().facts(index, count),
                Optional.empty(),
                decoded));
      }

      @Override
      public void close() {}
    };
  }

  /**
   * What turns stored numbers into mV.
   *
   * @param millivolts of one step
   * @param missing stands for a sample that is not there, NaN for none
   */
  private record Scale(double millivolts, double missing) {

    void leaveOutMissing(double[] row, int at, int end) {
      double none = missing * millivolts;
      for (int i = at; i < end && !Double.isNaN(none); i++) {
        row[i] = row[i] == none ? Double.NaN : row[i];
      }
    }
  }

  /** Where a recording's numbers are: which of a stack, and how its two axes run. */
  private record Place(long index, int leads, int samples, boolean leadsFirst) {}

  private static void checkSize(EcgFile file, Matrix matrix) throws IOException {
    long bytes = matrix.width();
    for (long length : matrix.shape()) {
      if (length < 1 || bytes > Long.MAX_VALUE / Math.max(1, length)) {
        throw new FormatException(
            Reason.EMPTY, "Cannot use " + file.name() + ": an axis has length " + length);
      }
      bytes *= length;
    }
    long size = file.length();
    if (size < matrix.start() + bytes) {
      throw new FormatException(
          Reason.SIGNAL_TRUNCATED,
          "Cannot read %s: it should have %d bytes of data, there are %d; copy it again"
              .formatted(file.name(), bytes, size - matrix.start()));
    }
    if (matrix.fortran() && matrix.shape().length == 3 && matrix.shape()[0] > 1) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: a stack of recordings in Fortran order; save it with order='C'"
              .formatted(file.name()));
    }
  }

  private static long length(byte[] head, int version) {
    Head view = new Head(head, -1);
    return version == 1 ? view.u16(8) : view.u32(8);
  }

  private static Matrix header(EcgFile file) throws IOException {
    byte[] head = file.head(USUAL_HEADER);
    int version = head.length > 7 ? head[6] : 0;
    int from = version == 1 ? 10 : 12;
    long length = length(head, version);
    if (from + length > head.length) {
      head = file.head(Head.LENGTH);
    }
    if (version < 1 || version > 3 || length < 0 || from + length > head.length) {
      throw FormatException.malformed(
          file.name(), "its NPY version is %d, its header %d bytes".formatted(version, length));
    }
    String text = new String(head, from, (int) length, StandardCharsets.UTF_8);
    Matcher descr = DESCR.matcher(text);
    Matcher order = ORDER.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!descr.find() || !order.find() || !shape.find()) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: its header is %s; save a plain array of numbers"
              .formatted(file.name(), text.strip()));
    }
    String type = descr.group(2) + descr.group(3);
    if (!type.matches("[iu][1248]|f[248]|b1|\\?")) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: its elements are %s; save integers or floating-point numbers"
              .formatted(file.name(), type));
    }
    String[] lengths = shape.group(1).replace("L", "").strip().split("\\s*,\\s*", 0);
    if (lengths.length < 1 || lengths.length > 3 || lengths[0].isEmpty()) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: its shape is (%s); save two axes, or three for a stack of recordings"
              .formatted(file.name(), shape.group(1)));
    }
    long[] axes = new long[lengths.length];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = (long) org.rtcn.common.formats.Numbers.number(file.name(), "its shape", lengths[i]);
    }
    return new Matrix(
        type, descr.group(1).equals(">"), order.group(1).equals("True"), axes, from + length);
  }

  /**
   * An array in a file.
   *
   * @param type kind and width, such as i2
   * @param start of the data, in bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // Read only.
  private record Matrix(String type, boolean bigEndian, boolean fortran, long[] shape, long start) {

    int width() {
      return type.length() < 2 ? 1 : type.charAt(1) - '0';
    }

    boolean isInteger() {
      return type.charAt(0) != 'f';
    }

    /**
     * A part of a recording, read and converted a little at a time, while it is in the nearest
     * cache.
     *
     * @return {@code [lead][sample]} in mV
     */
    double[][] window(EcgFile file, Place place, Scale scale, long from, int count)
        throws IOException {
      int leads = place.leads();
      long samples = place.samples();
      double[][] rows = new double[leads][count];
      // Fortran order lets the first axis run fastest.
      boolean leadFastest = place.leadsFirst() == fortran;
      long first = place.index() * leads * samples + (leadFastest ? from * leads : from);
      int stride = leadFastest ? leads : 1;
      int most = Math.max(1, BLOCK / (stride * width()));
      byte[] block = new byte[Math.min(most, count) * stride * width()];
      ByteBuffer stored =
          ByteBuffer.wrap(block).order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      try (InputStream in = file.openAt(start + first * width())) {
        for (int lead = 0; lead < leads; lead += stride) {
          if (lead > 0) {
            in.skipNBytes((samples - count) * width());
          }
          for (int done = 0; done < count; done += most) {
            int some = Math.min(most, count - done);
            int bytes = some * stride * width();
            if (in.readNBytes(block, 0, bytes) < bytes) {
              throw new EOFException("Failed to read " + file.name() + ": it became shorter");
            }
            for (int k = 0; k < stride; k++) {
              convert(stored, k, stride, rows[lead + k], done, done + some, scale);
            }
          }
        }
      }
      return rows;
    }

    /** Fills {@code row[at..end)} from every {@code stride}th number from {@code first} on. */
    private void convert(
        ByteBuffer stored, int first, int stride, double[] row, int at, int end, Scale scale) {
      int step = stride * width();
      int position = first * width();
      double times = scale.millivolts();
      if (stride == 1 && type.equals("i2")) {
        // As an array first, which is quicker than one by one.
        short[] numbers = new short[end - at];
        stored.position(position).asShortBuffer().get(numbers);
        for (int i = 0; i < numbers.length; i++) {
          row[at + i] = numbers[i] * times;
        }
      } else if (stride == 1 && type.equals("f4")) {
        float[] numbers = new float[end - at];
        stored.position(position).asFloatBuffer().get(numbers);
        for (int i = 0; i < numbers.length; i++) {
          row[at + i] = finite(numbers[i], times);
        }
      } else if (type.equals("i2")) {
        for (int i = at; i < end; i++, position += step) {
          row[i] = stored.getShort(position) * times;
        }
      } else if (type.equals("f4")) {
        for (int i = at; i < end; i++, position += step) {
          row[i] = finite(stored.getFloat(position), times);
        }
      } else if (type.equals("f8")) {
        for (int i = at; i < end; i++, position += step) {
          row[i] = finite(stored.getDouble(position), times);
        }
      } else {
        for (int i = at; i < end; i++, position += step) {
          row[i] = finite(value(stored, position), times);
        }
      }
      scale.leaveOutMissing(row, at, end);
    }

    /** The second product is 0, or NaN for what is not finite: no branch. */
    private static double finite(double value, double times) {
      return value * times + value * 0.0;
    }

    private double value(ByteBuffer stored, int at) {
      long bits = 0;
      int width = width();
      for (int k = 0; k < width; k++) {
        bits = bits << 8 | (stored.get(bigEndian ? at + k : at + width - 1 - k) & 0xff);
      }
      int unused = 64 - 8 * width;
      return switch (type.charAt(0)) {
        case 'i' -> bits << unused >> unused;
        case 'f' ->
            switch (width) {
              case 2 -> half((int) bits);
              case 4 -> Float.intBitsToFloat((int) bits);
              default -> Double.longBitsToDouble(bits);
            };
        default -> width == 8 && bits < 0 ? (bits >>> 1) * 2.0 : bits;
      };
    }

    private static double half(int bits) {
      int exponent = bits >> 10 & 31;
      int fraction = bits & 1023;
      double magnitude =
          exponent == 0
              ? Math.scalb(fraction, -24)
              : exponent == 31
                  ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                  : Math.scalb(1024 + fraction, exponent - 25);
      return (bits & 0x8000) != 0 ? -magnitude : magnitude;
    }
  }
}
