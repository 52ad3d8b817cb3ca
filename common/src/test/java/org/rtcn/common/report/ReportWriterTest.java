package org.rtcn.common.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.xml.sax.InputSource;

class ReportWriterTest {
  private static final ReportData DATA = SampleReport.data();
  private static String html;

  @BeforeAll
  static void write() throws IOException {
    html = new ReportWriter().html(DATA);
    // To look at: the page is what people see.
    Path file = Path.of("target", "sample-report.html");
    Files.createDirectories(file.getParent());
    Files.writeString(file, html);
  }

  @Test
  void loadsNothingAndRunsNothing() {
    assertThat(html).doesNotContain("<script", "<link", "@import", "src=\"http", "url(http");
    Matcher references = Pattern.compile("(?:href|src)=\"([^\"]*)\"").matcher(html);
    while (references.find()) {
      assertThat(references.group(1)).matches("(data:image/png;base64,|#).*");
    }
  }

  @Test
  void saysWhatItIsNot() {
    assertThat(html).contains("Research use only, not a medical device", "SIMULATED ECG");
    assertThat(html).contains("authors' claim").contains("61.66", "68.39");
    ReportData real = withSimulated(false);
    assertThat(new ReportWriter().html(real)).doesNotContain("SIMULATED");
  }

  @Test
  void everyDrawingIsDescribedForThoseWhoDoNotSeeIt() throws Exception {
    Matcher drawings = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html);
    int count = 0;
    while (drawings.find()) {
      String svg = drawings.group();
      if (count++ == 0 || !svg.contains("plt-container")) {
        assertThat(svg).contains("role=\"img\"");
      }
      assertThat(svg).containsPattern("<title[^>]*>[^<]+</title><desc[^>]*>[^<]+</desc>");
      // Well-formed, or a browser would guess.
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg)));
    }
    assertThat(count).isGreaterThanOrEqualTo(14);
  }

  @Test
  void identifiersAreUnique() {
    Matcher ids = Pattern.compile(" id=\"([^\"]*)\"").matcher(html);
    List<String> found = ids.results().map(m -> m.group(1)).toList();
    assertThat(found).doesNotHaveDuplicates().hasSizeGreaterThan(30);
  }

  @Test
  void sameDataGiveTheSameBytes() {
    assertThat(new ReportWriter().html(SampleReport.data())).isEqualTo(html);
  }

  @Test
  void figuresOfThePageAreThoseOfTheData() {
    Headline balanced = Headline.of(DATA.headlineLevel()).get(0);
    assertThat(balanced.label()).isEqualTo("Balanced accuracy");
    assertThat(html)
        .contains(
            "<span class=\"label\">Balanced accuracy</span><div class=\"value\">"
                + Figures.three(balanced.interval().value())
                + "</div>");
    assertThat(balanced.line())
        .startsWith("Balanced accuracy      " + Figures.three(balanced.interval().value()))
        .endsWith("always HC: 0.167");
  }

  @Test
  void namesThePatientsThatWereMisread() {
    assertThat(html)
        .contains("1 of 40 held-out patients, missed infarcts first")
        .contains(
            "<code>simulated/p101</code></th><td>missed infarct</td><td>IMI</td><td>HC</td>"
                + "<td>0.210</td><td>0.790</td>");
    assertThat(html).contains("<th scope=\"row\">women</th><td>26 (33 %)</td>");
  }

  @Test
  void countsStandBesideProportions() {
    Interval accuracy = DATA.headlineLevel().figure(FigureName.ACCURACY).orElseThrow().interval();
    assertThat(html)
        .contains(
            Figures.three(accuracy.high())
                + "</span><span class=\"ci\">"
                + accuracy.counts().orElseThrow().hits()
                + " of 40</span>");
  }

  @Test
  void theChecklistClaimsNothingThatDidNotHappen() {
    Set<String> sections = Set.of("h-calibration");
    assertThat(Checklist.items(sections, false))
        .noneMatch(item -> item.answer().contains("Temperature"))
        .filteredOn(item -> item.guideline().equals("TRIPOD+AI 24"))
        .extracting(Checklist.Item::answer)
        .containsExactly(Checklist.NOT_STATED);
    assertThat(Checklist.items(sections, true))
        .anyMatch(item -> item.answer().contains("Temperature"))
        .noneMatch(item -> item.section().equals("h-looks"));
    // Every anchor that the page's own list points to is on the page.
    Matcher anchors = Pattern.compile("href=\"#([^\"]*)\"").matcher(html);
    while (anchors.find()) {
      assertThat(html).contains("id=\"" + anchors.group(1) + "\"");
    }
  }

  @Test
  void syntheticBeatsAreShownBesideWhatPatientsAloneMake() {
    assertThat(html)
        .contains("<th scope=\"row\">IMI</th><td>300 / 157</td><td>0.88 / 0.59</td>")
        .contains("<td>0.008 / 0.202</td>")
        .contains("<td>0.125 / 0.144</td><td>–</td>")
        .contains(
            "below that of all three trivial guesses at 2 of 3 steps; conditioned on another class,"
                + " it is worse at 1 of them")
        .contains("guess: the class mean");
  }

  @Test
  void textOfTheDataIsEscaped() {
    ReportData odd =
        new ReportData(
            "<b>&model",
            DATA.version(),
            DATA.created(),
            DATA.datasets(),
            true,
            DATA.classes(),
            List.of(),
            List.of(),
            DATA.levels(),
            List.of("<script>alert(1)</script>"),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            "",
            Map.of(),
            List.of(),
            "",
            List.of(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            List.of());
    String page = new ReportWriter().html(odd);
    assertThat(page).contains("&lt;b&gt;&amp;model").doesNotContain("<b>&model", "<script>");
  }

  private static ReportData withSimulated(boolean simulated) {
    return new ReportData(
        DATA.modelId(),
        DATA.version(),
        DATA.created(),
        DATA.datasets(),
        simulated,
        DATA.classes(),
        DATA.counts(),
        DATA.flow(),
        DATA.levels(),
        DATA.remarks(),
        DATA.training(),
        DATA.workers(),
        Optional.empty(),
        List.of(),
        List.of(),
        DATA.generator(),
        DATA.settings(),
        DATA.protocol(),
        DATA.variants(),
        DATA.subgroups(),
        DATA.subgroupRule(),
        DATA.folds(),
        DATA.looks(),
        DATA.card(),
        DATA.cohort(),
        DATA.misread());
  }
}
