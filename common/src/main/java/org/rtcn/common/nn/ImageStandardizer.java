package org.rtcn.common.nn;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Brings S-transform magnitudes to the scale that a network likes: compresses each (magnitudes are
 * skewed: a few QRS columns hold most of the energy), then subtracts the mean and divides by the
 * standard deviation of its lead and voice, both over all columns of the training images. Fitted on
 * training beats only. Immutable.
 */
public final class ImageStandardizer implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Added to a magnitude under the logarithm, mV: about the noise floor of an ECG. */
  private static final double LOG_FLOOR_MV = 0.01;

  private final int leads;
  private final int voices;
  private final int columns;
  private final Compression compression;
  private final float[] mean;
  private final float[] inverseDeviation;

  private ImageStandardizer(
      int leads,
      int voices,
      int columns,
      Compression compression,
      float[] mean,
      float[] inverseDeviation) {
    this.leads = leads;
    this.voices = voices;
    this.columns = columns;
    this.compression = compression;
    this.mean = mean;
    this.inverseDeviation = inverseDeviation;
  }

  /** How a magnitude (mV, not negative) is compressed. */
  public enum Compression {
    NONE(0) {
      @Override
      double of(double magnitude) {
        return magnitude;
      }
    },
    SQRT(1) {
      @Override
      double of(double magnitude) {
        return Math.sqrt(magnitude);
      }
    },
    LOG(2) {
      @Override
      double of(double magnitude) {
        return Math.log1p(magnitude / LOG_FLOOR_MV);
      }
    };

    /** Stands for it in a saved model. */
    private final int code;

    Compression(int code) {
      this.code = code;
    }

    abstract double of(double magnitude);

    private static Compression of(int code) {
      return Arrays.stream(values())
          .filter(compression -> compression.code == code)
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("Invalid standardizer: compression " + code));
    }
  }

  /** Starts to gather moments of images {@code [lead][voice][column]}. */
  public static Moments moments(int leads, int voices, int columns, Compression compression) {
    return new Moments(leads, voices, columns, compression);
  }

  /** Rows of leads in an image. */
  public int leads() {
    return leads;
  }

  /** Frequencies in an image. */
  public int voices() {
    return voices;
  }

  /** Time steps in an image. */
  public int columns() {
    return columns;
  }

  /** How magnitudes are compressed. */
  public Compression compression() {
    return compression;
  }

  /**
   * Standardises an image in place.
   *
   * @param image {@code [lead][voice][column]} flattened, mV
   * @throws IllegalArgumentException if its length is wrong
   */
  public void transform(float[] image) {
    requireLength(image, leads, voices, columns);
    int at = 0;
    for (int row = 0; row < mean.length; row++) {
      float centre = mean[row];
      float scale = inverseDeviation[row];
      for (int column = 0; column < columns; column++) {
        // An invalid lead (NaN) becomes the mean: it tells the network nothing.
        float value = (float) compression.of(image[at]);
        image[at++] = Float.isNaN(value) ? 0 : (value - centre) * scale;
      }
    }
  }

  byte[] toBytes() {
    ByteBuffer buffer = ByteBuffer.allocate(16 + 8 * mean.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(leads).putInt(voices).putInt(columns).putInt(compression.code);
    for (float value : mean) {
      buffer.putFloat(value);
    }
    for (float value : inverseDeviation) {
      buffer.putFloat(value);
    }
    return buffer.array();
  }

  static ImageStandardizer parse(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int leads = buffer.getInt();
    int voices = buffer.getInt();
    int columns = buffer.getInt();
    Compression compression = Compression.of(buffer.getInt());
    float[] mean = new float[leads * voices];
    float[] inverse = new float[leads * voices];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = buffer.getFloat();
    }
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] = buffer.getFloat();
    }
    return new ImageStandardizer(leads, voices, columns, compression, mean, inverse);
  }

  private static void requireLength(float[] image, int leads, int voices, int columns) {
    if (image.length != leads * voices * columns) {
      throw new IllegalArgumentException(
          "Invalid image of "
              + image.length
              + " magnitudes: must hold "
              + leads
              + " leads x "
              + voices
              + " voices x "
              + columns
              + " columns");
    }
  }

  /**
   * Mean and sum of squared deviations per lead and voice, in one pass and mergeable (Chan, Golub,
   * LeVeque 1983), so that partitions gather and the driver joins.
   */
  public static final class Moments implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int leads;
    private final int voices;
    private final int columns;
    private final Compression compression;
    private final long[] count;
    private final double[] mean;
    private final double[] squares;

    private Moments(int leads, int voices, int columns, Compression compression) {
      this.leads = leads;
      this.voices = voices;
      this.columns = columns;
      this.compression = compression;
      this.count = new long[leads * voices];
      this.mean = new double[leads * voices];
      this.squares = new double[leads * voices];
    }

    /**
     * Takes in one image, {@code [lead][voice][column]} flattened, mV; NaN are left out.
     *
     * @throws IllegalArgumentException if its length is wrong
     */
    public Moments add(float[] image) {
      requireLength(image, leads, voices, columns);
      int at = 0;
      for (int row = 0; row < mean.length; row++) {
        for (int column = 0; column < columns; column++) {
          double value = compression.of(image[at++]);
          if (Double.isNaN(value)) {
            continue;
          }
          count[row]++;
          double delta = value - mean[row];
          mean[row] += delta / count[row];
          squares[row] += delta * (value - mean[row]);
        }
      }
      return this;
    }

    /** Takes in what another has gathered. */
    public Moments merge(Moments other) {
      for (int row = 0; row < mean.length; row++) {
        if (other.count[row] == 0) {
          continue;
        }
        long total = count[row] + other.count[row];
        double delta = other.mean[row] - mean[row];
        mean[row] += delta * other.count[row] / total;
        squares[row] +=
            other.squares[row] + delta * delta * ((double) count[row] * other.count[row] / total);
        count[row] = total;
      }
      return this;
    }

    /**
     * The standardizer of what was gathered.
     *
     * @throws IllegalStateException if nothing was
     */
    public ImageStandardizer fit() {
      if (Arrays.stream(count).allMatch(n -> n == 0)) {
        throw new IllegalStateException("Cannot fit a standardizer: no image was given");
      }
      float[] centre = new float[mean.length];
      float[] inverse = new float[mean.length];
      for (int row = 0; row < mean.length; row++) {
        centre[row] = (float) mean[row];
        double deviation = count[row] == 0 ? 0 : Math.sqrt(squares[row] / count[row]);
        // A row that never varies (a lead that is always absent) stays at 0.
        inverse[row] = deviation > 1e-9 ? (float) (1 / deviation) : 0;
      }
      return new ImageStandardizer(leads, voices, columns, compression, centre, inverse);
    }
  }
}
