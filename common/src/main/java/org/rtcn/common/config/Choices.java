package org.rtcn.common.config;

import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Configuration values that are one of a few words. */
public final class Choices {
  private Choices() {}

  /**
   * The constant that a key names, in any case, with hyphens for underscores.
   *
   * @throws IllegalArgumentException if the value is none of the constants
   */
  public static <E extends Enum<E>> E of(Class<E> type, Config config, String key) {
    String value = config.getString(key);
    List<String> words = Arrays.stream(type.getEnumConstants()).map(Choices::word).toList();
    int found = words.indexOf(value.toLowerCase(Locale.ROOT));
    if (found < 0) {
      throw new IllegalArgumentException(
          String.format("Invalid %s \"%s\": write one of %s", key, value, words));
    }
    return type.getEnumConstants()[found];
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
