package org.rtcn.common.formats.matrix;

import java.util.List;
import java.util.Optional;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;

/**
 * How the axes of a matrix of one recording are to be read.
 *
 * @param leads names in order
 * @param samples per lead
 * @param leadsFirst whether the first axis counts leads
 */
public record Orientation(List<String> leads, int samples, boolean leadsFirst) {
  private static final List<String> TWELVE = Lead.STANDARD_12.stream().map(Lead::label).toList();

  /**
   * Finds it from the shape and the sidecar.
   *
   * @param rows length of the first axis
   * @param columns length of the second axis
   * @throws FormatException if neither length tells, or the two disagree
   */
  public static Orientation of(String file, long rows, long columns, Optional<Sidecar> sidecar)
      throws FormatException {
    return sidecar.isEmpty()
        ? of(file, rows, columns, Optional.empty(), Optional.empty())
        : of(file, rows, columns, sidecar.get().leads(), sidecar.get().number("lead_axis"));
  }

  /**
   * As above.
   *
   * @param stated leads, if stated
   * @param axis of the leads, 0 or 1, if stated
   */
  public static Orientation of(
      String file, long rows, long columns, Optional<List<String>> stated, Optional<Double> axis)
      throws FormatException {
    if (rows < 1 || columns < 1 || rows > Integer.MAX_VALUE || columns > Integer.MAX_VALUE) {
      throw new FormatException(
          Reason.EMPTY, "Cannot use %s: it is %d by %d".formatted(file, rows, columns));
    }
    int count = stated.map(List::size).orElse(TWELVE.size());
    boolean first = axis.map(a -> a == 0).orElse(rows == count);
    boolean ambiguous = axis.isEmpty() && rows == count && columns == count;
    long there = first ? rows : columns;
    if (there != count || ambiguous) {
      throw new FormatException(
          stated.isEmpty() ? Reason.SIDECAR_MISSING : Reason.SIDECAR_MALFORMED,
          "Cannot read %s: it is %d by %d, and which of them are its %d leads is not clear; state leads and lead_axis in its sidecar"
              .formatted(file, rows, columns, count));
    }
    return new Orientation(stated.orElse(TWELVE), (int) (first ? columns : rows), first);
  }
}
