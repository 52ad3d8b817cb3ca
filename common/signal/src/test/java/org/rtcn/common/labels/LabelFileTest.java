package org.rtcn.common.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.error.UserException;

class LabelFileTest {
  private static final Set<String> REQUIRED = Set.of("record", "label");
  private static final String HEADER = "record,patient,label,age,sex,diagnosis,fold\n";

  private static LabelFile open(byte[] bytes) throws IOException {
    return LabelFile.open("l.csv", new ByteArrayInputStream(bytes), REQUIRED, Set.of("age"));
  }

  /** Each row as {@code LINE:FIELDS}, or {@code LINE!FAULT}. */
  private static List<String> rows(String text) throws IOException {
    return rows(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> rows(byte[] bytes) throws IOException {
    List<String> rows = new ArrayList<>();
    try (LabelFile file = open(bytes)) {
      for (LabelRow row = file.next(); row != null; row = file.next()) {
        assertThat(row.file()).isEqualTo("l.csv");
        rows.add(
            row.line()
                + row.fault()
                    .map(fault -> "!" + fault)
                    .orElse(":" + String.join("|", row.fields())));
      }
    }
    return rows;
  }

  @Test
  void fieldsAreThoseOfRfc4180() throws IOException {
    assertThat(
            rows(
                HEADER
                    + "a, p1 ,HC,,,\"said \"\"no\"\", and\nwent\",1\n"
                    + "b,p2,IMI,,, \"x\" ,2\n"
                    + "c,p3,IMI,,,a 5\" cable,2\n"
                    + "\n,,,,,,\n"
                    + "d,p4,HC\n"
                    + "e,p5,HC,,,,,,\n"))
        .containsExactly(
            "2:a|p1|HC|||said \"no\", and\nwent|1",
            "4:b|p2|IMI|||x|2",
            "5:c|p3|IMI|||a 5\" cable|2",
            "8:d|p4|HC",
            "9:e|p5|HC||||||");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "a,p1,HC,1,m,\"x\"y,1 ~ column diagnosis continues after its closing quote ('x\"y,1')",
        "a,p1,HC,1,m,\"open,1 ~ column diagnosis opens a quote ('open,1') that is not closed",
        "a,p1,\"HC ~ column label opens a quote ('HC') that is not closed",
        "\"a,p1,HC ~ column record opens a quote ('a,p1,HC') that is not closed",
        "a,p1,HC,1,m,x,1,more ~ it has 8 fields and the header 7 ('more' is one too many)",
      })
  void aBadRowCostsItselfWhereverItStands(String bad, String why) throws IOException {
    String first = "b,p2,IMI,,,,\n";
    String second = "c,p3,ASMI,,,\"in, quotes\",2\n";
    List<String> good = List.of("b|p2|IMI||||", "c|p3|ASMI|||in, quotes|2");
    for (int place = 0; place < 3; place++) {
      List<String> lines = new ArrayList<>(List.of(first, second));
      lines.add(place, bad + "\n");
      List<String> rows = rows(HEADER + String.join("", lines));
      assertThat(rows).hasSize(3);
      String told = rows.remove(place);
      assertThat(told).startsWith((place + 2) + "!Invalid line " + (place + 2) + " of l.csv: ");
      assertThat(told).contains(why);
      assertThat(rows.stream().map(row -> row.split(":", 2)[1])).isEqualTo(good);
    }
  }

  /** Two quotes that are each not closed pair up; what lies between them are rows all the same. */
  @Test
  void quotesThatPairUpOverRowsAreNotTaken() throws IOException {
    assertThat(rows(HEADER + "a,p1,HC,1,m,\"x,1\nb,p2,IMI,,,,\nc,p3,ASMI,,,y\",2\n"))
        .hasSize(3)
        .satisfiesExactly(
            row -> assertThat(row).startsWith("2!").contains("that is not closed"),
            row -> assertThat(row).startsWith("3:b|p2|IMI"),
            row -> assertThat(row).startsWith("4:c|p3|ASMI"));
  }

  @Test
  void aBrokenRowKeepsTheFieldsBeforeItsFault() throws IOException {
    try (LabelFile file =
        open((HEADER + "a,p1,HC,1,m,\"open,1\n").getBytes(StandardCharsets.UTF_8))) {
      LabelRow row = file.next();
      assertThat(row.fault()).isPresent();
      assertThat(row.text("record")).isEqualTo("a");
      assertThat(row.text("diagnosis")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "windows-1252"})
  void encodingsWithAndWithoutByteOrderMarkAreRead(String charset) throws IOException {
    String text = "record;label;diagnosis\r\na;HC;f\u00fcr \u20ac\r\nb;IMI;\u00e9\r\n";
    List<String> expected = List.of("2:a|HC|f\u00fcr \u20ac", "3:b|IMI|\u00e9");
    Charset encoding = Charset.forName(charset);
    if (!charset.startsWith("UTF-32")) {
      assertThat(rows(text.getBytes(encoding))).isEqualTo(expected);
    }
    if (!charset.equals("UTF-16") && charset.startsWith("UTF")) {
      assertThat(rows(("\ufeff" + text).getBytes(encoding))).isEqualTo(expected);
    }
  }

  /** Rows of two programs in one file: each line is decoded by itself. */
  @Test
  void aShortRowSaysWhichColumnItDoesNotReach() throws IOException {
    try (LabelFile file = open("record,patient,label\na,p1\n".getBytes(StandardCharsets.UTF_8))) {
      LabelRow row = file.next();
      assertThat(row.stated("patient")).isEqualTo("p1");
      assertThatThrownBy(() -> row.stated("label"))
          .hasMessageStartingWith("Invalid line 2 of ")
          .hasMessageEndingWith(
              ": it ends after 2 columns, before column label: nothing is said; state it");
    }
  }

  @Test
  void aForeignLineDoesNotSpoilTheOthers() throws IOException {
    byte[] header = "record,label\n\u00e4,HC\n".getBytes(StandardCharsets.UTF_8);
    byte[] latin = "\u00f6,HC\n".getBytes(StandardCharsets.ISO_8859_1);
    byte[] both = java.util.Arrays.copyOf(header, header.length + latin.length);
    System.arraycopy(latin, 0, both, header.length, latin.length);
    assertThat(rows(both)).containsExactly("2:\u00e4|HC", "3:\u00f6|HC");
    try (LabelFile file = open(both)) {
      while (file.next() != null) {
        // The description is of what was read.
      }
      assertThat(file.description())
          .isEqualTo("UTF-8 and windows-1252 (1 lines), separated by ',', 2 rows");
    }
  }

  /** Spreadsheets and web pages leave no-break spaces, files put together byte order marks. */
  @Test
  void whatCannotBeSeenAroundAValueIsNoPartOfIt() throws IOException {
    assertThat(
            rows(
                "\ufeff\ufeff\"record\",\u00a0Label\u200b,age\n"
                    + "a\u00a0,\u2007HC\u200b,\u00a061\u202f\n"
                    + "\ufeffb,\"IMI\u00a0\",\u0000\n"
                    + "c d,h\u00a0i,1,\u00a0\n"
                    + "\u00a0,\u200b,\n"))
        .containsExactly("2:a|HC|61", "3:b|IMI|", "4:c d|h\u00a0i|1|");
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t", "|"})
  void separatorsAndLineEndsAreTold(String separator) throws IOException {
    for (String end : List.of("\n", "\r\n", "\r")) {
      String text = String.join(separator, "Record", "LABEL ", "\"diagnosis\"") + end;
      text += String.join(separator, "a", "HC", "\"x" + separator + "y\"") + end;
      text += String.join(separator, "b", "IMI", "z");
      assertThat(rows(text)).containsExactly("2:a|HC|x" + separator + "y", "3:b|IMI|z");
      assertThat(rows("sep=" + separator + end + text)).hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "'' ~ Cannot read l.csv: it is empty; write a line of column names first",
        "record,name ~ Cannot read l.csv: column label is missing among [record, name] (UTF-8,"
            + " separated by ','); add it",
        "record;label;age;Age ~ Cannot read l.csv: columns 3 and 4 are both named age; rename or"
            + " remove one",
      })
  void aFileThatCannotBeReadIsNamedOnce(String header, String message) {
    assertThatThrownBy(() -> rows(header + "\n"))
        .isInstanceOf(UserException.class)
        .hasMessage(message);
  }

  @Test
  void twoColumnsThatNobodyReadsMayHaveOneName() throws IOException {
    assertThat(rows("record,label,x,x\na,HC,1,2\n")).containsExactly("2:a|HC|1|2");
  }

  @Test
  void memoryIsBoundedByTheLine() throws IOException {
    String huge = "a,\"" + "x".repeat(3 << 20) + "\n";
    List<String> rows = rows("record,label\n" + huge + "b,HC\n");
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0)).startsWith("2!").contains("it is longer than 1048576 characters");
    assertThat(rows.get(1)).isEqualTo("3:b|HC");
  }
}
