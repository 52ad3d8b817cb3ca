package org.rtcn.common.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.DocumentedExample;
import org.rtcn.common.ReferenceData;

/** The Java example of docs/diagnose.md answers with this module and its libraries, no Spark. */
class JavaExampleTest {
  @TempDir Path folder;

  @Test
  void theDocumentedExampleAnswers() throws Exception {
    DocumentedExample example = DocumentedExample.of("diagnose.md").get(0);
    assertThat(example.lines()).isLessThan(11);
    Path file = ReferenceData.require("golden/formats/dicom/ge_mac55_explicit_le.dcm");
    assertThat(example.run(folder, file.toString()))
        .startsWith("Diagnosis[probabilities={HC=")
        .contains("simulated=true");
  }
}
