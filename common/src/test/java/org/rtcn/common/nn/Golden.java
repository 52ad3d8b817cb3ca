package org.rtcn.common.nn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.ReferenceData;

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

  static INDArray array(String name, long... shape) {
    return Nd4j.create(values(name), shape, 'c');
  }

  /** PyTorch keeps {@code [out][in]}, we {@code [in][out]}. */
  static INDArray transposed(String name, long out, long in) {
    return array(name, out, in).transpose().dup('c');
  }
}
