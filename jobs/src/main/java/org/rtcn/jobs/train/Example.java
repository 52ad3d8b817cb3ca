package org.rtcn.jobs.train;

import java.io.Serializable;
import org.rtcn.common.random.RandomStreams;

/** One training image with its label. A class, no record: Kryo 4 cannot fill records. */
public final class Example implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String id;
  private final long key;
  private final int label;
  private final float weight;
  private final float[] image;

  /**
   * An example.
   *
   * @param seed root seed; with {@code id} it decides the worker and the place in every epoch
   * @param id unique, for example the beat_id
   * @param label index of its class
   * @param weight how much it counts in the loss; 1 is usual
   * @param image {@code [lead · voice · column]}, standardised, then what the network is told of
   *     the patient; not copied
   */
  public Example(long seed, String id, int label, float weight, float[] image) {
    this.id = id;
    this.key = RandomStreams.seedOf(seed, "example", id);
    this.label = label;
    this.weight = weight;
    this.image = image;
  }

  String id() {
    return id;
  }

  long key() {
    return key;
  }

  int label() {
    return label;
  }

  float weight() {
    return weight;
  }

  float[] image() {
    return image;
  }
}
