package org.rtcn.jobs.run;

import java.util.Map;
import org.apache.hadoop.fs.Path;

/** Which command makes a stage's output. */
final class Remedy {
  /** Runs below a run, by the name of their folder, and what makes them. */
  private static final Map<String, String> COMMANDS =
      Map.of(
          "crossval", "crossval",
          "crossval-intra-patient-leaking", "crossval",
          "ablation", "ablate");

  private Remedy() {}

  /** {@code rtcn STAGE --run RUN}; of a fold or an arm what makes all of them. */
  static String command(Path root, String stage) {
    for (Path at = root; at != null && at.getParent() != null; at = at.getParent()) {
      String command = COMMANDS.get(at.getName());
      if (command != null) {
        return "rtcn " + command + " --run " + at.getParent();
      }
    }
    return "rtcn " + stage + " --run " + root;
  }

  /** A sentence that says what makes the output again. */
  static String again(Path root, String stage) {
    return "Run \"" + command(root, stage) + " --overwrite\" to make it again.";
  }
}
