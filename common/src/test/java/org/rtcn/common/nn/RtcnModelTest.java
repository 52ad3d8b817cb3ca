package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.nn.ImageStandardizer.Compression;

class RtcnModelTest {

  static RtcnModel model() {
    RtcnConfig config = RtcnTest.minute(0.1);
    ComputationGraph graph = Rtcn.build(config);
    for (int step = 0; step < 5; step++) {
      graph.fit(RtcnTest.examples(config, DataType.FLOAT, step));
    }
    return new RtcnModel(
        config,
        graph,
        List.of("HC", "AMI", "IMI"),
        standardizer(),
        Map.of("voices", 6, "kind", "s-transform"),
        List.of("sim/p2", "sim/p1"),
        true);
  }

  static ImageStandardizer standardizer() {
    ImageStandardizer.Moments moments =
        ImageStandardizer.moments(2, 6, 8, ImageInput.MAGNITUDE, Compression.SQRT);
    for (float[] image : images(20)) {
      moments.add(image);
    }
    return moments.fit();
  }

  static float[][] images(int n) {
    SplittableRandom random = new SplittableRandom(9);
    float[][] images = new float[n][2 * 6 * 8];
    for (float[] image : images) {
      for (int i = 0; i < image.length; i++) {
        image[i] = (float) Math.abs(random.nextGaussian());
      }
    }
    return images;
  }

  @Test
  void whatIsLoadedPredictsTheSameToTheLastBit() {
    RtcnModel model = model();
    RtcnModel loaded = RtcnModel.parse(model.toFiles());
    assertThat(loaded.predict(images(40))).isDeepEqualTo(model.predict(images(40)));
    assertThat(loaded.modelId()).isEqualTo(model.modelId()).hasSize(16);
    assertThat(loaded.classes()).containsExactly("HC", "AMI", "IMI");
    assertThat(loaded.config()).isEqualTo(model.config());
    assertThat(loaded.trainingPatients()).containsExactly("sim/p1", "sim/p2");
    assertThat(loaded.preprocessing()).isEqualTo(model.preprocessing());
    assertThat(loaded.simulated()).isTrue();
    assertThat(loaded.toFiles()).usingRecursiveComparison().isEqualTo(model.toFiles());
  }

  /** What the features say, the head makes into the probabilities. */
  @Test
  void featuresAreWhatTheHeadReads() {
    for (RtcnModel model : List.of(model(), told())) {
      float[][] features = model.features(images(40));
      float[][] probabilities = model.predict(images(40));
      INDArray weights = model.graph().getLayer(Rtcn.HEAD).getParam("W");
      INDArray bias = model.graph().getLayer(Rtcn.HEAD).getParam("b");
      INDArray scores = Nd4j.create(features).mmul(weights).addRowVector(bias.reshape(1, 3));
      for (int i = 0; i < features.length; i++) {
        assertThat(features[i]).hasSize(model.config().modelDim());
        double sum = 0;
        for (int k = 0; k < 3; k++) {
          sum += Math.exp(scores.getDouble(i, k));
        }
        for (int k = 0; k < 3; k++) {
          assertThat(Math.exp(scores.getDouble(i, k)) / sum)
              .isCloseTo(probabilities[i][k], within(1e-5));
        }
      }
    }
  }

  /** A model whose answer depends on age and sex: its map of them is set, not learned. */
  static RtcnModel told() {
    RtcnConfig config = RtcnTest.minute(0).told(PatientInput.AGE_SEX);
    ComputationGraph graph = Rtcn.build(config);
    for (int i = 0; i < 3 * 6; i++) {
      graph.getLayer(Rtcn.PATIENT).getParam("W").putScalar(i, Math.sin(i + 1));
    }
    return new RtcnModel(
        config,
        graph,
        List.of("HC", "AMI", "IMI"),
        standardizer().withAges(60, 10),
        Map.of(),
        List.of("sim/p1"),
        true);
  }

  private static float[] of(float[] image, float age, String sex) {
    float[] values = Arrays.copyOf(image, image.length + PatientInput.AGE_SEX.numbers());
    PatientInput.AGE_SEX.write(values, image.length, age, sex);
    return values;
  }

  @Test
  void ageAndSexAreSavedWithTheModel() {
    RtcnModel model = told();
    RtcnModel loaded = RtcnModel.parse(model.toFiles());
    float[] image = images(1)[0];
    float[][] patients = {
      of(image, 40, "male"), of(image, 80, "male"), of(image, 40, "female"), of(image, 40, null)
    };
    float[][] rows = model.predict(patients);
    assertThat(loaded.predict(patients)).isDeepEqualTo(rows);
    assertThat(rows[0]).isNotEqualTo(rows[1]).isNotEqualTo(rows[2]).isNotEqualTo(rows[3]);
    assertThat(new String(model.toFiles().get(RtcnModel.DESCRIPTION_FILE), StandardCharsets.UTF_8))
        .contains("\"format\" : 3", "\"patientInput\" : \"AGE_SEX\"");
    // What reads images alone is written as ever.
    assertThat(
            new String(model().toFiles().get(RtcnModel.DESCRIPTION_FILE), StandardCharsets.UTF_8))
        .contains("\"format\" : 2")
        .doesNotContain("patientInput");
  }

  @Test
  void anImageAloneIsOfAPatientOfWhomNothingIsKnown() {
    RtcnModel model = told();
    float[] image = images(1)[0];
    assertThat(model.predict(new float[][] {image})[0])
        .isEqualTo(model.predict(new float[][] {of(image, Float.NaN, null)})[0])
        .isEqualTo(model.predict(new float[][] {of(image, 300, "unknown")})[0])
        .isNotEqualTo(model.predict(new float[][] {of(image, 60, null)})[0]);
  }

  @Test
  void aPredictionDependsOnItsImageOnly() {
    RtcnModel model = model();
    float[][] images = images(70);
    float[][] all = model.predict(images);
    for (int i : new int[] {0, 31, 32, 69}) {
      float[][] alone = model.predict(new float[][] {images[i]});
      assertThat(alone[0]).containsExactly(all[i], within(1e-6f));
      assertThat(sum(all[i])).isCloseTo(1, within(1e-5));
    }
    float[] before = images[0].clone();
    model.predict(images);
    assertThat(images[0]).isEqualTo(before);
    assertThat(model.predict(new float[0][])).isEmpty();
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  @Test
  void damagedModelsAreRefused() {
    Map<String, byte[]> files = new TreeMap<>(model().toFiles());
    byte[] parameters = files.get(RtcnModel.PARAMETERS_FILE).clone();
    parameters[5] ^= 1;
    files.put(RtcnModel.PARAMETERS_FILE, parameters);
    assertThatThrownBy(() -> RtcnModel.parse(files))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid model: its content has id")
        .hasMessageEndingWith("train or copy it again");
    files.remove(RtcnModel.STANDARDIZER_FILE);
    assertThatThrownBy(() -> RtcnModel.parse(files))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid model: standardizer.bin is missing");
  }

  @Test
  void modelsOfAnotherVersionAreRefusedAsSuch() {
    for (String[] change :
        new String[][] {
          {"\"dropout\"", "\"droppedOut\""}, {"\"dropout\"", "\"new\":1,\"dropout\""}
        }) {
      Map<String, byte[]> files = new TreeMap<>(model().toFiles());
      String description =
          new String(files.get(RtcnModel.DESCRIPTION_FILE), StandardCharsets.UTF_8)
              .replace(change[0], change[1]);
      files.put(RtcnModel.DESCRIPTION_FILE, description.getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(() -> RtcnModel.parse(files))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Invalid model: another version of rtcn-spark wrote it")
          .hasMessageEndingWith("use that version, or train again");
    }
    // A key that was not there yet.
    Map<String, byte[]> files = new TreeMap<>(model().toFiles());
    String description =
        new String(files.get(RtcnModel.DESCRIPTION_FILE), StandardCharsets.UTF_8)
            .replaceAll("\"dropout\"\\s*:[^,}]*,", "");
    files.put(RtcnModel.DESCRIPTION_FILE, description.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> RtcnModel.parse(files))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid model: another version of rtcn-spark wrote it");
  }

  @Test
  void partsMustAgree() {
    RtcnConfig config = RtcnTest.minute(0);
    ComputationGraph graph = Rtcn.build(config);
    assertThatThrownBy(
            () ->
                new RtcnModel(
                    config, graph, List.of("HC"), standardizer(), Map.of(), List.of(), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid classes [HC]: the network has 3");
  }
}
