package org.rtcn.common.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Named arrays of numbers and a description, as bytes: the one container of models and checkpoints.
 * It is a safetensors file (github.com/huggingface/safetensors), which Python, Rust and JavaScript
 * read with a package of that name, and carries its own SHA-256.
 *
 * <pre>
 *   8 bytes    N, the length of the header (little endian)
 *   N bytes    the header, JSON in UTF-8, filled up with spaces to a multiple of 8:
 *              {"__metadata__": {"sha256": …, "kind": …, "description": …},
 *               "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
 *   the rest   the arrays, little endian, in C order, one after the other without a gap
 * </pre>
 *
 * <p>{@code sha256} is that of the whole file with 64 zeros in its own place; it stands first, so
 * that a reader finds it without trusting the header. {@code description} is JSON as a string.
 *
 * <p>{@link #parse} takes nothing on trust: lengths are compared with the bytes that are there
 * before anything is allocated, and no array holds a number that is not finite.
 */
public final class NamedArrays {
  /** Longer headers are refused. */
  public static final int LONGEST_HEADER = 1 << 25;

  /** Longer files are refused before they are read. */
  public static final long LONGEST_FILE = 1L << 30;

  private static final int MOST_ARRAYS = 10_000;
  private static final int MOST_AXES = 8;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_./-]{1,128}");
  private static final String METADATA = "__metadata__";
  private static final byte[] OPENING =
      ("{\"" + METADATA + "\":{\"sha256\":\"").getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NO_DIGEST = "0".repeat(64).getBytes(StandardCharsets.US_ASCII);
  private static final int DIGEST_AT = Long.BYTES + OPENING.length;

  /** What an array holds. */
  private enum Type {
    F32,
    I32
  }

  /**
   * An array's name and shape.
   *
   * @param name letters, digits and {@code _ . / -}
   * @param shape in C order; every size is 1 or more
   */
  public record Spec(String name, List<Long> shape) {
    public Spec {
      shape = List.copyOf(shape);
    }

    /** The spec of an array of these sizes. */
    public static Spec of(String name, long... sizes) {
      List<Long> shape = new ArrayList<>();
      for (long size : sizes) {
        shape.add(size);
      }
      return new Spec(name, shape);
    }

    /** How many numbers it holds. */
    public long length() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** The same array under a longer name. */
    public Spec below(String prefix) {
      return new Spec(prefix + name, shape);
    }
  }

  /** Where an array lies. */
  private record Entry(Type type, Spec spec, int from) {}

  private final byte[] bytes;
  private final String kind;
  private final String description;
  private final String digest;
  private final Map<String, Entry> entries;

  private NamedArrays(
      byte[] bytes, String kind, String description, String digest, Map<String, Entry> entries) {
    this.bytes = bytes;
    this.kind = kind;
    this.description = description;
    this.digest = digest;
    this.entries = entries;
  }

  /** Gathers arrays. Not for several threads. */
  public static final class Builder {
    private final String kind;
    private final String description;
    private final Map<Spec, Object> arrays = new LinkedHashMap<>();

    private Builder(String kind, String description) {
      this.kind = kind;
      this.description = description;
    }

    /**
     * Adds an array; an empty one is left out.
     *
     * @param values in C order; not copied
     * @throws IllegalArgumentException if it is not as long as its shape says, or holds a number
     *     that is not finite
     */
    public Builder floats(Spec spec, float[] values) {
      for (int i = 0; i < values.length; i++) {
        if (!Float.isFinite(values[i])) {
          throw new IllegalArgumentException(
              "Cannot write array " + spec.name() + ": it holds " + values[i] + " at " + i);
        }
      }
      return add(spec, values, values.length);
    }

    /** As {@link #floats}, of whole numbers. */
    public Builder ints(Spec spec, int[] values) {
      return add(spec, values, values.length);
    }

    private Builder add(Spec spec, Object values, int length) {
      if (length == 0) {
        return this;
      }
      if (spec.length() != length || !NAME.matcher(spec.name()).matches()) {
        throw new IllegalArgumentException(
            "Invalid array " + spec + " of " + length + " numbers: shape and length must agree");
      }
      arrays.put(spec, values);
      return this;
    }

    /** The container. */
    public NamedArrays build() {
      byte[] header = header();
      long length = Long.BYTES + (long) header.length;
      for (Spec spec : arrays.keySet()) {
        length += Integer.BYTES * spec.length();
      }
      if (length > LONGEST_FILE) {
        throw new IllegalArgumentException(
            "Invalid "
                + kind
                + " of "
                + length
                + " bytes: at most "
                + LONGEST_FILE
                + " can be read again; make the network smaller");
      }
      ByteBuffer out = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
      out.putLong(header.length).put(header);
      for (Object values : arrays.values()) {
        if (values instanceof float[] floats) {
          out.asFloatBuffer().put(floats);
          out.position(out.position() + Float.BYTES * floats.length);
        } else {
          int[] ints = (int[]) values;
          out.asIntBuffer().put(ints);
          out.position(out.position() + Integer.BYTES * ints.length);
        }
      }
      byte[] bytes = out.array();
      String digest = NamedArrays.digest(bytes);
      System.arraycopy(
          digest.getBytes(StandardCharsets.US_ASCII), 0, bytes, DIGEST_AT, digest.length());
      return read(bytes, kind, digest);
    }

    private byte[] header() {
      ObjectNode header = JsonNodeFactory.instance.objectNode();
      header
          .putObject(METADATA)
          .put("sha256", new String(NO_DIGEST, StandardCharsets.US_ASCII))
          .put("kind", kind)
          .put("description", description);
      long offset = 0;
      for (Map.Entry<Spec, Object> array : arrays.entrySet()) {
        Spec spec = array.getKey();
        ObjectNode entry = header.putObject(spec.name());
        entry.put("dtype", (array.getValue() instanceof float[] ? Type.F32 : Type.I32).name());
        ArrayNode shape = entry.putArray("shape");
        spec.shape().forEach(shape::add);
        long end = offset + Integer.BYTES * spec.length();
        entry.putArray("data_offsets").add(offset).add(end);
        offset = end;
      }
      byte[] json = StrictJson.write(header);
      byte[] padded = new byte[(json.length + 7) / 8 * 8];
      java.util.Arrays.fill(padded, (byte) ' ');
      System.arraycopy(json, 0, padded, 0, json.length);
      return padded;
    }
  }

  /**
   * Starts a container.
   *
   * @param kind what it holds, and the version of that, for example {@code rtcn-model/4}
   * @param description what else is to be known, written as JSON
   */
  public static Builder of(String kind, Object description) {
    return new Builder(kind, new String(StrictJson.write(description), StandardCharsets.UTF_8));
  }

  /**
   * Reads what {@link #toBytes} gave.
   *
   * @param bytes not copied
   * @param kind what it must hold
   * @throws IllegalArgumentException if it was cut short, changed or lengthened, holds something
   *     else, or breaks a rule of the format
   */
  public static NamedArrays parse(byte[] bytes, String kind) {
    headerLength(bytes, kind);
    String stated = new String(bytes, DIGEST_AT, NO_DIGEST.length, StandardCharsets.US_ASCII);
    if (!stated.equals(digest(bytes))) {
      throw refused(kind, "its content does not have the SHA-256 that it states");
    }
    return read(bytes, kind, stated);
  }

  private static NamedArrays read(byte[] bytes, String kind, String digest) {
    int headerLength = headerLength(bytes, kind);
    byte[] json = new byte[headerLength];
    System.arraycopy(bytes, Long.BYTES, json, 0, headerLength);
    JsonNode header = StrictJson.tree(json, kind);
    JsonNode metadata = header.path(METADATA);
    if (metadata.size() != 3
        || !metadata.path("kind").isTextual()
        || !metadata.path("description").isTextual()) {
      throw refused(kind, "it states no kind and description");
    }
    if (!metadata.path("kind").textValue().equals(kind)) {
      throw refused(
          kind, "it is a \"" + StrictJson.quoted(metadata.path("kind").textValue()) + "\"");
    }
    return new NamedArrays(
        bytes,
        kind,
        metadata.path("description").textValue(),
        digest,
        entries(header, bytes.length - Long.BYTES - headerLength, Long.BYTES + headerLength, kind));
  }

  private static int headerLength(byte[] bytes, String kind) {
    if (bytes.length < DIGEST_AT + NO_DIGEST.length) {
      throw refused(kind, "it has " + bytes.length + " bytes");
    }
    long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    for (int i = 0; i < OPENING.length; i++) {
      if (bytes[Long.BYTES + i] != OPENING[i]) {
        throw refused(kind, "it is no safetensors file of rtcn-spark");
      }
    }
    if (length < DIGEST_AT + NO_DIGEST.length - Long.BYTES
        || length > LONGEST_HEADER
        || length > bytes.length - Long.BYTES) {
      throw refused(
          kind, "it states a header of " + length + " bytes and has " + bytes.length + " in all");
    }
    return (int) length;
  }

  private static Map<String, Entry> entries(JsonNode header, int length, int start, String kind) {
    if (header.size() - 1 > MOST_ARRAYS) {
      throw refused(kind, "it states " + (header.size() - 1) + " arrays");
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    long offset = 0;
    for (Iterator<Map.Entry<String, JsonNode>> it = header.fields(); it.hasNext(); ) {
      Map.Entry<String, JsonNode> field = it.next();
      if (field.getKey().equals(METADATA)) {
        continue;
      }
      if (!NAME.matcher(field.getKey()).matches()) {
        throw refused(kind, "an array is called \"" + StrictJson.quoted(field.getKey()) + "\"");
      }
      Entry entry = entry(field.getKey(), field.getValue(), offset, length, start, kind);
      entries.put(field.getKey(), entry);
      offset += Integer.BYTES * entry.spec().length();
    }
    if (offset != length) {
      throw refused(kind, "its arrays take " + offset + " bytes and it has " + length);
    }
    return entries;
  }

  /** An array that lies where the one before it ended. */
  private static Entry entry(
      String name, JsonNode stated, long offset, int length, int start, String kind) {
    JsonNode type = stated.path("dtype");
    JsonNode shape = stated.path("shape");
    JsonNode offsets = stated.path("data_offsets");
    if (stated.size() != 3
        || !(type.asText().equals(Type.F32.name()) || type.asText().equals(Type.I32.name()))
        || !shape.isArray()
        || shape.isEmpty()
        || shape.size() > MOST_AXES
        || offsets.size() != 2) {
      throw refused(kind, "array " + name + " is not described as F32 or I32 with its shape");
    }
    List<Long> sizes = new ArrayList<>();
    long count = 1;
    for (JsonNode size : shape) {
      // Compared with what is there, factor by factor: no product overflows.
      if (!size.isIntegralNumber()
          || !size.canConvertToInt()
          || size.intValue() < 1
          || count * size.intValue() > (length - offset) / Integer.BYTES) {
        throw refused(
            kind,
            "array "
                + name
                + " of shape "
                + StrictJson.quoted(shape.toString())
                + " is larger than the file");
      }
      count *= size.intValue();
      sizes.add(size.longValue());
    }
    if (!offsets.get(0).isIntegralNumber()
        || !offsets.get(1).isIntegralNumber()
        || !offsets.get(0).canConvertToLong()
        || !offsets.get(1).canConvertToLong()
        || offsets.get(0).longValue() != offset
        || offsets.get(1).longValue() != offset + Integer.BYTES * count) {
      throw refused(kind, "array " + name + " does not lie where the one before it ends");
    }
    return new Entry(Type.valueOf(type.textValue()), new Spec(name, sizes), (int) (start + offset));
  }

  private static IllegalArgumentException refused(String kind, String why) {
    return new IllegalArgumentException(
        "Invalid "
            + kind
            + ": "
            + why
            + "; it was cut short, changed, or written by another version: copy or make it again");
  }

  /** SHA-256 with zeros where it stands itself, as hexadecimal digits. */
  private static String digest(byte[] bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, DIGEST_AT);
      digest.update(NO_DIGEST);
      int rest = DIGEST_AT + NO_DIGEST.length;
      digest.update(bytes, rest, bytes.length - rest);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }

  /** The container as bytes: its own, not a copy. */
  public byte[] toBytes() {
    return bytes;
  }

  /** Its SHA-256 as 64 hexadecimal digits. */
  public String digest() {
    return digest;
  }

  /**
   * What else is to be known.
   *
   * @throws IllegalArgumentException if it is not of this type
   */
  public <T> T description(Class<T> type) {
    return StrictJson.read(description.getBytes(StandardCharsets.UTF_8), type, kind);
  }

  /** The arrays' names and shapes, in their order. */
  public List<Spec> specs() {
    return entries.values().stream().map(Entry::spec).toList();
  }

  /** Whether there is an array of this name. */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /**
   * The shape of an array.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public List<Long> shape(String name) {
    return entry(name).spec().shape();
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw refused(kind, "array " + name + " is missing");
    }
    return entry;
  }

  /**
   * Makes sure that it holds these arrays and no others.
   *
   * @throws IllegalArgumentException if one is missing, of another shape, or too many
   */
  public void requireExactly(List<Spec> expected) {
    for (Spec spec : expected) {
      requireShape(spec);
    }
    if (entries.size() != expected.size()) {
      List<String> known = expected.stream().map(Spec::name).toList();
      String more =
          entries.keySet().stream().filter(name -> !known.contains(name)).findFirst().orElse("?");
      throw refused(kind, "array " + more + " does not belong there");
    }
  }

  private Entry requireShape(Spec spec) {
    Entry entry = entry(spec.name());
    if (!entry.spec().equals(spec)) {
      throw refused(
          kind,
          "array "
              + spec.name()
              + " has the shape "
              + entry.spec().shape()
              + " and must have "
              + spec.shape());
    }
    return entry;
  }

  /**
   * The numbers of an array, in C order.
   *
   * @throws IllegalArgumentException if it is missing, of another shape or type, or holds a number
   *     that is not finite
   */
  public float[] floats(Spec spec) {
    float[] values = new float[requireType(spec, Type.F32)];
    floats(spec, values, 0);
    return values;
  }

  /** As the other, into an array at a place; returns where the numbers end there. */
  public int floats(Spec spec, float[] to, int at) {
    int length = requireType(spec, Type.F32);
    buffer(entry(spec.name()), length).asFloatBuffer().get(to, at, length);
    for (int i = at; i < at + length; i++) {
      if (!Float.isFinite(to[i])) {
        throw refused(kind, "array " + spec.name() + " holds " + to[i] + " at " + (i - at));
      }
    }
    return at + length;
  }

  /** As {@link #floats}, of whole numbers. */
  public int[] ints(Spec spec) {
    int[] values = new int[requireType(spec, Type.I32)];
    buffer(entry(spec.name()), values.length).asIntBuffer().get(values);
    return values;
  }

  private int requireType(Spec spec, Type type) {
    Entry entry = requireShape(spec);
    if (entry.type() != type) {
      throw refused(kind, "array " + spec.name() + " is " + entry.type() + " and must be " + type);
    }
    return (int) spec.length();
  }

  private ByteBuffer buffer(Entry entry, int length) {
    return ByteBuffer.wrap(bytes, entry.from(), Integer.BYTES * length)
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
