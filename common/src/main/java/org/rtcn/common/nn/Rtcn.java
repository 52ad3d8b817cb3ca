package org.rtcn.common.nn;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.rtcn.common.kernels.Nd4jKernels;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.optimise.LearningRateSchedule;
import org.rtcn.common.optimise.OnePassAdam;

/**
 * Builds the ResNet-Transformer cascaded network as a DL4J ComputationGraph.
 *
 * <pre>
 * image [batch][lead][voice][column]
 *   stem                     3 × 3 convolution, ReLU
 *   stage1_block1 ...        residual blocks; each stage after the first halves voices and columns
 *   tokens                   one token per column: [batch][column'][modelDim], plus position
 *   encoder1 ...             Transformer encoder layers
 *   pool                     layer norm, mean over tokens or the class token
 *   head                     softmax over classes
 * </pre>
 *
 * <p>What a network knows of the patient ({@link PatientInput}) goes through a linear map of its
 * own, {@code patient_map}, and is added to what the head reads.
 *
 * <p>An example's weight in the loss (of its class, its patient) is multiplied into its label row,
 * see {@link WeightedCrossEntropy}.
 */
public final class Rtcn {
  /** The graph's input. */
  public static final String IMAGE = "image";

  /** The graph's second input, where the network uses facts of the patient. */
  static final String PATIENT_NUMBERS = "patient_numbers";

  /**
   * The linear map of {@link #PATIENT_NUMBERS}. It was called {@code patient} when models of its
   * kind had the weights under one another's names: those are refused.
   */
  static final String PATIENT = "patient_map";

  /** The softmax layer. */
  public static final String HEAD = "head";

  private static final String STEM = "stem";
  private static final String POOL = "pool";
  private static final String TOKENS = "tokens";
  static final String WITH_PATIENT = "with_patient";

  private Rtcn() {}

  /** A network with fresh weights, in single precision, trained by Adam at a constant rate. */
  public static ComputationGraph build(RtcnConfig config) {
    return build(
        config,
        new OnePassAdam(LearningRateSchedule.constant(config.learningRate())),
        DataType.FLOAT);
  }

  /** A network with fresh weights, an updater and a number type of the caller's choice. */
  public static ComputationGraph build(RtcnConfig config, IUpdater updater, DataType type) {
    return build(config, updater, new WeightedCrossEntropy(), type);
  }

  /**
   * As the other.
   *
   * @param loss {@link WeightedCrossEntropy} or {@link FocalCrossEntropy}
   */
  public static ComputationGraph build(
      RtcnConfig config, IUpdater updater, ILossFunction loss, DataType type) {
    Nd4jRuntime.start();
    ComputationGraph graph = new ComputationGraph(configuration(config, updater, loss, type));
    graph.init();
    return graph;
  }

  /**
   * A network with these weights, in single precision.
   *
   * @param weights in the order of {@link RtcnLayout}; as many as the network has
   */
  static ComputationGraph of(RtcnConfig config, float[] weights) {
    Nd4jRuntime.start();
    ComputationGraph graph =
        new ComputationGraph(
            configuration(
                config,
                new OnePassAdam(LearningRateSchedule.constant(config.learningRate())),
                new WeightedCrossEntropy(),
                DataType.FLOAT));
    graph.init(Nd4j.create(weights, new long[] {1, weights.length}, 'c'), false);
    return graph;
  }

  /** The flat vector of a network's weights, in single precision; a copy. */
  public static float[] weights(ComputationGraph graph) {
    return graph.params().castTo(DataType.FLOAT).toFloatVector();
  }

  /** What DL4J needs to build the same network elsewhere. */
  static ComputationGraphConfiguration configuration(
      RtcnConfig config, IUpdater updater, ILossFunction loss, DataType type) {
    // Refuses what is absurdly large, before anything is allocated.
    RtcnLayout.weights(config);
    NeuralNetConfiguration.Builder global =
        new NeuralNetConfiguration.Builder()
            .seed(config.seed())
            .dataType(type)
            .updater(updater)
            .weightInit(new WeightInitXavier());
    if (config.weightDecay() > 0) {
      // Times the learning rate: AdamW's form.
      global.weightDecay(config.weightDecay(), true);
    }
    InputType image = InputType.convolutional(config.voices(), config.columns(), config.channels());
    ComputationGraphConfiguration.GraphBuilder builder = global.graphBuilder();
    boolean told = config.patientInput() != PatientInput.NONE;
    if (told) {
      builder
          .addInputs(IMAGE, PATIENT_NUMBERS)
          .setInputTypes(image, InputType.feedForward(config.patientInput().numbers()));
    } else {
      builder.addInputs(IMAGE).setInputTypes(image);
    }
    String last = IMAGE;
    for (Map.Entry<String, BlockSpec> block : blocks(config).entrySet()) {
      builder.addLayer(block.getKey(), new BlockLayer(block.getKey(), block.getValue()), last);
      last = block.getKey();
    }
    if (told) {
      builder
          .addLayer(PATIENT, new BlockLayer(PATIENT, patient(config)), PATIENT_NUMBERS)
          .addVertex(WITH_PATIENT, new ElementWiseVertex(ElementWiseVertex.Op.Add), last, PATIENT);
      last = WITH_PATIENT;
    }
    return builder
        .addLayer(
            HEAD,
            new OutputLayer.Builder(loss)
                .activation(Activation.SOFTMAX)
                .nIn(config.modelDim())
                .nOut(config.classes())
                .build(),
            last)
        .setOutputs(HEAD)
        .build();
  }

  /**
   * Floating-point operations of a training step per example: the products of the forward pass, and
   * twice as many for the gradients of input and weights.
   */
  public static double trainingFlops(RtcnConfig config) {
    long head = 2L * config.modelDim() * config.classes();
    return 3.0 * (head + allBlocks(config).values().stream().mapToLong(BlockSpec::flops).sum());
  }

  private static BlockSpec patient(RtcnConfig config) {
    return new BlockSpec.Affine(config.patientInput().numbers(), config.modelDim());
  }

  /**
   * The chain from the image, and the map of the facts of the patient where DL4J has its weights in
   * the flat vector: it goes through a graph in breadth, so that the map, which reads an input,
   * comes after the first block that does.
   */
  static Map<String, BlockSpec> allBlocks(RtcnConfig config) {
    Map<String, BlockSpec> blocks = new LinkedHashMap<>();
    blocks(config)
        .forEach(
            (name, block) -> {
              blocks.put(name, block);
              if (name.equals(STEM) && config.patientInput() != PatientInput.NONE) {
                blocks.put(PATIENT, patient(config));
              }
            });
    return blocks;
  }

  /**
   * One part of the network.
   *
   * @param name of the layer
   * @param kind what it does
   * @param shape of its output without the batch, for example {@code [16][24][32]}
   * @param parameters that it learns
   * @param megaflops 10⁶ floating-point operations of its products in a forward pass
   */
  public record Part(String name, String kind, String shape, long parameters, double megaflops) {}

  /** The network's parts in the order of the data, for diagrams. */
  public static List<Part> parts(RtcnConfig config) {
    List<Part> parts = new ArrayList<>();
    allBlocks(config)
        .forEach(
            (name, spec) -> {
              Block block = spec.create(new Nd4jKernels(DataType.FLOAT));
              long[] shape = block.outputShape(1);
              parts.add(
                  new Part(
                      name,
                      kind(spec),
                      Arrays.stream(shape).skip(1).mapToObj(n -> "[" + n + "]").collect(joining()),
                      block.parameters().stream().mapToLong(Parameter::length).sum(),
                      spec.flops() / 1e6));
            });
    parts.add(
        new Part(
            HEAD,
            "linear map, softmax",
            "[" + config.classes() + "]",
            (config.modelDim() + 1L) * config.classes(),
            2e-6 * config.modelDim() * config.classes()));
    return parts;
  }

  private static String kind(BlockSpec spec) {
    if (spec instanceof BlockSpec.Stem stem) {
      return kernel(3, stem.height()) + " convolution" + stride(stem.stride()) + ", ReLU";
    }
    if (spec instanceof BlockSpec.Residual residual) {
      String sizes =
          residual.kernels().stream()
              .map(size -> kernel(size, residual.height()))
              .collect(joining(" and "));
      return "residual: "
          + sizes
          + ", then "
          + kernel(3, residual.height())
          + " convolution"
          + stride(residual.stride());
    }
    if (spec instanceof BlockSpec.Tokens tokens) {
      return "a token per column"
          + (tokens.pooling() == Pooling.CLASS_TOKEN ? " and a class token" : "")
          + ", position";
    }
    if (spec instanceof BlockSpec.Affine) {
      return "linear map of age and sex, added to what the head reads";
    }
    if (spec instanceof BlockSpec.Encoder encoder) {
      return "self-attention with "
          + encoder.heads()
          + " heads, feed-forward "
          + encoder.feedForward();
    }
    return "layer norm, "
        + (((BlockSpec.Pool) spec).pooling() == Pooling.CLASS_TOKEN
            ? "class token"
            : "mean over tokens");
  }

  private static String kernel(int size, int height) {
    return BlockSpec.kernelRows(size, height) + " × " + size;
  }

  private static String stride(int stride) {
    return stride == 1 ? "" : ", stride " + stride;
  }

  /** The name of the last residual block: the usual target of Grad-CAM. */
  public static String lastConvolution(RtcnConfig config) {
    return blockName(config.stageChannels().size(), config.blocksPerStage());
  }

  /** The name of a residual block; stages and blocks count from 1. */
  public static String blockName(int stage, int block) {
    return "stage" + stage + "_block" + block;
  }

  private static Map<String, BlockSpec> blocks(RtcnConfig config) {
    Map<String, BlockSpec> blocks = new LinkedHashMap<>();
    int height = config.voices();
    int width = config.columns();
    blocks.put(
        STEM,
        new BlockSpec.Stem(
            config.channels(), height, width, config.stemChannels(), config.stemStride()));
    height = BlockSpec.strided(height, config.stemStride());
    width = BlockSpec.strided(width, config.stemStride());
    int channels = config.stemChannels();
    List<Integer> stages = config.stageChannels();
    double branchScale = 1 / Math.sqrt(stages.size() * (double) config.blocksPerStage());
    for (int stage = 1; stage <= stages.size(); stage++) {
      for (int block = 1; block <= config.blocksPerStage(); block++) {
        int stride = stage > 1 && block == 1 ? 2 : 1;
        int out = stages.get(stage - 1);
        blocks.put(
            blockName(stage, block),
            new BlockSpec.Residual(
                channels, height, width, out, stride, branchScale, config.kernels()));
        height = BlockSpec.strided(height, stride);
        width = BlockSpec.strided(width, stride);
        channels = out;
      }
    }
    BlockSpec.Tokens tokens =
        new BlockSpec.Tokens(channels, height, width, config.modelDim(), config.pooling());
    blocks.put(TOKENS, tokens);
    for (int layer = 1; layer <= config.encoderLayers(); layer++) {
      blocks.put(
          "encoder" + layer,
          new BlockSpec.Encoder(
              tokens.count(),
              config.modelDim(),
              config.heads(),
              config.feedForward(),
              config.dropout(),
              BlockSpec.NormPlacement.BEFORE,
              BlockSpec.FeedForwardActivation.GELU));
    }
    blocks.put(
        POOL,
        new BlockSpec.Pool(tokens.count(), config.modelDim(), config.dropout(), config.pooling()));
    return blocks;
  }
}
