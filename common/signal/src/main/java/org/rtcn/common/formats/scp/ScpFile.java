package org.rtcn.common.formats.scp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.Crc;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;

/**
 * The sections of a file.
 *
 * @param sections content by number, without its 16-byte head
 * @param checksumMatches empty where the file states 0
 */
record ScpFile(Map<Integer, Bytes> sections, Optional<Boolean> checksumMatches) {
  static final int FIRST_SECTION = 6;
  static final int HEAD = 16;
  private static final int POINTER = 10;
  private static final int LAST_SECTION = 1023;

  /** Huffman tables, leads, beats, reference beat, rhythm. */
  private static final Set<Integer> SIGNAL = Set.of(2, 3, 4, 5, 6);

  static ScpFile read(String file, byte[] bytes) throws FormatException {
    Bytes in = new Bytes(file, bytes);
    int stated = in.u16();
    long length = in.u32();
    if (length > bytes.length) {
      throw new FormatException(
          Reason.SIGNAL_TRUNCATED,
          "Cannot read %s: it should have %d bytes, there are %d; copy it again"
              .formatted(file, length, bytes.length));
    }
    if (length < FIRST_SECTION + HEAD + POINTER) {
      throw FormatException.malformed(file, "its stated length is " + length + " bytes");
    }
    int crc = Crc.ccitt(bytes, 2, (int) length);
    if (stated != 0 && crc != stated) {
      throw new FormatException(
          Reason.CHECKSUM_MISMATCH,
          "Cannot read %s: its checksum is %04x, stated is %04x; copy or export it again"
              .formatted(file, crc, stated));
    }
    in.to(FIRST_SECTION + 4);
    long pointers = in.u32();
    if (pointers < HEAD || pointers > length - FIRST_SECTION) {
      throw FormatException.malformed(file, "its section 0 has " + pointers + " bytes");
    }
    Map<Integer, Bytes> sections = new HashMap<>();
    Bytes table = in.part(FIRST_SECTION + HEAD, pointers - HEAD);
    while (table.left() >= POINTER) {
      int id = table.u16();
      long size = table.u32();
      long start = table.u32();
      if (size <= HEAD || id == 0 || id > LAST_SECTION) {
        continue;
      }
      boolean inside = start >= 1 && start - 1 + size <= length;
      boolean leads = inside && in.to(start - 1 + 2).u16() == id;
      if (!leads && !SIGNAL.contains(id)) {
        // Measurements of makers' own; the signal does not need them.
        continue;
      }
      if (!inside) {
        throw FormatException.malformed(
            file,
            "section %d would lie at bytes %d to %d of %d"
                .formatted(id, start, start + size - 1, length));
      }
      if (!leads) {
        throw FormatException.malformed(file, "the pointer to section " + id + " leads elsewhere");
      }
      sections.put(id, in.part(start - 1 + HEAD, size - HEAD));
    }
    return new ScpFile(sections, stated == 0 ? Optional.empty() : Optional.of(true));
  }

  /** A section's content, null if it is not there. */
  Bytes section(int id) {
    return sections.get(id);
  }
}
