package org.rtcn.common.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.batik.transcoder.TranscoderException;
import org.apache.batik.transcoder.TranscoderInput;
import org.apache.batik.transcoder.TranscoderOutput;
import org.apache.batik.transcoder.image.ImageTranscoder;
import org.apache.batik.transcoder.image.PNGTranscoder;
import org.rtcn.common.error.UserException;

/**
 * A drawing as a file: SVG as it is, or PNG. PNG needs fonts on the machine, SVG does not. The
 * drawing must carry its own styles.
 */
public final class Picture {
  /** Twice the width of a figure: sharp on paper and on fine screens. */
  private static final int WIDTH_PIXELS = 2000;

  private static final Pattern WIDTH_MM = Pattern.compile("^<svg [^>]*\\bwidth=\"([0-9.]+)mm\"");

  private Picture() {}

  /**
   * Whether {@link #write} knows what the file's name asks for.
   *
   * @throws UserException if it ends neither in .svg nor in .png
   */
  public static void requireKnown(Path file) {
    if (!endsWith(file, ".svg") && !endsWith(file, ".png")) {
      throw new UserException("Invalid --out " + file + ": must end in .svg or .png");
    }
  }

  /**
   * Writes a drawing as what the file's name says.
   *
   * @param svg an SVG document with a viewBox
   * @param file ends in .svg or .png
   * @throws UserException if the name ends otherwise, the file cannot be written, or PNG is wanted
   *     and the machine has no fonts
   */
  public static void write(String svg, Path file) {
    requireKnown(file);
    byte[] bytes =
        endsWith(file, ".png") ? png(svg, WIDTH_PIXELS) : svg.getBytes(StandardCharsets.UTF_8);
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UserException("Cannot write " + file + ": " + e.getMessage());
    }
  }

  /**
   * A drawing as PNG.
   *
   * @param svg an SVG document with a viewBox
   * @param widthPixels the height follows
   * @throws UserException if the machine has no fonts
   */
  public static byte[] png(String svg, int widthPixels) {
    PNGTranscoder transcoder = new PNGTranscoder();
    transcoder.addTranscodingHint(ImageTranscoder.KEY_WIDTH, (float) widthPixels);
    Matcher width = WIDTH_MM.matcher(svg);
    if (width.find()) {
      // The file says how large a pixel is, so that a print at 100 % has the drawing's scale.
      transcoder.addTranscodingHint(
          ImageTranscoder.KEY_PIXEL_UNIT_TO_MILLIMETER,
          (float) (Double.parseDouble(width.group(1)) / widthPixels));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 18);
    try {
      transcoder.transcode(
          // Batik reads links of SVG 1.1 only.
          new TranscoderInput(
              new StringReader(
                  svg.replaceFirst("<svg ", "<svg xmlns:xlink=\"http://www.w3.org/1999/xlink\" ")
                      .replace(" href=\"", " xlink:href=\""))),
          new TranscoderOutput(bytes));
    } catch (TranscoderException e) {
      throw new IllegalArgumentException("Invalid SVG: " + e.getMessage(), e);
    } catch (InternalError | NullPointerException | NoClassDefFoundError | UnsatisfiedLinkError e) {
      // What Java's text drawing throws where fontconfig or every font is absent.
      throw new UserException(
          "Cannot draw PNG: Java finds no fonts here ("
              + e
              + "); install fontconfig and a font such as DejaVu, or write .svg",
          e);
    }
    return bytes.toByteArray();
  }

  private static boolean endsWith(Path file, String suffix) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(suffix);
  }
}
