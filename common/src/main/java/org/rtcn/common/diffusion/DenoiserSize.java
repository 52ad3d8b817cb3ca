package org.rtcn.common.diffusion;

import java.util.List;

/** Denoisers with a name; every number is this project's own design decision. */
@SuppressWarnings("ImmutableEnumChecker") // DenoiserShape is immutable in fact.
public enum DenoiserSize {
  /** For tests, and for few patients. */
  TINY(new DenoiserShape(4, 16, List.of(1, 2), 1, 2)),
  /** For a CPU. */
  SMALL(new DenoiserShape(4, 32, List.of(1, 2, 2), 1, 4)),
  /** For a GPU. */
  BASE(new DenoiserShape(2, 64, List.of(1, 2, 4), 2, 8));

  private final DenoiserShape shape;

  DenoiserSize(DenoiserShape shape) {
    this.shape = shape;
  }

  /** The size's proportions. */
  public DenoiserShape shape() {
    return shape;
  }
}
