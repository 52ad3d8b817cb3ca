package org.rtcn.common.averaging;

import java.io.Serializable;

/**
 * What one worker hands back from a round. Plain arrays, so that summing needs no native memory and
 * no special serializer. Not a record: Kryo 4 cannot fill records.
 */
public final class Share implements Serializable {
  private static final long serialVersionUID = 1L;

  final int worker;
  final TrainingState end;
  final double loss;
  final long weight;
  final String place;

  /**
   * A share.
   *
   * @param worker from 0
   * @param end where it has arrived
   * @param loss mean over the round's steps
   * @param weight how much it counts in the mean, for example the examples that it holds
   * @param place where it has worked, in words of the caller
   */
  public Share(int worker, TrainingState end, double loss, long weight, String place) {
    this.worker = worker;
    this.end = end;
    this.loss = loss;
    this.weight = weight;
    this.place = place;
  }

  public int worker() {
    return worker;
  }

  /** Where the worker has arrived. */
  public TrainingState end() {
    return end;
  }

  /** Mean over the round's steps. */
  public double loss() {
    return loss;
  }
}
