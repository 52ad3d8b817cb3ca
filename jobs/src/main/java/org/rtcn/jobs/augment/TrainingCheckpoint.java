package org.rtcn.jobs.augment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmState;

/**
 * All that the training of the diffusion model needs to go on.
 *
 * @param fingerprint of the settings and inputs of the training
 * @param untrained what it started from: on another machine it might be fitted a bit differently
 * @param state where it stands
 * @param lossCurve {@code step, loss} pairs so far
 */
record TrainingCheckpoint(
    String fingerprint, DdpmModel untrained, DdpmState state, List<List<Double>> lossCurve) {
  private static final ObjectMapper JSON = new ObjectMapper();

  byte[] toBytes() {
    byte[][] parts = {
      fingerprint.getBytes(StandardCharsets.UTF_8), untrained.toBytes(), state.toBytes(), curve()
    };
    int length = Long.BYTES;
    for (byte[] part : parts) {
      length += Integer.BYTES + part.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      out.putInt(part.length).put(part);
    }
    return out.putLong(checksum(out.array(), length - Long.BYTES)).array();
  }

  private byte[] curve() {
    try {
      return JSON.writeValueAsBytes(lossCurve);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write a loss curve as JSON", e);
    }
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if the bytes were cut short or changed
   */
  static TrainingCheckpoint parse(byte[] bytes) {
    int content = bytes.length - Long.BYTES;
    if (content < 0 || ByteBuffer.wrap(bytes).getLong(content) != checksum(bytes, content)) {
      throw new IllegalArgumentException("Invalid checkpoint: it was cut short or changed");
    }
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes, 0, content);
      return new TrainingCheckpoint(
          new String(part(in), StandardCharsets.UTF_8),
          DdpmModel.fromBytes(part(in)),
          DdpmState.fromBytes(part(in)),
          JSON.readValue(part(in), new TypeReference<List<List<Double>>>() {}));
    } catch (IOException | BufferUnderflowException | NegativeArraySizeException e) {
      throw new IllegalArgumentException("Invalid checkpoint: it is unreadable", e);
    }
  }

  private static byte[] part(ByteBuffer in) {
    byte[] part = new byte[in.getInt()];
    in.get(part);
    return part;
  }

  private static long checksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return checksum.getValue();
  }
}
