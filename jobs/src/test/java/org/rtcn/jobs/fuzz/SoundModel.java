package org.rtcn.jobs.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.rtcn.common.config.Settings;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.input.ModelPreprocessing;
import org.rtcn.common.metrics.LikeCases;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.ImageStandardizer;
import org.rtcn.common.nn.NetworkSize;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.nn.RtcnModel;

/** A small model that has learned nothing but answers: what tests damage. */
public final class SoundModel {
  /** Its network. */
  public static final RtcnConfig CONFIG =
      NetworkSize.TINY.config(24, 6, 8, 3, 1).toBuilder()
          .stemChannels(4)
          .stageChannels(List.of(4, 6))
          .kernels(List.of(3, 5))
          .modelDim(8)
          .heads(2)
          .feedForward(8)
          .build();

  private SoundModel() {}

  /**
   * The model's files.
   *
   * @param config {@link #CONFIG}, told something of the patient or not
   */
  public static Map<String, byte[]> files(RtcnConfig config) {
    return files(config, Rtcn.build(config));
  }

  /** As the other, with a network of that configuration. */
  public static Map<String, byte[]> files(RtcnConfig config, ComputationGraph graph) {
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
            Rtcn.weights(graph),
            List.of("HC", "AMI", "IMI"),
            config.patientInput() == PatientInput.NONE
                ? standardizer
                : standardizer.withAges(60, 10),
            ModelPreprocessing.of(settings.flatten("transform")),
            List.of("test/p1", "test/p2"),
            true)
        .toFiles();
  }

  /** The model of {@link #files}. */
  public static RtcnModel model() {
    return RtcnModel.parse(files(CONFIG));
  }

  /** Three beats of its classes: flat ones of 0, 1 and 3 mV. */
  public static TrainingBeats trainingBeats() {
    RtcnModel model = model();
    int samples = new ModelInput(model).options().beats().windowSamples();
    List<TrainingBeats.Kept> beats = new ArrayList<>();
    for (int level : List.of(3, 0, 1)) {
      float[][] window = new float[12][samples];
      for (float[] lead : window) {
        Arrays.fill(lead, level);
      }
      beats.add(new TrainingBeats.Kept(level == 0 ? "HC" : "IMI", level == 3, window));
    }
    return new TrainingBeats(model.modelId(), beats);
  }

  /** Twenty evaluated recordings of it. */
  public static LikeCases likeCases() {
    return new LikeCases(
        model().modelId(),
        true,
        "record",
        20,
        11,
        0.95,
        List.of(
            new LikeCases.Group(0.01, 0.3, 10, 2, 0.03, 0.56),
            new LikeCases.Group(0.4, 0.9, 10, 9, 0.55, 0.99)),
        null);
  }

  /**
   * The same model with one number of an array changed, its digest and its id made right again: as
   * anybody could make it.
   *
   * @param array name in the container
   * @param at index in the flat array
   */
  public static Map<String, byte[]> with(
      Map<String, byte[]> files, String array, int at, float value) {
    byte[] arrays = files.get("model.safetensors").clone();
    ByteBuffer buffer = ByteBuffer.wrap(arrays).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) buffer.getLong(0);
    Matcher offsets =
        Pattern.compile("\"" + array + "\":[{][^}]*\"data_offsets\":\\[(\\d+),")
            .matcher(new String(arrays, 8, header, StandardCharsets.UTF_8));
    if (!offsets.find()) {
      throw new IllegalArgumentException("Cannot find the array " + array);
    }
    buffer.putFloat(8 + header + Integer.parseInt(offsets.group(1)) + Float.BYTES * at, value);
    Map<String, byte[]> changed = new TreeMap<>(files);
    changed.put("model.safetensors", Mutations.digested(arrays));
    return identified(changed);
  }

  private static Map<String, byte[]> identified(Map<String, byte[]> files) {
    try {
      RtcnModel.parse(files);
      return files;
    } catch (IllegalArgumentException e) {
      Matcher id = Pattern.compile("its content has id ([0-9a-f]{16})").matcher(e.getMessage());
      if (!id.find()) {
        throw e;
      }
      String json = new String(files.get("model.json"), StandardCharsets.UTF_8);
      files.put(
          "model.json",
          json.replaceFirst("\"modelId\"\\s*:\\s*\"[^\"]*\"", "\"modelId\":\"" + id.group(1) + "\"")
              .getBytes(StandardCharsets.UTF_8));
      return files;
    }
  }
}
