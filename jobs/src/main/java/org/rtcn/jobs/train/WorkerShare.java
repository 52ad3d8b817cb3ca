package org.rtcn.jobs.train;

import java.io.Serializable;

/**
 * What one worker hands back from a round. Plain arrays, so that summing needs no native memory and
 * no special serialiser. A class, no record: Kryo 4 cannot fill records.
 */
final class WorkerShare implements Serializable {
  private static final long serialVersionUID = 1L;

  final int worker;
  final float[] parameters;
  final float[] updaterState;
  final double loss;
  final long examples;
  final String location;

  /**
   * @param location as {@link ShardRdd#here} says it
   */
  WorkerShare(
      int worker,
      float[] parameters,
      float[] updaterState,
      double loss,
      long examples,
      String location) {
    this.worker = worker;
    this.parameters = parameters;
    this.updaterState = updaterState;
    this.loss = loss;
    this.examples = examples;
    this.location = location;
  }
}
