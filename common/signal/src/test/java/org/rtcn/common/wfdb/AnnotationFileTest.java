package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ReferenceData;

class AnnotationFileTest {

  private static WfdbFiles bytes(byte[] content) {
    return name -> new ByteArrayInputStream(content);
  }

  @Test
  void theReferenceFileIsReadAndWrittenByteForByte() throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    AnnotationFile file = AnnotationFile.read("100.atr", WfdbFiles.in(golden));
    List<String> rows = Files.readAllLines(golden.resolve("100_atr.csv"));
    List<String> read = new ArrayList<>(List.of(rows.get(0)));
    for (Annotation a : file.annotations()) {
      read.add(
          a.sample()
              + ","
              + a.symbol()
              + ","
              + a.subtype()
              + ","
              + a.channel()
              + ","
              + a.number()
              + ","
              + a.aux().replace("\0", ""));
    }
    assertThat(read).isEqualTo(rows);
    assertThat(file.encode()).isEqualTo(Files.readAllBytes(golden.resolve("100.atr")));
  }

  @Test
  void everyAnnotationFileOfMitBihIsRead() throws IOException {
    Path mitdb = ReferenceData.require("data/mitdb");
    for (String name : List.of("100", "103", "105", "119", "203", "228")) {
      AnnotationFile file = AnnotationFile.read(name + ".atr", WfdbFiles.in(mitdb));
      assertThat(file.annotations()).hasSizeGreaterThan(1500);
      assertThat(AnnotationFile.read("copy.atr", bytes(file.encode()))).isEqualTo(file);
    }
  }

  @Test
  void everyFieldSurvives() throws IOException {
    AnnotationFile file =
        new AnnotationFile(
            List.of(
                Annotation.at(5, 'N'),
                new Annotation(1_000_000, 22, -3, 7, -100, "odd"),
                new Annotation(1_000_000, 28, 127, 0, 4, "(AFIB"),
                new Annotation(5_000_000_000L, 49, 0, 0, 4, "")),
            OptionalDouble.of(12.5));
    assertThat(AnnotationFile.read("a.qrs", bytes(file.encode()))).isEqualTo(file);
  }

  @Test
  void damageIsRefused() {
    byte[] whole =
        new AnnotationFile(List.of(new Annotation(3, 22, 0, 0, 0, "text")), OptionalDouble.empty())
            .encode();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> AnnotationFile.read("a.atr", bytes(cut)))
          .isInstanceOfSatisfying(
              WfdbException.class,
              e -> assertThat(e.reason()).isEqualTo(WfdbException.Reason.ANNOTATION_MALFORMED))
          .hasMessageContaining("a.atr");
    }
    assertThatThrownBy(
            () ->
                new AnnotationFile(
                        List.of(Annotation.at(5, 'N'), Annotation.at(4, 'N')),
                        OptionalDouble.empty())
                    .encode())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sample 4 after 5");
  }
}
