package org.rtcn.common.formats.dicom;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.ReadLimits;

/**
 * Parses the elements of a DICOM file: explicit and implicit value representations, both byte
 * orders, deflated, sequences of defined and undefined length. Source: PS3.5 and PS3.10.
 */
final class DicomParser {
  private static final String IMPLICIT = "1.2.840.10008.1.2";
  private static final String EXPLICIT = "1.2.840.10008.1.2.1";
  private static final String DEFLATED = "1.2.840.10008.1.2.1.99";
  private static final String BIG_ENDIAN = "1.2.840.10008.1.2.2";
  private static final int TRANSFER_SYNTAX = 0x00020010;
  private static final int ITEM = 0xfffee000;
  private static final int ITEM_END = 0xfffee00d;
  private static final int SEQUENCE_END = 0xfffee0dd;
  private static final long UNDEFINED = 0xffffffffL;
  private static final int MAX_DEPTH = 32;
  private static final int MAX_ELEMENTS = 1_000_000;
  private static final int PREAMBLE = 128;

  private static final Set<String> LONG_VRS =
      Set.of("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV");

  /** Sequences that matter here, which implicit files do not mark as such. */
  private static final Set<Integer> SEQUENCES =
      Set.of(
          0x54000100,
          0x003a0200,
          0x003a0208,
          0x003a0211,
          0x0040b020,
          0x0040a043,
          0x004008ea,
          0x0040a168);

  private final String file;
  private int elements;

  private DicomParser(String file) {
    this.file = file;
  }

  /**
   * What a file holds.
   *
   * @param bigEndian byte order of its numbers
   */
  record Parsed(DataSet data, boolean bigEndian) {}

  /**
   * Parses a file with or without preamble and meta information.
   *
   * @throws FormatException if its elements do not add up, or its transfer syntax is unknown
   */
  static Parsed parse(String file, byte[] bytes, ReadLimits limits) throws FormatException {
    DicomParser parser = new DicomParser(file);
    Bytes in = new Bytes(file, bytes);
    if (bytes.length > PREAMBLE + 4
        && new String(bytes, PREAMBLE, 4, StandardCharsets.ISO_8859_1).equals("DICM")) {
      in.to(PREAMBLE + 4L);
    }
    DataSet meta = parser.meta(in, bytes);
    int start = in.at();
    String syntax = meta.text(TRANSFER_SYNTAX);
    if (syntax == null) {
      // A data set without meta information is implicit, unless its first element shows a VR.
      syntax = parser.hasVr(bytes, start) ? EXPLICIT : IMPLICIT;
    }
    byte[] data = bytes;
    if (syntax.equals(DEFLATED)) {
      data = inflate(file, bytes, start, limits);
      start = 0;
    }
    boolean big = syntax.equals(BIG_ENDIAN);
    if (!big && !Set.of(IMPLICIT, EXPLICIT, DEFLATED).contains(syntax)) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: its transfer syntax is %s; convert it to 1.2.840.10008.1.2.1"
              .formatted(file, syntax));
    }
    DataSet set = new DataSet();
    parser.elements(
        set, new Bytes(file, data, start, data.length, big), data, syntax.equals(IMPLICIT), 0);
    return new Parsed(set, big);
  }

  /** Group 2, always explicit and little endian. */
  private DataSet meta(Bytes in, byte[] bytes) throws FormatException {
    DataSet meta = new DataSet();
    while (in.left() >= 8) {
      int start = in.at();
      int group = in.u16();
      in.to(start);
      if (group != 2) {
        break;
      }
      element(meta, in, bytes, false, 0);
    }
    return meta;
  }

  private boolean hasVr(byte[] bytes, int at) {
    return at + 6 <= bytes.length && isVr(bytes[at + 4], bytes[at + 5]);
  }

  private static boolean isVr(int a, int b) {
    return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z';
  }

  /** Reads elements up to the end of the bytes or of the item. */
  private void elements(DataSet set, Bytes in, byte[] bytes, boolean implicit, int depth)
      throws FormatException {
    // A last element of less than 8 bytes is padding.
    while (in.left() >= 8) {
      if (!element(set, in, bytes, implicit, depth)) {
        return;
      }
    }
  }

  /** Reads an element; false for the mark that ends an item or a sequence. */
  private boolean element(DataSet set, Bytes in, byte[] bytes, boolean implicit, int depth)
      throws FormatException {
    if (++elements > MAX_ELEMENTS || depth > MAX_DEPTH) {
      throw FormatException.malformed(
          file, "it has more than %d elements or %d levels".formatted(MAX_ELEMENTS, MAX_DEPTH));
    }
    int tag = in.u16() << 16 | in.u16();
    if (tag == ITEM_END || tag == SEQUENCE_END) {
      in.skip(4);
      return false;
    }
    String vr = "UN";
    long length;
    int at = in.at();
    if (!implicit && isVr(bytes[at], bytes[at + 1])) {
      vr = in.text(2, StandardCharsets.ISO_8859_1);
      if (LONG_VRS.contains(vr)) {
        in.skip(2);
        length = in.u32();
      } else {
        length = in.u16();
      }
    } else {
      length = in.u32();
    }
    boolean sequence = vr.equals("SQ") || (vr.equals("UN") && SEQUENCES.contains(tag));
    if (length == UNDEFINED) {
      // A sequence; of unknown representation it is implicit within: PS3.5, 6.2.2 note 2.
      boolean inner = implicit || vr.equals("UN");
      set.put(tag, sequence(vr, in, bytes, inner, depth));
    } else if (sequence) {
      boolean inner = implicit || vr.equals("UN");
      Bytes part = in.part(in.at(), length);
      set.put(tag, sequence(vr, part, bytes, inner, depth));
      in.skip(length);
    } else {
      set.put(
          tag, new DataSet.Element(vr, bytes, in.at(), (int) Math.min(length, in.left()), null));
      in.skip(length);
    }
    return true;
  }

  private DataSet.Element sequence(String vr, Bytes in, byte[] bytes, boolean implicit, int depth)
      throws FormatException {
    List<DataSet> items = new ArrayList<>();
    while (in.left() >= 8) {
      int tag = in.u16() << 16 | in.u16();
      long length = in.u32();
      if (tag == SEQUENCE_END) {
        break;
      }
      if (tag != ITEM) {
        throw FormatException.malformed(
            file, "a sequence has tag %08x in place of an item".formatted(tag));
      }
      DataSet item = new DataSet();
      if (length == UNDEFINED) {
        elements(item, in, bytes, implicit, depth + 1);
      } else {
        elements(item, in.part(in.at(), length), bytes, implicit, depth + 1);
        in.skip(length);
      }
      items.add(item);
      if (++elements > MAX_ELEMENTS) {
        throw FormatException.malformed(file, "it has more than %d items".formatted(MAX_ELEMENTS));
      }
    }
    return new DataSet.Element(vr, bytes, 0, 0, items);
  }

  private static byte[] inflate(String file, byte[] bytes, int start, ReadLimits limits)
      throws FormatException {
    Inflater inflater = new Inflater(true);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] block = new byte[1 << 16];
    try {
      inflater.setInput(bytes, start, bytes.length - start);
      while (!inflater.finished()) {
        int count = inflater.inflate(block);
        if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw new FormatException(
              Reason.SIGNAL_TRUNCATED,
              "Cannot read " + file + ": its deflated part ends too early; copy it again");
        }
        out.write(block, 0, count);
        if (out.size() > limits.fileBytes()) {
          throw new FormatException(
              Reason.RECORD_TOO_LONG,
              "Cannot read %s: it inflates to more than %d bytes"
                  .formatted(file, limits.fileBytes()));
        }
      }
    } catch (DataFormatException e) {
      throw FormatException.malformed(file, "its deflated part is damaged: " + e.getMessage());
    } finally {
      inflater.end();
    }
    return out.toByteArray();
  }
}
