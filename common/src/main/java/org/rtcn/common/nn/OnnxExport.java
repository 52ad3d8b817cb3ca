package org.rtcn.common.nn;

import static org.rtcn.common.onnx.OnnxGraph.decimal;
import static org.rtcn.common.onnx.OnnxGraph.integer;
import static org.rtcn.common.onnx.OnnxGraph.integers;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.onnx.OnnxGraph;
import org.rtcn.common.storage.NamedArrays.Spec;
import org.rtcn.common.storage.StrictJson;

/**
 * A trained model as ONNX: from the images of the tables (magnitude in mV and phase in radians, or
 * the beat itself) through the standardizer and the network to probabilities. The settings that
 * make images of recordings travel as metadata. Weights keep the names of the model's own
 * container.
 */
public final class OnnxExport {
  /** Inputs: {@code [batch][lead][voice][column]}. */
  public static final String MAGNITUDE = "magnitude";

  public static final String PHASE = "phase";

  /** Input of models that read beats: {@code [batch][lead][1][sample]} in mV. */
  public static final String WAVEFORM = "waveform";

  /** Inputs of models that use facts of the patient: {@code [batch][1]}. */
  public static final String AGE = "age_years";

  public static final String SEX = "sex";

  /** Output: {@code [batch][class]}. */
  public static final String PROBABILITIES = "probabilities";

  private static final double SQRT_HALF = Math.sqrt(0.5);

  private final RtcnModel model;
  private final RtcnConfig config;
  private final OnnxGraph graph = new OnnxGraph("rtcn");
  private final Map<String, Spec> specs = new LinkedHashMap<>();

  private float[] classToken;

  private OnnxExport(RtcnModel model) {
    this.model = model;
    this.config = model.config();
  }

  /**
   * The file.
   *
   * @param version of this project
   */
  public static byte[] of(RtcnModel model, String version) {
    OnnxExport export = new OnnxExport(model);
    export.build();
    return export.graph.toBytes(
        version,
        "Research use only, not a medical device."
            + (model.simulated() ? " It has learned from simulated ECG." : ""),
        export.metadata());
  }

  private Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("rtcn.model_id", model.modelId());
    metadata.put("rtcn.simulated", String.valueOf(model.simulated()));
    metadata.put("rtcn.notice", "Research use only, not a medical device.");
    metadata.put("rtcn.classes", String.join(",", model.classes()));
    metadata.put(
        "rtcn.infarct_classes",
        model.classes().stream()
            .filter(name -> Label.valueOf(name).isInfarction())
            .collect(Collectors.joining(",")));
    metadata.put("rtcn.threshold", Float.toString(model.detection().probability()));
    metadata.put("rtcn.threshold_origin", model.detection().origin());
    metadata.put("rtcn.input", model.standardizer().input().name());
    metadata.put("rtcn.patient_input", config.patientInput().name());
    metadata.put(
        "rtcn.preprocessing",
        new String(StrictJson.write(model.preprocessing()), StandardCharsets.UTF_8));
    return metadata;
  }

  private void build() {
    model.eachWeight(
        (spec, values) -> {
          specs.put(spec.name(), spec);
          if (spec.name().equals("tokens/c")) {
            // It is part of the positions.
            classToken = values;
            return;
          }
          graph.constant(
              spec.name(), values, spec.shape().stream().mapToLong(Long::longValue).toArray());
        });
    String last = standardised();
    for (Map.Entry<String, BlockSpec> block : Rtcn.allBlocks(config).entrySet()) {
      BlockSpec spec = block.getValue();
      String name = block.getKey() + "/";
      if (spec instanceof BlockSpec.Stem stem) {
        last = graph.add("Relu", convolution(last, name + "W", name + "b", stem.stride()));
      } else if (spec instanceof BlockSpec.Residual residual) {
        last = residual(last, name, residual);
      } else if (spec instanceof BlockSpec.Tokens tokens) {
        last = tokens(last, name, tokens);
      } else if (spec instanceof BlockSpec.Encoder encoder) {
        last = encoder(last, name, encoder);
      } else if (spec instanceof BlockSpec.Pool pool) {
        last = pool(last, name, pool);
      }
    }
    if (config.patientInput() != PatientInput.NONE) {
      String told = affine(patient(), Rtcn.PATIENT + "/W", Rtcn.PATIENT + "/b");
      last = graph.add("Add", last, told);
    }
    String logits =
        graph.add("Gemm", List.of(integer("transB", 1)), last, Rtcn.HEAD + "/W", Rtcn.HEAD + "/b");
    graph.output(
        PROBABILITIES,
        graph.add("Softmax", List.of(integer("axis", -1)), logits),
        "of the classes " + model.classes(),
        config.classes());
  }

  // ---- standardizer

  private String standardised() {
    ImageStandardizer standardizer = model.standardizer();
    long[] shape = {standardizer.leads(), config.voices(), config.columns()};
    String values =
        switch (standardizer.input()) {
          case WAVEFORM ->
              graph.input(WAVEFORM, "the beat, mV; NaN where a lead is invalid", shape);
          case MAGNITUDE -> compressed(graph.input(MAGNITUDE, "|S|, mV", shape));
          case COMPLEX -> {
            String magnitude = compressed(graph.input(MAGNITUDE, "|S|, mV", shape));
            String phase = graph.input(PHASE, "of S relative to the R peak, radians", shape);
            yield graph.add(
                "Concat",
                List.of(integer("axis", 1)),
                graph.add("Mul", magnitude, graph.add("Cos", phase)),
                graph.add("Mul", magnitude, graph.add("Sin", phase)));
          }
        };
    long[] perRow = {config.channels(), config.voices(), 1};
    String mean = graph.constant("standardizer/mean", standardizer.mean(), perRow);
    String inverse =
        graph.constant("standardizer/inverse_deviation", standardizer.inverseDeviation(), perRow);
    String scaled = graph.add("Mul", graph.add("Sub", values, mean), inverse);
    return graph.add(
        "Where", graph.add("IsNaN", values), graph.number("standardizer/nothing", 0), scaled);
  }

  private String compressed(String magnitude) {
    return switch (model.standardizer().compression()) {
      case NONE -> magnitude;
      case SQRT -> graph.add("Sqrt", magnitude);
      case LOG ->
          graph.add(
              "Log",
              graph.add(
                  "Add",
                  graph.add(
                      "Div",
                      magnitude,
                      graph.number("standardizer/floor", ImageStandardizer.LOG_FLOOR_MV)),
                  graph.number("standardizer/one", 1)));
    };
  }

  /** Age in deviations, sex, and whether the age is unknown. */
  private String patient() {
    String age = graph.input(AGE, "NaN where unknown", 1);
    String sex = graph.input(SEX, "-1 male, 1 female, 0 unknown", 1);
    String unknown = graph.add("IsNaN", age);
    float[] ages = model.standardizer().ages();
    String scaled =
        graph.add(
            "Mul",
            graph.add("Sub", age, graph.number("standardizer/mean_age", ages[0])),
            graph.number("standardizer/inverse_age_deviation", ages[1]));
    String known = graph.add("Where", unknown, graph.number("standardizer/no_age", 0), scaled);
    String flag =
        graph.add(
            "Cast", List.of(integer("to", onnx.Onnx.TensorProto.DataType.FLOAT_VALUE)), unknown);
    return graph.add("Concat", List.of(integer("axis", 1)), known, sex, flag);
  }

  // ---- blocks

  private String residual(String x, String name, BlockSpec.Residual block) {
    List<String> scales = new ArrayList<>();
    for (int scale = 0; scale < block.kernels().size(); scale++) {
      String suffix = scale == 0 ? "" : "s" + (scale + 1);
      scales.add(convolution(x, name + "W1" + suffix, name + "b1" + suffix, block.stride()));
    }
    String hidden =
        scales.size() == 1
            ? scales.get(0)
            : graph.add("Concat", List.of(integer("axis", 1)), scales.toArray(new String[0]));
    String branch = convolution(graph.add("Relu", hidden), name + "W2", name + "b2", 1);
    String shortcut =
        specs.containsKey(name + "Ws") ? convolution(x, name + "Ws", null, block.stride()) : x;
    return graph.add("Relu", graph.add("Add", branch, shortcut));
  }

  private String convolution(String x, String weights, String bias, long stride) {
    List<Long> shape = specs.get(weights).shape();
    long rows = shape.get(2);
    long columns = shape.get(3);
    // Half a kernel of zeros on each side.
    List<Long> pads = List.of(rows / 2, columns / 2, rows / 2, columns / 2);
    List<onnx.Onnx.AttributeProto> attributes =
        List.of(
            integers("kernel_shape", List.of(rows, columns)),
            integers("pads", pads),
            integers("strides", List.of(stride, stride)));
    return bias == null
        ? graph.add("Conv", attributes, x, weights)
        : graph.add("Conv", attributes, x, weights, bias);
  }

  private String tokens(String x, String name, BlockSpec.Tokens block) {
    String columns =
        graph.add(
            "Reshape",
            graph.add("Transpose", List.of(integers("perm", List.of(0L, 3L, 1L, 2L))), x),
            graph.integers(
                name + "shape", 0, block.width(), (long) block.channels() * block.height()));
    String mapped = affine(columns, name + "W", name + "b");
    int dim = block.dim();
    double[] sinusoids = TokenBlock.sinusoids(block.count(), dim);
    float[] positions = new float[sinusoids.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = (float) sinusoids[i];
    }
    if (block.pooling() != Pooling.CLASS_TOKEN) {
      return graph.add(
          "Add", mapped, graph.constant(name + "positions", positions, block.count(), dim));
    }
    // The class token: a row of zeros in front, on which the position's row puts it.
    String padded =
        graph.add("Pad", mapped, graph.integers(name + "class_token_in_front", 0, 1, 0, 0, 0, 0));
    for (int i = 0; i < dim; i++) {
      positions[i] += classToken[i];
    }
    return graph.add(
        "Add", padded, graph.constant(name + "positions", positions, block.count(), dim));
  }

  private String encoder(String x, String name, BlockSpec.Encoder block) {
    if (block.norm() != BlockSpec.NormPlacement.BEFORE
        || block.activation() != BlockSpec.FeedForwardActivation.GELU) {
      throw new IllegalStateException("Cannot export an encoder that no RTCN has: " + block);
    }
    String attended = attention(norm(x, name + "g1", name + "n1"), name, block);
    String middle = graph.add("Add", x, attended);
    String hidden = affine(norm(middle, name + "g2", name + "n2"), name + "W1", name + "b1");
    return graph.add("Add", affine(gelu(hidden, name), name + "W2", name + "b2"), middle);
  }

  private String attention(String x, String name, BlockSpec.Encoder block) {
    int headDim = block.dim() / block.heads();
    String projected = affine(x, name + "Wqkv", name + "bqkv");
    List<String> parts =
        graph.addNode(
            "Split",
            List.of(integer("axis", 2)),
            3,
            projected,
            graph.integers(name + "thirds", block.dim(), block.dim(), block.dim()));
    String heads = graph.integers(name + "heads", 0, block.tokens(), block.heads(), headDim);
    String query = transposed(graph.add("Reshape", parts.get(0), heads), 0, 2, 1, 3);
    String key = transposed(graph.add("Reshape", parts.get(1), heads), 0, 2, 3, 1);
    String value = transposed(graph.add("Reshape", parts.get(2), heads), 0, 2, 1, 3);
    String scores =
        graph.add(
            "Mul",
            graph.add("MatMul", query, key),
            graph.number(name + "scale", 1 / Math.sqrt(headDim)));
    String weights = graph.add("Softmax", List.of(integer("axis", -1)), scores);
    String joined = transposed(graph.add("MatMul", weights, value), 0, 2, 1, 3);
    return affine(
        graph.add(
            "Reshape", joined, graph.integers(name + "joined", 0, block.tokens(), block.dim())),
        name + "Wo",
        name + "bo");
  }

  private String transposed(String x, long... axes) {
    List<Long> list = new ArrayList<>();
    for (long axis : axes) {
      list.add(axis);
    }
    return graph.add("Transpose", List.of(integers("perm", list)), x);
  }

  /** x Φ(x), by the error function. */
  private String gelu(String x, String name) {
    String error =
        graph.add("Erf", graph.add("Mul", x, graph.number(name + "sqrt_half", SQRT_HALF)));
    String phi =
        graph.add(
            "Mul",
            graph.add("Add", error, graph.number(name + "one", 1)),
            graph.number(name + "half", 0.5));
    return graph.add("Mul", x, phi);
  }

  private String pool(String x, String name, BlockSpec.Pool block) {
    String normed = norm(x, name + "g", name + "n");
    if (block.pooling() == Pooling.CLASS_TOKEN) {
      return graph.add(
          "Gather", List.of(integer("axis", 1)), normed, graph.scalar(name + "class_token", 0));
    }
    return graph.add(
        "ReduceMean", List.of(integers("axes", List.of(1L)), integer("keepdims", 0)), normed);
  }

  private String norm(String x, String gain, String bias) {
    return graph.add(
        "LayerNormalization",
        List.of(integer("axis", -1), decimal("epsilon", Kernels.Normalisation.EPSILON)),
        x,
        gain,
        bias);
  }

  private String affine(String x, String weights, String bias) {
    return graph.add("Add", graph.add("MatMul", x, weights), bias);
  }
}
