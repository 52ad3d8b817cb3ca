package org.rtcn.common.nd4j;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.rtcn.common.error.UserException;

/**
 * Which of the native libraries on the class path this processor can run. JavaCPP would take the
 * first that it finds, and a library with instructions that the processor lacks ends the JVM.
 *
 * @param classifier of the library, for example {@code linux-x86_64-onednn-avx2}
 * @param why one sentence for the log
 */
record NativeChoice(String classifier, String why) {
  private static final Set<String> AVX2 = Set.of("avx2", "fma");
  private static final Set<String> AVX512 =
      Set.of("avx2", "fma", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");

  /** ND4J's builds for Linux on x86-64, best first. */
  private enum Build {
    ONEDNN_AVX512("-onednn-avx512", AVX512),
    ONEDNN_AVX2("-onednn-avx2", AVX2),
    ONEDNN("-onednn", Set.of()),
    PLAIN_AVX512("-avx512", AVX512),
    PLAIN_AVX2("-avx2", AVX2),
    PLAIN("", Set.of());

    private final String extension;

    @SuppressWarnings("ImmutableEnumChecker") // Set.of
    private final Set<String> needs;

    Build(String extension, Set<String> needs) {
      this.extension = extension;
      this.needs = needs;
    }

    String classifier() {
      return "linux-x86_64" + extension;
    }
  }

  /** What JavaCPP is told to look for. */
  String extension() {
    return classifier.substring("linux-x86_64".length());
  }

  /**
   * The best library of those present that the processor can run.
   *
   * @param features flags of the processor as {@code /proc/cpuinfo} names them
   * @param present whether a classifier's library is on the class path
   * @return empty if none of these builds is there, or nothing is known of the processor
   * @throws UserException if there are some, and the processor can run none of them
   */
  static Optional<NativeChoice> choose(Set<String> features, Predicate<String> present) {
    List<Build> there =
        Arrays.stream(Build.values()).filter(build -> present.test(build.classifier())).toList();
    if (there.isEmpty() || features.isEmpty()) {
      return Optional.empty();
    }
    for (Build build : there) {
      if (features.containsAll(build.needs)) {
        return Optional.of(
            new NativeChoice(
                build.classifier(),
                String.format(
                    "natives %s: the best of %s that a processor with %s can run",
                    build.classifier(),
                    there.stream().map(Build::classifier).toList(),
                    capability(features))));
      }
    }
    Set<String> missing = new HashSet<>(there.get(there.size() - 1).needs);
    missing.removeAll(features);
    throw new UserException(
        "Cannot run ND4J on this processor: the natives in this jar, "
            + there.get(there.size() - 1).classifier()
            + ", need "
            + missing.stream().sorted().toList()
            + "; build with -Dnd4j.classifier=linux-x86_64-onednn, or with -Pall-natives");
  }

  private static String capability(Set<String> features) {
    if (features.containsAll(AVX512)) {
      return "AVX-512";
    }
    return features.containsAll(AVX2) ? "AVX2" : "neither AVX2 nor AVX-512";
  }

  /** The flags of the first processor, as Linux tells them; empty elsewhere. */
  static Set<String> features(Path cpuinfo) {
    try {
      for (String line : Files.readAllLines(cpuinfo)) {
        if (line.startsWith("flags")) {
          // A set of a list: Set.of refuses flags that are listed twice.
          return Set.copyOf(
              Pattern.compile("\\s+")
                  .splitAsStream(line.substring(line.indexOf(':') + 1).trim())
                  .toList());
        }
      }
      return Set.of();
    } catch (IOException e) {
      // No Linux: nothing is known.
      return Set.of();
    }
  }
}
