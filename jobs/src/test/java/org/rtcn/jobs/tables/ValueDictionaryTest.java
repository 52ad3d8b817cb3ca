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
    assertThat(encode(many, many.length - 1)).isFalse();
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
    assertThat(encode(new int[] {-90_000, 1_000_000}, 2)).isFalse();
    requireNumbered(new int[] {all[65_535], all[0]}, 0);
  }

  @Test
  void numbersRoundedValuesAlike() {
    Random random = new Random(2);
    for (int page = 0; page < 3; page++) {
      int[] words = new int[20_000];
      for (int i = 0; i < words.length; i++) {
        // Angles in steps of 2^-10, zeros of both signs, infinity and magnitudes of 11 digits.
        float value =
            random.nextBoolean()
                ? (random.nextInt(6_435) - 3_217) / 1024f
                : random.nextInt(2_048) * Math.scalb(1f, random.nextInt(20) - 15);
        words[i] = Float.floatToRawIntBits(i % 97 == 0 ? Float.POSITIVE_INFINITY : value);
        words[i] ^= i % 101 == 0 ? Integer.MIN_VALUE : 0;
      }
      requireNumbered(words, words.length);
      // A page with one finer value among them.
      words[9_999] = 1 + page;
      requireNumbered(words, 1);
    }
  }

  @Test
  void isTiredOfValuesThatHardlyComeTwice() {
    requireNumbered(new int[] {9}, 1);
    int[] words = new int[2 * ValueDictionary.FIRST];
    for (int i = 0; i < words.length; i++) {
      words[i] = 10 + i % 1_000;
    }
    short[] indices = new short[words.length];
    assertThat(dictionary.encode(words, words.length, indices, words.length, 999)).isFalse();
    assertThat(dictionary.values()).containsExactly(9);
    // New values behind the first ones do not count there.
    words[ValueDictionary.FIRST] = 5;
    assertThat(dictionary.encode(words, words.length, indices, words.length, 1_000)).isTrue();
    assertThat(dictionary.size()).isEqualTo(1_002);
  }

  private boolean encode(int[] words, int maxNew) {
    short[] indices = new short[words.length];
    return dictionary.encode(words, words.length, indices, maxNew, ValueDictionary.FIRST);
  }

  private void requireNumbered(int[] words, int maxNew) {
    short[] indices = new short[words.length];
    assertThat(dictionary.encode(words, words.length, indices, maxNew, ValueDictionary.FIRST))
        .isTrue();
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
