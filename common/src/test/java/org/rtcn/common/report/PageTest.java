package org.rtcn.common.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.metrics.DetectionThreshold;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.LikeCases;
import org.xml.sax.InputSource;

class PageTest {
  private static String html;

  @BeforeAll
  static void write() throws IOException {
    html = SampleReport.html();
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
      // Links to the recordings' pages beside it load nothing.
      assertThat(references.group(1))
          .matches("(data:image/png;base64,|#).*|misread/01-simulated_p101_r1.html");
    }
  }

  @Test
  void saysWhatItIsNot() {
    assertThat(html).contains("Research use only, not a medical device", "SIMULATED ECG");
    assertThat(html).contains("authors' claim").contains("61.66", "68.39");
    assertThat(Page.html(head(""), List.of(new MethodSection()))).doesNotContain("SIMULATED");
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
    assertThat(SampleReport.html()).isEqualTo(html);
  }

  @Test
  void figuresOfThePageAreThoseOfTheData() {
    Headline balanced = Headline.of(SampleReport.PATIENTS).get(0);
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
            "<code>simulated/p101</code></th><td class=\"text\">missed infarct</td><td"
                + " class=\"text\">IMI</td><td class=\"text\">HC</td>"
                + "<td>0.210</td><td>0.790</td>");
    assertThat(html).contains("<th scope=\"row\">women</th><td>26 (33 %)</td>");
  }

  @Test
  void countsStandBesideProportions() {
    Interval accuracy = SampleReport.PATIENTS.figure(FigureName.ACCURACY).orElseThrow().interval();
    assertThat(html)
        .contains(
            Figures.three(accuracy.high())
                + "</span><span class=\"ci\">"
                + accuracy.counts().orElseThrow().hits()
                + " of 40</span>");
  }

  @Test
  void theChecklistClaimsNothingThatDidNotHappen() {
    List<Checklist.Item> none = Checklist.items(Map.of(), Set.of("calibration"));
    assertThat(none)
        .hasSize(52 + 34 + 15)
        .allMatch(item -> item.answer().equals(Checklist.NOT_STATED) && item.section().isEmpty());
    // A fact answers the items that ask for it, and no others.
    for (Checklist.Fact fact : Checklist.Fact.values()) {
      List<Checklist.Item> one = Checklist.items(Map.of(fact, "it was done"), Set.of());
      assertThat(one).anyMatch(Checklist.Item::isAnswered).anyMatch(item -> !item.isAnswered());
    }
    assertThat(Checklist.items(SampleReport.FACTS, Set.of("calibration")))
        .filteredOn(item -> item.guideline().equals("TRIPOD+AI") && item.number().equals("24"))
        .containsExactly(
            new Checklist.Item(
                "TRIPOD+AI", "24", "Results of updating", "calibration", "See 12f."));
    assertThat(html)
        .contains("Temperatures fitted: patient 1.20.")
        .contains("240 beats of a diffusion model.")
        .contains("STARD-AI: 2 of 15 items answered by the run")
        .contains("<td class=\"few\">Not stated: yours to add</td>");
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
    String page =
        Page.html(
            head("<i>&simulated"),
            List.of(
                new CardSection(
                    List.of(new CardSection.Entry("<b>&", "<script>alert(1)</script>")))));
    assertThat(page)
        .contains("&lt;b&gt;&amp;", "&lt;i&gt;&amp;simulated")
        .doesNotContain("<b>&", "<i>&", "<script>");
  }

  @Test
  void theMapThatFaredBestOnTwinsIsShown() {
    List<LooksSection.TrialRow> ours =
        List.of(
            new LooksSection.TrialRow(MapKind.LEAD_SEGMENT.label(), 40, 0.7, 0.4, 0.8, 1, 0.9),
            new LooksSection.TrialRow(MapKind.GRAD_CAM.label(), 40, 0.6, 0.4, 0.7, 0.4, 0.5));
    List<LooksSection.TrialRow> theirs =
        List.of(
            new LooksSection.TrialRow(MapKind.LEAD_SEGMENT.label(), 40, 0.7, 0.4, 0.8, 1, 0.9),
            new LooksSection.TrialRow(MapKind.GRAD_CAM.label(), 40, 0.83, 0.4, 0.9, 0.8, 0.5));
    assertThat(LooksSection.best(ours)).isEqualTo(MapKind.LEAD_SEGMENT);
    assertThat(LooksSection.best(List.of())).isEqualTo(MapKind.LEAD_SEGMENT);
    assertThat(LooksSection.best(theirs)).isEqualTo(MapKind.GRAD_CAM);
    LeadSegmentMap map = new LeadSegmentMap(MapKind.GRAD_CAM, new float[12][4]);
    map.values()[7][2] = 0.02f;
    map.values()[8][3] = 0.01f;
    assertThat(Views.strongest(map)).isEqualTo("V2 ST, V3 T");
    assertThat(Views.shades(map).stream().mapToDouble(EcgDrawing.Shade::weight).max()).hasValue(1);
    assertThat(Views.shading(Optional.of(map))).contains("Grad-CAM in time", "no unit");
    LeadSegmentMap faint = new LeadSegmentMap(MapKind.LEAD_SEGMENT, new float[12][4]);
    faint.values()[7][2] = 0.04f;
    assertThat(Views.strongest(faint)).isEqualTo("no lead or segment by 0.05 or more");
    faint.values()[7][2] = 0.06f;
    assertThat(Views.strongest(faint)).isEqualTo("V2 ST +0.1");
  }

  @Test
  void anAnswerStandsBesideOthersWithSuchAProbability() {
    LikeCases cases =
        new LikeCases(
            "m",
            false,
            "record",
            20,
            11,
            0.95,
            List.of(
                new LikeCases.Group(0.01, 0.3, 10, 2, 0.025, 0.556),
                new LikeCases.Group(0.4, 0.9, 10, 9, 0.555, 0.997)),
            null);
    assertThat(answer(0.25, cases).html())
        .contains(
            "Of 10 recordings of the evaluation with a probability of infarction like this one,"
                + " 0.010 to 0.300, <b>2</b> had an infarct: <b>20 %</b>, 95 % interval 3 % to"
                + " 56 %.",
            "(11 of 20)");
    assertThat(answer(0.35, cases).html())
        .contains("No recording of the evaluation had quite this probability");
    assertThat(
            new AnswerSection("HC", Map.of("HC", 1.0), 0, FIXED, 8, "ok", Optional.empty(), false)
                .html())
        .contains("no evaluation of this model lies beside it");
  }

  private static final DetectionThreshold FIXED = DetectionThreshold.FIXED;

  private static AnswerSection answer(double mi, LikeCases cases) {
    return new AnswerSection(
        "HC", Map.of("HC", 1 - mi, "IMI", mi), mi, FIXED, 8, "ok", Optional.of(cases), false);
  }

  @Test
  void theNearestTrainingBeatsAreCountedAndDrawn() {
    List<TrainingBeats.Kept> kept = new ArrayList<>();
    for (int i = 1; i <= 12; i++) {
      float[][] window = SampleReport.wave(300, 500, 100, 1 + 0.1f * i).millivolts();
      window[11] = window[10];
      kept.add(new TrainingBeats.Kept(i < 5 ? "HC" : "IMI", i == 2, window));
    }
    TrainingBeats beats = new TrainingBeats("m", kept);
    float[][] near = SampleReport.wave(300, 500, 100, 1.19f).millivolts();
    near[11] = near[10];
    String html = neighbours(beats, near);
    assertThat(html)
        .contains("Of 12 beats that the model has learned from", "(8 IMI, 4 HC)")
        .contains("Of the 10 nearest: <b>6 IMI, 4 HC</b>")
        .contains("a training patient's (simulated)")
        .doesNotContain("this very beat");
    assertThat(Pattern.compile("<article>").matcher(html).results().count()).isEqualTo(4);
    assertThat(neighbours(beats, kept.get(1).window())).contains("The nearest is this very beat.");
    assertThat(new NeighboursSection(Optional.empty(), List.of(), near, 500, 100).html())
        .contains("No training beats lie beside this model");
  }

  private static String neighbours(TrainingBeats beats, float[][] window) {
    return new NeighboursSection(Optional.of(beats), List.of("HC", "IMI"), window, 500, 100).html();
  }

  @Test
  void aRecordingFitsASheet() {
    assertThat(RecordingSection.onASheet(SampleReport.wave(60_000, 500, 60, 1f)).durationSeconds())
        .isEqualTo(10);
    assertThat(RecordingSection.onASheet(SampleReport.wave(1200, 500, 60, 1f)).sampleCount())
        .isEqualTo(1200);
  }

  @Test
  void aPageIsAListOfSections() {
    Section card = new CardSection(List.of());
    assertThatThrownBy(() -> Page.html(SampleReport.HEAD, List.of(card, card)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid page: two sections card");
    // Each has its heading and its place in the contents.
    for (Section section : SampleReport.sections()) {
      assertThat(html)
          .contains(
              "<h2 id=\"h-" + section.id() + "\">" + section.heading() + "</h2>",
              "<li><a href=\"#h-" + section.id() + "\">" + section.heading() + "</a></li>");
    }
    assertThat(Page.html(SampleReport.HEAD, List.of(card))).doesNotContain("<nav");
  }

  private static Page.Head head(String simulated) {
    return new Page.Head("report", "title", "heading", Map.of(), simulated, "1");
  }
}
