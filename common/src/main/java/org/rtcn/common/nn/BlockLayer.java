package org.rtcn.common.nn;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.rtcn.common.kernels.Nd4jKernels;
import org.rtcn.common.random.RandomStreams;

/**
 * A {@link Block} as DL4J's configuration sees a layer. Public and a bean only because DL4J writes
 * it as JSON; networks are built by {@link Rtcn}.
 */
public final class BlockLayer extends BaseLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private String block;

  /** DL4J asks for it for every parameter in every step. */
  private transient volatile List<Parameter> parameters;

  /** For DL4J's JSON. */
  BlockLayer() {}

  BlockLayer(String name, BlockSpec spec) {
    this.layerName = name;
    this.block = spec.toJson();
  }

  BlockSpec spec() {
    return BlockSpec.parse(block);
  }

  private List<Parameter> parameters() {
    List<Parameter> found = parameters;
    if (found == null) {
      found = spec().create(new Nd4jKernels(DataType.FLOAT)).parameters();
      parameters = found;
    }
    return found;
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> trainingListeners,
      int layerIndex,
      INDArray layerParamsView,
      boolean initializeParams,
      DataType networkDataType) {
    BlockLayerRuntime layer = new BlockLayerRuntime(conf, networkDataType, spec());
    layer.setListeners(trainingListeners);
    layer.setIndex(layerIndex);
    layer.setParamsViewArray(layerParamsView);
    layer.setParamTable(initializer().init(conf, layerParamsView, initializeParams));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return new Initializer();
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    long[] shape = spec().create(new Nd4jKernels(DataType.FLOAT)).outputShape(1);
    return switch (shape.length) {
      case 4 -> InputType.convolutional(shape[2], shape[3], shape[1]);
      case 3 -> InputType.recurrent(shape[2], shape[1], org.deeplearning4j.nn.conf.RNNFormat.NWC);
      default -> InputType.feedForward(shape[1]);
    };
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    // The block knows its sizes.
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public boolean isPretrainParam(String paramName) {
    return false;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    InputType output = getOutputType(-1, inputType);
    return new LayerMemoryReport.Builder(getLayerName(), BlockLayer.class, inputType, output)
        .standardMemory(initializer().numParams(this), 0)
        .workingMemory(0, 0, 0, output.arrayElementsPerExample())
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  /** Lays the block's parameters one after the other in the flat vector, each in C order. */
  private static final class Initializer implements ParamInitializer {
    @Override
    public long numParams(NeuralNetConfiguration conf) {
      return numParams(conf.getLayer());
    }

    @Override
    public long numParams(org.deeplearning4j.nn.conf.layers.Layer layer) {
      return parameters(layer).stream().mapToLong(Parameter::length).sum();
    }

    @Override
    public List<String> paramKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
      return parameters(layer).stream().map(Parameter::name).toList();
    }

    @Override
    public List<String> weightKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
      return keys(layer, Parameter.Kind.WEIGHT);
    }

    @Override
    public List<String> biasKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
      return keys(layer, Parameter.Kind.BIAS);
    }

    @Override
    public boolean isWeightParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
      return is(layer, key, Parameter.Kind.WEIGHT);
    }

    @Override
    public boolean isBiasParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
      return is(layer, key, Parameter.Kind.BIAS);
    }

    @Override
    public Map<String, INDArray> init(
        NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
      Map<String, INDArray> views = views(conf.getLayer(), paramsView);
      for (Parameter parameter : parameters(conf.getLayer())) {
        conf.addVariable(parameter.name());
        if (initializeParams) {
          INDArray view = views.get(parameter.name());
          double[] values =
              parameter.initial(
                  RandomStreams.of(
                      conf.getSeed(),
                      "parameter",
                      conf.getLayer().getLayerName(),
                      parameter.name()));
          view.assign(Nd4j.create(values, parameter.shape(), 'c').castTo(view.dataType()));
        }
      }
      return views;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(
        NeuralNetConfiguration conf, INDArray gradientView) {
      return views(conf.getLayer(), gradientView);
    }

    private static Map<String, INDArray> views(
        org.deeplearning4j.nn.conf.layers.Layer layer, INDArray flat) {
      INDArray line = flat.reshape(flat.length());
      Map<String, INDArray> views = new LinkedHashMap<>();
      long from = 0;
      for (Parameter parameter : parameters(layer)) {
        long to = from + parameter.length();
        views.put(
            parameter.name(),
            line.get(NDArrayIndex.interval(from, to)).reshape('c', parameter.shape()));
        from = to;
      }
      return views;
    }

    private static List<String> keys(
        org.deeplearning4j.nn.conf.layers.Layer layer, Parameter.Kind kind) {
      return parameters(layer).stream()
          .filter(parameter -> parameter.kind() == kind)
          .map(Parameter::name)
          .toList();
    }

    private static boolean is(
        org.deeplearning4j.nn.conf.layers.Layer layer, String key, Parameter.Kind kind) {
      for (Parameter parameter : parameters(layer)) {
        if (parameter.name().equals(key)) {
          return parameter.kind() == kind;
        }
      }
      return false;
    }

    private static List<Parameter> parameters(org.deeplearning4j.nn.conf.layers.Layer layer) {
      return ((BlockLayer) layer).parameters();
    }
  }
}
