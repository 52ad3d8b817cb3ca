package org.rtcn.jobs.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;
import org.rtcn.common.wfdb.WfdbWriter;
import picocli.CommandLine;

/** Files, folders and archives; none of it takes Spark. */
class ConvertCommandTest {
  private static final String CSV = "time_s,I (mV),V1 (mV)\n0,0.5,-1\n0.002,0.25,\n";

  @TempDir Path folder;
  private Path input;
  private Path out;

  @BeforeEach
  void fill() throws IOException {
    input = Files.createDirectories(folder.resolve("input/a b"));
    out = folder.resolve("out");
    Files.writeString(input.resolve("-x..csv"), CSV);
    Files.writeString(input.resolve(" x .csv"), CSV.replace("0.5", "0.75"));
    Files.writeString(input.resolve("letter.txt"), "Exported on Monday.\n");
    Files.writeString(input.resolve("none.dcm"), "not there");
    Files.writeString(input.resolve("lonely.dat"), "no header");
    WfdbWriter.Files record =
        WfdbWriter.format16("r", 500, 1000, List.of("I"), new int[][] {{5, -7}}, List.of("sex: f"));
    Files.write(input.resolve("r.hea"), record.header());
    Files.write(input.resolve("r.dat"), record.signal());
  }

  @Test
  void aFolderAndItsArchiveGiveTheSameFiles() throws IOException {
    assertThat(convert(input.toString(), "--to", "wfdb")).isZero();
    List<String> names = names();
    assertThat(names)
        .containsExactly(
            "_x_csv.dat", "_x_csv.hea", "_x_csv_2.dat", "_x_csv_2.hea", "r.dat", "r.hea");
    assertThat(Files.readString(out.resolve("r.hea"))).contains("\n# sex: female\n");
    Path zip = folder.resolve("drawer.zip");
    try (OutputStream file = Files.newOutputStream(zip);
        ZipOutputStream archive = new ZipOutputStream(file, StandardCharsets.UTF_8);
        Stream<Path> files = Files.walk(input)) {
      for (Path path : files.filter(Files::isRegularFile).sorted().toList()) {
        archive.putNextEntry(new ZipEntry(input.relativize(path).toString()));
        Files.copy(path, archive);
      }
    }
    Path folderOut = out;
    out = folder.resolve("of-archive");
    assertThat(convert(zip.toString(), "--to", "wfdb")).isZero();
    assertThat(names()).isEqualTo(names);
    for (String name : names) {
      assertThat(out.resolve(name)).hasSameBinaryContentAs(folderOut.resolve(name));
    }
  }

  @Test
  void namesThatWouldBeTheSameAreNumbered() throws IOException {
    String file = input.resolve(" x .csv").toString();
    assertThat(convert(file, file, "--to", "WFDB")).isZero();
    assertThat(names()).containsExactly("_x_csv.dat", "_x_csv.hea", "_x_csv_2.dat", "_x_csv_2.hea");
  }

  @Test
  void namesWithColonsAndRecordsWithoutSuffixAreFound() throws IOException {
    Path odd = input.resolve("x: 50% #1.csv");
    Files.writeString(odd, CSV);
    assertThat(convert(odd.toString(), "--to", "wfdb")).isZero();
    assertThat(convert(input.resolve("r").toString(), "--to", "wfdb")).isZero();
    assertThat(names())
        .containsExactly("r_hea.dat", "r_hea.hea", "x_50_1_csv.dat", "x_50_1_csv.hea");
    Files.delete(odd);
    Files.writeString(input.resolve("12:30.csv"), CSV);
    out = folder.resolve("of-folder");
    assertThat(convert(input.toString(), "--to", "wfdb")).isZero();
    assertThat(names()).contains("12_30_csv.hea", "r.hea");
  }

  @Test
  void whatIsThereIsReplacedOnlyWhenTold() throws IOException {
    String file = input.resolve("r.hea").toString();
    assertThat(convert(file, "--to", "edf")).isZero();
    Path target = out.resolve("r_hea.edf");
    byte[] content = Files.readAllBytes(target);
    Files.writeString(target, "mine");
    assertThatThrownBy(() -> convert(file, "--to", "edf"))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot convert anything");
    assertThat(target).hasContent("mine");
    assertThat(convert(file, "--to", "edf", "--overwrite")).isZero();
    assertThat(target).hasBinaryContent(content);
    assertThat(names()).hasSize(1);
  }

  @Test
  void whatTheUserHasToMendIsTold() {
    assertThatThrownBy(() -> convert("--to", "edf"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("--tables with --run");
    assertThatThrownBy(() -> convert("nowhere", "--to", "edf"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Cannot find nowhere");
    assertThat(out).doesNotExist();
    assertThatThrownBy(() -> convert(input.resolve("letter.txt").toString(), "--to", "edf"))
        .isInstanceOf(UserException.class);
    out = input.resolve("letter.txt");
    assertThatThrownBy(() -> convert(input.toString(), "--to", "edf"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("it is a file");
  }

  private List<String> names() {
    return Arrays.stream(out.toFile().list()).sorted().toList();
  }

  private int convert(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--out", out.toString()));
    ConvertCommand command = new ConvertCommand();
    new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(all.toArray(new String[0]));
    return command.call();
  }
}
