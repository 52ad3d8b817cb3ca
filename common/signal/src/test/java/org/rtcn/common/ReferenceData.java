package org.rtcn.common;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds the reference data (goldens made by reference implementations, real ECG), which are third
 * parties' and no part of this project. A test that needs them calls {@link #require}: it is
 * skipped, loudly, where they are absent, and fails where {@code RTCN_REQUIRE_REFERENCE_DATA=1}.
 *
 * <p>They are looked for in {@code RTCN_REFERENCE_DATA}, else in {@code ../shared} beside the
 * checkout.
 */
public final class ReferenceData {
  private ReferenceData() {}

  /** The file or folder {@code path}, for example {@code golden/stockwell}. */
  public static Path require(String path) {
    Path found = root().resolve(path);
    if (Files.exists(found)) {
      return found;
    }
    String message =
        "SKIPPED: reference data "
            + found
            + " not found; set RTCN_REFERENCE_DATA to the folder that holds it";
    if ("1".equals(System.getenv("RTCN_REQUIRE_REFERENCE_DATA"))) {
      throw new AssertionError(message + " (RTCN_REQUIRE_REFERENCE_DATA=1 makes this a failure)");
    }
    System.err.println(message);
    abort(message);
    return found;
  }

  private static Path root() {
    String configured = System.getenv("RTCN_REFERENCE_DATA");
    if (configured != null) {
      return Path.of(configured);
    }
    // Surefire runs in the module's folder: the checkout is one up.
    Path checkout = Path.of("").toAbsolutePath();
    while (checkout != null && !Files.exists(checkout.resolve("mvnw"))) {
      checkout = checkout.getParent();
    }
    return checkout == null ? Path.of("../shared") : checkout.resolveSibling("shared");
  }
}
