package org.rtcn.common.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.rtcn.common.storage.NamedArrays.Spec;

class NamedArraysTest {
  private static final String KIND = "test/1";
  private static final Spec A = Spec.of("a/W", 2, 3);
  private static final Spec B = Spec.of("b", 4);

  private static NamedArrays container() {
    return NamedArrays.of(KIND, Map.of("step", 7))
        .floats(A, new float[] {1, 2, 3, 4, 5, Float.MIN_VALUE})
        .ints(B, new int[] {-1, 0, 1, Integer.MAX_VALUE})
        .build();
  }

  @Test
  void whatWasWrittenIsRead() {
    NamedArrays read = NamedArrays.parse(container().toBytes(), KIND);
    assertThat(read.floats(A)).containsExactly(1, 2, 3, 4, 5, Float.MIN_VALUE);
    assertThat(read.ints(B)).containsExactly(-1, 0, 1, Integer.MAX_VALUE);
    assertThat(read.description(JsonNode.class).path("step").intValue()).isEqualTo(7);
    assertThat(read.specs()).containsExactly(A, B);
    assertThat(read.digest()).isEqualTo(container().digest()).matches("[0-9a-f]{64}");
    read.requireExactly(List.of(B, A));
    assertThat(
            NamedArrays.of(KIND, Map.of()).floats(Spec.of("none", 0), new float[0]).build().specs())
        .isEmpty();
  }

  /** As the safetensors format has it, so that other languages read it. */
  @Test
  void theLayoutIsThatOfSafetensors() {
    byte[] bytes = container().toBytes();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) in.getLong();
    String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
    assertThat(length % 8).isZero();
    assertThat(header.strip())
        .isEqualTo(
            "{\"__metadata__\":{\"sha256\":\""
                + container().digest()
                + "\",\"kind\":\"test/1\",\"description\":\"{\\\"step\\\":7}\"},"
                + "\"a/W\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                + "\"b\":{\"dtype\":\"I32\",\"shape\":[4],\"data_offsets\":[24,40]}}");
    assertThat(bytes).hasSize(8 + length + 40);
    assertThat(in.getFloat(8 + length + 4)).isEqualTo(2);
  }

  private static AbstractThrowableAssert<?, ?> refused(byte[] bytes) {
    return assertThatThrownBy(() -> NamedArrays.parse(bytes, KIND))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid test/1: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void anyChangedByteIsNoticed() {
    byte[] sound = container().toBytes();
    for (int i = 0; i < sound.length; i++) {
      byte[] bytes = sound.clone();
      bytes[i] ^= 4;
      refused(bytes);
      refused(Arrays.copyOf(sound, i));
    }
    refused(Arrays.copyOf(sound, sound.length + 1)).hasMessageContaining("SHA-256");
    assertThatThrownBy(() -> NamedArrays.parse(sound, "other/1"))
        .hasMessageStartingWith("Invalid other/1: it is a \"test/1\"");
  }

  /** A container with another header and a right digest, as anybody can make one. */
  static byte[] forged(String header, byte[] data) throws Exception {
    byte[] json =
        ("{\"__metadata__\":{\"sha256\":\"" + "0".repeat(64) + "\"," + header)
            .getBytes(StandardCharsets.UTF_8);
    byte[] bytes =
        ByteBuffer.allocate(8 + json.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json)
            .put(data)
            .array();
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
    byte[] hex = HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(hex, 0, bytes, 8 + 27, 64);
    return bytes;
  }

  @Test
  void aRightDigestDoesNotMakeAHeaderTrue() throws Exception {
    String start = "\"kind\":\"test/1\",\"description\":\"{}\"}";
    byte[] data = new byte[16];
    assertThat(
            NamedArrays.parse(
                    forged(start + ",\"b\":" + entry("F32", "4", "0,16") + "}", data), KIND)
                .floats(B))
        .containsOnly(0);
    for (String[] arrays :
        new String[][] {
          {entry("F32", "5", "0,20"), "is larger than the file"},
          {entry("F32", "2147483647,2147483647", "0,16"), "is larger than the file"},
          {entry("F32", "65536,65536,65536,65536", "0,0"), "is larger than the file"},
          {entry("F32", "99999999999999999999", "0,16"), "is larger than the file"},
          {entry("F32", "-4", "0,16"), "is larger than the file"},
          {entry("F32", "0", "0,0"), "is larger than the file"},
          {entry("F32", "1.5", "0,16"), "is larger than the file"},
          {entry("F32", "2", "0,8"), "its arrays take 8 bytes and it has 16"},
          {entry("F32", "2", "8,16"), "does not lie where"},
          {entry("F32", "4", "0,15"), "does not lie where"},
          {entry("F32", "4", "0,1e1"), "does not lie where"},
          {entry("F64", "2", "0,16"), "is not described as F32 or I32"},
          {entry("F32", "", "0,16"), "is not described as F32 or I32"},
          {entry("F32", "1,1,1,1,1,1,1,1,4", "0,16"), "is not described as F32 or I32"},
          {"{\"dtype\":\"F32\",\"shape\":[4]}", "is not described as F32 or I32"},
          {"7", "is not described as F32 or I32"},
          {"null", "is not described as F32 or I32"},
          {entry("F32", "4", "0,16") + ",\"b\":1", "'b' occurs twice"},
          {entry("F32", "4", "0,16") + ",\"../b\\n\":1", "an array is called \"../b\""},
        }) {
      refused(forged(start + ",\"b\":" + arrays[0] + "}", data)).hasMessageContaining(arrays[1]);
    }
    refused(forged("\"kind\":\"test/1\"}}", data)).hasMessageContaining("states no kind");
    refused(forged("\"kind\":1,\"description\":\"{}\"}}", data)).hasMessageContaining("no kind");
    refused(forged(start + "}{}", data)).hasMessageContaining("something follows its end");
    refused(forged(start + ",\"b\":" + "[".repeat(5000) + "}", data))
        .hasMessageContaining("nested too deeply");
    byte[] nan =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putFloat(8, Float.NaN).array();
    NamedArrays holed =
        NamedArrays.parse(forged(start + ",\"b\":" + entry("F32", "4", "0,16") + "}", nan), KIND);
    assertThatThrownBy(() -> holed.floats(B))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid test/1: array b holds NaN at 2");
    assertThatThrownBy(() -> holed.ints(B)).hasMessageContaining("is F32 and must be I32");
    assertThatThrownBy(() -> holed.floats(A)).hasMessageContaining("array a/W is missing");
    assertThatThrownBy(() -> holed.floats(Spec.of("b", 2, 2)))
        .hasMessageContaining("array b has the shape [4] and must have [2, 2]");
    assertThatThrownBy(() -> holed.requireExactly(List.of()))
        .hasMessageContaining("array b does not belong there");
  }

  private static String entry(String type, String shape, String offsets) {
    return "{\"dtype\":\""
        + type
        + "\",\"shape\":["
        + shape
        + "],\"data_offsets\":["
        + offsets
        + "]}";
  }

  @Test
  void headersOfAnyLengthAreRefused() {
    byte[] bytes = container().toBytes();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 200; i++) {
      byte[] changed = bytes.clone();
      ByteBuffer.wrap(changed)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(0, random.nextLong() >> random.nextInt(64));
      refused(changed);
    }
    refused(new byte[0]).hasMessageContaining("it has 0 bytes");
    refused(new byte[200]).hasMessageContaining("it is no safetensors file of rtcn-spark");
  }

  @Test
  void whatCannotBeReadAgainIsNotWritten() {
    NamedArrays.Builder builder = NamedArrays.of(KIND, Map.of());
    assertThatThrownBy(() -> builder.floats(B, new float[] {1, 2, 3, Float.POSITIVE_INFINITY}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write array b: it holds Infinity at 3");
    assertThatThrownBy(() -> builder.floats(B, new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shape and length must agree");
  }
}
