package org.rtcn.common.nn;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rtcn.common.storage.NamedArrays;
import org.rtcn.common.storage.NamedArrays.Spec;

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
  static final double LOG_FLOOR_MV = 0.01;

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
    NONE {
      @Override
      double of(double magnitude) {
        return magnitude;
      }
    },
    SQRT {
      @Override
      double of(double magnitude) {
        return Math.sqrt(magnitude);
      }
    },
    LOG {
      @Override
      double of(double magnitude) {
        return Math.log1p(magnitude / LOG_FLOOR_MV);
      }
    };

    abstract double of(double magnitude);
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

  /**
   * What of a saved standardizer is no array of numbers.
   *
   * @param leads rows of leads in an image
   * @param voices frequencies in an image
   * @param columns time steps in an image
   * @param input what of an image the network reads
   * @param compression how magnitudes are compressed
   */
  record Form(int leads, int voices, int columns, ImageInput input, Compression compression) {
    /**
     * @throws IllegalArgumentException if a size is not positive, or something is missing
     */
    Form {
      if (leads < 1 || voices < 1 || columns < 1 || input == null || compression == null) {
        throw new IllegalArgumentException(
            "Invalid standardizer: "
                + leads
                + " leads x "
                + voices
                + " voices x "
                + columns
                + " columns, input "
                + input
                + ", compression "
                + compression);
      }
    }

    private Spec mean() {
      return Spec.of("standardizer/mean", (long) leads * input.parts(), voices);
    }

    private Spec inverseDeviation() {
      return Spec.of("standardizer/inverse_deviation", (long) leads * input.parts(), voices);
    }

    /** The arrays that belong to it. */
    List<Spec> arrays(PatientInput patientInput) {
      List<Spec> arrays = new ArrayList<>(List.of(mean(), inverseDeviation()));
      if (patientInput != PatientInput.NONE) {
        arrays.add(AGE);
      }
      return arrays;
    }
  }

  /** Mean and inverse deviation. */
  private static final Spec AGE = Spec.of("standardizer/age", 2);

  /** What is subtracted, {@code [channel · voice]}. */
  float[] mean() {
    return mean.clone();
  }

  /** What is multiplied by, {@code [channel · voice]}. */
  float[] inverseDeviation() {
    return inverseDeviation.clone();
  }

  /** Mean age and inverse deviation; zeros where no age is read. */
  float[] ages() {
    return new float[] {meanAge, inverseAgeDeviation};
  }

  /** Its sizes and kinds. */
  Form form() {
    return new Form(leads, voices, columns, input, compression);
  }

  /** Adds its arrays to a model's. */
  void addTo(NamedArrays.Builder arrays) {
    arrays.floats(form().mean(), mean).floats(form().inverseDeviation(), inverseDeviation);
    if (patientInput != PatientInput.NONE) {
      arrays.floats(AGE, new float[] {meanAge, inverseAgeDeviation});
    }
  }

  /**
   * Reads what {@link #addTo} added.
   *
   * @throws IllegalArgumentException if an array is missing or of another shape, or a number is not
   *     finite, or an inverse deviation is negative
   */
  static ImageStandardizer of(Form form, PatientInput patientInput, NamedArrays arrays) {
    float[] age = patientInput == PatientInput.NONE ? new float[2] : arrays.floats(AGE);
    float[] inverse = arrays.floats(form.inverseDeviation());
    for (float value : inverse) {
      requireNotNegative(value);
    }
    requireNotNegative(age[1]);
    return new ImageStandardizer(
        form.leads,
        form.voices,
        form.columns,
        form.input,
        form.compression,
        arrays.floats(form.mean()),
        inverse,
        patientInput,
        age[0],
        age[1]);
  }

  private static void requireNotNegative(float inverseDeviation) {
    if (inverseDeviation < 0) {
      throw new IllegalArgumentException(
          "Invalid standardizer: an inverse deviation is "
              + inverseDeviation
              + "; train the model again");
    }
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
