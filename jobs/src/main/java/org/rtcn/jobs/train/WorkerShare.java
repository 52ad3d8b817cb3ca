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

  WorkerShare(int worker, float[] parameters, float[] updaterState, double loss, long examples) {
    this.worker = worker;
    this.parameters = parameters;
    this.updaterState = updaterState;
    this.loss = loss;
    this.examples = examples;
  }
}
