package org.rtcn.common.nn;

/** How a sequence of tokens becomes the vector that the softmax head reads. */
public enum Pooling {
  /** The mean over all tokens. */
  MEAN,
  /**
   * A learned token before the others, which gathers from them by attention (Devlin et al. 2019,
   * Dosovitskiy et al. 2021).
   */
  CLASS_TOKEN
}
