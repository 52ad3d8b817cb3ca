package org.rtcn.jobs.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/** Damages models and checkpoints: byte by byte, and as somebody who knows their format would. */
public final class Mutations {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DIGEST_AT = 8 + "{\"__metadata__\":{\"sha256\":\"".length();
  private static final int DIGEST_LENGTH = 64;

  /** As they stand in JSON. */
  private static final List<String> EVIL =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1",
          "3",
          "65536",
          "2147483647",
          "-2147483648",
          "4294967296",
          "9223372036854775807",
          "99999999999999999999999999",
          "1e308",
          "1e999",
          "-1e999",
          "1e-320",
          "0.5",
          "1e999999999",
          "\"NaN\"",
          "\"Infinity\"",
          "\"\"",
          "\"" + "x".repeat(5000) + "\"",
          "\"../../../../etc/passwd\"",
          "\"${java.home}\"",
          "\"line\\nbreak <script>alert(1)</script> \\u0000\"",
          "\"include url(\\\"http://127.0.0.1:9/x.conf\\\")\"",
          "\"{ include file(\\\"/etc/passwd\\\") }\"",
          "{\"include\":\"http://127.0.0.1:9/\"}",
          "[]",
          "{}",
          "[[]]",
          "[1,2,3]",
          "[".repeat(60) + "]".repeat(60),
          "[".repeat(20_000) + "]".repeat(20_000));

  private final SplittableRandom random;

  public Mutations(SplittableRandom random) {
    this.random = random;
  }

  private boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** Some bytes changed, put in, taken out, or the end cut off. */
  public byte[] bytes(byte[] sound) {
    byte[] bytes = sound.clone();
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times && bytes.length > 0; i++) {
      int at = random.nextInt(bytes.length);
      int count = Math.min(bytes.length - at, 1 + random.nextInt(chance(0.2) ? 64 : 4));
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> Arrays.fill(bytes, at, at + count, (byte) (chance(0.5) ? 0xff : 0));
        case 3 -> bytes = joined(bytes, at, new byte[count], at);
        case 4 -> bytes = joined(bytes, at, new byte[0], at + count);
        default -> bytes = Arrays.copyOf(bytes, chance(0.5) ? at : bytes.length + count);
      }
    }
    return bytes;
  }

  private static byte[] joined(byte[] bytes, int to, byte[] middle, int from) {
    return ByteBuffer.allocate(to + middle.length + bytes.length - from)
        .put(bytes, 0, to)
        .put(middle)
        .put(bytes, from, bytes.length - from)
        .array();
  }

  /** A document with a few of its values, keys or elements changed. */
  public String json(String sound) {
    try {
      JsonNode tree = JSON.readTree(sound);
      int times = 1 + (chance(0.3) ? random.nextInt(3) : 0);
      for (int i = 0; i < times; i++) {
        change(tree);
      }
      String text = JSON.writeValueAsString(tree);
      return chance(0.05) ? text + EVIL.get(random.nextInt(EVIL.size())) : text;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void change(JsonNode tree) {
    List<JsonNode> parents = new ArrayList<>();
    gather(tree, parents);
    JsonNode parent = parents.get(random.nextInt(parents.size()));
    if (parent instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.isEmpty() ? "new" : names.get(random.nextInt(names.size()));
      switch (random.nextInt(8)) {
        case 0 -> object.remove(name);
        case 1 -> object.set("x" + name, object.remove(name));
        case 2 -> object.set(name, new POJONode(new RawValue("1,\"" + name + "\":1")));
        default -> object.set(name, other(object.get(name)));
      }
    } else {
      ArrayNode array = (ArrayNode) parent;
      int at = random.nextInt(array.size() + 1);
      if (at == array.size()) {
        array.add(other(null));
      } else if (chance(0.2)) {
        array.remove(at);
      } else {
        array.set(at, other(array.get(at)));
      }
    }
  }

  private static void gather(JsonNode node, List<JsonNode> parents) {
    if (node.isContainerNode()) {
      parents.add(node);
      node.forEach(child -> gather(child, parents));
    }
  }

  /** A near value, which may pass, or one that must not. */
  private JsonNode other(JsonNode value) {
    if (value != null && value.isNumber() && chance(0.5)) {
      double near =
          switch (random.nextInt(6)) {
            case 0 -> value.doubleValue() + 1;
            case 1 -> value.doubleValue() - 1;
            case 2 -> value.doubleValue() * 2;
            case 3 -> value.doubleValue() / 2;
            case 4 -> -value.doubleValue();
            default -> value.doubleValue() * 1000;
          };
      return value.isIntegralNumber()
          ? JSON.getNodeFactory().numberNode((long) near)
          : JSON.getNodeFactory().numberNode(near);
    }
    return new POJONode(new RawValue(EVIL.get(random.nextInt(EVIL.size()))));
  }

  /** A container with its description, its directory, its arrays or its bytes changed. */
  byte[] container(byte[] sound) {
    int header = (int) ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).getLong();
    byte[] changed =
        switch (random.nextInt(5)) {
          case 0 -> bytes(sound);
          case 1, 2 -> numbers(sound, 8 + header);
          default -> header(sound, header);
        };
    return chance(0.9) ? digested(changed) : changed;
  }

  private byte[] numbers(byte[] sound, int from) {
    float[] evil = {
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE,
      -1e30f,
      1e30f,
      Float.MIN_VALUE,
      -1,
      0,
      1e9f
    };
    ByteBuffer buffer = ByteBuffer.wrap(sound.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int count = (sound.length - from) / Float.BYTES;
    float value = evil[random.nextInt(evil.length)];
    int times = chance(0.3) ? count : 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      buffer.putFloat(from + Float.BYTES * (times == count ? i : random.nextInt(count)), value);
    }
    return buffer.array();
  }

  private byte[] header(byte[] sound, int length) {
    try {
      ObjectNode header =
          (ObjectNode) JSON.readTree(new String(sound, 8, length, StandardCharsets.UTF_8));
      ObjectNode metadata = (ObjectNode) header.get("__metadata__");
      String text;
      if (chance(0.6)) {
        metadata.put("description", json(metadata.get("description").asText()));
        text = JSON.writeValueAsString(header);
      } else {
        text = json(JSON.writeValueAsString(header));
      }
      byte[] json = text.getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.allocate(8 + json.length + sound.length - 8 - length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(json.length)
          .put(json)
          .put(sound, 8 + length, sound.length - 8 - length)
          .array();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** With the digest that the content has. */
  static byte[] digested(byte[] container) {
    if (container.length < DIGEST_AT + DIGEST_LENGTH) {
      return container;
    }
    try {
      byte[] bytes = container.clone();
      Arrays.fill(bytes, DIGEST_AT, DIGEST_AT + DIGEST_LENGTH, (byte) '0');
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      byte[] hex = HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(hex, 0, bytes, DIGEST_AT, DIGEST_LENGTH);
      return bytes;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
