package org.rtcn.common.formats.hdf5;

import io.jhdf.api.Dataset;
import io.jhdf.api.Node;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.formats.EcgChannel;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.RecordBuilder;

/**
 * CODE-15 %, CODE-test and its sister cohort: {@code tracings} of exams by 4,096 samples by 12
 * leads at 400 Hz, in units of 1e-4 V as the publisher states, zeros before and behind the trace.
 * What is known of an exam stands in {@code exams.csv} next to the file, by {@code exam_id}, or in
 * the same line of it or of {@code attributes.csv} where the file has no ids.
 *
 * <p>Source: Ribeiro et al. 2021, doi:10.5281/zenodo.4916206; Ribeiro et al. 2020,
 * doi:10.5281/zenodo.3765780; Ribeiro et al. 2021, doi:10.5281/zenodo.4905618.
 */
final class CodeLayout implements EcgRecords {
  private static final double FS_HZ = 400;

  /** 1e-4 V. */
  private static final double MILLIVOLTS = 0.1;

  private static final int MAX_EXAMS = 10_000_000;
  private static final List<String> TABLES =
      List.of("exams.csv", "code15_exams.csv", "attributes.csv");

  /** Columns of findings, and what they mean. */
  private static final Map<String, String> FINDINGS =
      Map.of(
          "1dAVb", "1st degree AV block",
          "RBBB", "right bundle branch block",
          "LBBB", "left bundle branch block",
          "SB", "sinus bradycardia",
          "ST", "sinus tachycardia",
          "AF", "atrial fibrillation",
          "normal_ecg", "normal ECG");

  private final Hdf hdf;
  private final Dataset tracings;
  private final ReadLimits limits;
  private final int exams;
  private final int samples;
  private final long[] ids;
  private final Map<String, EcgFacts> facts;

  private CodeLayout(
      Hdf hdf,
      Dataset tracings,
      ReadLimits limits,
      int exams,
      int samples,
      long[] ids,
      Map<String, EcgFacts> facts) {
    this.hdf = hdf;
    this.tracings = tracings;
    this.limits = limits;
    this.exams = exams;
    this.samples = samples;
    this.ids = ids;
    this.facts = facts;
  }

  static CodeLayout read(EcgFile file, Hdf hdf, Dataset tracings, ReadLimits limits)
      throws IOException {
    long[] shape = hdf.shape(tracings);
    if (shape.length != 3 || shape[2] != Lead.STANDARD_12.size() || shape[0] > MAX_EXAMS) {
      throw FormatException.malformed(
          file.name(),
          "its tracings are " + java.util.Arrays.toString(shape) + ", not exams x samples x 12");
    }
    long[] ids = ids(hdf, (int) shape[0]);
    return new CodeLayout(
        hdf,
        tracings,
        limits,
        (int) shape[0],
        (int) shape[1],
        ids,
        table(file, ids, (int) shape[0]));
  }

  /** The exams' ids, null where there are none. */
  private static long[] ids(Hdf hdf, int exams) throws FormatException {
    for (String name : List.of("exam_id", "id_exam", "exam_ids")) {
      Node node = hdf.children().get(name);
      if (node instanceof Dataset set && hdf.shape(set).length == 1 && hdf.shape(set)[0] == exams) {
        double[] values = hdf.numbers(set, new ReadLimits(1, Math.max(1, exams)));
        return java.util.Arrays.stream(values).mapToLong(value -> (long) value).toArray();
      }
    }
    return null;
  }

  /**
   * Facts by exam id, or by index where there are no ids (as in CODE-test, whose table is in the
   * order of the tracings); of this file's exams alone.
   */
  private static Map<String, EcgFacts> table(EcgFile file, long[] ids, int exams)
      throws IOException {
    java.util.Set<String> wanted = new java.util.HashSet<>();
    for (int i = 0; ids != null && i < ids.length; i++) {
      wanted.add(Long.toString(ids[i]));
    }
    Map<String, EcgFacts> known = new HashMap<>();
    for (String name : TABLES) {
      Optional<EcgFile> beside = file.beside(name);
      if (beside.isEmpty()) {
        continue;
      }
      CSVFormat format =
          CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).setTrim(true).build();
      try (var reader = new InputStreamReader(beside.get().open(), StandardCharsets.UTF_8);
          var rows = format.parse(reader)) {
        boolean byId = ids != null && rows.getHeaderMap().containsKey("exam_id");
        int line = 0;
        for (CSVRecord row : rows) {
          String key = byId ? row.get("exam_id") : Integer.toString(line);
          if (byId ? wanted.contains(key) : ids == null && line < exams) {
            known.put(key, facts(row));
          }
          line++;
        }
        if (ids == null && line != exams) {
          throw new FormatException(
              Reason.SIDECAR_MALFORMED,
              "Cannot read %s: it names no exam, and %s next to it has %d lines for %d exams; remove it, or give the table of this file"
                  .formatted(file.name(), name, line, exams));
        }
      } catch (java.io.UncheckedIOException | IllegalArgumentException | IllegalStateException e) {
        throw new FormatException(
            Reason.SIDECAR_MALFORMED,
            "Cannot read %s next to %s: %s"
                .formatted(name, file.name(), Facts.oneLine(e.getMessage())),
            e);
      }
      break;
    }
    return known;
  }

  private static EcgFacts facts(CSVRecord row) {
    Facts facts = new Facts();
    facts.patientId(cell(row, "patient_id"));
    facts.age(cell(row, "age"), "years");
    String male = cell(row, "is_male");
    if (male != null) {
      facts.sex(isTrue(male) ? "male" : "female");
    }
    facts.sex(cell(row, "sex"));
    for (String column : row.getParser().getHeaderNames()) {
      if (FINDINGS.containsKey(column) && isTrue(cell(row, column))) {
        facts.statement(FINDINGS.get(column));
      }
    }
    return facts.build();
  }

  private static String cell(CSVRecord row, String column) {
    return row.isSet(column) && !row.get(column).isEmpty() ? row.get(column) : null;
  }

  private static boolean isTrue(String text) {
    return text != null
        && (text.equalsIgnoreCase("true") || text.equals("1") || text.equals("1.0"));
  }

  @Override
  public int count() {
    return exams;
  }

  @Override
  public String part(int index) {
    return ids == null ? Integer.toString(index) : Long.toString(ids[index]);
  }

  @Override
  public EcgRecord get(int index) throws IOException {
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
    return builder.build(
        part(index), facts.getOrDefault(part(index), EcgFacts.NONE), Optional.empty());
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
