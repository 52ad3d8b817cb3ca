package org.rtcn.common.formats.scp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import org.rtcn.common.ecg.LeadNames;
import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgReader;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Head;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;

/**
 * SCP-ECG: the rhythm of section 6, with the reference beat of section 5 added where it was
 * subtracted. Residuals are not smoothed.
 *
 * <p>Source: EN 1064 / ISO 11073-91064.
 */
public final class ScpReader implements EcgReader {
  /** Bits behind the last value, to the end of a word, may decode to as many zeros. */
  private static final int MOST_PADDING = 15;

  private static final String[] AGE_UNITS = {"?", "years", "months", "weeks", "days", "hours"};

  @Override
  public String format() {
    return "SCP-ECG";
  }

  @Override
  public boolean recognises(Head head) {
    if (head.u16(8) != 0) {
      return false;
    }
    // Section 0 lists itself first; some writers leave its mark out.
    long length = head.u32(10);
    boolean listsItself =
        head.u16(22) == 0 && head.u32(24) == length && head.u32(28) == ScpFile.FIRST_SECTION + 1;
    return head.has(16, "SCPECG") || (length > ScpFile.HEAD && listsItself);
  }

  @Override
  public EcgRecords read(EcgFile file, ReadLimits limits) throws IOException {
    String name = file.name();
    ScpFile scp = ScpFile.read(name, file.bytes(limits));
    Bytes leadList = required(name, scp, 3, "leads");
    Layout layout = Layout.read(name, leadList);
    int leads = layout.codes().length;
    long limit = limits.samples() / leads;
    Bytes tables = scp.section(2);
    Huffman huffman = tables == null ? null : Huffman.read(name, tables);
    LeadBlock rhythm =
        LeadBlock.read(name, required(name, scp, 6, "rhythm"), leads, huffman, limit);
    LeadBlock beat = null;
    Complexes complexes = null;
    if (scp.section(4) != null) {
      complexes = Complexes.read(name, scp.section(4));
    }
    if (scp.section(5) != null && (layout.subtracted() || rhythm.bimodal())) {
      beat = LeadBlock.read(name, scp.section(5), leads, huffman, limit);
    }
    if (layout.subtracted() && (beat == null || complexes == null)) {
      throw FormatException.malformed(
          name, "its reference beat was subtracted, but sections 4 and 5 are not there");
    }
    int ratio = ratio(rhythm, beat, complexes);
    RecordBuilder builder =
        new RecordBuilder(name, limits, 1e6 / rhythm.intervalMicroseconds() * ratio);
    double step = rhythm.stepNanovolts() * 1e-6;
    for (int lead = 0; lead < leads; lead++) {
      int[] stored = rhythm.samples()[lead];
      if (ratio > 1) {
        stored = complexes.expanded(stored, ratio, rhythm.bimodal(), limit);
      }
      double[] values = new double[layout.count(lead, stored.length)];
      for (int i = 0; i < values.length; i++) {
        values[i] = stored[i] * step;
      }
      if (layout.subtracted()) {
        complexes.addBeat(values, beat.samples()[lead], beat.stepNanovolts() * 1e-6);
      }
      double smallest = layout.subtracted() ? Math.min(step, beat.stepNanovolts() * 1e-6) : step;
      builder.add(
          EcgChannel.named(LeadNames.ofScpCode(layout.codes()[lead]), smallest),
          layout.offset(lead, values.length),
          values);
    }
    return EcgRecords.of(builder.build("", facts(scp), scp.checksumMatches()));
  }

  /** How many samples of the full rate a stored one may stand for. */
  private static int ratio(LeadBlock rhythm, LeadBlock beat, Complexes complexes) {
    if (beat == null || complexes == null) {
      return 1;
    }
    int ratio = rhythm.intervalMicroseconds() / beat.intervalMicroseconds();
    boolean whole = ratio * beat.intervalMicroseconds() == rhythm.intervalMicroseconds();
    return whole && ratio >= 2 && ratio <= 8 ? ratio : 1;
  }

  private static Bytes required(String file, ScpFile scp, int id, String what)
      throws FormatException {
    Bytes section = scp.section(id);
    if (section == null) {
      throw new FormatException(
          Reason.EMPTY,
          "Cannot use %s: it has no section %d (%s); export it again".formatted(file, id, what));
    }
    return section;
  }

  /**
   * Section 3.
   *
   * @param subtracted whether the reference beat was subtracted
   * @param codes of the leads
   * @param first sample of each lead, from 1
   * @param last sample of each lead
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once.
  private record Layout(boolean subtracted, int[] codes, long[] first, long[] last) {

    static Layout read(String file, Bytes section) throws FormatException {
      int leads = section.u8();
      int flags = section.u8();
      if (leads == 0) {
        throw new FormatException(
            Reason.EMPTY, "Cannot use " + file + ": its section 3 lists no lead");
      }
      Layout layout =
          new Layout((flags & 1) != 0, new int[leads], new long[leads], new long[leads]);
      for (int lead = 0; lead < leads; lead++) {
        layout.first[lead] = section.u32();
        layout.last[lead] = section.u32();
        layout.codes[lead] = section.u8();
      }
      return layout;
    }

    /** The data tell how many samples there are; the last few may be padding. */
    int count(int lead, int decoded) {
      long stated = last[lead] - first[lead] + 1;
      return stated > 0 && stated < decoded && decoded - stated <= MOST_PADDING
          ? (int) stated
          : decoded;
    }

    /** Where a lead begins, if what section 3 says of its length is true. */
    long offset(int lead, int count) {
      long earliest = java.util.Arrays.stream(first).min().orElse(1);
      return last[lead] - first[lead] + 1 == count ? first[lead] - earliest : 0;
    }
  }

  private static EcgFacts facts(ScpFile scp) throws FormatException {
    Facts facts = new Facts();
    if (scp.section(1) != null) {
      patient(scp.section(1), facts);
    }
    for (int id : new int[] {8, 11}) {
      if (scp.section(id) != null && facts.build().statements().isEmpty()) {
        statements(scp.section(id), id == 11, facts);
      }
    }
    return facts.build();
  }

  /** 1 male, 2 female, 9 unspecified, 0 not known (ISO 5218). */
  private static void sex(Facts facts, int code) {
    if (code == 1 || code == 2) {
      facts.sex(code == 1 ? "male" : "female");
    } else if (code != 0 && code != 9) {
      facts.unread("sex", Integer.toString(code));
    }
  }

  /** Tags of section 1; names (0, 1, 3) are passed over. */
  private static void patient(Bytes section, Facts facts) throws FormatException {
    LocalDate date = null;
    byte[] time = {0, 0, 0};
    while (section.left() >= 3) {
      int tag = section.u8();
      int length = section.u16();
      if (tag == 255 || length > section.left()) {
        break;
      }
      byte[] value = section.take(length);
      switch (tag) {
        case 2 -> facts.patientId(text(value));
        case 4 -> {
          if (length >= 3 && value[2] >= 1 && value[2] < AGE_UNITS.length) {
            facts.age(u16(value), AGE_UNITS[value[2]]);
          }
        }
        case 5 -> facts.birth(date(value));
        case 8 -> sex(facts, length < 1 ? 0 : value[0] & 0xff);
        case 14 -> {
          if (length >= 14) {
            facts.device(text(java.util.Arrays.copyOfRange(value, 8, 14)));
          }
        }
        case 25 -> date = date(value);
        case 26 -> time = length >= 3 ? value : time;
        default -> {}
      }
    }
    facts.recordedAt(Facts.time(date, time[0], time[1], time[2]));
  }

  private static LocalDate date(byte[] value) {
    return value.length < 4 ? null : Facts.date(u16(value), value[2], value[3]);
  }

  private static int u16(byte[] value) {
    return (value[0] & 0xff) | (value[1] & 0xff) << 8;
  }

  /** Statements; those of section 11 have a type before their text. */
  private static void statements(Bytes section, boolean coded, Facts facts) throws FormatException {
    if (section.left() < 9) {
      return;
    }
    section.skip(8);
    int count = section.u8();
    for (int i = 0; i < count && section.left() >= 3; i++) {
      section.u8();
      int length = section.u16();
      if (length > section.left()) {
        return;
      }
      byte[] value = section.take(length);
      int from = coded && length > 0 ? 1 : 0;
      facts.statement(text(java.util.Arrays.copyOfRange(value, from, length)));
    }
  }

  /** UTF-8 where it is that, else Latin-1. */
  private static String text(byte[] value) {
    int end = 0;
    while (end < value.length && value[end] != 0) {
      end++;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value, 0, end)).toString();
    } catch (CharacterCodingException e) {
      return new String(value, 0, end, StandardCharsets.ISO_8859_1);
    }
  }
}
