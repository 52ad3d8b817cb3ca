package org.rtcn.common.formats.dicom;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Elements of a data set or of an item by tag; values stay where they are in the file's bytes. */
final class DataSet {
  private static final Map<String, String> CHARSETS =
      Map.ofEntries(
          Map.entry("ISO_IR 100", "ISO-8859-1"),
          Map.entry("ISO_IR 101", "ISO-8859-2"),
          Map.entry("ISO_IR 109", "ISO-8859-3"),
          Map.entry("ISO_IR 110", "ISO-8859-4"),
          Map.entry("ISO_IR 144", "ISO-8859-5"),
          Map.entry("ISO_IR 127", "ISO-8859-6"),
          Map.entry("ISO_IR 126", "ISO-8859-7"),
          Map.entry("ISO_IR 138", "ISO-8859-8"),
          Map.entry("ISO_IR 148", "ISO-8859-9"),
          Map.entry("ISO_IR 13", "Shift_JIS"),
          Map.entry("ISO_IR 192", "UTF-8"),
          Map.entry("GB18030", "GB18030"),
          Map.entry("GBK", "GBK"));

  /**
   * An element.
   *
   * @param vr its value representation, UN where the transfer syntax does not say
   * @param items of a sequence, null for others
   */
  @SuppressWarnings("ArrayRecordComponent") // The whole file's bytes, read only.
  record Element(String vr, byte[] bytes, int from, int length, List<DataSet> items) {}

  private final Map<Integer, Element> elements = new HashMap<>();

  void put(int tag, Element element) {
    elements.putIfAbsent(tag, element);
  }

  /** An element, null if it is absent. */
  Element get(int tag) {
    return elements.get(tag);
  }

  /** Items of a sequence, none if it is absent. */
  List<DataSet> items(int tag) {
    Element element = elements.get(tag);
    return element == null || element.items() == null ? List.of() : element.items();
  }

  /** Text, null if absent or empty. */
  String text(int tag, Charset charset) {
    Element element = elements.get(tag);
    if (element == null || element.items() != null || element.length() == 0) {
      return null;
    }
    String text = new String(element.bytes(), element.from(), element.length(), charset);
    String plain = text.replace("\0", "").strip();
    return plain.isEmpty() ? null : plain;
  }

  /** Text of codes, dates, numbers and UIDs. */
  String text(int tag) {
    return text(tag, StandardCharsets.ISO_8859_1);
  }

  /** The character set of its texts; Latin-1 where it states none that is known. */
  Charset charset() {
    String stated = text(0x00080005);
    if (stated != null) {
      for (String name : stated.split("\\\\", 0)) {
        String plain = name.strip().replace("ISO 2022 IR ", "ISO_IR ");
        String java = CHARSETS.get(plain);
        if (java != null && Charset.isSupported(java)) {
          return Charset.forName(java);
        }
      }
    }
    return StandardCharsets.ISO_8859_1;
  }
}
