package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rtcn.common.nn.ImageStandardizer.Compression;
import org.rtcn.common.storage.NamedArrays;

class ImageStandardizerTest {
  private static final int COLUMNS = 5;

  private static float[][] images(int n) {
    SplittableRandom random = new SplittableRandom(1);
    float[][] images = new float[n][2 * 3 * COLUMNS];
    for (float[] image : images) {
      for (int i = 0; i < image.length; i++) {
        image[i] = (float) Math.abs(random.nextGaussian() * (1 + i / COLUMNS));
      }
    }
    return images;
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void rowsGetMeanZeroAndDeviationOne(Compression compression) {
    float[][] images = images(200);
    ImageStandardizer.Moments moments =
        ImageStandardizer.moments(2, 3, COLUMNS, ImageInput.MAGNITUDE, compression);
    for (float[] image : images) {
      moments.add(image);
    }
    ImageStandardizer standardizer = moments.fit();
    double[] sum = new double[6];
    double[] squares = new double[6];
    for (float[] image : images) {
      standardizer.transform(image);
      for (int i = 0; i < image.length; i++) {
        sum[i / COLUMNS] += image[i];
        squares[i / COLUMNS] += image[i] * image[i];
      }
    }
    for (int row = 0; row < 6; row++) {
      assertThat(sum[row] / (200 * COLUMNS)).isCloseTo(0, within(1e-5));
      assertThat(squares[row] / (200 * COLUMNS)).isCloseTo(1, within(1e-5));
    }
  }

  @Test
  void complexImagesKeepTheSignThatMagnitudesLose() {
    float[] magnitude = {4, 1, 0, 9, 4};
    float[] phase = {0, 1, 2, 3, -1};
    float[] turned = new float[5];
    for (int i = 0; i < 5; i++) {
      turned[i] = (float) (phase[i] + Math.PI);
    }
    float[] upright = ImageInput.COMPLEX.image(magnitude, phase);
    float[] upsideDown = ImageInput.COMPLEX.image(magnitude, turned);
    ImageStandardizer standardizer =
        ImageStandardizer.moments(1, 1, COLUMNS, ImageInput.COMPLEX, Compression.SQRT)
            .add(upright)
            .add(upsideDown)
            .fit();
    double deviation = 0;
    for (int i = 0; i < 5; i++) {
      deviation += Math.pow(Math.sqrt(magnitude[i]) * Math.cos(phase[i]), 2) / 5;
    }

    standardizer.transform(upright);
    standardizer.transform(upsideDown);

    // The two have mean 0 between them, so only the deviation is left to divide by.
    for (int i = 0; i < 10; i++) {
      assertThat(upsideDown[i]).isCloseTo(-upright[i], within(1e-5f));
    }
    assertThat(upright[0]).isCloseTo((float) (2 / Math.sqrt(deviation)), within(1e-5f));
    assertThat(standardizer.channels()).isEqualTo(2);
    assertThat(read(standardizer).input()).isEqualTo(ImageInput.COMPLEX);
  }

  @Test
  void agesAreOnTheScaleOfTheTrainingPatients() {
    ImageStandardizer standardizer =
        ImageStandardizer.moments(1, 1, 2, ImageInput.MAGNITUDE, Compression.NONE)
            .add(new float[] {1, 3})
            .fit()
            .withAges(60, 20);
    ImageStandardizer read = read(standardizer);
    float[] woman = {1, 3, 0, 0, 0};
    PatientInput.AGE_SEX.write(woman, 2, 80, "female");
    read.transform(woman);
    assertThat(woman).containsExactly(-1, 1, 1, 1, 0);
    float[] unknown = {1, 3, 0, 0, 0};
    PatientInput.AGE_SEX.write(unknown, 2, Float.NaN, null);
    read.transform(unknown);
    assertThat(unknown).containsExactly(-1, 1, 0, 0, 1);
    assertThatThrownBy(() -> read.transform(new float[4]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid image of 4 numbers");
  }

  @Test
  void anImageWithoutPhaseIsRefusedWhereItIsWanted() {
    assertThatThrownBy(() -> ImageInput.COMPLEX.image(new float[3], null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rtcn.transform.image.phase = keep");
    assertThat(ImageInput.MAGNITUDE.image(new float[] {1, 2}, null)).containsExactly(1, 2);
  }

  @Test
  void mergedMomentsAreThoseOfAll() {
    float[][] images = images(50);
    ImageStandardizer.Moments all =
        ImageStandardizer.moments(2, 3, COLUMNS, ImageInput.MAGNITUDE, Compression.SQRT);
    ImageStandardizer.Moments merged =
        ImageStandardizer.moments(2, 3, COLUMNS, ImageInput.MAGNITUDE, Compression.SQRT);
    for (int part = 0; part < 3; part++) {
      ImageStandardizer.Moments some =
          ImageStandardizer.moments(2, 3, COLUMNS, ImageInput.MAGNITUDE, Compression.SQRT);
      for (int i = part; i < images.length; i += 3) {
        some.add(images[i]);
      }
      merged.merge(some);
    }
    merged.merge(ImageStandardizer.moments(2, 3, COLUMNS, ImageInput.MAGNITUDE, Compression.SQRT));
    for (float[] image : images) {
      all.add(image);
    }
    float[] one = images[0].clone();
    float[] other = images[0].clone();
    all.fit().transform(one);
    merged.fit().transform(other);
    assertThat(other).containsExactly(one, within(1e-6f));
  }

  @Test
  void invalidAndConstantRowsBecomeZero() {
    float[] image = new float[2 * COLUMNS];
    java.util.Arrays.fill(image, 0, COLUMNS, 3f);
    java.util.Arrays.fill(image, COLUMNS, 2 * COLUMNS, Float.NaN);
    ImageStandardizer standardizer =
        ImageStandardizer.moments(2, 1, COLUMNS, ImageInput.MAGNITUDE, Compression.SQRT)
            .add(image)
            .fit();
    standardizer.transform(image);
    assertThat(image).containsOnly(0f);
  }

  @Test
  void survivesItsBytes() {
    ImageStandardizer standardizer =
        ImageStandardizer.moments(2, 3, COLUMNS, ImageInput.MAGNITUDE, Compression.LOG)
            .add(images(1)[0])
            .fit();
    ImageStandardizer read = read(standardizer);
    float[] one = images(2)[1];
    float[] other = one.clone();
    standardizer.transform(one);
    read.transform(other);
    assertThat(other).isEqualTo(one);
    assertThat(read.compression()).isEqualTo(Compression.LOG);
  }

  @Test
  void wrongUseIsRefused() {
    ImageStandardizer.Moments moments =
        ImageStandardizer.moments(2, 3, COLUMNS, ImageInput.MAGNITUDE, Compression.SQRT);
    assertThatThrownBy(moments::fit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot fit a standardizer: no image was given");
    assertThatThrownBy(() -> moments.add(new float[7]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid image of 7 numbers: must hold 2 leads x 3 voices x 5 columns");
  }

  private static ImageStandardizer read(ImageStandardizer standardizer) {
    NamedArrays.Builder arrays = NamedArrays.of("test", Map.of());
    standardizer.addTo(arrays);
    return ImageStandardizer.of(standardizer.form(), standardizer.patientInput(), arrays.build());
  }
}
