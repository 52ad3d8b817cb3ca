package org.rtcn.common.input;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.rtcn.common.config.Settings;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.storage.StrictJson;

/**
 * How a model's images were made, as it travels with the model: every setting of the section {@code
 * rtcn.transform} by its full key, as plain data.
 */
public final class ModelPreprocessing {
  private static final String SECTION = "transform";

  private ModelPreprocessing() {}

  /**
   * What a transform was run with: key to text, number or truth value.
   *
   * @param configuration of its manifest: key to value as {@link Settings#flatten} renders it
   */
  public static Map<String, Object> of(Map<String, String> configuration) {
    Map<String, Object> settings = new TreeMap<>();
    configuration.forEach(
        (key, value) -> {
          if (key.startsWith("rtcn." + SECTION + ".")) {
            settings.put(key, data(key, value));
          }
        });
    return settings;
  }

  /** A manifest has values as HOCON renders them, which for these is JSON. */
  private static Object data(String key, String rendered) {
    JsonNode value =
        StrictJson.tree(
                ("{\"value\":" + rendered + "}").getBytes(StandardCharsets.UTF_8),
                "setting " + key + " in transform's manifest")
            .path("value");
    if (value.isNumber()) {
      return value.numberValue();
    }
    return value.isBoolean() ? (Object) value.booleanValue() : value.asText();
  }

  /**
   * The settings that recordings must be transformed with for a model.
   *
   * @throws UserException if the model's settings are not this version's, out of range, or do not
   *     make the images that its network reads
   */
  public static Settings settings(Settings others, RtcnModel model) {
    try {
      Settings settings = others.withData(SECTION, model.preprocessing());
      requireImages(TransformOptions.of(settings), model);
      return settings;
    } catch (UserException e) {
      throw new UserException(
          "Cannot use model "
              + model.modelId()
              + ": its preprocessing is not usable: "
              + StrictJson.quoted(e.getMessage())
              + "; train it again",
          e);
    }
  }

  private static void requireImages(TransformOptions options, RtcnModel model) {
    boolean ofImages = model.standardizer().input().isImage();
    int voices = ofImages ? options.image().voiceCount() : 1;
    int columns = ofImages ? options.image().columns() : options.beats().windowSamples();
    int leads = Lead.STANDARD_12.size();
    if (leads != model.standardizer().leads()
        || voices != model.config().voices()
        || columns != model.config().columns()) {
      throw new UserException(
          String.format(
              "it makes images of %d leads x %d voices x %d columns, the network reads %d x %d x"
                  + " %d",
              leads,
              voices,
              columns,
              model.standardizer().leads(),
              model.config().voices(),
              model.config().columns()));
    }
  }
}
