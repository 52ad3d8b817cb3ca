package org.rtcn.common.input;

import java.util.Arrays;
import org.rtcn.common.config.Settings;
import org.rtcn.common.dsp.Beat;
import org.rtcn.common.dsp.BeatExtraction;
import org.rtcn.common.dsp.BeatExtractor;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.stockwell.SpectrogramOptions;

/**
 * What a model reads of a recording, made with the very settings that its training beats were made
 * with. One instance serves one thread.
 */
public final class ModelInput {
  private final RtcnModel model;
  private final TransformOptions options;
  private final BeatExtractor extractor;
  private final BeatImager imager;
  private final BeatImager exact;

  /**
   * @throws UserException if the model's preprocessing does not make the images that its network
   *     reads, or this version does not know one of its settings
   */
  public ModelInput(RtcnModel model) {
    this.model = model;
    this.options = TransformOptions.of(ModelPreprocessing.settings(Settings.defaults(), model));
    this.extractor = new BeatExtractor(options.beats());
    this.imager = new BeatImager(options.image());
    SpectrogramOptions image = options.image();
    this.exact =
        new BeatImager(
            new SpectrogramOptions(
                image.fsHz(),
                image.sampleCount(),
                image.voices(),
                image.columns(),
                image.phase(),
                image.width()));
  }

  /** How windows are cut and images made. */
  public TransformOptions options() {
    return options;
  }

  /** The recording's beats, or why there are none. */
  public BeatExtraction beats(EcgSignal signal) {
    return extractor.extract(signal);
  }

  /** The beats of a stretch ({@link BeatExtractor#extract(EcgSignal, int, int)}). */
  public BeatExtraction beats(EcgSignal signal, int from, int to) {
    return extractor.extract(signal, from, to);
  }

  /** The beats at R peaks that are known already ({@link BeatExtractor#extractAt}). */
  public BeatExtraction beatsAt(EcgSignal signal, int[] rSamples) {
    return extractor.extractAt(signal, rSamples);
  }

  /** The image of a window, as {@link ImageInput#image} gives it. */
  public float[] image(float[][] window) {
    return image(imager, window);
  }

  /** The same without the rounding of the tables: for derivatives. */
  public float[] exactImage(float[][] window) {
    return image(exact, window);
  }

  /** Magnitude and phase of a window, as tables hold them. */
  public BeatImager.Image imageOf(float[][] window) {
    return imageOf(imager, window);
  }

  private float[] image(BeatImager with, float[][] window) {
    BeatImager.Image image = imageOf(with, window);
    return model.standardizer().input().image(image.magnitude(), image.phase());
  }

  private BeatImager.Image imageOf(BeatImager with, float[][] window) {
    return model.standardizer().input().isImage()
        ? with.image(window, options.beats().samplesBeforeR())
        : BeatImager.waveform(window, model.config().columns());
  }

  /**
   * What {@link RtcnModel#predict} takes of a beat.
   *
   * @param ageYears NaN where unknown
   * @param sex {@code male}, {@code female}, or null where unknown
   */
  public float[] values(Beat beat, float ageYears, String sex) {
    BeatImager.Image image = imageOf(imager, beat.window());
    return values(
        model.standardizer().input(),
        model.config().patientInput(),
        image.magnitude(),
        image.phase(),
        ageYears,
        sex);
  }

  /**
   * The same of an image that was made before, for example in the spectrogram tables.
   *
   * @param magnitude {@code [lead · voice · column]} in mV
   * @param phase the same in radians; null where there is none
   * @throws IllegalArgumentException if the phase is wanted and missing
   */
  public static float[] values(
      ImageInput input,
      PatientInput patient,
      float[] magnitude,
      float[] phase,
      float ageYears,
      String sex) {
    float[] image = input.image(magnitude, phase);
    if (patient == PatientInput.NONE) {
      return image;
    }
    float[] values = Arrays.copyOf(image, image.length + patient.numbers());
    patient.write(values, image.length, ageYears, sex);
    return values;
  }
}
