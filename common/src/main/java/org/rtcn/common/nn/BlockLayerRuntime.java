package org.rtcn.common.nn;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs a {@link Block} as a layer of DL4J. */
final class BlockLayerRuntime extends BaseLayer<BlockLayer> {
  private static final long serialVersionUID = 1L;

  private final transient Block block;
  private final transient Scratch scratch;
  private transient INDArray output;

  BlockLayerRuntime(NeuralNetConfiguration conf, DataType type, Block block) {
    super(conf, type);
    this.block = block;
    this.scratch = new Scratch(type);
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(false);
    INDArray x = scratch.dense("x", input);
    output =
        workspaceMgr.createUninitialized(
            ArrayType.ACTIVATIONS, dataType, block.outputShape(x.size(0)), 'c');
    block.forward(x, output, params, training ? Block.Mode.TRAINING : Block.Mode.INFERENCE);
    return output;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    INDArray x = scratch.dense("x", input);
    INDArray dy = scratch.dense("dy", epsilon);
    INDArray dx =
        workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    block.backward(x, output, dy, dx, params, gradientViews);
    Gradient gradient = new DefaultGradient();
    for (String name : conf.variables()) {
      gradient.setGradientFor(name, gradientViews.get(name), 'c');
    }
    return new Pair<>(gradient, dx);
  }

  /**
   * Adding the weight decay up costs as much as a small layer; the training loop tells the loss
   * without it.
   */
  @Override
  public double calcRegularizationScore(boolean backpropOnlyParams) {
    return 0;
  }

  @Override
  public void setParams(INDArray flat) {
    if (flat != paramsFlattened) {
      paramsFlattened.assign(flat.reshape(paramsFlattened.shape()));
    }
  }

  @Override
  public void clear() {
    super.clear();
    output = null;
  }
}
