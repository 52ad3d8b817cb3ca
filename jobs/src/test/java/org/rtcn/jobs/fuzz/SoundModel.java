package org.rtcn.jobs.fuzz;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.rtcn.common.config.Settings;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.ImageStandardizer;
import org.rtcn.common.nn.NetworkSize;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.transform.ModelPreprocessing;

/** A small model that has learned nothing but answers: what tests damage. */
public final class SoundModel {
  /** Its network. */
  public static final RtcnConfig CONFIG =
      NetworkSize.TINY
          .config(24, 6, 8, 3, 1)
          .with(4, 0, List.of(4, 6), 0, List.of(3, 5), -1, 8, 2, 8, null);

  private SoundModel() {}

  /**
   * The model's files.
   *
   * @param config {@link #CONFIG}, told something of the patient or not
   */
  public static Map<String, byte[]> files(RtcnConfig config) {
    ImageStandardizer.Moments moments =
        ImageStandardizer.moments(12, 6, 8, ImageInput.COMPLEX, ImageStandardizer.Compression.SQRT);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 4; i++) {
      float[] image = new float[2 * 12 * 6 * 8];
      for (int j = 0; j < image.length; j++) {
        image[j] = (float) random.nextDouble();
      }
      moments.add(image);
    }
    ImageStandardizer standardizer = moments.fit();
    Settings settings =
        Settings.defaults().with("transform.image.voices=6", "transform.image.columns=8");
    return new RtcnModel(
            config,
            Rtcn.build(config),
            List.of("HC", "AMI", "IMI"),
            config.patientInput() == PatientInput.NONE
                ? standardizer
                : standardizer.withAges(60, 10),
            ModelPreprocessing.of(settings.flatten("transform")),
            List.of("test/p1", "test/p2"),
            true)
        .toFiles();
  }
}
