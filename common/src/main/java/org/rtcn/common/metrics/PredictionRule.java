package org.rtcn.common.metrics;

import java.io.Serializable;

/** What makes a variant's row of the model's own, the same for every row. */
@FunctionalInterface
public interface PredictionRule extends Serializable {
  /** The row as the variant has it. */
  Prediction apply(Prediction row);
}
