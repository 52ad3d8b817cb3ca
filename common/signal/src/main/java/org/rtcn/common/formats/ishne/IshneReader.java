package org.rtcn.common.formats.ishne;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.Crc;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.ReadLimits;

/**
 * ISHNE 1.0 Holter files, read by window. The file's size tells how many samples there are, for
 * writers disagree whether the header's count is per lead.
 *
 * <p>Source: Badilini, "The ISHNE Holter Standard Output File Format", 1998.
 */
public final class IshneReader implements EcgReader {
  private static final int FIXED_END = 522;
  private static final int MAX_LEADS = 12;
  private static final int MAX_HEADER = 1 << 20;
  private static final int BLOCK_FRAMES = 4096;
  private static final String[] LEADS = {
    "unknown", "generic", "X", "Y", "Z", "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3",
    "V4", "V5", "V6", "ES", "AS", "AI"
  };

  @Override
  public String format() {
    return "ISHNE";
  }

  @Override
  public boolean recognises(Head head) {
    return head.has(0, "ISHNE1.0");
  }

  @Override
  public EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    String name = file.name();
    Bytes in = new Bytes(name, file.head(FIXED_END));
    int crc = in.to(8).u16();
    long start = in.to(22).u32();
    if (start < FIXED_END || start > MAX_HEADER) {
      throw FormatException.malformed(name, "its samples would begin at byte " + start);
    }
    byte[] header = file.head((int) start);
    if (header.length < start) {
      throw new FormatException(
          Reason.SIGNAL_TRUNCATED,
          "Cannot read " + name + ": it ends within its header; copy it again");
    }
    Optional<Boolean> checksum = checksum(name, crc, header);
    int leads = in.to(156).i16();
    if (leads < 1 || leads > MAX_LEADS) {
      throw FormatException.malformed(name, "it has " + leads + " leads");
    }
    List<EcgChannel> channels = new ArrayList<>();
    double[] steps = new double[leads];
    for (int lead = 0; lead < leads; lead++) {
      int code = in.to(158 + 2L * lead).i16();
      int nanovolts = in.to(206 + 2L * lead).i16();
      if (nanovolts <= 0) {
        throw new FormatException(
            Reason.UNITS_UNSUPPORTED,
            "Cannot convert lead %d of %s to mV: its resolution is %d nV"
                .formatted(lead + 1, name, nanovolts));
      }
      steps[lead] = nanovolts * 1e-6;
      channels.add(EcgChannel.named(leadName(code), steps[lead]));
    }
    int fsHz = in.to(272).u16();
    long frames = (file.length() - start) / (2L * leads);
    EcgRecord record =
        new EcgRecord(
            "",
            fsHz,
            frames,
            channels,
            facts(in),
            checksum,
            (from, count) -> window(file, start, steps, from, count));
    return EcgRecords.of(EcgRecord.checked(name, record));
  }

  private static Optional<Boolean> checksum(String file, int stated, byte[] header)
      throws FormatException {
    int crc = Crc.ccitt(header, 10, header.length);
    if (stated != 0 && crc != stated) {
      throw new FormatException(
          Reason.CHECKSUM_MISMATCH,
          "Cannot read %s: its header's checksum is %04x, stated is %04x; copy it again"
              .formatted(file, crc, stated));
    }
    return stated == 0 ? Optional.empty() : Optional.of(true);
  }

  private static String leadName(int code) {
    return code >= 0 && code < LEADS.length ? LEADS[code] : "lead " + code;
  }

  private static double[][] window(EcgFile file, long start, double[] steps, long from, int count)
      throws IOException {
    int leads = steps.length;
    double[][] rows = new double[leads][count];
    byte[] block = new byte[2 * leads * Math.max(1, Math.min(BLOCK_FRAMES, count))];
    try (InputStream in = file.openAt(start + from * 2 * leads)) {
      for (int done = 0; done < count; ) {
        int frames = Math.min(block.length / (2 * leads), count - done);
        int bytes = 2 * leads * frames;
        if (in.readNBytes(block, 0, bytes) < bytes) {
          throw new EOFException("Failed to read " + file.name() + ": it became shorter");
        }
        for (int lead = 0; lead < leads; lead++) {
          double step = steps[lead];
          double[] row = rows[lead];
          for (int i = 0, at = 2 * lead; i < frames; i++, at += 2 * leads) {
            row[done + i] = (short) ((block[at] & 0xff) | block[at + 1] << 8) * step;
          }
        }
        done += frames;
      }
    }
    return rows;
  }

  /** Names (bytes 28 to 107) are passed over. */
  private static org.rtcn.common.formats.EcgFacts facts(Bytes in) throws FormatException {
    Facts facts = new Facts();
    facts.patientId(in.to(108).text(20, StandardCharsets.ISO_8859_1));
    int sex = in.i16();
    if (sex == 1 || sex == 2) {
      facts.sex(sex == 1 ? "male" : "female");
    } else if (sex != 0) {
      facts.unread("sex", Integer.toString(sex));
    }
    in.skip(2);
    facts.birth(date(in));
    LocalDate recorded = date(in);
    in.to(150);
    facts.recordedAt(Facts.time(recorded, in.i16(), in.i16(), in.i16()));
    facts.device(in.to(232).text(40, StandardCharsets.ISO_8859_1));
    return facts.build();
  }

  private static LocalDate date(Bytes in) throws FormatException {
    int day = in.i16();
    int month = in.i16();
    int year = in.i16();
    return Facts.date(year, month, day);
  }
}
