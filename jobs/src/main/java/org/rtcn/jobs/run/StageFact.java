package org.rtcn.jobs.run;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;
import org.rtcn.common.error.UserException;

/**
 * A finding that a stage states in its manifest, under {@code facts}: the one place that knows its
 * name and form, for who writes it and who reads it. Each stage declares its own.
 *
 * @param <T> what it is in Java; records become JSON objects
 */
public final class StageFact<T> {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private final String stage;
  private final String name;
  private final JavaType type;

  private StageFact(String stage, String name, JavaType type) {
    this.stage = stage;
    this.name = name;
    this.type = type;
  }

  /** A fact of a class without type parameters. */
  public static <T> StageFact<T> of(String stage, String name, Class<T> type) {
    return new StageFact<>(stage, name, JSON.constructType(type));
  }

  /** A fact of any type. */
  public static <T> StageFact<T> of(String stage, String name, TypeReference<T> type) {
    return new StageFact<>(stage, name, JSON.constructType(type));
  }

  /** The stage that states it. */
  public String stage() {
    return stage;
  }

  /** Its name in the manifest. */
  public String name() {
    return name;
  }

  /**
   * What a manifest says, empty where it says nothing.
   *
   * @throws UserException if it says something of another form
   * @throws IllegalArgumentException if the manifest is that of another stage
   */
  public Optional<T> in(Manifest manifest) {
    requireStage(manifest.stage());
    Object value = manifest.facts().get(name);
    if (value == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.convertValue(value, type));
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "Cannot use the manifest of stage %s: fact %s has another form than this version of rtcn-spark writes; run %s again with --overwrite"
              .formatted(stage, name, stage),
          e);
    }
  }

  /**
   * What a manifest must say.
   *
   * @throws UserException if it does not
   */
  public T require(Manifest manifest) {
    return in(manifest)
        .orElseThrow(
            () ->
                new UserException(
                    "Cannot use the manifest of stage %s: it lacks fact %s; run %s again with --overwrite"
                        .formatted(stage, name, stage)));
  }

  /** As the manifest holds it: of maps, lists, numbers and texts. */
  Object toJson(T value) {
    return JSON.convertValue(value, Object.class);
  }

  void requireStage(String other) {
    if (!stage.equals(other)) {
      throw new IllegalArgumentException(
          "Cannot take fact %s of stage %s for one of %s".formatted(name, stage, other));
    }
  }

  @Override
  public String toString() {
    return stage + "." + name;
  }
}
