package org.rtcn.jobs.diagnose;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.rtcn.common.Version;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.write.OutputFiles;
import org.rtcn.common.formats.write.OutputFiles.IfPresent;
import org.rtcn.common.nd4j.GpuPolicy;
import org.rtcn.common.nn.OnnxExport;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.onnx.OnnxGraph;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rtcn export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model as ONNX.",
      "Standardizer and network, with the settings of its preprocessing as metadata (docs/onnx.md)."
          + " Without --model the small one that has learned from simulated ECG."
    },
    footer = {"", "Example:", "  rtcn export --onnx rtcn.onnx --model rtcn-run/models/rtcn"})
public final class ExportCommand implements Callable<Integer> {
  @Option(names = "--onnx", paramLabel = "FILE", required = true, description = "The file to write")
  private Path onnx;

  @Mixin private LocalModel model;

  @Option(names = "--overwrite", description = "Replaces a file that is there")
  private boolean overwrite;

  @Override
  public Integer call() {
    if (Files.isDirectory(onnx)) {
      throw new UserException("Cannot write " + onnx + ": it is a folder; give a file with --onnx");
    }
    if (Files.exists(onnx) && !overwrite) {
      throw new UserException(
          "Cannot write " + onnx + ": it is there already; remove it or add --overwrite");
    }
    GpuPolicy.OFF.use();
    RtcnModel exported = model.diagnoser().model();
    byte[] bytes = OnnxExport.of(exported, Version.current());
    OutputFiles.makeFolder(onnx.toAbsolutePath().getParent(), "--onnx");
    OutputFiles.write(onnx, bytes, overwrite ? IfPresent.REPLACE : IfPresent.REFUSE);
    new PrintStream(System.out, true, StandardCharsets.UTF_8)
        .printf(
            "export: model %s%s, %,d bytes, opset %d, in %s%n",
            exported.modelId(),
            exported.simulated() ? " (learned from simulated ECG)" : "",
            bytes.length,
            OnnxGraph.OPSET,
            onnx);
    return 0;
  }
}
