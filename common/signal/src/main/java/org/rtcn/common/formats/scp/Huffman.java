package org.rtcn.common.formats.scp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;

/**
 * The Huffman tables of section 2, or the default one.
 *
 * <p>Source: EN 1064, 5.5 and annex C.3.7.6.
 */
final class Huffman {
  private static final int DEFAULT = 19999;
  private static final int MAX_TABLES = 256;
  private static final int MAX_CODES = 4096;

  /** Default table: prefix bits, all bits, value, code with its first bit lowest. */
  private static final int[][] DEFAULT_CODES = {
    {1, 1, 0, 0},
    {3, 3, 1, 1},
    {3, 3, -1, 5},
    {4, 4, 2, 3},
    {4, 4, -2, 11},
    {5, 5, 3, 7},
    {5, 5, -3, 23},
    {6, 6, 4, 15},
    {6, 6, -4, 47},
    {7, 7, 5, 31},
    {7, 7, -5, 95},
    {8, 8, 6, 63},
    {8, 8, -6, 191},
    {9, 9, 7, 127},
    {9, 9, -7, 383},
    {10, 10, 8, 255},
    {10, 10, -8, 767},
    {10, 18, 0, 511},
    {10, 26, 0, 1023}
  };

  /**
   * What a prefix stands for.
   *
   * @param extraBits of a value that follows, 0 for {@code value} itself
   * @param table to go on with, -1 for a value
   */
  private record Code(int extraBits, int value, int table) {}

  /** A binary tree: {@code next[node][bit]}, or the code at a leaf. */
  private static final class Tree {
    private final List<int[]> next = new ArrayList<>(List.of(new int[] {-1, -1}));
    private final List<Code> codes = new ArrayList<>(Arrays.asList((Code) null));

    void add(String file, int bits, long code, Code meaning) throws FormatException {
      int node = 0;
      for (int i = 0; i < bits; i++) {
        int bit = (int) (code >> i) & 1;
        if (codes.get(node) != null) {
          throw FormatException.malformed(file, "a Huffman code opens like another");
        }
        if (next.get(node)[bit] < 0) {
          next.get(node)[bit] = next.size();
          next.add(new int[] {-1, -1});
          codes.add(null);
        }
        node = next.get(node)[bit];
      }
      if (codes.get(node) != null || next.get(node)[0] >= 0 || next.get(node)[1] >= 0) {
        throw FormatException.malformed(file, "a Huffman code opens like another");
      }
      codes.set(node, meaning);
    }
  }

  private final String file;
  private final List<Tree> tables;

  private Huffman(String file, List<Tree> tables) {
    this.file = file;
    this.tables = tables;
  }

  /** The tables of section 2's content. */
  static Huffman read(String file, Bytes section) throws FormatException {
    int count = section.u16();
    List<Tree> tables = new ArrayList<>();
    if (count == DEFAULT) {
      Tree tree = new Tree();
      for (int[] code : DEFAULT_CODES) {
        tree.add(file, code[0], code[3], new Code(code[1] - code[0], code[2], -1));
      }
      return new Huffman(file, List.of(tree));
    }
    if (count < 1 || count > MAX_TABLES) {
      throw FormatException.malformed(file, "it has " + count + " Huffman tables");
    }
    for (int table = 0; table < count; table++) {
      int codes = section.u16();
      if (codes < 1 || codes > MAX_CODES) {
        throw FormatException.malformed(file, "a Huffman table has " + codes + " codes");
      }
      Tree tree = new Tree();
      for (int i = 0; i < codes; i++) {
        int prefix = section.u8();
        int bits = section.u8();
        final boolean value = section.u8() != 0;
        int base = section.i16();
        long code = section.u32();
        if (prefix < 1 || prefix > 32 || bits < prefix || bits - prefix > 16) {
          throw FormatException.malformed(
              file, "a Huffman code has %d bits, %d of them prefix".formatted(bits, prefix));
        }
        if (!value && (base < 1 || base > count)) {
          throw FormatException.malformed(file, "a Huffman code changes to table " + base);
        }
        tree.add(
            file,
            prefix,
            code,
            value ? new Code(bits - prefix, base, -1) : new Code(0, 0, base - 1));
      }
      tables.add(tree);
    }
    return new Huffman(file, tables);
  }

  /**
   * Decodes all whole codes of some bytes; bits left over that make no code are padding.
   *
   * @param limit most values to make
   */
  int[] decode(byte[] bytes, long limit) throws FormatException {
    int[] values = new int[Math.max(16, 2 * bytes.length)];
    int count = 0;
    long bits = 8L * bytes.length;
    long at = 0;
    Tree tree = tables.get(0);
    while (at < bits) {
      int node = 0;
      while (tree.codes.get(node) == null) {
        if (at == bits) {
          return Arrays.copyOf(values, count);
        }
        node = tree.next.get(node)[bit(bytes, at++)];
        if (node < 0) {
          if (bits - at < 8) {
            return Arrays.copyOf(values, count);
          }
          throw FormatException.malformed(file, "its data hold a code that no Huffman table has");
        }
      }
      Code code = tree.codes.get(node);
      if (code.table() >= 0) {
        tree = tables.get(code.table());
        continue;
      }
      int value = code.value();
      if (code.extraBits() > 0) {
        if (at + code.extraBits() > bits) {
          break;
        }
        value = 0;
        for (int i = 0; i < code.extraBits(); i++) {
          value = value << 1 | bit(bytes, at++);
        }
        int unused = 32 - code.extraBits();
        value = (value << unused) >> unused;
      }
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = value;
      if (count > limit) {
        throw new FormatException(
            Reason.RECORD_TOO_LONG,
            "Cannot read %s: a lead has more than %d samples; split it".formatted(file, limit));
      }
    }
    return Arrays.copyOf(values, count);
  }

  private static int bit(byte[] bytes, long at) {
    return bytes[(int) (at >> 3)] >> (7 - (int) (at & 7)) & 1;
  }
}
