package org.rtcn.common.nn;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.nd4j.Nd4jRuntime;

/**
 * A trained network with everything that a prediction needs: configuration, class names, the
 * standardizer, how the images were made, and which patients it has seen. Saved as named byte
 * arrays; what is loaded gives the same probabilities bit for bit. One instance serves one thread.
 */
public final class RtcnModel {
  /** Layout of {@link #toFiles} for a network that reads images alone. */
  static final int FORMAT = 2;

  /** The same for a network that is told of the patient. */
  static final int FORMAT_WITH_PATIENT = 3;

  static final String DESCRIPTION_FILE = "model.json";
  static final String PARAMETERS_FILE = "parameters.f32";
  static final String STANDARDIZER_FILE = "standardizer.bin";

  /**
   * Images per pass of {@link #predict}. Always the same, padded where needed, because the kernels
   * that a matrix product takes, and so its last digits, may depend on the number of rows.
   */
  private static final int INFERENCE_BATCH = 32;

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  private final RtcnConfig config;
  private final ComputationGraph graph;
  private final List<String> classes;
  private final ImageStandardizer standardizer;
  private final SortedMap<String, Object> preprocessing;
  private final Set<String> trainingPatients;
  private final boolean simulated;
  private final String modelId;

  /**
   * @param graph the trained network, built from {@code config}; not copied
   * @param classes the labels in the order of the head
   * @param preprocessing how the images were made: names and values that JSON can hold
   * @param trainingPatients patient_id of everybody whose beats it has learned from
   * @param simulated whether any of them is simulated
   * @throws IllegalArgumentException if classes, standardizer and configuration disagree
   */
  public RtcnModel(
      RtcnConfig config,
      ComputationGraph graph,
      List<String> classes,
      ImageStandardizer standardizer,
      Map<String, Object> preprocessing,
      Collection<String> trainingPatients,
      boolean simulated) {
    if (classes.size() != config.classes()) {
      throw new IllegalArgumentException(
          "Invalid classes " + classes + ": the network has " + config.classes());
    }
    if (standardizer.channels() != config.channels()
        || standardizer.voices() != config.voices()
        || standardizer.columns() != config.columns()) {
      throw new IllegalArgumentException(
          "Invalid standardizer for images of "
              + standardizer.channels()
              + " x "
              + standardizer.voices()
              + " x "
              + standardizer.columns()
              + ": the network reads "
              + config.channels()
              + " x "
              + config.voices()
              + " x "
              + config.columns());
    }
    if (standardizer.patientInput() != config.patientInput()) {
      throw new IllegalArgumentException(
          "Invalid standardizer for patient input "
              + standardizer.patientInput()
              + ": the network has "
              + config.patientInput());
    }
    this.config = config;
    this.graph = graph;
    this.classes = List.copyOf(classes);
    this.standardizer = standardizer;
    this.preprocessing = new TreeMap<>(preprocessing);
    this.trainingPatients = new TreeSet<>(trainingPatients);
    this.simulated = simulated;
    this.modelId = hash();
  }

  /** The network's configuration. */
  public RtcnConfig config() {
    return config;
  }

  /** The network itself. */
  public ComputationGraph graph() {
    return graph;
  }

  /** The labels in the order of the head. */
  public List<String> classes() {
    return classes;
  }

  /** What images go through before the network sees them. */
  public ImageStandardizer standardizer() {
    return standardizer;
  }

  /** How the images were made. */
  public Map<String, Object> preprocessing() {
    return new TreeMap<>(preprocessing);
  }

  /** Everybody whose beats the network has learned from, sorted. */
  public Set<String> trainingPatients() {
    return new TreeSet<>(trainingPatients);
  }

  /** Whether it has learned from simulated ECG. */
  public boolean simulated() {
    return simulated;
  }

  /** Sixteen hexadecimal digits of SHA-256 over the whole content. */
  public String modelId() {
    return modelId;
  }

  /**
   * Class probabilities of images.
   *
   * @param images as {@link ImageInput#image} gives them for the standardizer's input, and after
   *     each what {@link PatientInput#write} says of the patient: without it nothing is known. Not
   *     changed
   * @return {@code [image][class]}; a row depends on its own image only
   */
  public float[][] predict(float[][] images) {
    return predictStandardised(standardised(images));
  }

  /**
   * What the head reads of images, after pooling.
   *
   * @param images as {@link #predict} takes them
   * @return {@code [image][modelDim]}; a row depends on its own image only
   */
  public float[][] features(float[][] images) {
    String vertex = Rtcn.headInput(config);
    return pass(standardised(images), inputs -> graph.feedForward(inputs, false).get(vertex));
  }

  private float[][] standardised(float[][] images) {
    float[][] standardised = new float[images.length][];
    for (int i = 0; i < images.length; i++) {
      standardised[i] = withPatient(images[i]);
      standardizer.transform(standardised[i]);
    }
    return standardised;
  }

  /** A copy, before standardising; an image alone is one of a patient of whom nothing is known. */
  float[] withPatient(float[] image) {
    int length = standardizer.imageLength();
    if (image.length != length) {
      return image.clone();
    }
    float[] values = Arrays.copyOf(image, length + config.patientInput().numbers());
    config.patientInput().write(values, length, Float.NaN, null);
    return values;
  }

  /** As {@link #predict}, of images that have gone through the standardizer. */
  float[][] predictStandardised(float[][] images) {
    return pass(images, graph::outputSingle);
  }

  /** Standardised images through the network, {@value #INFERENCE_BATCH} at a time. */
  private float[][] pass(float[][] images, Function<INDArray[], INDArray> network) {
    float[][] rows = new float[images.length][];
    int size = standardizer.imageLength();
    int numbers = config.patientInput().numbers();
    for (int from = 0; from < images.length; from += INFERENCE_BATCH) {
      int here = Math.min(INFERENCE_BATCH, images.length - from);
      float[] batch = new float[INFERENCE_BATCH * size];
      float[] patients = new float[INFERENCE_BATCH * numbers];
      for (int i = 0; i < here; i++) {
        System.arraycopy(images[from + i], 0, batch, i * size, size);
        System.arraycopy(images[from + i], size, patients, i * numbers, numbers);
      }
      INDArray x = input(batch, INFERENCE_BATCH);
      INDArray[] inputs =
          numbers == 0
              ? new INDArray[] {x}
              : new INDArray[] {
                x, Nd4j.create(patients, new long[] {INFERENCE_BATCH, numbers}, 'c')
              };
      INDArray output = network.apply(inputs);
      for (int i = 0; i < here; i++) {
        rows[from + i] = output.getRow(i).toFloatVector();
      }
    }
    return rows;
  }

  /** {@code [batch][channel][voice][column]} of standardised images laid end to end. */
  INDArray input(float[] batch, int size) {
    return Nd4j.create(
        batch, new long[] {size, config.channels(), config.voices(), config.columns()}, 'c');
  }

  /** The model as named byte arrays. */
  public Map<String, byte[]> toFiles() {
    Map<String, byte[]> files = new TreeMap<>();
    files.put(PARAMETERS_FILE, parameterBytes());
    files.put(STANDARDIZER_FILE, standardizer.toBytes());
    files.put(DESCRIPTION_FILE, description(modelId));
    return files;
  }

  /**
   * Reads what {@link #toFiles} wrote.
   *
   * @throws IllegalArgumentException if a part is missing, of another format, or does not match the
   *     model id
   */
  public static RtcnModel parse(Map<String, byte[]> files) {
    for (String name : List.of(DESCRIPTION_FILE, PARAMETERS_FILE, STANDARDIZER_FILE)) {
      if (!files.containsKey(name)) {
        throw new IllegalArgumentException(
            "Invalid model: " + name + " is missing among " + files.keySet());
      }
    }
    Nd4jRuntime.start();
    try {
      JsonNode description = JSON.readTree(files.get(DESCRIPTION_FILE));
      int format = description.path("format").asInt();
      if (format != FORMAT && format != FORMAT_WITH_PATIENT) {
        throw new IllegalArgumentException(
            "Invalid model: format "
                + description.path("format")
                + ", this version reads "
                + FORMAT
                + " and "
                + FORMAT_WITH_PATIENT);
      }
      JsonNode network = description.required("network");
      RtcnConfig config = JSON.treeToValue(network, RtcnConfig.class);
      if (!fields(network).equals(fields(network(config)))) {
        throw ofAnotherVersion(fields(network), null);
      }
      ComputationGraph graph = Rtcn.build(config);
      graph.setParams(parameters(files.get(PARAMETERS_FILE), graph.numParams()));
      RtcnModel model =
          new RtcnModel(
              config,
              graph,
              JSON.convertValue(
                  description.required("classes"), new TypeReference<List<String>>() {}),
              ImageStandardizer.parse(files.get(STANDARDIZER_FILE)),
              JSON.convertValue(
                  description.required("preprocessing"),
                  new TypeReference<Map<String, Object>>() {}),
              JSON.convertValue(
                  description.required("trainingPatients"), new TypeReference<List<String>>() {}),
              description.required("simulated").asBoolean());
      String stated = description.path("modelId").asText();
      if (!model.modelId.equals(stated)) {
        throw new IllegalArgumentException(
            "Invalid model: its content has id "
                + model.modelId
                + " but it says "
                + stated
                + "; it was changed or cut short, train or copy it again");
      }
      return model;
    } catch (UnrecognizedPropertyException e) {
      throw ofAnotherVersion(Set.of(e.getPropertyName()), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("Invalid model: cannot read " + DESCRIPTION_FILE, e);
    }
  }

  private static Set<String> fields(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static IllegalArgumentException ofAnotherVersion(Set<String> fields, Exception cause) {
    return new IllegalArgumentException(
        "Invalid model: another version of rtcn-spark wrote it (its network states "
            + String.join(", ", fields)
            + "); use that version, or train again",
        cause);
  }

  /**
   * Reads a model folder of the local file system.
   *
   * @param folder {@code RUN/models/rtcn}
   * @throws IllegalArgumentException if it is missing, or {@link #parse} refuses it
   */
  public static RtcnModel load(Path folder) {
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : List.of(DESCRIPTION_FILE, PARAMETERS_FILE, STANDARDIZER_FILE)) {
      try {
        if (Files.isRegularFile(folder.resolve(name))) {
          files.put(name, Files.readAllBytes(folder.resolve(name)));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("Failed to read " + folder.resolve(name), e);
      }
    }
    return parse(files);
  }

  private static int format(RtcnConfig config) {
    return config.patientInput() == PatientInput.NONE ? FORMAT : FORMAT_WITH_PATIENT;
  }

  /** The configuration as its format has it: what reads images alone stays as it was. */
  private static ObjectNode network(RtcnConfig config) {
    ObjectNode node = JSON.valueToTree(config);
    if (format(config) == FORMAT) {
      node.remove("patientInput");
    }
    return node;
  }

  private byte[] description(String id) {
    ObjectNode node = JSON.createObjectNode();
    node.put("format", format(config));
    node.put("modelId", id);
    node.put("notice", "Research use only, not a medical device.");
    node.put("simulated", simulated);
    node.set("network", network(config));
    node.set("classes", JSON.valueToTree(classes));
    node.set("preprocessing", JSON.valueToTree(preprocessing));
    node.set("trainingPatients", JSON.valueToTree(trainingPatients));
    return node.toPrettyString().getBytes(StandardCharsets.UTF_8);
  }

  private byte[] parameterBytes() {
    float[] values = graph.params().castTo(DataType.FLOAT).toFloatVector();
    ByteBuffer buffer =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }

  private static INDArray parameters(byte[] bytes, long expected) {
    if (bytes.length != expected * Float.BYTES) {
      throw new IllegalArgumentException(
          "Invalid model: "
              + PARAMETERS_FILE
              + " has "
              + bytes.length
              + " bytes, the network needs "
              + expected * Float.BYTES);
    }
    float[] values = new float[Math.toIntExact(expected)];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return Nd4j.create(values, new long[] {1, expected}, 'c');
  }

  private String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(description(""));
      digest.update(standardizer.toBytes());
      digest.update(parameterBytes());
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }
}
