package org.rtcn.common.formats.hdf5;

import io.jhdf.api.Dataset;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;

/**
 * CODE-15 %, CODE-test and its sister cohort: {@code tracings} of exams by 4,096 samples by 12
 * leads at 400 Hz, in units of 1e-4 V as the publisher states, zeros before and behind the trace.
 * What is known of an exam is in a {@link CodeTable} next to the file.
 *
 * <p>Source: Ribeiro et al. 2021, doi:10.5281/zenodo.4916206; Ribeiro et al. 2020,
 * doi:10.5281/zenodo.3765780; Ribeiro et al. 2021, doi:10.5281/zenodo.4905618.
 */
final class CodeLayout implements EcgRecords {
  private static final double FS_HZ = 400;

  /** 1e-4 V. */
  private static final double MILLIVOLTS = 0.1;

  private static final int MAX_EXAMS = 10_000_000;

  private final Hdf hdf;
  private final Dataset tracings;
  private final ReadLimits limits;
  private final int exams;
  private final int samples;
  private final long[] ids;
  private final CodeTable table;

  /** Ids to the first exam of each. */
  private final Map<Long, Integer> firsts = new HashMap<>();

  private CodeLayout(
      Hdf hdf,
      Dataset tracings,
      ReadLimits limits,
      int exams,
      int samples,
      long[] ids,
      CodeTable table) {
    this.hdf = hdf;
    this.tracings = tracings;
    this.limits = limits;
    this.exams = exams;
    this.samples = samples;
    this.ids = ids;
    this.table = table;
    for (int i = 0; ids != null && i < ids.length; i++) {
      firsts.putIfAbsent(ids[i], i);
    }
  }

  static CodeLayout read(EcgFile file, Hdf hdf, Dataset tracings, ReadLimits limits)
      throws IOException {
    long[] shape = hdf.shape(tracings);
    if (shape.length != 3 || shape[2] != Lead.STANDARD_12.size() || shape[0] > MAX_EXAMS) {
      throw FormatException.malformed(
          file.name(), "its tracings are " + Arrays.toString(shape) + ", not exams x samples x 12");
    }
    long[] ids = ids(hdf, (int) shape[0]);
    return new CodeLayout(
        hdf,
        tracings,
        limits,
        (int) shape[0],
        (int) shape[1],
        ids,
        CodeTable.of(file, ids, (int) shape[0]));
  }

  /**
   * The exams' ids, null where there are none.
   *
   * @throws FormatException if there are ids, but not one whole number for each exam: whose exam a
   *     tracing is cannot be guessed
   */
  private static long[] ids(Hdf hdf, int exams) throws FormatException {
    for (String name : List.of("exam_id", "id_exam", "exam_ids")) {
      if (hdf.children().get(name) instanceof Dataset set) {
        long[] shape = hdf.shape(set);
        if (Arrays.stream(shape).reduce(1, (a, b) -> a * b) != exams || shape.length == 0) {
          throw FormatException.malformed(
              hdf.name(),
              "its %s is %s, and there are %d exams"
                  .formatted(name, Arrays.toString(shape), exams));
        }
        if (!isOfNumbers(hdf, set)) {
          throw FormatException.malformed(hdf.name(), "its " + name + " holds no numbers");
        }
        double[] values = hdf.numbers(set, new ReadLimits(1, Math.max(1, exams)));
        long[] ids = new long[exams];
        for (int i = 0; i < exams; i++) {
          ids[i] = (long) values[i];
          if (ids[i] != values[i] || ids[i] < 0) {
            throw FormatException.malformed(
                hdf.name(),
                "its %s holds %s at place %d, not a whole number".formatted(name, values[i], i));
          }
        }
        return ids;
      }
    }
    return null;
  }

  private static boolean isOfNumbers(Hdf hdf, Dataset set) throws FormatException {
    Class<?> type = Hdf.guarded(hdf.name(), set::getJavaType);
    return (type.isPrimitive() && type != boolean.class) || Number.class.isAssignableFrom(type);
  }

  @Override
  public int count() {
    return exams;
  }

  @Override
  public String part(int index) {
    if (ids == null) {
      return Integer.toString(index);
    }
    // Every exam has a name of its own, or one of two would vanish.
    return isRepeated(index) ? ids[index] + "@" + index : Long.toString(ids[index]);
  }

  /** Whether an exam before this one has its id. */
  private boolean isRepeated(int index) {
    return firsts.get(ids[index]) != index;
  }

  @Override
  public EcgRecord get(int index) throws IOException {
    if (ids != null && isRepeated(index)) {
      throw FormatException.malformed(
          hdf.name() + "/" + part(index),
          "exam %d stands at place %d as well".formatted(ids[index], firsts.get(ids[index])));
    }
    EcgFacts facts = table.facts(part(index));
    int leads = Lead.STANDARD_12.size();
    double[] values =
        hdf.numbers(tracings, new long[] {index, 0, 0}, new int[] {1, samples, leads}, limits);
    int from = 0;
    while (from < samples && isZero(values, from)) {
      from++;
    }
    int to = samples;
    while (to > from && isZero(values, to - 1)) {
      to--;
    }
    String name = hdf.name() + "/" + part(index);
    RecordBuilder builder = new RecordBuilder(name, limits, FS_HZ);
    for (int lead = 0; lead < leads; lead++) {
      double[] row = new double[to - from];
      for (int i = 0; i < row.length; i++) {
        double value = values[(from + i) * leads + lead];
        row[i] = Double.isFinite(value) ? value * MILLIVOLTS : Double.NaN;
      }
      builder.add(EcgChannel.named(Lead.STANDARD_12.get(lead).label(), 0), row);
    }
    return builder.build(part(index), facts, Optional.empty());
  }

  private static boolean isZero(double[] values, int sample) {
    for (int lead = 0; lead < 12; lead++) {
      if (values[12 * sample + lead] != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    hdf.close();
  }
}
