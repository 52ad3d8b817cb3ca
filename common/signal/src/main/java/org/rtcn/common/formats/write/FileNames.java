package org.rtcn.common.formats.write;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;

/** Names of files for names of recordings, each once. */
public final class FileNames {
  /** File systems take 255 bytes, suffixes among them. */
  private static final int LONGEST = 120;

  private final Set<String> given = new HashSet<>();

  /**
   * A name without suffix: letters, digits, {@code _} and {@code -}; of those that would be the
   * same, the second ends in {@code _2}.
   */
  public String unique(String name) {
    String plain = plain(name);
    String unique = plain;
    // Some file systems take capitals and small letters for the same.
    for (int i = 2; !given.add(unique.toLowerCase(Locale.ROOT)); i++) {
      unique = plain + "_" + i;
    }
    return unique;
  }

  /** What {@link #unique} gives for the first of its name. */
  public static String plain(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9_-]+", "_").replaceFirst("^-", "_");
    if (plain.length() > LONGEST) {
      CRC32 crc = new CRC32();
      crc.update(name.getBytes(StandardCharsets.UTF_8));
      plain = "%s_%08x".formatted(plain.substring(0, LONGEST), crc.getValue());
    }
    return plain;
  }
}
