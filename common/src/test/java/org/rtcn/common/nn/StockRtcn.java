package org.rtcn.common.nn;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * The network of {@link Rtcn} out of the layers that DL4J brings, to measure what our blocks are
 * worth. There is no stock layer normalisation or positional encoding, so it does without, which
 * makes it faster; dropout is left out as well. For timing alone: the gradients of the stock
 * attention layer are wrong in 1.0.0-M2.1.
 */
final class StockRtcn {
  private StockRtcn() {}

  static ComputationGraph build(RtcnConfig config) {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(config.seed())
            .updater(new Adam(config.learningRate()))
            .weightDecay(config.weightDecay(), true)
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(
                InputType.convolutional(config.voices(), config.columns(), config.channels()));
    convolution(
        builder, "stem", "image", config.stemChannels(), 3, config.stemStride(), Activation.RELU);
    int height = BlockSpec.strided(config.voices(), config.stemStride());
    int width = BlockSpec.strided(config.columns(), config.stemStride());
    int channels = config.stemChannels();
    String last = "stem";
    List<Integer> stages = config.stageChannels();
    for (int stage = 0; stage < stages.size(); stage++) {
      for (int block = 0; block < config.blocksPerStage(); block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        int out = stages.get(stage);
        String name = "s" + stage + "b" + block;
        convolution(builder, name + "a", last, out, 3, stride, Activation.RELU);
        convolution(builder, name + "b", name + "a", out, 3, 1, Activation.IDENTITY);
        String shortcut = last;
        if (channels != out || stride != 1) {
          shortcut = name + "s";
          convolution(builder, shortcut, last, out, 1, stride, Activation.IDENTITY);
        }
        builder.addVertex(
            name + "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), name + "b", shortcut);
        last = name + "relu";
        builder.addLayer(last, new ActivationLayer(Activation.RELU), name + "sum");
        height = BlockSpec.strided(height, stride);
        width = BlockSpec.strided(width, stride);
        channels = out;
      }
    }
    int dim = config.modelDim();
    builder
        .addLayer(
            "tokens",
            new ConvolutionLayer.Builder(height, 1)
                .nOut(dim)
                .activation(Activation.IDENTITY)
                .build(),
            last)
        .addVertex("sequence", new ReshapeVertex(-1, dim, width), "tokens");
    last = "sequence";
    for (int layer = 0; layer < config.encoderLayers(); layer++) {
      String name = "e" + layer;
      builder
          .addLayer(
              name + "attention",
              new SelfAttentionLayer.Builder()
                  .nIn(dim)
                  .nOut(dim)
                  .nHeads(config.heads())
                  .projectInput(true)
                  .build(),
              last)
          .addVertex(
              name + "attended",
              new ElementWiseVertex(ElementWiseVertex.Op.Add),
              name + "attention",
              last)
          .addLayer(
              name + "wide",
              perToken(dim, config.feedForward(), Activation.GELU),
              name + "attended")
          .addLayer(
              name + "narrow",
              perToken(config.feedForward(), dim, Activation.IDENTITY),
              name + "wide")
          .addVertex(
              name + "sum",
              new ElementWiseVertex(ElementWiseVertex.Op.Add),
              name + "narrow",
              name + "attended");
      last = name + "sum";
    }
    builder
        .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), last)
        .addLayer(
            "head",
            new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nIn(dim)
                .nOut(config.classes())
                .build(),
            "pool")
        .setOutputs("head");
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    return graph;
  }

  private static Convolution1DLayer perToken(int in, int out, Activation activation) {
    return new Convolution1DLayer.Builder(1).nIn(in).nOut(out).activation(activation).build();
  }

  private static void convolution(
      GraphBuilder builder,
      String name,
      String input,
      int out,
      int kernel,
      int stride,
      Activation activation) {
    int pad = (kernel - 1) / 2;
    builder.addLayer(
        name,
        new ConvolutionLayer.Builder(kernel, kernel)
            .stride(stride, stride)
            .padding(pad, pad)
            .nOut(out)
            .activation(activation)
            .build(),
        input);
  }
}
