package org.rtcn.common.storage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * JSON of unknown origin: plain data, bounded in depth and in the length of its numbers and
 * strings, no key twice, nothing after its end, every component of a record present, no number for
 * a string or the other way round. Whoever hands in bytes bounds their length first.
 *
 * <p>A number that stands as the string {@code "NaN"} or {@code "Infinity"} still becomes a double:
 * records check that theirs are finite.
 */
public final class StrictJson {
  private static final int DEEPEST = 16;
  private static final int LONGEST_NUMBER = 64;
  private static final int LONGEST_STRING = 1 << 25;
  private static final int LONGEST_MESSAGE = 300;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxNumberLength(LONGEST_NUMBER)
                          .maxStringLength(LONGEST_STRING)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS,
              DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private StrictJson() {}

  /**
   * Reads a document.
   *
   * @param what it is, for messages
   * @throws IllegalArgumentException if it is no JSON within the bounds
   */
  public static JsonNode tree(byte[] json, String what) {
    try {
      JsonNode tree = MAPPER.readTree(json);
      if (tree == null || !tree.isObject()) {
        throw new IllegalArgumentException("Invalid " + what + ": it is no JSON object");
      }
      return tree;
    } catch (IOException e) {
      throw refusal(what, e);
    }
  }

  /**
   * Reads a document as a record (or any other type that Jackson knows).
   *
   * @throws IllegalArgumentException if it is no JSON within the bounds, or not of this type, or
   *     the record refuses a value
   */
  public static <T> T read(byte[] json, Class<T> type, String what) {
    return convert(tree(json, what), type, what);
  }

  /** As {@link #read}, of what {@link #tree} gave. */
  public static <T> T convert(JsonNode tree, Class<T> type, String what) {
    try {
      T value = MAPPER.treeToValue(tree, type);
      if (value == null) {
        throw new IllegalArgumentException("Invalid " + what + ": it is null");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw refusal(what, e);
    }
  }

  /** A value as JSON, keys of maps sorted: the same value gives the same bytes. */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to write " + value.getClass() + " as JSON", e);
    }
  }

  /** The same with line breaks and indents, for people. */
  public static byte[] writePretty(Object value) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to write " + value.getClass() + " as JSON", e);
    }
  }

  /** A text of unknown origin as one short line without control characters, for messages. */
  public static String quoted(String text) {
    String line = text == null ? "null" : text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "…";
  }

  private static IllegalArgumentException refusal(String what, IOException error) {
    String why = error.getMessage();
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof IllegalArgumentException) {
        // What a record says of its own values.
        return new IllegalArgumentException(
            "Invalid " + what + ": " + quoted(cause.getMessage()), error);
      }
    }
    if (error instanceof JsonMappingException mapping) {
      why = wrong(mapping);
    } else if (error instanceof JsonProcessingException parsing) {
      why = unreadable(parsing) + place(parsing.getLocation());
    }
    return new IllegalArgumentException("Invalid " + what + ": " + quoted(why), error);
  }

  private static String place(JsonLocation at) {
    return at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  /** Why a text cannot be taken as a document. */
  private static String unreadable(JsonProcessingException error) {
    if (error instanceof StreamConstraintsException) {
      return "it is nested too deeply, or a value is too long,";
    }
    Matcher twice = TWICE.matcher(error.getOriginalMessage());
    return twice.lookingAt() ? "'" + twice.group(1) + "' occurs twice," : "it is no JSON";
  }

  /** What is wrong with a value, in the words of the document, not of Java. */
  private static String wrong(JsonMappingException error) {
    String path =
        error.getPath().stream()
            .map(
                step ->
                    step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
            .collect(Collectors.joining("."));
    if (error instanceof UnrecognizedPropertyException) {
      return path + " is not known";
    }
    if (error.getOriginalMessage().startsWith("Trailing token")) {
      return "something follows its end";
    }
    Matcher missing = MISSING.matcher(error.getOriginalMessage());
    if (missing.lookingAt()) {
      // The path may end with it.
      String name = missing.group(1);
      boolean told = path.equals(name) || path.endsWith("." + name);
      return (told ? path : path.isEmpty() ? name : path + "." + name) + " is missing";
    }
    String subject = path.isEmpty() ? "it" : path;
    return error instanceof MismatchedInputException mismatched
            && mismatched.getTargetType() != null
        ? subject + " must be " + kind(mismatched.getTargetType())
        : subject + " has a wrong value";
  }

  private static final Pattern TWICE = Pattern.compile("Duplicate field '([^']*)'");

  private static final Pattern MISSING =
      Pattern.compile("Missing (?:required )?creator property '([^']+)'");

  private static String kind(Class<?> type) {
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == float.class || type == double.class) {
      return "a number";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a whole number";
    }
    if (type == String.class) {
      return "a text";
    }
    if (type.isEnum()) {
      return "one of " + List.of(type.getEnumConstants());
    }
    return Collection.class.isAssignableFrom(type) || type.isArray() ? "a list" : "an object";
  }
}
