package org.rtcn.jobs.ingest;

import com.typesafe.config.Config;
import java.io.Serializable;
import java.util.Locale;
import java.util.Objects;
import org.rtcn.common.config.Settings;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;
import org.rtcn.jobs.inputs.Locations;

/**
 * What to ingest and how.
 *
 * @param input folder of WFDB records: a path or URI
 * @param source which archive it is
 * @param dataset name in the tables; empty for the source's own
 * @param ptbxlRateHz 100 or 500
 * @param former whether a former infarct gives PTB a site
 * @param windowSeconds a longer recording becomes several rows of at most this length
 * @param changedBy how an update tells that a recording changed
 * @param folds patient-disjoint folds to make
 * @param seed of the folds
 */
public record IngestOptions(
    String input,
    SourceKind source,
    String dataset,
    int ptbxlRateHz,
    FormerInfarction former,
    int windowSeconds,
    ChangedBy changedBy,
    int folds,
    long seed)
    implements Serializable {

  /** How an update tells that a recording changed. */
  public enum ChangedBy {
    /** Size and time of its files: a listing tells. */
    TIME,
    /** Its bytes: each is read. */
    CONTENT
  }

  /** Checks the values. */
  public IngestOptions {
    Objects.requireNonNull(input, "input");
    if (windowSeconds < 1 || windowSeconds > 86_400) {
      throw new IllegalArgumentException(
          "window-s " + windowSeconds + ": must lie in 1..86400 (a day)");
    }
    if (folds < 2) {
      throw new IllegalArgumentException("folds " + folds + ": must be 2 or more");
    }
    if (!dataset.matches("[A-Za-z0-9_-]*")) {
      throw new IllegalArgumentException(
          "dataset \"" + dataset + "\": use letters, digits, '-' and '_'");
    }
  }

  /** The sections {@code rtcn.ingest} and {@code rtcn.split}. */
  public static IngestOptions read(Settings settings, String input) {
    String located = Locations.of(input);
    if (!located.isEmpty()) {
      Locations.path("the input", located);
    }
    int folds = settings.read("split", split -> split.getInt("folds"));
    return settings.read(
        "ingest",
        ingest ->
            new IngestOptions(
                located,
                choice(ingest, "source", SourceKind.class),
                ingest.getString("dataset"),
                ingest.getInt("ptbxl-rate-hz"),
                choice(ingest, "former-infarction", FormerInfarction.class),
                ingest.getInt("window-s"),
                choice(ingest, "changed-by", ChangedBy.class),
                folds,
                settings.seed()));
  }

  private static <E extends Enum<E>> E choice(Config config, String key, Class<E> type) {
    String value = config.getString(key);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(value)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        key
            + " \""
            + value
            + "\": must be one of "
            + java.util.Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT));
  }
}
