package org.rtcn.jobs.plot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.error.UserException;
import org.rtcn.common.report.Picture;
import org.rtcn.common.report.RecordFigure;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.tables.TableFileReader;
import org.rtcn.jobs.transform.Signals;

/** A recording of the tables on ECG paper. */
final class RecordPlot {
  private RecordPlot() {}

  /** The recording's row of the table records, if it has one. */
  static Optional<Row> find(StageContext context, String recordId) {
    return BeatPlot.find(context, Table.RECORDS, "record_id", recordId);
  }

  /**
   * Draws a stretch of a recording into a file.
   *
   * @param record its row of the table records
   * @throws UserException if the stretch lies outside it, or the file cannot be written
   */
  static void write(StageContext context, Row record, double fromS, double seconds, Path out) {
    String recordId = record.getAs("record_id");
    EcgSignal whole =
        Signals.of(
            BeatPlot.find(context, Table.SIGNALS, "record_id", recordId)
                .orElseThrow(
                    () ->
                        new UserException(
                            "Cannot find the signals of "
                                + recordId
                                + " in "
                                + context.run().root()
                                + ": run \"rtcn ingest\" again")));
    int from = (int) Math.round(fromS * whole.fsHz());
    int to = (int) Math.min(whole.sampleCount(), Math.round((fromS + seconds) * whole.fsHz()));
    if (!(fromS >= 0 && seconds > 0) || to - from < 2) {
      throw new UserException(
          String.format(
              Locale.ROOT,
              "Invalid stretch of %s s from %s s: %s lasts %.1f s",
              seconds,
              fromS,
              recordId,
              whole.durationSeconds()));
    }
    float[][] part =
        Arrays.stream(whole.millivolts())
            .map(lead -> Arrays.copyOfRange(lead, from, to))
            .toArray(float[][]::new);
    List<Integer> rPeaks = rPeaks(context, recordId, from, to);
    Picture.write(
        RecordFigure.svg(
            lines(record, from / whole.fsHz(), to / whole.fsHz(), !rPeaks.isEmpty()),
            new EcgSignal(whole.fsHz(), whole.leads(), part),
            rPeaks),
        out);
    context.console().println("Wrote " + out);
  }

  /** R peaks of the kept beats, from sample {@code from} on. */
  private static List<Integer> rPeaks(StageContext context, String recordId, int from, int to) {
    if (!context.run().has(Table.BEATS)) {
      return List.of();
    }
    // Peaks of another ingest would stand in the wrong places.
    context.run().requireStage("transform");
    List<Integer> peaks = new ArrayList<>();
    context.each(
        Table.BEATS,
        Optional.of(new TableFileReader.Equal("record_id", recordId)),
        row -> {
          int peak = row.<Integer>getAs("r_sample");
          if (peak >= from && peak < to) {
            peaks.add(peak - from);
          }
          return true;
        },
        "record_id",
        "r_sample");
    Collections.sort(peaks);
    return peaks;
  }

  private static List<String> lines(Row record, double fromS, double toS, boolean peaks) {
    List<String> title = new ArrayList<>();
    title.add(record.getAs("record_id"));
    title.add(record.getAs("label"));
    if (record.<Boolean>getAs("simulated")) {
      title.add("SIMULATED");
    }
    List<String> facts = new ArrayList<>();
    facts.add("patient " + record.getAs("patient_id"));
    Optional.ofNullable(record.<String>getAs("sex")).ifPresent(facts::add);
    Optional.ofNullable(record.<Float>getAs("age_years"))
        .ifPresent(age -> facts.add(Math.round(age) + " years"));
    facts.add(Math.round(record.<Double>getAs("fs_hz")) + " Hz");
    facts.add(String.format(Locale.ROOT, "%.1f to %.1f s", fromS, toS));
    if (!record.<String>getAs("quality").equals("ok")) {
      facts.add("quality: " + record.getAs("quality"));
    }
    if (peaks) {
      facts.add("▼ R peak of a kept beat");
    }
    facts.add("as recorded, unfiltered");
    facts.add("research use only");
    return List.of(String.join(", ", title), String.join(" · ", facts));
  }
}
