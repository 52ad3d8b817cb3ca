package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.rtcn.common.nn.ImageStandardizer.Compression;

/** What ONNX Runtime computes of an exported model is what the model itself does. */
class OnnxExportTest {
  private static final int LEADS = 3;
  private static final int IMAGES = 35;

  @Test
  void imagesWithPhase() throws OrtException {
    RtcnConfig config = NetworkSize.SMALL.config(2 * LEADS, 7, 9, 3, 1);
    requireEqual(config, ImageInput.COMPLEX, Compression.SQRT);
  }

  /** Two scales, a class token, two blocks a stage, and a patient. */
  @Test
  void everythingThatANetworkMayHave() throws OrtException {
    RtcnConfig config =
        NetworkSize.BASE.config(LEADS, 6, 8, 4, 2).toBuilder()
            .stemChannels(5)
            .stemStride(1)
            .stageChannels(List.of(6, 7, 9))
            .blocksPerStage(2)
            .kernels(List.of(3, 5))
            .encoderLayers(2)
            .modelDim(12)
            .heads(3)
            .feedForward(20)
            .pooling(Pooling.CLASS_TOKEN)
            .build()
            .told(PatientInput.AGE_SEX);
    requireEqual(config, ImageInput.MAGNITUDE, Compression.LOG);
  }

  @Test
  void beatsWithoutAnEncoder() throws OrtException {
    RtcnConfig config =
        NetworkSize.TINY.config(LEADS, 1, 40, 2, 3).toBuilder().encoderLayers(0).build();
    requireEqual(config, ImageInput.WAVEFORM, Compression.NONE);
  }

  private static void requireEqual(RtcnConfig config, ImageInput input, Compression compression)
      throws OrtException {
    SplittableRandom random = new SplittableRandom(config.seed());
    int plane = LEADS * config.voices() * config.columns();
    float[][] images = images(random, input, plane);
    ImageStandardizer.Moments moments =
        ImageStandardizer.moments(LEADS, config.voices(), config.columns(), input, compression);
    for (float[] image : images) {
      moments.add(image);
    }
    boolean told = config.patientInput() != PatientInput.NONE;
    RtcnModel model =
        new RtcnModel(
            config,
            randomWeights(config, random),
            List.of("HC", "AMI", "IMI", "ASMI").subList(0, config.classes()),
            told ? moments.fit().withAges(61, 12) : moments.fit(),
            Map.of("rtcn.transform.window.samples", 320),
            List.of("sim/p1"),
            true);
    float[] ages = new float[IMAGES];
    float[] sexes = new float[IMAGES];
    float[][] asked = new float[IMAGES][];
    for (int i = 0; i < IMAGES; i++) {
      ages[i] = i % 5 == 0 ? Float.NaN : 20 + 2 * i;
      sexes[i] = i % 3 - 1;
      int numbers = config.patientInput().numbers();
      asked[i] = Arrays.copyOf(images[i], images[i].length + numbers);
      String sex = sexes[i] < 0 ? "male" : sexes[i] > 0 ? "female" : null;
      config.patientInput().write(asked[i], images[i].length, ages[i], sex);
    }
    float[][] expected = model.predict(asked);

    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(OnnxExport.of(model, "test"))) {
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      long[] shape = {IMAGES, LEADS, config.voices(), config.columns()};
      String first = input == ImageInput.WAVEFORM ? "waveform" : "magnitude";
      inputs.put(first, tensor(environment, part(images, 0, plane), shape));
      if (input == ImageInput.COMPLEX) {
        inputs.put("phase", tensor(environment, part(images, plane, plane), shape));
      }
      if (told) {
        inputs.put("age_years", tensor(environment, ages, IMAGES, 1));
        inputs.put("sex", tensor(environment, sexes, IMAGES, 1));
      }
      assertThat(session.getInputNames()).isEqualTo(inputs.keySet());
      try (OrtSession.Result result = session.run(inputs)) {
        float[][] computed = (float[][]) result.get("probabilities").orElseThrow().getValue();
        for (int i = 0; i < IMAGES; i++) {
          for (int c = 0; c < config.classes(); c++) {
            assertThat(computed[i][c]).isCloseTo(expected[i][c], within(1e-5f));
          }
        }
      }
      Map<String, String> metadata = session.getMetadata().getCustomMetadata();
      assertThat(metadata)
          .containsEntry("rtcn.model_id", model.modelId())
          .containsEntry("rtcn.simulated", "true")
          .containsEntry("rtcn.preprocessing", "{\"rtcn.transform.window.samples\":320}");
    }
    // They must tell the images apart, or equality says little.
    assertThat(spread(expected)).isGreaterThan(0.02);
  }

  /** Every weight at random, those that start as zero too. */
  private static float[] randomWeights(RtcnConfig config, SplittableRandom random) {
    float[] weights = new float[RtcnLayout.length(RtcnLayout.weights(config))];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (0.3 * random.nextGaussian());
    }
    return weights;
  }

  private static float[][] images(SplittableRandom random, ImageInput input, int plane) {
    float[][] images = new float[IMAGES][plane * input.parts()];
    for (float[] image : images) {
      for (int i = 0; i < image.length; i++) {
        boolean magnitude = input.isImage() && i < plane;
        image[i] =
            (float) (magnitude ? Math.abs(random.nextGaussian()) : 2 * random.nextGaussian());
      }
    }
    // A lead without a valid sample.
    Arrays.fill(images[1], 0, plane / LEADS, Float.NaN);
    return images;
  }

  private static float[] part(float[][] images, int from, int length) {
    float[] flat = new float[images.length * length];
    for (int i = 0; i < images.length; i++) {
      System.arraycopy(images[i], from, flat, i * length, length);
    }
    return flat;
  }

  private static OnnxTensor tensor(OrtEnvironment environment, float[] values, long... shape)
      throws OrtException {
    return OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
  }

  private static double spread(float[][] rows) {
    float least = 1;
    float most = 0;
    for (float[] row : rows) {
      least = Math.min(least, row[0]);
      most = Math.max(most, row[0]);
    }
    return most - least;
  }
}
