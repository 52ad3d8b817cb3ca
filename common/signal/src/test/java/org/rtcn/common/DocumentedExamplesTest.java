package org.rtcn.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.simulate.EcgSimulator;
import org.rtcn.common.simulate.SimulatedRecord;
import org.rtcn.common.simulate.SimulationOptions;
import org.rtcn.common.wfdb.WfdbWriter;

/** The examples of docs/signal-jar.md run with this module and its few libraries alone. */
class DocumentedExamplesTest {
  @TempDir Path folder;

  @Test
  void examplesOfThePageRunWithTheSmallJarAlone() throws Exception {
    List<DocumentedExample> examples = DocumentedExample.of("signal-jar.md");
    assertThat(examples)
        .extracting(DocumentedExample::name)
        .containsExactly("SineTransform", "RecordPeaks");
    assertThat(examples.get(0).run(folder)).isEqualTo("10 Hz: 0.500, 30 Hz: 0.000\n");
    SimulationOptions options = SimulationOptions.of(1, Map.of(Label.HC, 1));
    SimulatedRecord record = new EcgSimulator(options).recordsOf(1).get(0);
    WfdbWriter.Files files = record.files();
    Files.write(folder.resolve(files.headerName()), files.header());
    Files.write(folder.resolve(files.signalName()), files.signal());
    assertThat(examples.get(1).run(folder, folder.resolve(files.headerName()).toString()))
        .matches("12 leads, 1[12] R peaks, first at [01]\\.\\d\\d s\n");
  }

  @Test
  void whatItTakesAlongIsSmall() throws Exception {
    String classPath = DocumentedExample.of("signal-jar.md").get(0).classPath();
    long bytes = 0;
    for (String place : classPath.split(File.pathSeparator, -1)) {
      bytes += Files.isRegularFile(Path.of(place)) ? Files.size(Path.of(place)) : 0;
    }
    assertThat(bytes).as(Arrays.toString(classPath.split(":", -1))).isBetween(1L, 12_000_000L);
  }
}
