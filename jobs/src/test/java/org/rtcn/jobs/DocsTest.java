package org.rtcn.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds for README, docs and the other pages as text: size, links, words. */
class DocsTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final int README_BYTES = 12_288;

  private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.*)$");
  private static final Pattern PAGE_IN_CODE = Pattern.compile("\\bdocs/[\\w/.-]+\\.md");

  /** Literal phrases, and the plain ones to write instead. */
  private static final Map<String, String> PLAIN =
      Map.of(
          "\\brooms\\b", "modules",
          "what stands (there|where)", "what is there, contents",
          "dealt (anew|to|by)", "permuted, assigned",
          "looked for on", "tuned on, chosen on",
          "lean to the (good|bad) side", "are optimistic",
          "worked off", "processed",
          "goes? on where", "resumes",
          "the way to Maven", "access to",
          "told of the", "conditioned on",
          "\\bbeside\\b", "next to, compared with");

  /** A line of a comment that is not about a name in the code. */
  private static final Pattern COMMENT =
      Pattern.compile("^\\s*(/\\*\\*|\\*|//)(?!.*(@param beside|#BESIDE))");

  @Test
  void theReadmeFitsOnAScreenOrTwo() throws IOException {
    assertThat(Files.size(HOME.resolve("README.md"))).isLessThanOrEqualTo(README_BYTES);
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages()) {
      for (MatchResult link : LINK.matcher(prose(page)).results().toList()) {
        if (link.group(1).matches("(https?|mailto):.*")) {
          continue;
        }
        links++;
        String[] parts = link.group(1).split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        if (!target.startsWith(HOME) || !Files.exists(target)) {
          broken.add(HOME.relativize(page) + ": " + link.group(1));
        } else if (parts.length == 2 && !anchors(target).contains(parts[1])) {
          broken.add(HOME.relativize(page) + ": no heading " + link.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).isGreaterThan(100);
  }

  @Test
  void everyPageIsReachedFromTheIndex() throws IOException {
    Set<Path> reached = new HashSet<>();
    reach(HOME.resolve("README.md"), reached);
    assertThat(pages().stream().filter(page -> !reached.contains(page))).isEmpty();
  }

  @Test
  void thePagesThatMessagesNameExist() throws IOException {
    List<Path> sources = new ArrayList<>(files(HOME.resolve("conf"), ".conf"));
    for (String folder :
        List.of(
            "common/signal/src",
            "common/src",
            "jobs/files/src",
            "jobs/src",
            "deploy/bin",
            "deploy/python/src")) {
      sources.addAll(files(HOME.resolve(folder), ""));
    }
    Map<String, Path> missing = new TreeMap<>();
    for (Path source : sources) {
      if (source.toString().matches(".*\\.(java|conf|py)|.*/rtcn")) {
        PAGE_IN_CODE
            .matcher(Files.readString(source))
            .results()
            .map(MatchResult::group)
            .filter(page -> !Files.exists(HOME.resolve(page)))
            .forEach(page -> missing.put(page, source));
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void theEnglishIsPlain() throws IOException {
    List<Path> texts = new ArrayList<>(pages());
    texts.addAll(files(HOME.resolve("conf"), ""));
    texts.add(HOME.resolve("common/src/main/resources/reference.conf"));
    for (String module : List.of("common/signal", "common", "jobs/files", "jobs")) {
      texts.addAll(files(HOME.resolve(module + "/src/main/java"), ".java"));
    }
    List<String> literal = new ArrayList<>();
    for (Path text : texts) {
      for (String line : Files.readAllLines(text)) {
        if (text.toString().endsWith(".java") && !COMMENT.matcher(line).find()) {
          continue;
        }
        PLAIN.forEach(
            (phrase, better) -> {
              if (Pattern.compile(phrase, Pattern.CASE_INSENSITIVE).matcher(line).find()) {
                literal.add(
                    HOME.relativize(text) + ": \"" + line.strip() + "\": better: " + better);
              }
            });
      }
    }
    assertThat(literal).isEmpty();
  }

  private static void reach(Path page, Set<Path> reached) throws IOException {
    if (!reached.add(page)) {
      return;
    }
    for (MatchResult link : LINK.matcher(prose(page)).results().toList()) {
      Path target = page.resolveSibling(link.group(1).replaceFirst("#.*", "")).normalize();
      if (target.toString().endsWith(".md") && Files.exists(target)) {
        reach(target, reached);
      }
    }
  }

  /** A page without its fenced code. */
  private static String prose(Path page) throws IOException {
    return FENCE.matcher(Files.readString(page)).replaceAll("");
  }

  /** The anchors of a page's headings, as GitHub and the site make them. */
  private static Set<String> anchors(Path page) throws IOException {
    return HEADING
        .matcher(prose(page))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).strip())
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (Stream<Path> top = Files.list(HOME)) {
      top.filter(path -> path.toString().endsWith(".md")).forEach(pages::add);
    }
    for (String folder :
        List.of("docs", "notebooks", "benchmarks", "deploy/python", "deploy/mlflow")) {
      pages.addAll(files(HOME.resolve(folder), ".md"));
    }
    pages.add(HOME.resolve("deploy/README.md"));
    return pages;
  }

  private static List<Path> files(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(path -> Files.isRegularFile(path) && path.toString().endsWith(suffix))
          .filter(path -> !path.toString().contains("/target/"))
          .toList();
    }
  }
}
