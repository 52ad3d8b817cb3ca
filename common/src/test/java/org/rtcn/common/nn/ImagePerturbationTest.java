package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ImagePerturbationTest {
  private static final int LEADS = 3;
  private static final int VOICES = 8;
  private static final int COLUMNS = 9;
  private static final int SIZE = LEADS * VOICES * COLUMNS;

  /** Row r holds 100 r + column + 1. */
  private static float[] image() {
    float[] image = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      image[i] = 100 * (i / COLUMNS) + i % COLUMNS + 1;
    }
    return image;
  }

  private static float[] apply(ImagePerturbation perturbation, long seed) {
    float[] out = new float[SIZE + 2];
    perturbation.apply(image(), out, 1, LEADS, LEADS, VOICES, COLUMNS, new SplittableRandom(seed));
    assertThat(out[0]).isZero();
    assertThat(out[SIZE + 1]).isZero();
    return java.util.Arrays.copyOfRange(out, 1, SIZE + 1);
  }

  @Test
  void noneLeavesTheImage() {
    assertThat(apply(ImagePerturbation.NONE, 1)).isEqualTo(image());
  }

  @Test
  void aShiftMovesAllRowsAlikeAndHoldsTheBorder() {
    boolean moved = false;
    for (long seed = 0; seed < 20; seed++) {
      float[] out = apply(new ImagePerturbation(2, 0, 0, 0, 0, 0), seed);
      int shift = Math.round(out[4] - image()[4]);
      assertThat(Math.abs(shift)).isLessThanOrEqualTo(2);
      moved |= shift != 0;
      for (int i = 0; i < SIZE; i++) {
        int column = Math.max(0, Math.min(COLUMNS - 1, i % COLUMNS + shift));
        assertThat(out[i]).isEqualTo(100 * (i / COLUMNS) + column + 1);
      }
    }
    assertThat(moved).isTrue();
  }

  @Test
  void masksAreRectangles() {
    int masked = 0;
    for (long seed = 0; seed < 50; seed++) {
      float[] out = apply(new ImagePerturbation(0, 0, 0, 0.5, 0, 0), seed);
      for (int i = 0; i < SIZE; i++) {
        boolean voiceGone = out[i / COLUMNS * COLUMNS] == 0 && out[i / COLUMNS * COLUMNS + 8] == 0;
        if (out[i] == 0) {
          masked++;
          // The same place is masked in every lead.
          assertThat(out[i % (VOICES * COLUMNS)]).isZero();
        } else {
          assertThat(out[i]).isEqualTo(image()[i]);
          assertThat(voiceGone).isFalse();
        }
      }
    }
    assertThat(masked / (50.0 * SIZE)).isBetween(0.2, 0.6);
  }

  @Test
  void leadsAreDroppedWhole() {
    int dropped = 0;
    for (long seed = 0; seed < 300; seed++) {
      float[] out = apply(new ImagePerturbation(0, 0, 0, 0, 0.3, 0), seed);
      for (int lead = 0; lead < LEADS; lead++) {
        dropped += out[lead * VOICES * COLUMNS] == 0 ? 1 : 0;
      }
    }
    assertThat(dropped / 900.0).isCloseTo(0.3, within(0.06));
  }

  @Test
  void aDroppedLeadLosesAllItsChannels() {
    ImagePerturbation perturbation = new ImagePerturbation(0, 0, 0, 0, 0.5, 0);
    float[] image = new float[6];
    java.util.Arrays.fill(image, 1);
    int dropped = 0;
    for (long seed = 0; seed < 40; seed++) {
      float[] out = new float[6];
      // Two parts of three leads, one cell each.
      perturbation.apply(image, out, 0, 6, 3, 1, 1, new SplittableRandom(seed));
      for (int lead = 0; lead < 3; lead++) {
        assertThat(out[lead + 3]).isEqualTo(out[lead]);
        dropped += out[lead] == 0 ? 1 : 0;
      }
    }
    assertThat(dropped).isBetween(30, 90);
  }

  @Test
  void inSomeLooksNothingIsKnownOfThePatient() {
    float[] values = {9, 9, 1.5f, -1, 0};
    int unknown = 0;
    for (long seed = 0; seed < 300; seed++) {
      float[] out = {7, 7, 7, 7};
      new ImagePerturbation(0, 0, 0, 0, 0.3, 0)
          .applyToPatient(values, 2, out, 1, new SplittableRandom(seed));
      assertThat(out[0]).isEqualTo(7);
      boolean blank = out[3] == 1;
      assertThat(java.util.Arrays.copyOfRange(out, 1, 4))
          .isEqualTo(blank ? new float[] {0, 0, 1} : new float[] {1.5f, -1, 0});
      unknown += blank ? 1 : 0;
    }
    assertThat(unknown / 300.0).isCloseTo(0.3, within(0.08));
  }

  @Test
  void noiseAndGainHaveTheirDeviations() {
    double noise = 0;
    double gain = 0;
    int rounds = 400;
    for (long seed = 0; seed < rounds; seed++) {
      float[] noisy = apply(new ImagePerturbation(0, 0, 0.5, 0, 0, 0), seed);
      float[] gained = apply(new ImagePerturbation(0, 0.5, 0, 0, 0, 0), seed);
      for (int i = 0; i < SIZE; i++) {
        noise += Math.pow(noisy[i] - image()[i], 2);
        gain += Math.pow(gained[i] - image()[i], 2);
      }
    }
    assertThat(Math.sqrt(noise / rounds / SIZE)).isCloseTo(0.5, within(0.01));
    assertThat(Math.sqrt(gain / rounds / SIZE)).isCloseTo(0.5, within(0.05));
  }

  @Test
  void wrongSizesAreRefused() {
    assertThatThrownBy(() -> new ImagePerturbation(0, 0, 0, 0, 0, 0.7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid mixup 0.7: must lie between 0 and 0.5");
    assertThatThrownBy(() -> new ImagePerturbation(-1, 0, 0, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid shift-columns -1: must be 0 or more");
  }
}
