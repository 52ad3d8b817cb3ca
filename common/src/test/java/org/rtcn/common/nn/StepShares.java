package org.rtcn.common.nn;

import java.util.EnumMap;
import java.util.Map;

/**
 * Where the time of a training step goes: looks at the stack of the training thread every
 * millisecond. Most of it is spent in native operations or short loops, so that the shares are
 * about those of the clock.
 */
final class StepShares implements AutoCloseable {

  /** What a step spends its time on. */
  enum Part {
    CONVOLUTIONS("convolutions"),
    RESIDUAL("ReLU and sums of the residual blocks"),
    NORMALISATION("layer normalisation"),
    ATTENTION("attention"),
    FEED_FORWARD("feed-forward, tokens, pooling"),
    UPDATER("Adam and weight decay"),
    REST("head, loss");

    final String label;

    Part(String label) {
      this.label = label;
    }
  }

  private final Thread watched = Thread.currentThread();
  private final Map<Part, Integer> counts = new EnumMap<>(Part.class);
  private final Thread watcher = new Thread(this::watch, "step-shares");
  private volatile boolean done;

  StepShares() {
    watcher.setDaemon(true);
    watcher.start();
  }

  private void watch() {
    while (!done) {
      counts.merge(part(watched.getStackTrace()), 1, Integer::sum);
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** The innermost frame that says what is being done. */
  static Part part(StackTraceElement[] stack) {
    for (StackTraceElement frame : stack) {
      String where = frame.getClassName() + "." + frame.getMethodName();
      if (where.contains(".kernels.Nd4jKernels.conv2d")) {
        return Part.CONVOLUTIONS;
      } else if (where.contains(".kernels.Nd4jNormalisation.")) {
        return Part.NORMALISATION;
      } else if (where.contains(".nn.SelfAttention.")) {
        return Part.ATTENTION;
      } else if (where.contains(".nn.ResidualBlock.") || where.contains(".nn.StemBlock.")) {
        return Part.RESIDUAL;
      } else if (where.contains(".rtcn.common.nn.EncoderBlock.")
          || where.contains(".rtcn.common.nn.TokenBlock.")
          || where.contains(".rtcn.common.nn.PoolBlock.")) {
        return Part.FEED_FORWARD;
      } else if (where.contains(".optimise.AdamDescent.")) {
        return Part.UPDATER;
      }
    }
    return Part.REST;
  }

  /** Ends the watch. */
  Map<Part, Double> shares() throws InterruptedException {
    done = true;
    watcher.join();
    double all = counts.values().stream().mapToInt(Integer::intValue).sum();
    Map<Part, Double> shares = new EnumMap<>(Part.class);
    for (Part part : Part.values()) {
      shares.put(part, counts.getOrDefault(part, 0) / all);
    }
    return shares;
  }

  @Override
  public void close() {
    done = true;
  }
}
