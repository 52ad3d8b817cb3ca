package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.rtcn.common.error.UserException;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;

class GradCamTest {

  @Test
  void weightRuleIsThatOfTheReference() {
    double[] features = Golden.values("gradcam_target_feature_A_2x6x20");
    double[] alpha = Golden.values("gradcam_alpha_2x6");
    double[] expected = Golden.values("gradcam_cam_class2_2x20");
    double[] head = Golden.values("gradcam_fc_w_4x6");
    for (int example = 0; example < 2; example++) {
      double[][] activations = new double[6][20];
      double[][] gradients = new double[6][20];
      for (int channel = 0; channel < 6; channel++) {
        System.arraycopy(features, (example * 6 + channel) * 20, activations[channel], 0, 20);
        // Behind a mean over positions and a linear head, the gradient is the same everywhere.
        java.util.Arrays.fill(gradients[channel], head[2 * 6 + channel] / 20);
        assertThat(gradients[channel][0]).isCloseTo(alpha[example * 6 + channel], within(1e-12));
      }
      double[] map = GradCam.weightedMap(activations, gradients);
      for (int position = 0; position < 20; position++) {
        assertThat(map[position]).isCloseTo(expected[example * 20 + position], within(1e-10));
      }
    }
  }

  @Test
  void noMapIsMadeOfNumbersThatAreNotFinite() {
    RtcnConfig config = RtcnTest.minute(0);
    RtcnModel model =
        new RtcnModel(
            config,
            Rtcn.weights(Rtcn.build(config)),
            List.of("HC", "AMI", "IMI"),
            RtcnModelTest.standardizer(),
            Map.of(),
            List.of(),
            true);
    float[][] images = RtcnModelTest.images(1);
    GradCam.Target target = new GradCam.Target(Rtcn.lastConvolution(config), 2);
    assertThat(new GradCam(model).find(images[0], target)).isPresent();
    // Behind the map's layer, and before it.
    float[] weights = model.weights();
    // Of the head, for the class that is asked for: finite, but their products are not.
    int end = weights.length - 3;
    Arrays.fill(weights, end - config.modelDim(), end, Float.MAX_VALUE);
    assertThat(new GradCam(model.withWeights(weights, List.of())).find(images[0], target))
        .isEmpty();
    assertThat(new GradCam(model).find(images[0], target)).isPresent();
    images[0][5] = Float.POSITIVE_INFINITY;
    assertThat(new GradCam(model).find(images[0], target)).isEmpty();
    assertThatThrownBy(() -> new GradCam(model).explain(images[0], target))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot answer with model " + model.modelId())
        .hasMessageContaining("no finite gradients");
  }

  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inDoublePrecision")
  void gradientsAreThoseOfFiniteDifferences(Kernels kernels) {
    RtcnConfig config = RtcnTest.minute(0);
    ComputationGraph graph = Rtcn.build(config, new NoOp(), DataType.DOUBLE);
    RtcnNetwork network = new RtcnNetwork(config, kernels);
    kernels.pass(() -> kernels.write(graph.params().toDoubleVector(), network.weights()));
    double[] image = new double[config.channels() * config.voices() * config.columns()];
    float[] standardised = RtcnModelTest.images(1)[0];
    RtcnModelTest.standardizer().transform(standardised);
    Arrays.setAll(image, i -> standardised[i]);
    long[] shape = {1, config.channels(), config.voices(), config.columns()};
    for (String layer : List.of("stage1_block1", "stage2_block1")) {
      Array x = kernels.zeros(shape);
      Array asked = kernels.zeros(1, 3);
      Array dImage = kernels.zeros(shape);
      INDArray[] found = new INDArray[2];
      kernels.pass(
          () -> {
            kernels.write(image, x);
            kernels.write(new double[] {0, 0, 1}, asked);
            network.features(x, null, Block.Mode.INFERENCE);
            found[1] = nd4j(kernels, network.explain(x, asked, layer, dImage));
            found[0] = nd4j(kernels, network.activations(layer, 1));
          });
      requireSlopes(graph, layer, found[0], found[1], 3);
      requireSlopes(graph, Rtcn.IMAGE, nd4j(kernels, x), nd4j(kernels, dImage), 7);
    }
  }

  private static INDArray nd4j(Kernels kernels, Array array) {
    return Nd4j.create(kernels.doubles(array), array.shape(), 'c');
  }

  private static void requireSlopes(
      ComputationGraph graph, String layer, INDArray values, INDArray slopes, int every) {
    for (int i = 0; i < values.length(); i += every) {
      double start = values.getDouble(i);
      values.putScalar(i, start + 1e-5);
      double up = score(graph, layer, values, 2);
      values.putScalar(i, start - 1e-5);
      double down = score(graph, layer, values, 2);
      values.putScalar(i, start);
      assertThat(slopes.getDouble(i))
          .as("%s, number %d", layer, i)
          .isCloseTo((up - down) / 2e-5, within(1e-7));
    }
  }

  /** The class score when {@code layer} is made to give {@code activations}. */
  private static double score(
      ComputationGraph graph, String layer, INDArray activations, int classIndex) {
    List<String> names =
        List.of("stem", "stage1_block1", "stage2_block1", "tokens", "encoder1", "pool");
    INDArray x = activations;
    for (String name : names.subList(names.indexOf(layer) + 1, names.size())) {
      x = graph.getLayer(name).activate(x, false, LayerWorkspaceMgr.noWorkspaces());
    }
    return x.mmul(graph.getLayer(Rtcn.HEAD).getParam("W")).getDouble(0, classIndex);
  }

  @Test
  void explanationHasTheSizeOfTheImage() {
    RtcnModel model = RtcnModelTest.model();
    float[] image = RtcnModelTest.images(1)[0];
    float[] before = image.clone();
    float[][] probabilities = model.predict(new float[][] {image});
    GradCam.Explanation explanation =
        new GradCam(model)
            .explain(image, new GradCam.Target(Rtcn.lastConvolution(model.config()), 1));
    assertThat(explanation.map()).hasDimensions(6, 8);
    double total = 0;
    for (float lead : explanation.leadImportance()) {
      total += lead;
    }
    assertThat(explanation.leadImportance()).hasSize(2);
    assertThat(total).isCloseTo(1, within(1e-5));
    assertThat(image).isEqualTo(before);
    assertThat(model.predict(new float[][] {image})).isDeepEqualTo(probabilities);
  }

  @Test
  void whatIsToldOfThePatientLeavesTheMapAlone() {
    RtcnModel told = RtcnModelTest.told();
    RtcnConfig alone = RtcnTest.minute(0);
    RtcnModel same =
        new RtcnModel(
            alone,
            Rtcn.weights(Rtcn.build(alone)),
            told.classes(),
            RtcnModelTest.standardizer(),
            Map.of(),
            List.of(),
            true);
    float[] image = RtcnModelTest.images(1)[0];
    float[] patient = Arrays.copyOf(image, image.length + PatientInput.AGE_SEX.numbers());
    PatientInput.AGE_SEX.write(patient, image.length, 81, "female");
    GradCam.Target target = new GradCam.Target(Rtcn.lastConvolution(alone), 1);
    GradCam.Explanation expected = new GradCam(same).explain(image, target);
    GradCam.Explanation explanation = new GradCam(told).explain(patient, target);
    assertThat(explanation.map()).isDeepEqualTo(expected.map());
    assertThat(explanation.leadImportance()).isEqualTo(expected.leadImportance());
    // With nothing deleted the checks start from the model's own answer to this patient.
    assertThat(
            new ExplanationChecks(told, 1)
                .check("beat", patient, 1, explanation.map())
                .deletion()[0])
        .isEqualTo(told.predict(new float[][] {patient})[0][1]);
  }

  @Test
  void upsamplingKeepsCellCentresAndConstants() {
    float[][] map = GradCam.upsample(new double[] {0, 1, 2, 3}, 2, 2, 4, 4);
    assertThat(map[0]).containsExactly(0f, 0.25f, 0.75f, 1f);
    assertThat(map[3]).containsExactly(2f, 2.25f, 2.75f, 3f);
    assertThat(GradCam.upsample(new double[] {5}, 1, 1, 1, 3)[0]).containsExactly(5f, 5f, 5f);
  }

  @Test
  void unknownTargetsAreRefused() {
    GradCam gradCam = new GradCam(RtcnModelTest.model());
    assertThatThrownBy(
            () -> gradCam.explain(RtcnModelTest.images(1)[0], new GradCam.Target("stage9", 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid Grad-CAM target")
        .hasMessageContaining("stage2_block1");
  }
}
