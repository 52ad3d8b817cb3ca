package org.rtcn.common.labels;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The lines of a text file of unknown origin. Byte order marks tell UTF-8, UTF-16 and UTF-32; zero
 * bytes tell UTF-16 without one. Otherwise each line by itself is UTF-8 or, where it is not,
 * windows-1252 (Latin-1 with its additions): no byte is lost, and one foreign line does not spoil
 * the others. Lines end with LF, CRLF or CR.
 */
final class TextLines implements Closeable {
  /** Longer lines are cut: no row of labels is as long. */
  static final int MAX_LINE = 1 << 20;

  private static final int NONE = -2;

  private static final Charset WESTERN = Charset.forName("windows-1252");
  private static final Charset UTF_32BE = Charset.forName("UTF-32BE");
  private static final Charset UTF_32LE = Charset.forName("UTF-32LE");

  /**
   * A line without its end.
   *
   * @param number 1-based
   * @param isCut whether it went on behind {@link #MAX_LINE}
   */
  record Line(int number, String text, boolean isCut) {}

  private final InputStream bytes;
  private final Reader characters;
  private final String encoding;
  private final Deque<Line> pushedBack = new ArrayDeque<>();
  private int read;
  private long western;
  private int waiting = NONE;

  TextLines(InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
    buffered.mark(8);
    byte[] head = buffered.readNBytes(4);
    buffered.reset();
    Mark mark = Mark.of(head);
    buffered.skipNBytes(mark.length);
    this.bytes = buffered;
    this.encoding = mark.name;
    this.characters =
        mark.charset.equals(StandardCharsets.UTF_8)
            ? null
            : new InputStreamReader(buffered, mark.charset);
  }

  /** The next line, or null behind the last one. */
  Line next() throws IOException {
    return pushedBack.isEmpty() ? readLine() : pushedBack.pop();
  }

  /** Gives a line back: it comes again next. */
  void pushBack(Line line) {
    pushedBack.push(line);
  }

  /** In words, of what was read so far. */
  String encoding() {
    return western == 0 ? encoding : encoding + " and windows-1252 (" + western + " lines)";
  }

  private Line readLine() throws IOException {
    byte[] line = new byte[256];
    StringBuilder text = characters == null ? null : new StringBuilder();
    int length = 0;
    boolean any = false;
    boolean cut = false;
    for (int c = unit(); c >= 0; c = unit()) {
      any = true;
      if (c == '\n' || c == '\r') {
        if (c == '\r') {
          int behind = unit();
          waiting = behind == '\n' ? NONE : behind;
        }
        break;
      }
      if (length >= MAX_LINE) {
        cut = true;
        continue;
      }
      length++;
      if (text != null) {
        text.append((char) c);
      } else {
        line = length > line.length ? Arrays.copyOf(line, 2 * line.length) : line;
        line[length - 1] = (byte) c;
      }
    }
    if (!any) {
      return null;
    }
    read++;
    String decoded = text != null ? text.toString() : decoded(line, length);
    return new Line(read, withoutMarks(decoded), cut);
  }

  /** Files that were put together from several have byte order marks within. */
  private static String withoutMarks(String line) {
    int from = 0;
    while (from < line.length() && line.charAt(from) == '\ufeff') {
      from++;
    }
    return line.substring(from);
  }

  /** The next byte or character, -1 at the end. */
  private int unit() throws IOException {
    if (waiting != NONE) {
      int next = waiting;
      waiting = NONE;
      return next;
    }
    return characters == null ? bytes.read() : characters.read();
  }

  private String decoded(byte[] line, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(line, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      western++;
      return new String(line, 0, length, WESTERN);
    }
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }

  /** What the first bytes say. */
  private record Mark(Charset charset, String name, int length) {
    static Mark of(byte[] head) {
      int[] b = {-1, -1, -1, -1};
      for (int i = 0; i < head.length; i++) {
        b[i] = head[i] & 0xff;
      }
      if (b[0] == 0xff && b[1] == 0xfe && b[2] == 0 && b[3] == 0) {
        return new Mark(UTF_32LE, "UTF-32LE", 4);
      }
      if (b[0] == 0 && b[1] == 0 && b[2] == 0xfe && b[3] == 0xff) {
        return new Mark(UTF_32BE, "UTF-32BE", 4);
      }
      if (b[0] == 0xff && b[1] == 0xfe) {
        return new Mark(StandardCharsets.UTF_16LE, "UTF-16LE", 2);
      }
      if (b[0] == 0xfe && b[1] == 0xff) {
        return new Mark(StandardCharsets.UTF_16BE, "UTF-16BE", 2);
      }
      if (b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf) {
        return new Mark(StandardCharsets.UTF_8, "UTF-8 with a byte order mark", 3);
      }
      if (b[0] > 0 && b[1] == 0 && b[2] > 0 && b[3] == 0) {
        return new Mark(StandardCharsets.UTF_16LE, "UTF-16LE without a byte order mark", 0);
      }
      if (b[0] == 0 && b[1] > 0 && b[2] == 0 && b[3] > 0) {
        return new Mark(StandardCharsets.UTF_16BE, "UTF-16BE without a byte order mark", 0);
      }
      return new Mark(StandardCharsets.UTF_8, "UTF-8", 0);
    }
  }
}
