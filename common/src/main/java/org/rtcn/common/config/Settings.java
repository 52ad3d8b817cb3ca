package org.rtcn.common.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.rtcn.common.error.UserException;

/**
 * The effective settings: {@code reference.conf}, overlaid by configuration files, overlaid by
 * single keys. Read once at start; sections are turned into validated option records.
 */
public final class Settings {
  private static final String ROOT = "rtcn";

  /** Maps whose keys are data (class names), not settings: any key is allowed below them. */
  private static final List<String> FREE_KEYS =
      List.of("rtcn.simulate.patients", "rtcn.augment.target-counts");

  private final Config config;

  private Settings(Config config) {
    this.config = config;
  }

  /** The defaults of {@code reference.conf} alone. */
  public static Settings defaults() {
    return load(List.of(), List.of());
  }

  /**
   * Loads the defaults, then the overlays in order, then the {@code key=value} assignments in
   * order. Keys may be written with or without the leading {@code rtcn.}.
   *
   * @param overlays paths of HOCON files, or names of overlays that travel in the jar ({@code
   *     conf/} without {@code .conf}), for example {@code demo}
   * @throws UserException if a file is missing or malformed, a key is unknown, or a value's type is
   *     not that of the default
   */
  public static Settings load(List<String> overlays, List<String> assignments) {
    Config reference = reference();
    Config effective = reference;
    for (String name : overlays) {
      Config overlay = checked(parseOverlay(name), reference, name);
      effective = overlaid(overlay, effective);
    }
    for (String assignment : assignments) {
      Config overlay = checked(parse(assignment), reference, "--set " + assignment);
      effective = overlaid(overlay, effective);
    }
    return new Settings(effective.resolve());
  }

  /** These settings with further {@code key=value} assignments on top. */
  public Settings with(String... assignments) {
    Config reference = reference();
    Config effective = config;
    for (String assignment : assignments) {
      effective = overlaid(checked(parse(assignment), reference, assignment), effective).resolve();
    }
    return new Settings(effective);
  }

  /**
   * These settings with values of unknown origin on top. They are taken as they are, never as HOCON
   * text: nothing in them can include a file, fetch a URL or stand for another value.
   *
   * @param section where all keys lie, for example {@code transform}
   * @param values full key to text, finite number or truth value
   * @throws UserException if a key is not one of the section's, one of them is missing, or a value
   *     is of another kind than its default
   */
  public Settings withData(String section, Map<String, ?> values) {
    String path = ROOT + "." + section + ".";
    Config reference = reference();
    Map<String, ConfigValue> defaults = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> entry : reference.entrySet()) {
      if (entry.getKey().startsWith(path)) {
        defaults.put(entry.getKey(), entry.getValue());
      }
    }
    Config effective = config;
    for (Map.Entry<String, ?> entry : values.entrySet()) {
      ConfigValue known = defaults.remove(entry.getKey());
      if (known == null) {
        throw new UserException(
            "Invalid setting \"" + shortened(entry.getKey()) + "\": this version does not know it");
      }
      effective =
          effective.withValue(entry.getKey(), data(entry.getKey(), entry.getValue(), known));
    }
    if (!defaults.isEmpty()) {
      throw new UserException(
          "Invalid settings: " + defaults.keySet().iterator().next() + " is missing");
    }
    return new Settings(effective);
  }

  private static ConfigValue data(String key, Object value, ConfigValue known) {
    boolean number =
        value instanceof Integer
            || value instanceof Long
            || (value instanceof Double real && Double.isFinite(real));
    boolean fits =
        switch (known.valueType()) {
          case NUMBER -> number;
          case BOOLEAN -> value instanceof Boolean;
          // As in --set: a word may look like a number.
          case STRING -> number || value instanceof Boolean || value instanceof String;
          default -> false;
        };
    if (!fits) {
      throw new UserException(
          "Invalid value "
              + shortened(String.valueOf(value))
              + " for \""
              + key
              + "\": expected "
              + name(known.valueType())
              + " like the default "
              + render(known));
    }
    return ConfigValueFactory.fromAnyRef(value);
  }

  private static String shortened(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ");
    return line.length() <= 100 ? line : line.substring(0, 100) + "…";
  }

  /**
   * Turns the section {@code rtcn.<name>} into an options record.
   *
   * @param name the section below {@code rtcn}, or "" for the root
   * @throws UserException if the reader refuses a value ({@link IllegalArgumentException} or {@link
   *     ConfigException})
   */
  public <T> T read(String name, Function<Config, T> reader) {
    String path = name.isEmpty() ? ROOT : ROOT + "." + name;
    try {
      return reader.apply(config.getConfig(path));
    } catch (ConfigException | IllegalArgumentException e) {
      throw new UserException("Invalid settings under " + path + ": " + e.getMessage(), e);
    }
  }

  /** The root seed of every random stream. */
  public long seed() {
    return config.getLong("rtcn.seed");
  }

  /** The class names that take part, in the order of every probability vector. */
  public List<String> classes() {
    return config.getStringList("rtcn.classes");
  }

  /** The folds held out from everything that learns. */
  public List<Integer> testFolds() {
    return config.getIntList("rtcn.split.test-folds");
  }

  /** One section as sorted key to rendered value: what manifests and fingerprints hold. */
  public Map<String, String> flatten(String... sections) {
    Map<String, String> flat = new TreeMap<>();
    for (String section : sections) {
      String path = ROOT + "." + section;
      ConfigValue value = config.getValue(path);
      if (value instanceof ConfigObject object) {
        for (Map.Entry<String, ConfigValue> entry : object.toConfig().entrySet()) {
          flat.put(path + "." + entry.getKey(), render(entry.getValue()));
        }
      } else {
        flat.put(path, render(value));
      }
    }
    return flat;
  }

  private static String render(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }

  private static Config reference() {
    return ConfigFactory.parseResources(
            Settings.class.getClassLoader(), "reference.conf", ConfigParseOptions.defaults())
        .resolve()
        .withOnlyPath(ROOT);
  }

  private static Config parseOverlay(String name) {
    try {
      if (isFile(name)) {
        return ConfigFactory.parseFile(new File(name));
      }
      if (name.matches("[a-z0-9-]+")) {
        Config bundled =
            ConfigFactory.parseResources(
                Settings.class.getClassLoader(),
                "conf/" + name + ".conf",
                ConfigParseOptions.defaults());
        if (!bundled.isEmpty()) {
          return bundled;
        }
      }
    } catch (ConfigException e) {
      throw new UserException("Cannot read the configuration " + name + ": " + e.getMessage(), e);
    }
    throw new UserException(
        "Cannot find the configuration \""
            + name
            + "\": neither a file nor the name of an overlay in conf/ (such as demo)");
  }

  private static boolean isFile(String name) {
    try {
      return Files.isRegularFile(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static Config parse(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new UserException(
          "Invalid assignment \"" + assignment + "\": write --set key=value, e.g. --set seed=7");
    }
    String key = assignment.substring(0, equals).trim();
    String value = assignment.substring(equals + 1).trim();
    try {
      List<String> path = ConfigUtil.splitPath(key);
      String rooted = path.get(0).equals(ROOT) ? key : ROOT + "." + key;
      ConfigValue parsed;
      try {
        parsed = ConfigFactory.parseString("v = " + value).getValue("v");
      } catch (ConfigException e) {
        parsed = ConfigValueFactory.fromAnyRef(value);
      }
      return ConfigFactory.empty().withValue(rooted, parsed);
    } catch (ConfigException e) {
      throw new UserException("Invalid assignment \"" + assignment + "\": " + e.getMessage());
    }
  }

  /** A map whose keys are data replaces the map below it instead of joining it. */
  private static Config overlaid(Config overlay, Config below) {
    Config base = below;
    for (String free : FREE_KEYS) {
      if (overlay.hasPath(free)) {
        base = base.withoutPath(free);
      }
    }
    return overlay.withFallback(base);
  }

  private static Config checked(Config overlay, Config reference, String origin) {
    for (Map.Entry<String, ConfigValue> entry : overlay.entrySet()) {
      String key = entry.getKey();
      if (FREE_KEYS.stream().anyMatch(free -> key.startsWith(free + "."))) {
        continue;
      }
      if (!reference.hasPathOrNull(key)) {
        throw new UserException(
            "Invalid key \"" + key + "\" in " + origin + nearest(key, reference));
      }
      ConfigValueType expected = reference.getValue(key).valueType();
      ConfigValueType given = entry.getValue().valueType();
      if (!compatible(expected, entry.getValue())) {
        throw new UserException(
            String.format(
                "Invalid value %s for \"%s\" in %s: expected %s like the default %s, not %s",
                render(entry.getValue()),
                key,
                origin,
                name(expected),
                render(reference.getValue(key)),
                name(given)));
      }
    }
    return overlay;
  }

  private static boolean compatible(ConfigValueType expected, ConfigValue given) {
    if (expected == given.valueType()) {
      return true;
    }
    // HOCON keeps unquoted words apart from numbers only by their look.
    return expected == ConfigValueType.STRING
        && given.valueType() != ConfigValueType.OBJECT
        && !(given instanceof ConfigList);
  }

  /** With its article. */
  private static String name(ConfigValueType type) {
    return switch (type) {
      case OBJECT -> "an object";
      case LIST -> "a list";
      case NULL -> "null";
      default -> "a " + type.name().toLowerCase(Locale.ROOT);
    };
  }

  private static String nearest(String key, Config reference) {
    List<String> known = new ArrayList<>();
    reference.entrySet().forEach(entry -> known.add(entry.getKey()));
    String lastPart = key.substring(key.lastIndexOf('.') + 1);
    // Right in its last part, in the wrong section; or a slip anywhere.
    ToIntFunction<String> distance =
        candidate ->
            Math.min(
                Nearest.distance(key, candidate),
                1
                    + Nearest.distance(
                        lastPart, candidate.substring(candidate.lastIndexOf('.') + 1)));
    Optional<String> best =
        known.stream()
            .filter(candidate -> Nearest.isNear(distance.applyAsInt(candidate) - 1, lastPart))
            .min(Comparator.comparingInt(distance).thenComparing(Comparator.naturalOrder()));
    return best.map(name -> ": no such setting. Did you mean \"" + name + "\"?")
            .orElse(": no such setting.")
        + " reference.conf lists them all.";
  }
}
