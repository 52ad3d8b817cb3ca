package org.rtcn.common.wfdb;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rtcn.common.wfdb.WfdbException.Reason;

/**
 * Annotation files ({@code .atr}, {@code .qrs}) in MIT format: annot(5).
 *
 * @param annotations in file order
 * @param ticksPerSecond as the file states it; empty: one tick is one frame of the record
 */
public record AnnotationFile(List<Annotation> annotations, OptionalDouble ticksPerSecond) {
  private static final int SKIP = 59;
  private static final int NUM = 60;
  private static final int SUB = 61;
  private static final int CHN = 62;
  private static final int AUX = 63;
  private static final int MAX_STEP = 1023;

  /** A day of beats is 2 MB; beyond this it is no annotation file. */
  private static final int MAX_BYTES = 1 << 28;

  private static final String RESOLUTION = "## time resolution: ";
  private static final Pattern STATED =
      Pattern.compile(Pattern.quote(RESOLUTION) + "([0-9.]+)\\s*");

  public AnnotationFile {
    annotations = List.copyOf(annotations);
  }

  /**
   * Reads a file.
   *
   * @throws WfdbException if it is missing or does not follow annot(5)
   */
  public static AnnotationFile read(String fileName, WfdbFiles files) throws IOException {
    byte[] bytes;
    try (InputStream in = files.open(fileName)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new WfdbException(
          Reason.SIGNAL_FILE_MISSING,
          "Cannot find annotations " + fileName + "; check the name",
          e);
    }
    if (bytes.length > MAX_BYTES) {
      throw malformed(fileName, "it has more than " + MAX_BYTES + " bytes");
    }
    List<Annotation> annotations = new ArrayList<>();
    OptionalDouble ticks = OptionalDouble.empty();
    long time = 0;
    int channel = 0;
    int number = 0;
    int at = 0;
    // Notes at tick 0 between these marks define types; they are no events.
    boolean defining = false;
    while (true) {
      int word = word(bytes, at, fileName);
      at += 2;
      if (word == 0) {
        break;
      }
      int code = word >> 10;
      if (code == SKIP) {
        int high = word(bytes, at, fileName);
        int low = word(bytes, at + 2, fileName);
        time += (high << 16) | low;
        at += 4;
        continue;
      }
      if (code > Annotation.MAX_CODE) {
        throw malformed(fileName, "type " + code + " at byte " + (at - 2));
      }
      time += word & MAX_STEP;
      int subtype = 0;
      String aux = "";
      boolean more = true;
      while (more && at + 2 <= bytes.length) {
        int next = word(bytes, at, fileName);
        int value = next & MAX_STEP;
        switch (next >> 10) {
          case NUM -> number = (byte) value;
          case SUB -> subtype = (byte) value;
          case CHN -> channel = value & 0xff;
          case AUX -> {
            if (at + 2 + value > bytes.length) {
              throw malformed(fileName, "a text that ends behind the file at byte " + at);
            }
            aux = new String(bytes, at + 2, value, StandardCharsets.UTF_8);
            at += value + (value & 1);
          }
          default -> more = false;
        }
        at += more ? 2 : 0;
      }
      if (code == 0) {
        // A null annotation only moves the time.
        continue;
      }
      if (time == 0 && code == Annotation.NOTE && aux.startsWith("##")) {
        Matcher stated = STATED.matcher(aux);
        if (stated.matches()) {
          ticks = OptionalDouble.of(Double.parseDouble(stated.group(1)));
        }
        defining = aux.startsWith("## annotation type definitions");
        continue;
      }
      if (defining && time == 0 && code == Annotation.NOTE) {
        continue;
      }
      annotations.add(new Annotation(time, code, subtype, channel, number, aux));
    }
    return new AnnotationFile(annotations, ticks);
  }

  /**
   * Encodes the file; the same annotations give the same bytes.
   *
   * @throws IllegalArgumentException if the annotations are not in order of time, or a text is
   *     longer than 255 bytes
   */
  public byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (ticksPerSecond.isPresent()) {
      double ticks = ticksPerSecond.getAsDouble();
      String number = ticks == Math.rint(ticks) ? Long.toString((long) ticks) : "" + ticks;
      word(out, Annotation.NOTE, 0);
      text(out, RESOLUTION + number);
    }
    long time = 0;
    int channel = 0;
    int number = 0;
    for (Annotation annotation : annotations) {
      long step = annotation.sample() - time;
      if (step < 0) {
        throw new IllegalArgumentException(
            "Invalid annotations: sample "
                + annotation.sample()
                + " after "
                + time
                + "; sort them");
      }
      while (step > MAX_STEP) {
        int skip = (int) Math.min(step, Integer.MAX_VALUE);
        word(out, SKIP, 0);
        raw(out, skip >> 16);
        raw(out, skip);
        step -= skip;
      }
      word(out, annotation.code(), (int) step);
      if (annotation.subtype() != 0) {
        word(out, SUB, annotation.subtype() & 0xff);
      }
      if (annotation.channel() != channel) {
        channel = annotation.channel();
        word(out, CHN, channel);
      }
      if (annotation.number() != number) {
        number = annotation.number();
        word(out, NUM, number & 0xff);
      }
      if (!annotation.aux().isEmpty()) {
        text(out, annotation.aux());
      }
      time = annotation.sample();
    }
    raw(out, 0);
    return out.toByteArray();
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 255) {
      throw new IllegalArgumentException(
          "Invalid annotation text of " + bytes.length + " bytes: at most 255");
    }
    word(out, AUX, bytes.length);
    out.writeBytes(bytes);
    if (bytes.length % 2 != 0) {
      out.write(0);
    }
  }

  private static void word(ByteArrayOutputStream out, int code, int value) {
    raw(out, (code << 10) | value);
  }

  private static void raw(ByteArrayOutputStream out, int word) {
    out.write(word);
    out.write(word >> 8);
  }

  private static int word(byte[] bytes, int at, String fileName) throws WfdbException {
    if (at + 2 > bytes.length) {
      throw malformed(fileName, "no end mark: it is cut at byte " + bytes.length);
    }
    return (bytes[at] & 0xff) | ((bytes[at + 1] & 0xff) << 8);
  }

  private static WfdbException malformed(String file, String what) {
    return new WfdbException(
        Reason.ANNOTATION_MALFORMED,
        "Cannot read " + file + ": " + what + "; is it an annotation file in MIT format?");
  }
}
