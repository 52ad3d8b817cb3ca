package org.rtcn.jobs.tables;

import java.util.Arrays;

/**
 * The different values of a column chunk, four bytes each, numbered as they come. At most 65,536,
 * so that an index takes two bytes and a page of indices is copied as it stands.
 */
final class ValueDictionary {
  /** As many as two bytes can tell apart. */
  static final int CAPACITY = 1 << 16;

  private static final int FIRST_SLOTS = 1 << 12;

  /** After so many values it is looked whether the rest is worth the trouble. */
  static final int FIRST = 1 << 12;

  /** The lower bits of a float's fraction: zero in what is rounded to 12 digits, as images are. */
  private static final int FINE = (1 << 12) - 1;

  private static final int EXPONENTS = 1 << 9;
  private static final int EXPONENT_SHIFT = 23;
  private static final int COARSE_SHIFT = 12;
  private static final int COARSE = (1 << (EXPONENT_SHIFT - COARSE_SHIFT)) - 1;
  private static final int[] NO_VALUES = new int[COARSE + 1];

  private int[] values = new int[512];
  private int size;

  /**
   * Of values without finer bits: index + 1 by sign and exponent, then by the rest. No other such
   * value can stand in that place, so that nothing is compared.
   */
  private final int[][] coarse = new int[EXPONENTS][];

  /**
   * Of all values: a value in the upper half, its index + 1 in the lower one; 0 where the slot is
   * free. A look-up mostly touches one place in memory: the samples of an ECG jump about in a table
   * of 64 KiB.
   */
  private long[] slots = new long[FIRST_SLOTS];

  ValueDictionary() {
    Arrays.fill(coarse, NO_VALUES);
  }

  /**
   * Writes the indices of values, and takes up those that are new.
   *
   * @param words the values' bits
   * @param count how many
   * @param indices receives as many
   * @param maxNew most values that may be new
   * @param maxNewOfFirst most of the first {@link #FIRST}
   * @return whether all have an index; otherwise the dictionary is as before
   */
  boolean encode(int[] words, int count, short[] indices, int maxNew, int maxNewOfFirst) {
    int before = size;
    int limit = (int) Math.min(CAPACITY, (long) before + maxNew);
    boolean rounded = isRounded(words, count);
    int done = 0;
    while (done < count) {
      done =
          rounded
              ? encodeRounded(words, done, count, indices)
              : encodeKnown(words, done, count, indices);
      if (done < count) {
        if (size == limit || (done < FIRST && size - before == maxNewOfFirst)) {
          forget(before);
          return false;
        }
        add(words[done]);
      }
    }
    return true;
  }

  private static boolean isRounded(int[] words, int count) {
    int all = 0;
    for (int i = 0; i < count; i++) {
      all |= words[i];
    }
    return (all & FINE) == 0;
  }

  /** Writes indices up to the first value that has none, whose place it returns. */
  private int encodeKnown(int[] words, int from, int count, short[] indices) {
    long[] table = slots;
    int mask = table.length - 1;
    for (int i = from; i < count; i++) {
      int word = words[i];
      int slot = slot(word) & mask;
      long found = table[slot];
      while ((int) (found >>> Integer.SIZE) != word || found == 0) {
        if (found == 0) {
          return i;
        }
        slot = (slot + 1) & mask;
        found = table[slot];
      }
      indices[i] = (short) ((int) found - 1);
    }
    return count;
  }

  /** The same of values without finer bits. */
  private int encodeRounded(int[] words, int from, int count, short[] indices) {
    for (int i = from; i < count; i++) {
      int word = words[i];
      int found = coarse[word >>> EXPONENT_SHIFT][(word >>> COARSE_SHIFT) & COARSE];
      if (found == 0) {
        return i;
      }
      indices[i] = (short) (found - 1);
    }
    return count;
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
    Arrays.fill(coarse, NO_VALUES);
  }

  private void add(int word) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = word;
    // Sparse, so that a value seldom stands far from its slot.
    if (4 * size > slots.length) {
      slots = new long[2 * slots.length];
      index();
    } else {
      enter(size - 1);
    }
  }

  /** Of values that are hardly ever the same nothing is kept, the room for them neither. */
  private void forget(int kept) {
    size = kept;
    values = Arrays.copyOf(values, Math.max(1, kept));
    int length = FIRST_SLOTS;
    while (4 * kept > length) {
      length *= 2;
    }
    slots = new long[length];
    Arrays.fill(coarse, NO_VALUES);
    index();
  }

  private void index() {
    for (int i = 0; i < size; i++) {
      enter(i);
    }
  }

  private void enter(int index) {
    int word = values[index];
    int mask = slots.length - 1;
    int slot = slot(word) & mask;
    while (slots[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = ((long) word << Integer.SIZE) | (index + 1);
    if ((word & FINE) == 0) {
      int exponent = word >>> EXPONENT_SHIFT;
      if (coarse[exponent] == NO_VALUES) {
        coarse[exponent] = new int[COARSE + 1];
      }
      coarse[exponent][(word >>> COARSE_SHIFT) & COARSE] = index + 1;
    }
  }

  /** Floats differ in their upper bits: the product's upper bits depend on all of them. */
  private static int slot(int word) {
    int product = word * 0x9e3779b1;
    return product ^ (product >>> 15);
  }
}
