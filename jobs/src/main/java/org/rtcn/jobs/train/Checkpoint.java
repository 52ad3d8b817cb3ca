package org.rtcn.jobs.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * All that training needs to go on as if it had never stopped: weights, the updater's moments, the
 * step, and what the loop remembers. Everything else (order, perturbation, dropout) follows from
 * the seed and the step.
 *
 * @param state what is kept as JSON
 * @param parameters the network's flat parameter vector
 * @param updater the updater's flat state
 * @param best parameters of the best epoch so far; empty without validation
 */
@SuppressWarnings("ArrayRecordComponent")
record Checkpoint(State state, float[] parameters, float[] updater, float[] best) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAGIC = 0x52544331;
  private static final int DIGEST_BYTES = 32;

  /**
   * What the loop remembers.
   *
   * @param fingerprint of the settings and inputs of the training
   * @param workers side by side
   * @param step steps of each worker done
   * @param lossSum sum of the losses of the epoch's steps so far
   * @param epochs rows of the learning curve so far
   * @param bestEpoch epoch of the best validation loss, 0 for none
   * @param bestLoss that loss; null for none
   */
  record State(
      String fingerprint,
      int workers,
      int step,
      double lossSum,
      List<EpochRow> epochs,
      int bestEpoch,
      Double bestLoss) {}

  byte[] toBytes() {
    try {
      byte[] json = JSON.writeValueAsBytes(state);
      int floats = parameters.length + updater.length + best.length;
      ByteBuffer buffer =
          ByteBuffer.allocate(20 + json.length + Float.BYTES * floats + DIGEST_BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      buffer.putInt(MAGIC).putInt(json.length);
      buffer.putInt(parameters.length).putInt(updater.length).putInt(best.length).put(json);
      for (float[] values : List.of(parameters, updater, best)) {
        buffer.asFloatBuffer().put(values);
        buffer.position(buffer.position() + Float.BYTES * values.length);
      }
      buffer.put(digest(buffer.array(), buffer.position()));
      return buffer.array();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write a checkpoint as JSON", e);
    }
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if the bytes were cut short or changed
   */
  static Checkpoint parse(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int content = bytes.length - DIGEST_BYTES;
    if (content < 20
        || buffer.getInt() != MAGIC
        || !MessageDigest.isEqual(
            digest(bytes, content), java.util.Arrays.copyOfRange(bytes, content, bytes.length))) {
      throw new IllegalArgumentException("Invalid checkpoint: it was cut short or changed");
    }
    byte[] json = new byte[buffer.getInt()];
    float[] parameters = new float[buffer.getInt()];
    float[] updater = new float[buffer.getInt()];
    float[] best = new float[buffer.getInt()];
    buffer.get(json);
    for (float[] values : List.of(parameters, updater, best)) {
      buffer.asFloatBuffer().get(values);
      buffer.position(buffer.position() + Float.BYTES * values.length);
    }
    try {
      return new Checkpoint(JSON.readValue(json, State.class), parameters, updater, best);
    } catch (IOException e) {
      throw new IllegalArgumentException("Invalid checkpoint: its description is unreadable", e);
    }
  }

  private static byte[] digest(byte[] bytes, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }
}
