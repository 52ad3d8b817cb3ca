package org.rtcn.common.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;

/**
 * A graph of standard operators that is built node by node: each method adds one and returns the
 * name of what comes out. Floats throughout; the first axis of inputs and outputs is the batch, of
 * any size.
 */
public final class OnnxGraph {
  /** Operators as of this version: the first that has LayerNormalization. */
  public static final int OPSET = 17;

  /** The file format that came with {@link #OPSET}. */
  private static final int IR_VERSION = 8;

  private static final String BATCH = "batch";

  private final GraphProto.Builder graph;
  private int nodes;

  /** An empty graph. */
  public OnnxGraph(String name) {
    this.graph = GraphProto.newBuilder().setName(name);
  }

  /**
   * An input.
   *
   * @param shape without the batch
   * @param doc what it is, with its unit
   */
  public String input(String name, String doc, long... shape) {
    graph.addInput(value(name, doc, shape));
    return name;
  }

  /** Makes {@code from} an output under another name. */
  public void output(String name, String from, String doc, long... shape) {
    graph.addNode(
        NodeProto.newBuilder().setOpType("Identity").setName(name).addInput(from).addOutput(name));
    graph.addOutput(value(name, doc, shape));
  }

  private static ValueInfoProto value(String name, String doc, long... shape) {
    TensorShapeProto.Builder sizes = TensorShapeProto.newBuilder();
    sizes.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH));
    for (long size : shape) {
      sizes.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setDocString(doc)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(sizes)))
        .build();
  }

  /** An array of the graph's own. */
  public String constant(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    graph.addInitializer(
        tensor(name, TensorProto.DataType.FLOAT_VALUE, shape)
            .setRawData(ByteString.copyFrom(bytes.array())));
    return name;
  }

  /** A number. */
  public String number(String name, double value) {
    return constant(name, new float[] {(float) value});
  }

  /** Sizes, axes and the like. */
  public String integers(String name, long... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    graph.addInitializer(
        tensor(name, TensorProto.DataType.INT64_VALUE, values.length)
            .setRawData(ByteString.copyFrom(bytes.array())));
    return name;
  }

  /** An index. */
  public String scalar(String name, long value) {
    graph.addInitializer(tensor(name, TensorProto.DataType.INT64_VALUE).addInt64Data(value));
    return name;
  }

  private static TensorProto.Builder tensor(String name, int type, long... shape) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type);
    Arrays.stream(shape).forEach(tensor::addDims);
    return tensor;
  }

  /** A node with one output. */
  public String add(String operator, List<AttributeProto> attributes, String... inputs) {
    return addNode(operator, attributes, 1, inputs).get(0);
  }

  /** A node without attributes. */
  public String add(String operator, String... inputs) {
    return add(operator, List.of(), inputs);
  }

  /** A node with several outputs. */
  public List<String> addNode(
      String operator, List<AttributeProto> attributes, int outputs, String... inputs) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator);
    String name = operator + "_" + ++nodes;
    node.setName(name).addAllInput(List.of(inputs)).addAllAttribute(attributes);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      names.add(outputs == 1 ? name : name + "_" + i);
    }
    node.addAllOutput(names);
    graph.addNode(node);
    return names;
  }

  /** An attribute of a whole number. */
  public static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  /** An attribute of whole numbers. */
  public static AttributeProto integers(String name, List<Long> values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.INTS)
        .addAllInts(values)
        .build();
  }

  /** An attribute of a number. */
  public static AttributeProto decimal(String name, double value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF((float) value)
        .build();
  }

  /**
   * The file.
   *
   * @param producerVersion of this project
   * @param doc for people
   * @param metadata for programs
   */
  public byte[] toBytes(String producerVersion, String doc, Map<String, String> metadata) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .setProducerName("rtcn-spark")
            .setProducerVersion(producerVersion)
            .setDomain("org.rtcn")
            .setDocString(doc)
            .setGraph(graph);
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build().toByteArray();
  }
}
