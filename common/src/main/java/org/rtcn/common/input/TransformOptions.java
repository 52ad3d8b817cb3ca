package org.rtcn.common.input;

import com.typesafe.config.Config;
import java.io.Serializable;
import org.rtcn.common.config.Choices;
import org.rtcn.common.config.Settings;
import org.rtcn.common.dsp.BeatOptions;
import org.rtcn.common.dsp.CleaningOptions;
import org.rtcn.common.dsp.PowerLine;
import org.rtcn.common.stockwell.GaussianWidth;
import org.rtcn.common.stockwell.Rounding;
import org.rtcn.common.stockwell.SpectrogramOptions;
import org.rtcn.common.stockwell.Voices;

/**
 * The options of the stage, from the section {@code rtcn.transform}. Training, augmentation and
 * prediction must use the same.
 *
 * @param beats from a recording to beat windows
 * @param image from a window to its image
 * @param take which recordings take part
 */
public record TransformOptions(BeatOptions beats, SpectrogramOptions image, Take take)
    implements Serializable {

  /** Which recordings become beats. */
  public enum Take {
    /** Every recording that was ingested. */
    ALL,
    /** Those whose label is one of the configured classes. */
    CLASSES
  }

  /**
   * @throws IllegalArgumentException if image and window disagree on length or rate
   */
  public TransformOptions {
    if (image.sampleCount() != beats.windowSamples() || image.fsHz() != beats.fsHz()) {
      throw new IllegalArgumentException(
          "Invalid image of "
              + image.sampleCount()
              + " samples at "
              + image.fsHz()
              + " Hz: the window has "
              + beats.windowSamples()
              + " at "
              + beats.fsHz()
              + " Hz");
    }
  }

  /** The options that the settings hold. */
  public static TransformOptions of(Settings settings) {
    return settings.read("transform", TransformOptions::read);
  }

  private static PowerLine powerLine(String text) {
    return switch (text) {
      case "0", "0.0", "none" -> PowerLine.NONE;
      case "50", "50.0" -> PowerLine.HZ_50;
      case "60", "60.0" -> PowerLine.HZ_60;
      case "auto" -> PowerLine.AUTO;
      default ->
          throw new IllegalArgumentException(
              "Invalid notch-hz \"" + text + "\": write 50, 60, auto or 0");
    };
  }

  /** How an image's voices are given. */
  private enum Scale {
    BINS,
    LINEAR,
    LOGARITHMIC
  }

  private static Voices voices(Config image, BeatOptions beats) {
    int count = image.getInt("voices");
    double low = image.getDouble("low-hz");
    double high = image.getDouble("high-hz");
    return switch (Choices.of(Scale.class, image, "scale")) {
      case BINS ->
          new SpectrogramOptions(
                  beats.fsHz(),
                  beats.windowSamples(),
                  image.getInt("first-voice"),
                  image.getInt("voice-step"),
                  count,
                  1)
              .voices();
      case LINEAR -> Voices.linear(low, high, count);
      case LOGARITHMIC -> Voices.logarithmic(low, high, count);
    };
  }

  private static TransformOptions read(Config config) {
    BeatOptions beats =
        new BeatOptions(
            new CleaningOptions(
                Choices.of(CleaningOptions.Baseline.class, config, "baseline"),
                powerLine(config.getString("notch-hz")),
                Choices.of(CleaningOptions.Denoise.class, config, "denoise"),
                config.getDouble("band-low-hz"),
                config.getDouble("band-high-hz")),
            new BeatOptions.Window(
                Choices.of(BeatOptions.Cut.class, config, "window.cut"),
                config.getDouble("window.fs-hz"),
                config.getInt("window.samples"),
                config.getInt("window.samples-before-r"),
                config.getDouble("window.rr-span")),
            config.getInt("max-beats-per-record"),
            config.getDouble("max-gap-s"),
            config.getDouble("flat-mv"),
            config.getDouble("max-mv"),
            Choices.of(BeatOptions.Doubtful.class, config, "poor-leads"),
            Choices.of(BeatOptions.Doubtful.class, config, "beyond-ends"));
    SpectrogramOptions image =
        new SpectrogramOptions(
            beats.fsHz(),
            beats.windowSamples(),
            voices(config.getConfig("image"), beats),
            config.getInt("image.columns"),
            Choices.of(SpectrogramOptions.Phase.class, config, "image.phase"),
            new GaussianWidth(config.getDouble("image.gamma"), config.getDouble("image.p")),
            new Rounding(config.getInt("image.digits")));
    Take take = Choices.of(Take.class, config, "records");
    return new TransformOptions(beats, image, take);
  }
}
