package org.rtcn.common.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntPredicate;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;

class PictureTest {
  @TempDir private Path folder;

  private static String figure() {
    HeatMap.Spectrogram map =
        new HeatMap.Spectrogram(
            "II",
            new float[][] {{0, 0.2f, 0.1f}, {0, 1, 0.3f}},
            new float[] {5, 10},
            new float[] {-20, 0, 20});
    return BeatFigure.svg(
        "A beat <of> \"me\" & you", SampleReport.wave(640, 500, 220, 1), 220, List.of(map));
  }

  /**
   * What callipers measure on the picture itself, with the size of a pixel that the file states.
   */
  @Test
  void pngHasThePapersScaleWithinOnePercent() throws IOException {
    String svg = RecordFigure.svg(List.of("t"), SampleReport.wave(5000, 500, 60, 1), List.of());
    byte[] png = Picture.png(svg, 4000);
    int chunk = new String(png, StandardCharsets.ISO_8859_1).indexOf("pHYs");
    double pixelsPerMm = ByteBuffer.wrap(png).getInt(chunk + 4) / 1000.0;
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    // The sheet begins 12 of 1400 units from the left; its calibration pulse 5 mm further.
    double left = 12.0 / 1400 * image.getWidth();
    int plateau = firstDark(image, (int) (left + 8.5 * pixelsPerMm));
    int foot = firstDark(image, (int) (left + 5.5 * pixelsPerMm));
    assertThat((foot - plateau) / pixelsPerMm).isEqualTo(10, within(0.1));
  }

  private static int firstDark(BufferedImage image, int column) {
    for (int row = image.getHeight() / 20; row < image.getHeight(); row++) {
      int rgb = image.getRGB(column, row);
      if ((rgb >> 16 & 255) < 90 && (rgb >> 8 & 255) < 90 && (rgb & 255) < 90) {
        return row;
      }
    }
    throw new AssertionError("nothing dark in column " + column);
  }

  @Test
  void pngShowsStylesTextTracesAndImages() throws IOException {
    String svg = figure();
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(Picture.png(svg, 1000)));
    assertThat(image.getWidth()).isEqualTo(1000);
    assertThat(image.getHeight()).isGreaterThan(500);
    int map = image.getHeight() - 150;
    // The title's ink, the paper under the traces, the highest value's yellow in the heat map.
    assertThat(count(image, 0, 35, rgb -> (rgb & 0xff) < 0x60)).isBetween(200, 5000);
    assertThat(count(image, 40, map - 150, rgb -> rgb == 0xfffaf8)).isGreaterThan(30_000);
    assertThat(count(image, 40, map - 150, rgb -> (rgb & 0xff0000) < 0x800000)).isGreaterThan(500);
    assertThat(count(image, map - 100, map + 150, PictureTest::isYellow)).isGreaterThan(500);
  }

  private static boolean isYellow(int rgb) {
    return rgb >> 16 > 0xe0 && (rgb >> 8 & 0xff) > 0xd0 && (rgb & 0xff) < 0x60;
  }

  private static int count(BufferedImage image, int fromRow, int toRow, IntPredicate wanted) {
    int found = 0;
    for (int y = fromRow; y < toRow; y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        found += wanted.test(image.getRGB(x, y) & 0xffffff) ? 1 : 0;
      }
    }
    return found;
  }

  @Test
  void namesDecideTheKind() throws IOException {
    Picture.write(figure(), folder.resolve("a.svg"));
    Picture.write(figure(), folder.resolve("a.PNG"));
    assertThat(Files.readString(folder.resolve("a.svg"))).isEqualTo(figure());
    assertThat(ImageIO.read(folder.resolve("a.PNG").toFile()).getWidth()).isEqualTo(2000);
    assertThatThrownBy(() -> Picture.write(figure(), folder.resolve("a.pdf")))
        .isInstanceOf(UserException.class)
        .hasMessageEndingWith("a.pdf: must end in .svg or .png");
    assertThatThrownBy(() -> Picture.write(figure(), folder.resolve("none/a.png")))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot write ");
  }

  @Test
  void refusesWhatIsNoDrawing() {
    assertThatThrownBy(() -> Picture.png("<svg ", 100))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid SVG: ");
  }
}
