package org.rtcn.common.diffusion;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A trained diffusion model: all that sampling needs, and where it comes from.
 *
 * <p>As bytes: the eight ASCII letters {@code RTCNDDPM}, the length of the header (int32, big
 * endian), the header (JSON, UTF-8), the linear denoiser and the weights (float32, big endian).
 * Reading and writing are exact.
 */
public final class DdpmModel {
  private static final int FORMAT = 5;
  private static final byte[] MAGIC = "RTCNDDPM".getBytes(StandardCharsets.US_ASCII);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  /**
   * What the model has learnt from.
   *
   * @param origin where the beats come from, in words (data sets, training folds, simulated or not)
   * @param beatsOfClass training beats per class
   * @param patientsOfClass training patients per class
   * @param lastLoss mean squared error over the last training steps
   */
  public record Training(
      String origin,
      Map<String, Integer> beatsOfClass,
      Map<String, Integer> patientsOfClass,
      float lastLoss) {
    public Training {
      beatsOfClass = new TreeMap<>(beatsOfClass);
      patientsOfClass = new TreeMap<>(patientsOfClass);
    }
  }

  private record Header(
      int formatVersion,
      DdpmConfig config,
      List<String> classes,
      BeatNormalisation normalisation,
      Training training,
      List<List<List<Float>>> rrSeconds,
      int linearRank,
      int weightCount) {}

  private final DdpmConfig config;
  private final List<String> classes;
  private final BeatNormalisation normalisation;
  private final Training training;
  private final List<List<List<Float>>> rrSeconds;
  private final LinearDenoiser linear;
  private final float[] weights;
  private final byte[] bytes;
  private final String modelId;

  /**
   * @param rrSeconds RR intervals of the training beats, {@code [class][patient][beat]}, for
   *     sampling to draw from; empty if the network is not told any
   */
  DdpmModel(
      DdpmConfig config,
      List<String> classes,
      BeatNormalisation normalisation,
      Training training,
      List<List<List<Float>>> rrSeconds,
      LinearDenoiser linear,
      float[] weights) {
    this.config = config;
    this.classes = List.copyOf(classes);
    this.normalisation = normalisation;
    this.training = training;
    this.rrSeconds = rrSeconds;
    this.linear = linear;
    this.weights = weights;
    this.bytes = write();
    this.modelId = "ddpm-" + fingerprint(bytes);
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if the bytes are no model of this format
   */
  public static DdpmModel fromBytes(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    byte[] magic = new byte[MAGIC.length];
    if (bytes.length < MAGIC.length + Integer.BYTES) {
      throw notAModel("it has " + bytes.length + " bytes", null);
    }
    in.get(magic);
    if (!MessageDigest.isEqual(magic, MAGIC)) {
      throw notAModel("it does not open with RTCNDDPM", null);
    }
    int headerLength = in.getInt();
    if (headerLength < 0 || headerLength > in.remaining()) {
      throw notAModel("its header of " + headerLength + " bytes is cut short", null);
    }
    Header header;
    try {
      header = JSON.readValue(bytes, in.position(), headerLength, Header.class);
    } catch (IOException e) {
      throw notAModel("its header cannot be read", e);
    }
    in.position(in.position() + headerLength);
    int beatLength = header.config().leads() * header.config().length();
    int classCount = header.classes().size();
    int linearCount = LinearDenoiser.vectorLength(beatLength, header.linearRank(), classCount);
    if (header.formatVersion() != FORMAT
        || in.remaining() != (long) Float.BYTES * (linearCount + header.weightCount())) {
      throw notAModel(
          "format "
              + header.formatVersion()
              + " with "
              + in.remaining()
              + " bytes for "
              + (linearCount + header.weightCount())
              + " numbers",
          null);
    }
    float[] linear = new float[linearCount];
    float[] weights = new float[header.weightCount()];
    in.asFloatBuffer().get(linear).get(weights);
    return new DdpmModel(
        header.config(),
        header.classes(),
        header.normalisation(),
        header.training(),
        header.rrSeconds(),
        LinearDenoiser.fromVector(beatLength, header.linearRank(), classCount, linear),
        weights);
  }

  private static IllegalArgumentException notAModel(String why, Throwable cause) {
    return new IllegalArgumentException(
        "Invalid diffusion model: " + why + "; give a file written by the augment stage", cause);
  }

  private byte[] write() {
    byte[] header;
    try {
      header =
          JSON.writeValueAsBytes(
              new Header(
                  FORMAT,
                  config,
                  classes,
                  normalisation,
                  training,
                  rrSeconds,
                  linear.rank(),
                  weights.length));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to write the model's header", e);
    }
    float[] linearVector = linear.toVector();
    ByteBuffer out =
        ByteBuffer.allocate(
            MAGIC.length
                + Integer.BYTES
                + header.length
                + Float.BYTES * (linearVector.length + weights.length));
    out.put(MAGIC).putInt(header.length).put(header);
    out.asFloatBuffer().put(linearVector).put(weights);
    return out.array();
  }

  private static String fingerprint(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }

  /** The model as bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** {@code ddpm-} and twelve hex digits of the SHA-256 of {@link #toBytes}. */
  public String modelId() {
    return modelId;
  }

  public DdpmConfig config() {
    return config;
  }

  /** The class list; sampling takes an index into it. */
  public List<String> classes() {
    return classes;
  }

  public BeatNormalisation normalisation() {
    return normalisation;
  }

  public Training training() {
    return training;
  }

  /** The same with other weights. */
  DdpmModel trained(float[] newWeights, float lastLoss) {
    return new DdpmModel(
        config,
        classes,
        normalisation,
        new Training(
            training.origin(), training.beatsOfClass(), training.patientsOfClass(), lastLoss),
        rrSeconds,
        linear,
        newWeights);
  }

  List<List<List<Float>>> rrSeconds() {
    return rrSeconds;
  }

  LinearDenoiser linear() {
    return linear;
  }

  float[] weights() {
    return weights;
  }
}
