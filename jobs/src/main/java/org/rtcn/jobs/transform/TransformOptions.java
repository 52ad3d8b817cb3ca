package org.rtcn.jobs.transform;

import com.typesafe.config.Config;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.rtcn.common.config.Settings;
import org.rtcn.common.dsp.BeatOptions;
import org.rtcn.common.dsp.CleaningOptions;
import org.rtcn.common.dsp.PowerLine;
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

  /** An enum written in kebab-case. */
  private static <E extends Enum<E>> E choice(Config config, String key, Class<E> type) {
    String text = config.getString(key);
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (name.equals(text)) {
        return constant;
      }
      names.add(name);
    }
    throw new IllegalArgumentException(
        "Invalid " + key + " \"" + text + "\": write " + String.join(" or ", names));
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

  private static TransformOptions read(Config config) {
    BeatOptions beats =
        new BeatOptions(
            new CleaningOptions(
                choice(config, "baseline", CleaningOptions.Baseline.class),
                powerLine(config.getString("notch-hz")),
                choice(config, "denoise", CleaningOptions.Denoise.class),
                config.getDouble("band-low-hz"),
                config.getDouble("band-high-hz")),
            choice(config, "window.cut", BeatOptions.Cut.class),
            config.getDouble("window.fs-hz"),
            config.getInt("window.samples"),
            config.getInt("window.samples-before-r"),
            config.getDouble("window.rr-span"),
            config.getInt("max-beats-per-record"),
            config.getDouble("max-gap-s"),
            config.getDouble("flat-mv"),
            config.getDouble("max-mv"),
            choice(config, "poor-leads", BeatOptions.Doubtful.class),
            choice(config, "beyond-ends", BeatOptions.Doubtful.class));
    SpectrogramOptions image =
        new SpectrogramOptions(
            beats.fsHz(),
            beats.windowSamples(),
            config.getInt("image.first-voice"),
            config.getInt("image.voice-step"),
            config.getInt("image.voices"),
            config.getInt("image.columns"));
    Take take =
        switch (config.getString("records")) {
          case "all" -> Take.ALL;
          case "classes" -> Take.CLASSES;
          default ->
              throw new IllegalArgumentException(
                  "Invalid records \""
                      + config.getString("records")
                      + "\": write \"all\" or \"classes\"");
        };
    return new TransformOptions(beats, image, take);
  }
}
