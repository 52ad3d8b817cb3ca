package org.rtcn.jobs.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;

/**
 * Is an output still made from what is there now? Each manifest names the identities of the outputs
 * that its own was made from. They are compared with those that are there, and so are theirs, down
 * to the first stage. What differs is stale: a model of beats that have been reassigned since has
 * learned from patients that are held out now.
 */
final class Lineage {
  private static final String STAGES = "stages/";
  private static final Pattern REFERENCE =
      Pattern.compile("(\\.\\./)*((?!\\.{1,2}/)[^/:]+/)*stages/[a-z]+");

  private Lineage() {}

  /**
   * How a manifest names the output of another stage: relative, so that a run may be moved.
   *
   * @param run the run whose manifest it is
   * @param other the run that holds the output: itself, one above or one below
   */
  static String reference(Path run, Path other, String stage) {
    List<String> from = segments(run);
    List<String> to = segments(other);
    int common = 0;
    while (common < Math.min(from.size(), to.size()) && from.get(common).equals(to.get(common))) {
      common++;
    }
    List<String> path = new ArrayList<>();
    for (int i = common; i < from.size(); i++) {
      path.add("..");
    }
    path.addAll(to.subList(common, to.size()));
    path.add(STAGES + stage);
    return String.join("/", path);
  }

  private static List<String> segments(Path path) {
    return Arrays.stream(path.toUri().getPath().split("/", -1)).filter(s -> !s.isEmpty()).toList();
  }

  /** Whether an input's name is a {@link #reference}. */
  static boolean isStage(String input) {
    return input.startsWith(STAGES) || input.contains("/" + STAGES);
  }

  /**
   * Whether a manifest may name an input so: anything for what comes from outside, of a stage a
   * relative path that only begins with ways up.
   */
  static boolean isPossible(String input) {
    return !isStage(input) || REFERENCE.matcher(input).matches();
  }

  /**
   * Refuses what is stale, the earliest stage first.
   *
   * @param root the run that holds the manifest
   * @throws UserException that names the stage to run again
   */
  static void require(FileSystem fileSystem, Path root, Manifest manifest) {
    stale(fileSystem, root, manifest)
        .ifPresent(
            reason -> {
              throw new UserException(reason);
            });
  }

  /**
   * What is stale, in a sentence, with what to run again.
   *
   * @return empty if all is made from what is there
   */
  static Optional<String> stale(FileSystem fileSystem, Path root, Manifest manifest) {
    return stale(fileSystem, root, manifest, new HashSet<>());
  }

  /**
   * @param seen manifests that have been looked at or are being: the way ends there, also of one
   *     that leads back to itself, which no stage writes
   */
  private static Optional<String> stale(
      FileSystem fileSystem, Path root, Manifest manifest, Set<Path> seen) {
    for (Map.Entry<String, String> input : new TreeMap<>(manifest.inputs()).entrySet()) {
      if (!isStage(input.getKey())) {
        continue;
      }
      Path folder = new Path(root, input.getKey());
      Path upstreamRoot = folder.getParent().getParent();
      String upstream = folder.getName();
      Optional<Manifest> now = Manifest.find(fileSystem, upstreamRoot, upstream);
      if (now.isEmpty()) {
        return Optional.of(
            String.format(
                "Cannot use the output of %s in %s: that of %s, which it was made from, is not"
                    + " there any more. Run \"%s\" first",
                manifest.stage(), root, upstream, Remedy.command(upstreamRoot, upstream)));
      }
      if (seen.add(Manifest.path(upstreamRoot, upstream))) {
        Optional<String> earlier = stale(fileSystem, upstreamRoot, now.get(), seen);
        if (earlier.isPresent()) {
          return earlier;
        }
      }
      if (!now.get().identity().equals(input.getValue())) {
        return Optional.of(
            String.format(
                "Cannot use the output of %s in %s: it was made from another %s than is there"
                    + " now. Run \"%s --overwrite\" first, with the --config and --set that it had",
                manifest.stage(), root, upstream, Remedy.command(root, manifest.stage())));
      }
    }
    return Optional.empty();
  }
}
