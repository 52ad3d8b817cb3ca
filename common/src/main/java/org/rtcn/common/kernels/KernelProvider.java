package org.rtcn.common.kernels;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Kernels that a build may have in addition to those of ND4J; found by {@link
 * java.util.ServiceLoader}. Nothing native is loaded before {@link #unusable} is asked.
 */
public interface KernelProvider {
  /** The word that chooses it, as {@code rtcn.kernels}. */
  String name();

  /** Why it cannot run here, in one sentence; empty if it can. */
  Optional<String> unusable();

  /** Whether it would compute on a GPU; only if it can run. */
  boolean onGpu();

  /** What it computes with and on, in a few words. */
  String describe();

  /** Kernels for one network of one thread. */
  Kernels open(DataType type);
}
