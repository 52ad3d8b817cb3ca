package org.rtcn.common.nn;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Nd4jKernels;
import org.rtcn.common.kernels.Scratch;

/** Runs a {@link Block} as a layer of DL4J. */
final class BlockLayerRuntime extends BaseLayer<BlockLayer> {
  private static final long serialVersionUID = 1L;

  private final transient Kernels kernels;
  private final transient Block block;
  private final transient Scratch scratch;
  private transient INDArray output;

  BlockLayerRuntime(NeuralNetConfiguration conf, DataType type, BlockSpec spec) {
    super(conf, type);
    this.kernels = new Nd4jKernels(type);
    this.block = spec.create(kernels);
    this.scratch = new Scratch(kernels);
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(false);
    Array x = dense("x", input);
    output =
        workspaceMgr.createUninitialized(
            ArrayType.ACTIVATIONS, dataType, block.outputShape(x.size(0)), 'c');
    block.forward(
        x,
        Nd4jKernels.wrap(output),
        wrapped(params),
        training ? Block.Mode.TRAINING : Block.Mode.INFERENCE);
    return output;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    Array x = dense("x", input);
    Array dy = dense("dy", epsilon);
    INDArray dx =
        workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    block.backward(
        x,
        Nd4jKernels.wrap(output),
        dy,
        Nd4jKernels.wrap(dx),
        wrapped(params),
        wrapped(gradientViews));
    Gradient gradient = new DefaultGradient();
    for (String name : conf.variables()) {
      gradient.setGradientFor(name, gradientViews.get(name), 'c');
    }
    return new Pair<>(gradient, dx);
  }

  private static Map<String, Array> wrapped(Map<String, INDArray> arrays) {
    Map<String, Array> handles = new HashMap<>();
    arrays.forEach((name, array) -> handles.put(name, Nd4jKernels.wrap(array)));
    return handles;
  }

  /** {@code source} itself if it is dense in C order, else a dense copy named {@code name}. */
  private Array dense(String name, INDArray source) {
    if (isDense(source)) {
      return Nd4jKernels.wrap(source);
    }
    Array copy = scratch.array(name, source.shape());
    kernels.copy(Nd4jKernels.wrap(source), copy);
    return copy;
  }

  private boolean isDense(INDArray source) {
    if (source.dataType() != dataType) {
      return false;
    }
    long expected = 1;
    for (int axis = source.rank() - 1; axis >= 0; axis--) {
      if (source.size(axis) != 1 && source.stride(axis) != expected) {
        return false;
      }
      expected *= source.size(axis);
    }
    return source.ordering() == 'c';
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
