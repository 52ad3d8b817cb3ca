package org.rtcn.jobs.tables;

import java.util.Arrays;

/**
 * The different values of a column chunk, four bytes each, numbered as they come. At most 65,536,
 * so that an index takes two bytes and a page of indices is copied as it stands.
 */
final class ValueDictionary {
  /** As many as two bytes can tell apart. */
  static final int CAPACITY = 1 << 16;

  private int[] values = new int[512];
  private int size;

  /** Index + 1 of a value, 0 where the slot is free. */
  private int[] slots = new int[1024];

  /**
   * Writes the indices of values, and takes up those that are new.
   *
   * @param words the values' bits
   * @param count how many
   * @param indices receives as many
   * @param maxNew most values that may be new
   * @return whether all have an index; otherwise the dictionary is as before
   */
  boolean encode(int[] words, int count, short[] indices, int maxNew) {
    int before = size;
    int limit = (int) Math.min(CAPACITY, (long) before + maxNew);
    int last = 0;
    short index = 0;
    for (int i = 0; i < count; i++) {
      int word = words[i];
      if (i == 0 || word != last) {
        int found = indexOf(word, limit);
        if (found < 0) {
          forget(before);
          return false;
        }
        index = (short) found;
        last = word;
      }
      indices[i] = index;
    }
    return true;
  }

  int size() {
    return size;
  }

  /** The bits of a value. */
  int[] values() {
    return Arrays.copyOf(values, size);
  }

  void clear() {
    size = 0;
    Arrays.fill(slots, 0);
  }

  private int indexOf(int word, int limit) {
    int mask = slots.length - 1;
    int slot = slot(word) & mask;
    while (slots[slot] != 0) {
      if (values[slots[slot] - 1] == word) {
        return slots[slot] - 1;
      }
      slot = (slot + 1) & mask;
    }
    if (size == limit) {
      return -1;
    }
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size] = word;
    slots[slot] = ++size;
    if (2 * size >= slots.length) {
      slots = new int[4 * slots.length];
      index();
    }
    return size - 1;
  }

  private void forget(int kept) {
    size = kept;
    Arrays.fill(slots, 0);
    index();
  }

  private void index() {
    int mask = slots.length - 1;
    for (int i = 0; i < size; i++) {
      int slot = slot(values[i]) & mask;
      while (slots[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = i + 1;
    }
  }

  /** Floats differ in their upper bits: the product's upper bits depend on all of them. */
  private static int slot(int word) {
    int product = word * 0x9e3779b1;
    return product ^ (product >>> 15);
  }
}
