package org.rtcn.common.random;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/**
 * Random streams derived from a root seed and a key path, so that the same row gets the same
 * numbers whatever the partitions, executors or retries.
 */
public final class RandomStreams {
  private RandomStreams() {}

  /**
   * The 64-bit seed of (root seed, key path): the first eight bytes of SHA-256 over both, each key
   * part preceded by its length so that ("ab", "c") and ("a", "bc") differ.
   */
  public static long seedOf(long rootSeed, Object... keyPath) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
    updateLong(digest, rootSeed);
    for (Object part : keyPath) {
      byte[] bytes = String.valueOf(part).getBytes(StandardCharsets.UTF_8);
      updateLong(digest, bytes.length);
      digest.update(bytes);
    }
    byte[] hash = digest.digest();
    long seed = 0;
    for (int i = 0; i < 8; i++) {
      seed = (seed << 8) | (hash[i] & 0xff);
    }
    return seed;
  }

  /** A fresh stream for (root seed, key path). */
  public static SplittableRandom of(long rootSeed, Object... keyPath) {
    return new SplittableRandom(seedOf(rootSeed, keyPath));
  }

  private static void updateLong(MessageDigest digest, long value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      digest.update((byte) (value >>> shift));
    }
  }
}
