package org.rtcn.jobs.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValueDictionaryTest {
  private final ValueDictionary dictionary = new ValueDictionary();

  /** What a map would number, in the order in which values come. */
  private final Map<Integer, Integer> expected = new LinkedHashMap<>();

  @Test
  void numbersValuesAsTheyCome() {
    Random random = new Random(1);
    for (int spread : new int[] {1, 3, 500, 5_000, 70_000}) {
      int[] words = new int[9_000];
      for (int i = 0; i < words.length; i++) {
        // Zero, floats that differ in a few upper bits, and any bits at all.
        int value = random.nextInt(spread);
        words[i] = spread < 600 ? Float.floatToRawIntBits(value - 1f) : value * 0x01000193;
      }
      requireNumbered(words, words.length);
    }
    dictionary.clear();
    expected.clear();
    requireNumbered(new int[] {7, 0, 7, Integer.MIN_VALUE}, 4);
  }

  @Test
  void isAsBeforeWhereAPageHasTooManyNewValues() {
    int[] few = {5, 6, 5, 7};
    requireNumbered(few, few.length);
    int[] many = new int[50_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = 1_000 + i;
    }
    assertThat(dictionary.encode(many, many.length, new short[many.length], many.length - 1))
        .isFalse();
    assertThat(dictionary.values()).containsExactly(5, 6, 7);
    // As many new ones as are allowed, the known ones beside them.
    requireNumbered(new int[] {6, 8, 5, 1_003, 7}, 2);
  }

  @Test
  void holdsAsManyAsTwoBytesTellApart() {
    int[] all = new int[ValueDictionary.CAPACITY];
    for (int i = 0; i < all.length; i++) {
      all[i] = i * 3 - 90_000;
    }
    requireNumbered(all, all.length);
    assertThat(dictionary.encode(new int[] {-90_000, 1_000_000}, 2, new short[2], 2)).isFalse();
    requireNumbered(new int[] {all[65_535], all[0]}, 0);
  }

  private void requireNumbered(int[] words, int maxNew) {
    short[] indices = new short[words.length];
    assertThat(dictionary.encode(words, words.length, indices, maxNew)).isTrue();
    for (int i = 0; i < words.length; i++) {
      expected.putIfAbsent(words[i], expected.size());
      assertThat(indices[i] & 0xffff).isEqualTo(expected.get(words[i]));
    }
    List<Integer> values = new ArrayList<>();
    for (int value : dictionary.values()) {
      values.add(value);
    }
    assertThat(values).containsExactlyElementsOf(expected.keySet());
  }
}
