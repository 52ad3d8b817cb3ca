package org.rtcn.common.nn;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.error.UserException;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.metrics.DetectionThreshold;
import org.rtcn.common.storage.NamedArrays;
import org.rtcn.common.storage.NamedArrays.Spec;
import org.rtcn.common.storage.StrictJson;

/**
 * A trained network with everything that a prediction needs: configuration, class names, the
 * standardizer, how the images were made, and which patients it has seen. Saved as two named byte
 * arrays, a description that people can read and a container of {@link NamedArrays}; what is loaded
 * gives the same probabilities bit for bit. One instance serves one thread.
 *
 * <p>A saved model is taken for hostile until all of it has been checked: sizes, names, shapes and
 * digests before a network is built, and no number that is not finite is let in.
 */
public final class RtcnModel {
  /** Layout of {@link #toFiles}. */
  static final int FORMAT = 4;

  /** What the container of arrays calls itself. */
  static final String KIND = "rtcn-model/" + FORMAT;

  static final String DESCRIPTION_FILE = "model.json";
  static final String ARRAYS_FILE = "model.safetensors";

  /** A description that names a million patients is shorter. */
  private static final long LONGEST_DESCRIPTION = 1L << 26;

  private static final int LONGEST_NAME = 1000;
  private static final int MOST_SETTINGS = 1000;

  /** How far a softmax over floats may lie from 1. */
  private static final double SUM_TOLERANCE = 1e-3;

  /** Frees what a model's kernels hold once nobody holds the model. */
  private static final Cleaner CLEANER = Cleaner.create();

  private final RtcnConfig config;
  private final float[] weights;
  private final List<String> classes;
  private final ImageStandardizer standardizer;
  private final Description description;
  private final String modelId;
  private RtcnInference inference;

  /**
   * What {@value #DESCRIPTION_FILE} holds.
   *
   * @param format of both files
   * @param modelId of {@link RtcnModel#modelId}
   * @param notice for people
   * @param simulated whether it has learned from simulated ECG, of a model that went on from
   *     another: in the last training
   * @param network the network's configuration
   * @param standardizer sizes and kinds of the standardizer
   * @param classes the labels in the order of the head
   * @param preprocessing how the images were made
   * @param trainingPatients everybody whose beats it has learned from
   * @param detection from which probability of infarction on an infarct is answered; null, and not
   *     written, where that is {@link DetectionThreshold#FIXED}, as with models of before there
   *     were others
   */
  record Description(
      int format,
      String modelId,
      String notice,
      boolean simulated,
      RtcnConfig network,
      ImageStandardizer.Form standardizer,
      List<String> classes,
      SortedMap<String, Object> preprocessing,
      List<String> trainingPatients,
      @JsonInclude(JsonInclude.Include.NON_NULL) DetectionThreshold detection) {
    /**
     * @throws IllegalArgumentException if something is missing
     */
    Description {
      for (Object part :
          Arrays.asList(
              modelId, notice, network, standardizer, classes, preprocessing, trainingPatients)) {
        if (part == null) {
          throw new IllegalArgumentException("a part is null");
        }
      }
      classes = List.copyOf(classes);
      trainingPatients = List.copyOf(trainingPatients);
    }

    /** The same with another id. */
    Description withId(String id) {
      return with(id, detection);
    }

    private Description with(String id, DetectionThreshold threshold) {
      return new Description(
          format,
          id,
          notice,
          simulated,
          network,
          standardizer,
          classes,
          preprocessing,
          trainingPatients,
          threshold);
    }
  }

  /**
   * A model that detects infarction from {@link DetectionThreshold#FIXED} on.
   *
   * @param weights of the trained network, in the order of the graph's flat vector; copied
   * @param classes the labels in the order of the head
   * @param preprocessing how the images were made: names and values that JSON can hold
   * @param trainingPatients patient_id of everybody whose beats it has learned from
   * @param simulated whether any of them is simulated
   * @throws IllegalArgumentException if classes, standardizer and configuration disagree
   */
  public RtcnModel(
      RtcnConfig config,
      float[] weights,
      List<String> classes,
      ImageStandardizer standardizer,
      Map<String, Object> preprocessing,
      Collection<String> trainingPatients,
      boolean simulated) {
    this(
        new Description(
            FORMAT,
            "",
            "Research use only, not a medical device.",
            simulated,
            config,
            standardizer.form(),
            classes,
            new TreeMap<>(preprocessing),
            List.copyOf(new TreeSet<>(trainingPatients)),
            null),
        weights.clone(),
        standardizer,
        null);
  }

  /**
   * @param id null where it has yet to be computed
   */
  private RtcnModel(
      Description description, float[] weights, ImageStandardizer standardizer, String id) {
    requireAgreement(description, standardizer.patientInput());
    int expected = RtcnLayout.length(RtcnLayout.weights(description.network()));
    if (weights.length != expected) {
      throw new IllegalArgumentException(
          "Invalid network of " + weights.length + " weights: its configuration has " + expected);
    }
    this.description = description;
    this.config = description.network();
    this.weights = weights;
    this.classes = description.classes();
    this.standardizer = standardizer;
    this.modelId = id == null ? id(description, arrays().digest()) : id;
  }

  /** The same network, not copied, with another threshold of detection. */
  public RtcnModel detectingFrom(DetectionThreshold threshold) {
    boolean isFixed = threshold.equals(DetectionThreshold.FIXED);
    return new RtcnModel(
        description.with("", isFixed ? null : threshold), weights, standardizer, null);
  }

  /**
   * The same but for its weights and for who it has learned from.
   *
   * @param others in the order of the graph's flat vector; copied
   */
  public RtcnModel withWeights(float[] others, Collection<String> patients) {
    return new RtcnModel(
        config, others, classes, standardizer, preprocessing(), patients, simulated());
  }

  private static void requireAgreement(Description description, PatientInput patientInput) {
    RtcnConfig config = description.network();
    List<String> classes = description.classes();
    if (classes.size() != config.classes()) {
      throw new IllegalArgumentException(
          "Invalid classes "
              + StrictJson.quoted(classes.toString())
              + ": the network has "
              + config.classes());
    }
    Set<String> labels = new TreeSet<>();
    for (Label label : Label.values()) {
      labels.add(label.name());
    }
    if (!labels.containsAll(classes) || new TreeSet<>(classes).size() != classes.size()) {
      throw new IllegalArgumentException(
          "Invalid classes "
              + StrictJson.quoted(classes.toString())
              + ": must be labels among "
              + labels
              + ", each once");
    }
    ImageStandardizer.Form form = description.standardizer();
    int channels = form.leads() * form.input().parts();
    if (channels != config.channels()
        || form.voices() != config.voices()
        || form.columns() != config.columns()) {
      throw new IllegalArgumentException(
          "Invalid standardizer for images of "
              + channels
              + " x "
              + form.voices()
              + " x "
              + form.columns()
              + ": the network reads "
              + config.channels()
              + " x "
              + config.voices()
              + " x "
              + config.columns());
    }
    if (patientInput != config.patientInput()) {
      throw new IllegalArgumentException(
          "Invalid standardizer for patient input "
              + patientInput
              + ": the network has "
              + config.patientInput());
    }
    requirePlain(description.preprocessing());
    for (String patient : description.trainingPatients()) {
      if (patient.length() > LONGEST_NAME || patient.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "Invalid training patient \""
                + StrictJson.quoted(patient)
                + "\": no name of a patient");
      }
    }
  }

  /** Settings are texts, finite numbers and truth values: nothing that could be evaluated. */
  private static void requirePlain(Map<String, Object> settings) {
    if (settings.size() > MOST_SETTINGS) {
      throw new IllegalArgumentException(
          "Invalid preprocessing: it has "
              + settings.size()
              + " settings, at most "
              + MOST_SETTINGS
              + " are read");
    }
    settings.forEach(
        (key, value) -> {
          boolean plain =
              value instanceof String text
                  ? text.length() <= LONGEST_NAME && text.chars().noneMatch(Character::isISOControl)
                  : value instanceof Boolean
                      || value instanceof Integer
                      || value instanceof Long
                      || (value instanceof Number number && Double.isFinite(number.doubleValue()));
          if (key.length() > LONGEST_NAME || !plain) {
            throw new IllegalArgumentException(
                "Invalid preprocessing: "
                    + StrictJson.quoted(key)
                    + " is no short text, finite number or truth value");
          }
        });
  }

  /** The network's configuration. */
  public RtcnConfig config() {
    return config;
  }

  /** The weights in the order of the graph's flat vector; a copy. */
  public float[] weights() {
    return weights.clone();
  }

  /** How many numbers the network has learned. */
  public int weightCount() {
    return weights.length;
  }

  /** The network as DL4J's, with a copy of the weights. */
  public ComputationGraph graph() {
    return Rtcn.of(config, weights.clone());
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
    return new TreeMap<>(description.preprocessing());
  }

  /** Everybody whose beats the network has learned from, sorted. */
  public Set<String> trainingPatients() {
    return new TreeSet<>(description.trainingPatients());
  }

  /** From which probability of infarction on an infarct is answered. */
  public DetectionThreshold detection() {
    return description.detection() == null ? DetectionThreshold.FIXED : description.detection();
  }

  /** Whether it has learned from simulated ECG. */
  public boolean simulated() {
    return description.simulated();
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
   * @return {@code [image][class]}, each row finite and of sum 1; a row depends on its own image
   *     only
   * @throws UserException if the network gives no such row for an image
   */
  public float[][] predict(float[][] images) {
    return predictStandardised(standardised(images));
  }

  /**
   * As {@link #predict}, image by image: empty where what the network gives are no probabilities.
   * No answer is ever made of such numbers.
   */
  public List<Optional<float[]>> answers(float[][] images) {
    List<Optional<float[]>> answers = new ArrayList<>();
    for (float[] row : probabilities(standardised(images))) {
      answers.add(areProbabilities(row) ? Optional.of(row) : Optional.empty());
    }
    return answers;
  }

  /**
   * The answer to one image in a pass of its own: quicker where there is only one, and the same but
   * for the last digits. Answers that are kept come from {@link #predict} or {@link #answers}.
   */
  public Optional<float[]> answerAlone(float[] image) {
    try {
      float[] row = inference().alone(standardised(new float[][] {image})[0]);
      return areProbabilities(row) ? Optional.of(row) : Optional.empty();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** The cleaner must not free the network while it works. */
  private float[][] probabilities(float[][] standardised) {
    try {
      return inference().probabilities(standardised);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private RtcnInference inference() {
    if (inference == null) {
      RtcnInference made = inference(KernelChoice.open(DataType.FLOAT));
      inference = made;
      CLEANER.register(this, made::close);
    }
    return inference;
  }

  /** Its network on kernels of the caller's choice. */
  RtcnInference inference(Kernels kernels) {
    return new RtcnInference(config, weights, kernels);
  }

  /** The one place where it is decided whether a network has answered. */
  private static boolean areProbabilities(float[] row) {
    double sum = 0;
    for (float value : row) {
      // Not so for NaN.
      if (!(value >= 0 && value <= 1)) {
        return false;
      }
      sum += value;
    }
    return Math.abs(sum - 1) <= SUM_TOLERANCE;
  }

  /** What is said instead of an answer. */
  UserException noAnswer(String numbers) {
    return new UserException(
        "Cannot answer with model "
            + modelId
            + ": its network gives no finite "
            + numbers
            + "; train it again, with a lower rtcn.train.learning-rate or with"
            + " rtcn.train.gradient-clip=1");
  }

  /**
   * What the head reads of images, after pooling.
   *
   * @param images as {@link #predict} takes them
   * @return {@code [image][modelDim]}, finite; a row depends on its own image only
   * @throws UserException if a number is not finite
   */
  public float[][] features(float[][] images) {
    float[][] rows = rawFeatures(standardised(images));
    for (float[] row : rows) {
      for (float value : row) {
        if (!Float.isFinite(value)) {
          throw noAnswer("features");
        }
      }
    }
    return rows;
  }

  private float[][] rawFeatures(float[][] standardised) {
    try {
      return inference().features(standardised);
    } finally {
      Reference.reachabilityFence(this);
    }
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
    float[][] rows = probabilities(images);
    for (float[] row : rows) {
      if (!areProbabilities(row)) {
        throw noAnswer("probabilities");
      }
    }
    return rows;
  }

  /**
   * The flat vector that a network of the same shape begins with in order to go on from this one,
   * for other classes if need be: all layers are this model's, and so are the head's rows of the
   * classes that both have; rows of new classes stay as they are.
   *
   * @param others the classes of the new network
   * @param fresh its weights as they were made
   * @return a new vector
   * @throws IllegalArgumentException if {@code fresh} is of another network
   */
  public float[] weightsFor(List<String> others, float[] fresh) {
    int dim = config.modelDim();
    // The head is the last layer: W as [class][modelDim], then b.
    int body = weights.length - classes.size() * (dim + 1);
    if (fresh.length != body + others.size() * (dim + 1)) {
      throw new IllegalArgumentException(
          "Invalid network of "
              + fresh.length
              + " weights: one of this shape has "
              + (body + others.size() * (dim + 1)));
    }
    float[] next = fresh.clone();
    System.arraycopy(weights, 0, next, 0, body);
    for (int c = 0; c < others.size(); c++) {
      int known = classes.indexOf(others.get(c));
      if (known >= 0) {
        System.arraycopy(weights, body + known * dim, next, body + c * dim, dim);
        next[body + others.size() * dim + c] = weights[body + classes.size() * dim + known];
      }
    }
    return next;
  }

  /** The model as named byte arrays: what {@link #longestFiles} names. */
  public Map<String, byte[]> toFiles() {
    Map<String, byte[]> files = new TreeMap<>();
    files.put(ARRAYS_FILE, arrays().toBytes());
    files.put(DESCRIPTION_FILE, StrictJson.writePretty(description.withId(modelId)));
    return files;
  }

  /** The files of a model, and of how many bytes each may be at most. */
  public static SortedMap<String, Long> longestFiles() {
    SortedMap<String, Long> longest = new TreeMap<>();
    longest.put(DESCRIPTION_FILE, LONGEST_DESCRIPTION);
    longest.put(ARRAYS_FILE, NamedArrays.LONGEST_FILE);
    return longest;
  }

  private NamedArrays arrays() {
    NamedArrays.Builder arrays = NamedArrays.of(KIND, Map.of());
    standardizer.addTo(arrays);
    eachWeight(arrays::floats);
    return arrays.build();
  }

  /** The weights as named arrays, in the order of the network's flat vector. */
  void eachWeight(BiConsumer<Spec, float[]> visitor) {
    int at = 0;
    for (Spec spec : RtcnLayout.weights(config)) {
      int end = at + Math.toIntExact(spec.length());
      visitor.accept(spec, Arrays.copyOfRange(weights, at, end));
      at = end;
    }
  }

  /** Sixteen digits of the SHA-256 over all that the files say but the id itself. */
  private static String id(Description description, String arraysDigest) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(StrictJson.write(description.withId("")));
      digest.update(arraysDigest.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }

  /**
   * Reads what {@link #toFiles} wrote.
   *
   * @throws IllegalArgumentException if a part is missing, too large, of another format, damaged,
   *     or at odds with another part
   */
  public static RtcnModel parse(Map<String, byte[]> files) {
    longestFiles().forEach((name, longest) -> requireFile(files, name, longest));
    Description description = description(files.get(DESCRIPTION_FILE));
    RtcnConfig config = description.network();
    requireAgreement(description, config.patientInput());
    List<Spec> weights = RtcnLayout.weights(config);
    NamedArrays arrays = NamedArrays.parse(files.get(ARRAYS_FILE), KIND);
    List<Spec> all = new ArrayList<>(weights);
    all.addAll(description.standardizer().arrays(config.patientInput()));
    arrays.requireExactly(all);
    String id = id(description, arrays.digest());
    if (!id.equals(description.modelId())) {
      throw new IllegalArgumentException(
          "Invalid model: its content has id "
              + id
              + " but it says "
              + StrictJson.quoted(description.modelId())
              + "; it was changed or cut short, train or copy it again");
    }
    ImageStandardizer standardizer =
        ImageStandardizer.of(description.standardizer(), config.patientInput(), arrays);
    float[] values = new float[RtcnLayout.length(weights)];
    int at = 0;
    for (Spec spec : weights) {
      at = arrays.floats(spec, values, at);
    }
    return new RtcnModel(description, values, standardizer, id);
  }

  private static void requireFile(Map<String, byte[]> files, String name, long longest) {
    byte[] bytes = files.get(name);
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          "Invalid model: "
              + name
              + " is missing, as is every other file of a model; give the folder of one, such as"
              + " RUN/models/rtcn");
    }
    if (bytes == null) {
      throw new IllegalArgumentException(
          "Invalid model: "
              + name
              + " is missing among "
              + StrictJson.quoted(files.keySet().toString())
              + "; copy the whole folder, or train again");
    }
    if (bytes.length > longest) {
      throw tooLong(name, bytes.length, longest);
    }
  }

  private static IllegalArgumentException tooLong(String name, long bytes, long longest) {
    return new IllegalArgumentException(
        "Invalid model: "
            + name
            + " has "
            + bytes
            + " bytes, at most "
            + longest
            + " are read; copy or train it again");
  }

  private static Description description(byte[] json) {
    JsonNode tree = StrictJson.tree(json, DESCRIPTION_FILE);
    JsonNode format = tree.path("format");
    if (!format.isInt() || format.intValue() != FORMAT) {
      throw new IllegalArgumentException(
          "Invalid model: format "
              + (format.isMissingNode() ? "not stated" : StrictJson.quoted(format.toString()))
              + " in "
              + DESCRIPTION_FILE
              + ", this version reads "
              + FORMAT
              + "; train it again");
    }
    // Said by models alone whose threshold was chosen.
    if (!tree.has("detection")) {
      ((ObjectNode) tree).putNull("detection");
    } else if (tree.get("detection").isNull()) {
      throw new IllegalArgumentException(
          "Invalid model: detection is null in " + DESCRIPTION_FILE + "; train or copy it again");
    }
    return StrictJson.convert(
        tree,
        Description.class,
        "model: " + DESCRIPTION_FILE + " was damaged or written by another version, train again");
  }

  /**
   * Reads a model folder of the local file system.
   *
   * @param folder {@code RUN/models/rtcn}
   * @throws IllegalArgumentException if it is missing, or {@link #parse} refuses it
   */
  public static RtcnModel load(Path folder) {
    Map<String, byte[]> files = new TreeMap<>();
    longestFiles()
        .forEach(
            (name, longest) -> {
              Path file = folder.resolve(name);
              if (!Files.isRegularFile(file)) {
                return;
              }
              try (InputStream in = Files.newInputStream(file)) {
                files.put(name, readAtMost(in, Files.size(file), name, longest));
              } catch (IOException e) {
                throw new IllegalArgumentException(
                    "Cannot read " + file + ": " + StrictJson.quoted(e.getMessage()), e);
              }
            });
    return parse(files);
  }

  /**
   * Reads a file of a model.
   *
   * @param size what its file system says
   * @throws IllegalArgumentException if it says more than is allowed; nothing is read then
   */
  public static byte[] readAtMost(InputStream in, long size, String name, long longest)
      throws IOException {
    if (size > longest) {
      throw tooLong(name, size, longest);
    }
    // A file that is longer than was said is cut there, and refused by its digest.
    return in.readNBytes((int) size);
  }
}
