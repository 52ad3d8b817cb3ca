package org.rtcn.common;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads the arrays of the goldens: CSV of numbers and complex128 {@code .npy}. */
public final class GoldenArrays {
  private GoldenArrays() {}

  /** All rows that hold numbers; a header line is skipped. */
  public static double[][] csv(Path path) {
    try {
      List<String> lines = Files.readAllLines(path, StandardCharsets.UTF_8);
      return lines.stream()
          .filter(line -> !line.isBlank() && !Character.isLetter(line.charAt(0)))
          .map(GoldenArrays::row)
          .toArray(double[][]::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first column. */
  public static double[] column(Path path) {
    double[][] rows = csv(path);
    double[] column = new double[rows.length];
    for (int i = 0; i < column.length; i++) {
      column[i] = rows[i][0];
    }
    return column;
  }

  /** A complex128 array in C order, real and imaginary parts interleaved, flat. */
  public static double[] complexNpy(Path path) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
      int headerLength = bytes.getShort(8);
      String header = new String(bytes.array(), 10, headerLength, StandardCharsets.US_ASCII);
      if (!header.contains("<c16") || header.contains("True")) {
        throw new IllegalArgumentException("Cannot read " + path + ": " + header);
      }
      double[] values = new double[(bytes.capacity() - 10 - headerLength) / 8];
      bytes.position(10 + headerLength);
      bytes.asDoubleBuffer().get(values);
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double[] row(String line) {
    String[] fields = line.split(",", -1);
    double[] row = new double[fields.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = Double.parseDouble(fields[i].trim());
    }
    return row;
  }
}
