package org.rtcn.common.nn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.stream.Stream;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;

/** Arrays of the reference data under golden/nn, in C order. */
final class Golden {
  private Golden() {}

  static double[] values(String name) {
    try (Stream<String> lines = Files.lines(ReferenceData.require("golden/nn/" + name + ".csv"))) {
      return lines
          .flatMap(line -> Arrays.stream(line.split(",")))
          .mapToDouble(Double::parseDouble)
          .toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Array array(Kernels kernels, String name, long... shape) {
    Array made = kernels.zeros(shape);
    kernels.write(values(name), made);
    return made;
  }

  /** PyTorch keeps {@code [out][in]}, we {@code [in][out]}. */
  static Array transposed(Kernels kernels, String name, long out, long in) {
    Array made = kernels.zeros(in, out);
    kernels.copy(array(kernels, name, out, in).permute(1, 0), made);
    return made;
  }
}
