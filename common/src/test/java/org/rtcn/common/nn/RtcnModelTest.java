package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.assertj.core.api.AbstractThrowableAssert;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.error.UserException;
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
        Rtcn.weights(graph),
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

  /** Whoever reads the container finds each weight under its own name. */
  @Test
  void weightsHaveTheirOwnNames() {
    for (RtcnModel model : List.of(model(), told())) {
      ComputationGraph graph = model.graph();
      model.eachWeight(
          (spec, values) -> {
            String[] names = spec.name().split("/", -1);
            INDArray weight = graph.getLayer(names[0]).getParam(names[1]);
            // DL4J keeps the head's in the order of Fortran.
            char order = names[0].equals(Rtcn.HEAD) ? 'f' : 'c';
            assertThat(values).as(spec.name()).isEqualTo(weight.dup(order).data().asFloat());
          });
    }
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
        Rtcn.weights(graph),
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
        .contains("\"format\" : 4", "\"patientInput\" : \"AGE_SEX\"");
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
    byte[] arrays = files.get(RtcnModel.ARRAYS_FILE).clone();
    arrays[arrays.length - 5] ^= 1;
    files.put(RtcnModel.ARRAYS_FILE, arrays);
    refused(files)
        .hasMessageStartingWith(
            "Invalid rtcn-model/4: its content does not have the SHA-256 that it states")
        .hasMessageEndingWith("copy or make it again");
    // Whole in itself, but another model's.
    files.put(RtcnModel.ARRAYS_FILE, told().toFiles().get(RtcnModel.ARRAYS_FILE));
    refused(files).hasMessageContaining("does not belong there");
    files.remove(RtcnModel.ARRAYS_FILE);
    refused(files).hasMessageStartingWith("Invalid model: model.safetensors is missing");
  }

  private static AbstractThrowableAssert<?, ?> refused(Map<String, byte[]> files) {
    return assertThatThrownBy(() -> RtcnModel.parse(files))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  /** The description with one text in place of another. */
  private static Map<String, byte[]> changed(String regex, String replacement) {
    Map<String, byte[]> files = new TreeMap<>(model().toFiles());
    String before = new String(files.get(RtcnModel.DESCRIPTION_FILE), StandardCharsets.UTF_8);
    String after = before.replaceFirst(regex, replacement);
    assertThat(after).isNotEqualTo(before);
    files.put(RtcnModel.DESCRIPTION_FILE, after.getBytes(StandardCharsets.UTF_8));
    return files;
  }

  @Test
  void modelsOfAnotherVersionAreRefusedAsSuch() {
    for (String[] change :
        new String[][] {
          {"\"dropout\"", "\"droppedOut\""},
          {"\"dropout\"", "\"new\":1,\"dropout\""},
          // A key that was not there yet.
          {"\"dropout\"\\s*:[^,}]*,", ""},
        }) {
      refused(changed(change[0], change[1]))
          .hasMessageStartingWith(
              "Invalid model: model.json was damaged or written by another version, train again");
    }
    refused(changed("\"format\" : 4", "\"format\" : 3"))
        .hasMessage("Invalid model: format 3 in model.json, this version reads 4; train it again");
  }

  /** What is refused whatever the digests say: no network is built for it. */
  @Test
  void aDescriptionIsPlainBoundedData() {
    for (String[] change :
        new String[][] {
          {"\"modelDim\" : 6", "\"modelDim\" : 600000000", "must be 1 to 16384"},
          {"\"modelDim\" : 6", "\"modelDim\" : 6.5", "modelDim"},
          {"\"modelDim\" : 6", "\"modelDim\" : \"6\"", "modelDim"},
          {"\"modelDim\" : 6", "\"modelDim\" : 9999", "Invalid heads 2"},
          {"\"modelDim\" : 6", "\"modelDim\" : 8", "must have"},
          {"\"heads\" : 2", "\"heads\" : 2, \"heads\" : 2", "'heads' occurs twice"},
          {"\"network\" : [{][^}]*[}]", "\"network\" : null", "a part is null"},
          {"\"pooling\" : \"MEAN\"", "\"pooling\" : \"MOST\"", "network.pooling must be one of"},
          {"\"pooling\" : \"MEAN\"", "\"pooling\" : null", "pooling"},
          {"\"learningRate\" : [^,]*", "\"learningRate\" : \"NaN\"", "learning-rate NaN"},
          {"\"AMI\"", "\"AMY\"", "must be labels among"},
          {"\"AMI\"", "\"HC\"", "each once"},
          {"\"AMI\"", "null", "model.json"},
          {
            "\"voices\" : 6,\n    \"columns\" : 8,\n    \"input\"",
            "\"voices\" : 7, \"columns\" : 8, \"input\"",
            "standardizer for images"
          },
          {"\"kind\" : \"s-transform\"", "\"kind\" : {\"include\" : \"url\"}", "no short text"},
          {"\"kind\" : \"s-transform\"", "\"kind\" : 1e999", "no short text"},
          {"sim/p1", "sim\\\\u0000p1", "no name of a patient"},
          {"\"simulated\" : true", "\"simulated\" : 1", "simulated"},
          {"\"modelId\" : \"", "\"modelId\" : \"0", "its content has id"},
          {"\\s*$", "{}", "something follows its end"},
          {"^", "[".repeat(100), "nested too deeply"},
        }) {
      refused(changed(change[0], change[1])).hasMessageContaining(change[2]);
    }
    Map<String, byte[]> files = new TreeMap<>(model().toFiles());
    files.put(RtcnModel.DESCRIPTION_FILE, new byte[(1 << 26) + 1]);
    refused(files).hasMessageContaining("model.json has 67108865 bytes");
  }

  /** Finite weights that no sum survives: no answer, not the first class. */
  @Test
  void noAnswerIsGivenFromNumbersThatAreNotFinite() {
    RtcnModel model = model();
    float[][] images = images(3);
    images[1][5] = Float.POSITIVE_INFINITY;
    List<Optional<float[]>> answers = model.answers(images);
    assertThat(answers.get(0))
        .hasValueSatisfying(row -> assertThat(sum(row)).isCloseTo(1, within(1e-5)));
    assertThat(answers.get(1)).isEmpty();
    assertThat(answers.get(2)).isPresent();
    assertThatThrownBy(() -> model.predict(images))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(
            "Cannot answer with model "
                + model.modelId()
                + ": its network gives no finite probabilities");
    assertThatThrownBy(() -> model.features(images))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no finite features");

    RtcnConfig config = model.config();
    float[] huge = new float[RtcnLayout.length(RtcnLayout.weights(config))];
    Arrays.fill(huge, 1e30f);
    RtcnModel wild =
        new RtcnModel(
            config, huge, model.classes(), standardizer(), Map.of(), List.of("sim/p1"), true);
    wild = RtcnModel.parse(wild.toFiles());
    assertThat(wild.answers(images(2))).allSatisfy(answer -> assertThat(answer).isEmpty());

    float[] broken = model.weights();
    broken[7] = Float.NaN;
    assertThatThrownBy(() -> model.withWeights(broken, List.of()).toFiles())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write array stem/W: it holds NaN at 7");
  }

  @Test
  void partsMustAgree() {
    RtcnConfig config = RtcnTest.minute(0);
    ComputationGraph graph = Rtcn.build(config);
    assertThatThrownBy(
            () ->
                new RtcnModel(
                    config,
                    Rtcn.weights(graph),
                    List.of("HC"),
                    standardizer(),
                    Map.of(),
                    List.of(),
                    false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid classes [HC]: the network has 3");
  }
}
