package org.rtcn.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.rtcn.common.config.Settings;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.common.nn.NetworkSize;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.report.Checklist;
import org.rtcn.common.stockwell.SpectrogramOptions;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.Table;

/**
 * Holds the pages that are generated from the code to it: tables, networks and settings here, the
 * commands in {@code CommandsDocTest}. {@code -Drtcn.docs.write=true} writes them anew; the check
 * fails in that mode, so that it cannot stay on.
 */
class GeneratedDocsTest {
  private static final Pattern SECTION = Pattern.compile(" *# ---- (.*?) -{4,}");

  @Test
  void listsEveryTableAndColumn() throws IOException {
    GeneratedDocs.holds("schema.md", "tables", tables());
  }

  @Test
  void drawsTheNetworks() throws IOException {
    GeneratedDocs.holds("network.md", "networks", networks());
  }

  @Test
  void listsEverySetting() throws IOException {
    String settings = settings();
    GeneratedDocs.holds("settings.md", "settings", settings);
    assertThat(settings).contains("## transform: ", "twins-per-site", "seed = ");
  }

  @Test
  void listsWhatReportingGuidelinesAskFor() throws IOException {
    String items = items();
    GeneratedDocs.holds("reporting.md", "items", items);
    assertThat(items).contains("## STARD-AI: a run can fill ", "| 12f |", "**yours to add**");
  }

  private static String items() {
    StringBuilder text = new StringBuilder();
    Map<String, List<Checklist.Question>> lists =
        Checklist.questions().stream()
            .collect(
                Collectors.groupingBy(
                    Checklist.Question::guideline, LinkedHashMap::new, Collectors.toList()));
    lists.forEach(
        (guideline, questions) -> {
          text.append(
              String.format(
                  "%n## %s: a run can fill %d of %d items%n%n",
                  guideline,
                  questions.stream().filter(of -> !of.facts().isEmpty()).count(),
                  questions.size()));
          text.append("| item | asks for | the run answers with |\n|---|---|---|\n");
          for (Checklist.Question of : questions) {
            text.append(
                String.format(
                    "| %s | %s | %s |%n",
                    of.number(),
                    of.asks(),
                    of.facts().isEmpty()
                        ? "**yours to add**"
                        : of.facts().stream()
                            .map(Checklist.Fact::words)
                            .collect(Collectors.joining("; "))));
          }
        });
    return text.append('\n').toString();
  }

  /** reference.conf, a heading for each of its sections. */
  private static String settings() throws IOException {
    String conf =
        Files.readString(Path.of("..", "common", "src", "main", "resources", "reference.conf"));
    StringBuilder text = new StringBuilder("\n## General\n\n```hocon\n");
    for (String line : conf.split("\n", -1)) {
      Matcher section = SECTION.matcher(line);
      if (section.matches()) {
        trimEnd(text);
        text.append("```\n\n## ").append(section.group(1)).append("\n\n```hocon\n");
      } else {
        text.append(line).append('\n');
      }
    }
    trimEnd(text);
    return text.append("```\n\n").toString();
  }

  private static void trimEnd(StringBuilder text) {
    text.setLength(text.toString().stripTrailing().length());
    text.append('\n');
  }

  /** Complex images of twelve leads as configured by default, six classes. */
  static String networks() {
    StringBuilder text = new StringBuilder();
    SpectrogramOptions image = TransformOptions.of(Settings.defaults()).image();
    for (NetworkSize size : NetworkSize.values()) {
      RtcnConfig config = size.config(24, image.voiceCount(), image.columns(), 6, 1);
      List<Rtcn.Part> parts = Rtcn.parts(config);
      text.append(
          String.format(
              Locale.ROOT,
              "%n<details%s><summary><b>%s</b>: %,d weights, %,.1f MFLOP"
                  + " forward</summary>%n%n```%n",
              size == NetworkSize.SMALL ? " open" : "",
              size.name().toLowerCase(Locale.ROOT),
              parts.stream().mapToLong(Rtcn.Part::parameters).sum(),
              parts.stream().mapToDouble(Rtcn.Part::megaflops).sum()));
      text.append(line("", "", "output", "weights", "MFLOP"))
          .append(
              line(
                  "image",
                  "real and imaginary parts of 12 leads",
                  "[24][" + config.voices() + "][" + config.columns() + "]",
                  "",
                  ""));
      for (Rtcn.Part part : parts) {
        text.append("  │\n")
            .append(
                line(
                    part.name(),
                    part.kind(),
                    part.shape(),
                    String.format(Locale.ROOT, "%,d", part.parameters()),
                    String.format(Locale.ROOT, "%.2f", part.megaflops())));
      }
      text.append("```\n\n</details>\n");
    }
    return text.append('\n').toString();
  }

  private static String line(String name, String kind, String shape, String weights, String flops) {
    return String.format("%-14s  %-62s  %-14s %11s %9s%n", name, kind, shape, weights, flops)
        .replaceAll(" +\n", "\n");
  }

  private static String tables() {
    StringBuilder text = new StringBuilder();
    for (Table table : Table.values()) {
      text.append(
          String.format(
              "%n<details><summary><b>%s</b>: %s (key %s%s)</summary>%n%n",
              table.tableName(),
              table.description(),
              table.key(),
              table.partitionColumns().isEmpty()
                  ? ""
                  : ", partitioned by " + String.join(", ", table.partitionColumns())));
      text.append("| column | type | what |\n|---|---|---|\n");
      String lastLead = "lead_v6";
      for (StructField field : table.schema().fields()) {
        if (LeadColumns.NAMES.contains(field.name())) {
          if (field.name().equals(lastLead)) {
            text.append(row("`lead_i` … `lead_v6`", field));
          }
          continue;
        }
        text.append(row("`" + field.name() + "`", field));
      }
      text.append("\n</details>\n");
    }
    return text.append('\n').toString();
  }

  private static String row(String name, StructField field) {
    return String.format(
        "| %s | `%s` | %s |%n",
        name,
        field.dataType().sql().toLowerCase(Locale.ROOT),
        field.getComment().getOrElse(() -> ""));
  }
}
