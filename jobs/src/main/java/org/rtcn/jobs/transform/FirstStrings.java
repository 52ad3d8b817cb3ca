package org.rtcn.jobs.transform;

import java.util.List;
import java.util.TreeSet;
import org.apache.spark.util.AccumulatorV2;

/** The first of many strings in their order, however many there are and wherever they come from. */
final class FirstStrings extends AccumulatorV2<String, List<String>> {
  private static final long serialVersionUID = 1L;

  private final int most;
  private final TreeSet<String> first = new TreeSet<>();

  /**
   * @param most how many are kept
   */
  FirstStrings(int most) {
    this.most = most;
  }

  @Override
  public boolean isZero() {
    return first.isEmpty();
  }

  @Override
  public FirstStrings copy() {
    FirstStrings copy = new FirstStrings(most);
    copy.first.addAll(first);
    return copy;
  }

  @Override
  public void reset() {
    first.clear();
  }

  @Override
  public void add(String value) {
    first.add(value);
    if (first.size() > most) {
      first.pollLast();
    }
  }

  @Override
  public void merge(AccumulatorV2<String, List<String>> other) {
    other.value().forEach(this::add);
  }

  /** Sorted. */
  @Override
  public List<String> value() {
    return List.copyOf(first);
  }
}
