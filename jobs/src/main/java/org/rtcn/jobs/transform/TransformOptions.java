package org.rtcn.jobs.transform;

import com.typesafe.config.Config;
import java.io.Serializable;
import org.rtcn.common.config.Choices;
import org.rtcn.common.config.Settings;
import org.rtcn.common.dsp.BeatOptions;
import org.rtcn.common.stockwell.SpectrogramOptions;

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

  private static TransformOptions read(Config config) {
    BeatOptions beats =
        new BeatOptions(
            config.getDouble("band-low-hz"),
            config.getDouble("band-high-hz"),
            config.getDouble("notch-hz"),
            config.getDouble("window.fs-hz"),
            config.getInt("window.samples"),
            config.getInt("window.samples-before-r"),
            config.getInt("max-beats-per-record"),
            config.getDouble("max-gap-s"),
            config.getDouble("flat-mv"),
            config.getDouble("max-mv"));
    SpectrogramOptions image =
        new SpectrogramOptions(
            beats.fsHz(),
            beats.windowSamples(),
            config.getInt("image.first-voice"),
            config.getInt("image.voice-step"),
            config.getInt("image.voices"),
            config.getInt("image.columns"),
            Choices.of(SpectrogramOptions.Phase.class, config, "image.phase"));
    Take take = Choices.of(Take.class, config, "records");
    return new TransformOptions(beats, image, take);
  }
}
