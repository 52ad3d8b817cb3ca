package org.rtcn.jobs.averaging;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * Networks that this JVM's tasks have built for a training, kept from round to round: building one
 * costs as much as many steps. What a task does not give back is not kept. Those of the training
 * before are closed once another begins.
 *
 * @param <N> a network with all that a worker needs
 */
public final class KeptNetworks<N extends AutoCloseable> {
  private final Deque<N> idle = new ArrayDeque<>();
  private String training = "";

  /**
   * A network for one task.
   *
   * @param of unique to the training
   * @param build makes one where none is idle
   */
  public N take(String of, Supplier<N> build) {
    List<N> outdated = new ArrayList<>();
    N network;
    synchronized (this) {
      if (!training.equals(of)) {
        outdated.addAll(idle);
        idle.clear();
        training = of;
      }
      network = idle.poll();
    }
    outdated.forEach(KeptNetworks::close);
    return network == null ? build.get() : network;
  }

  /** Keeps a network for the task that comes next. */
  public void giveBack(String of, N network) {
    synchronized (this) {
      if (training.equals(of)) {
        idle.add(network);
        return;
      }
    }
    close(network);
  }

  private static void close(AutoCloseable network) {
    try {
      network.close();
    } catch (Exception e) {
      throw new IllegalStateException("Failed to free a network", e);
    }
  }
}
