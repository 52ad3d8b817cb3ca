package org.rtcn.common.nn;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Brings S-transform images to the scale that a network likes: compresses each magnitude (they are
 * skewed: a few QRS columns hold most of the energy), takes real and imaginary part where the phase
 * takes part ({@link ImageInput}), then subtracts the mean and divides by the standard deviation of
 * its channel and voice, both over all columns of the training images. Fitted on training beats
 * only, and the scale of the ages that may stand after an image ({@link PatientInput}) on training
 * patients only. Immutable.
 */
public final class ImageStandardizer implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Added to a magnitude under the logarithm, mV: about the noise floor of an ECG. */
  private static final double LOG_FLOOR_MV = 0.01;

  private final int leads;
  private final int voices;
  private final int columns;
  private final ImageInput input;
  private final Compression compression;
  private final float[] mean;
  private final float[] inverseDeviation;
  private final PatientInput patientInput;
  private final float meanAge;
  private final float inverseAgeDeviation;

  private ImageStandardizer(
      int leads,
      int voices,
      int columns,
      ImageInput input,
      Compression compression,
      float[] mean,
      float[] inverseDeviation,
      PatientInput patientInput,
      float meanAge,
      float inverseAgeDeviation) {
    this.leads = leads;
    this.voices = voices;
    this.columns = columns;
    this.input = input;
    this.compression = compression;
    this.mean = mean;
    this.inverseDeviation = inverseDeviation;
    this.patientInput = patientInput;
    this.meanAge = meanAge;
    this.inverseAgeDeviation = inverseAgeDeviation;
  }

  /**
   * This one, for images with {@link PatientInput#AGE_SEX} after them.
   *
   * @param years mean age of the training patients
   * @param deviationYears its standard deviation over them; 0 if all are of one age
   */
  public ImageStandardizer withAges(double years, double deviationYears) {
    return new ImageStandardizer(
        leads,
        voices,
        columns,
        input,
        compression,
        mean,
        inverseDeviation,
        PatientInput.AGE_SEX,
        (float) years,
        deviationYears > 1e-9 ? (float) (1 / deviationYears) : 0);
  }

  /** What stands after an image. */
  public PatientInput patientInput() {
    return patientInput;
  }

  /** Numbers of an image, without what stands after it. */
  public int imageLength() {
    return leads * voices * columns * input.parts();
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
  public static Moments moments(
      int leads, int voices, int columns, ImageInput input, Compression compression) {
    return new Moments(leads, voices, columns, input, compression);
  }

  /** Compresses in place, and turns magnitude and phase into real and imaginary part. */
  private static void compress(float[] image, int size, ImageInput input, Compression compression) {
    if (input == ImageInput.WAVEFORM) {
      // Millivolts with a sign, and no few columns that hold most of the energy.
      return;
    }
    for (int i = 0; i < size; i++) {
      double magnitude = compression.of(image[i]);
      if (input == ImageInput.COMPLEX) {
        float phase = image[size + i];
        image[size + i] = (float) (magnitude * Math.sin(phase));
        image[i] = (float) (magnitude * Math.cos(phase));
      } else {
        image[i] = (float) magnitude;
      }
    }
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

  /** What of an image the network reads. */
  public ImageInput input() {
    return input;
  }

  /** Channels of the network's input: leads times parts. */
  public int channels() {
    return leads * input.parts();
  }

  /** How magnitudes are compressed. */
  public Compression compression() {
    return compression;
  }

  /**
   * Standardises an image in place.
   *
   * @param image as {@link ImageInput#image} gives it; becomes {@code [channel][voice][column]}.
   *     What {@link PatientInput#write} writes may stand after it
   * @throws IllegalArgumentException if its length is wrong
   */
  public void transform(float[] image) {
    if (patientInput != PatientInput.NONE
        && image.length == imageLength() + patientInput.numbers()) {
      transformPatient(image, imageLength());
    } else {
      requireLength(image, leads, voices, columns, input);
    }
    compress(image, leads * voices * columns, input, compression);
    int at = 0;
    for (int row = 0; row < mean.length; row++) {
      float centre = mean[row];
      float scale = inverseDeviation[row];
      for (int column = 0; column < columns; column++) {
        // An invalid lead (NaN) becomes the mean: it tells the network nothing.
        float value = image[at];
        image[at++] = Float.isNaN(value) ? 0 : (value - centre) * scale;
      }
    }
  }

  private void transformPatient(float[] values, int at) {
    boolean unknown = Float.isNaN(values[at]);
    values[at] = unknown ? 0 : (values[at] - meanAge) * inverseAgeDeviation;
    values[at + 2] = unknown ? 1 : 0;
  }

  byte[] toBytes() {
    int ages = patientInput == PatientInput.NONE ? 0 : 8;
    ByteBuffer buffer =
        ByteBuffer.allocate(20 + 8 * mean.length + ages).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(leads).putInt(voices).putInt(columns);
    buffer.putInt(input.code()).putInt(compression.code);
    for (float value : mean) {
      buffer.putFloat(value);
    }
    for (float value : inverseDeviation) {
      buffer.putFloat(value);
    }
    if (ages > 0) {
      buffer.putFloat(meanAge).putFloat(inverseAgeDeviation);
    }
    return buffer.array();
  }

  static ImageStandardizer parse(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int leads = buffer.getInt();
    int voices = buffer.getInt();
    int columns = buffer.getInt();
    ImageInput input = ImageInput.of(buffer.getInt());
    Compression compression = Compression.of(buffer.getInt());
    float[] mean = new float[leads * input.parts() * voices];
    float[] inverse = new float[mean.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = buffer.getFloat();
    }
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] = buffer.getFloat();
    }
    boolean ages = buffer.hasRemaining();
    return new ImageStandardizer(
        leads,
        voices,
        columns,
        input,
        compression,
        mean,
        inverse,
        ages ? PatientInput.AGE_SEX : PatientInput.NONE,
        ages ? buffer.getFloat() : 0,
        ages ? buffer.getFloat() : 0);
  }

  private static void requireLength(
      float[] image, int leads, int voices, int columns, ImageInput input) {
    if (image.length != leads * voices * columns * input.parts()) {
      throw new IllegalArgumentException(
          "Invalid image of "
              + image.length
              + " numbers: must hold "
              + (input.parts() == 1 ? "" : "magnitude and phase of ")
              + leads
              + " leads x "
              + voices
              + " voices x "
              + columns
              + " columns");
    }
  }

  /**
   * Mean and sum of squared deviations per channel and voice, in one pass and mergeable (Chan,
   * Golub, LeVeque 1983), so that partitions gather and the driver joins.
   */
  public static final class Moments implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int leads;
    private final int voices;
    private final int columns;
    private final ImageInput input;
    private final Compression compression;
    private final long[] count;
    private final double[] mean;
    private final double[] squares;

    private Moments(int leads, int voices, int columns, ImageInput input, Compression compression) {
      this.leads = leads;
      this.voices = voices;
      this.columns = columns;
      this.input = input;
      this.compression = compression;
      this.count = new long[leads * input.parts() * voices];
      this.mean = new double[count.length];
      this.squares = new double[count.length];
    }

    /**
     * Takes in one image as {@link ImageInput#image} gives it; NaN are left out.
     *
     * @throws IllegalArgumentException if its length is wrong
     */
    public Moments add(float[] image) {
      requireLength(image, leads, voices, columns, input);
      float[] values = image.clone();
      compress(values, leads * voices * columns, input, compression);
      int at = 0;
      for (int row = 0; row < mean.length; row++) {
        for (int column = 0; column < columns; column++) {
          double value = values[at++];
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
      return new ImageStandardizer(
          leads, voices, columns, input, compression, centre, inverse, PatientInput.NONE, 0, 0);
    }
  }
}
