package org.rtcn.common.formats.xml;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds in which characters a document is written: by its bytes first, for exports are converted
 * without their declaration, and Western letters often stand in what calls itself UTF-8.
 */
final class XmlText {
  private static final int DECLARATION = 200;
  private static final Pattern ENCODING =
      Pattern.compile("^<\\?xml[^>]*?encoding\\s*=\\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']");
  private static final Charset WESTERN = Charset.forName("windows-1252");

  private XmlText() {}

  /** Gives the characters; what is none in the document's encoding becomes U+FFFD. */
  static Reader reader(byte[] bytes) throws IOException {
    Charset charset = charset(bytes);
    if (charset.equals(StandardCharsets.UTF_8) && !isUtf8(bytes)) {
      charset = WESTERN;
    }
    PushbackReader reader =
        new PushbackReader(new InputStreamReader(new ByteArrayInputStream(bytes), charset));
    int first = reader.read();
    if (first >= 0 && first != '\ufeff') {
      reader.unread(first);
    }
    return reader;
  }

  /** Its encoding, UTF-8 without a mark or a declaration that can be true. */
  static Charset charset(byte[] bytes) {
    if (bytes.length >= 2) {
      int mark = (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
      if (mark == 0xfffe || mark == ('<' << 8)) {
        return StandardCharsets.UTF_16LE;
      }
      if (mark == 0xfeff || mark == '<') {
        return StandardCharsets.UTF_16BE;
      }
    }
    String head =
        new String(bytes, 0, Math.min(DECLARATION, bytes.length), StandardCharsets.ISO_8859_1);
    Matcher stated = ENCODING.matcher(head);
    if (stated.find() && isSupported(stated.group(1))) {
      Charset charset = Charset.forName(stated.group(1));
      // The declaration was read byte by byte: wider ones cannot be true.
      boolean narrow = "<".contentEquals(charset.decode(ByteBuffer.wrap(new byte[] {'<'})));
      if (narrow) {
        return charset.equals(StandardCharsets.ISO_8859_1) ? WESTERN : charset;
      }
    }
    return StandardCharsets.UTF_8;
  }

  private static boolean isSupported(String name) {
    try {
      return Charset.isSupported(name);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isUtf8(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(1 << 13);
    CoderResult result;
    do {
      out.clear();
      result = decoder.decode(in, out, true);
    } while (result.isOverflow());
    return !result.isError();
  }
}
