package org.rtcn.jobs.plot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.error.UserException;
import org.rtcn.common.report.BeatFigure;
import org.rtcn.common.report.HeatMap;
import org.rtcn.common.report.Picture;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.tables.TableFileReader;
import org.rtcn.jobs.transform.Signals;

/** A beat of the tables, recorded or generated, as a picture. */
public final class BeatPlot {
  private BeatPlot() {}

  /**
   * Draws a beat into a file.
   *
   * @param beatId key of a row of beats or synthetic_beats
   * @param leadNames the leads whose S-transform is shown
   * @param out the file, .svg or .png
   * @throws UserException if the run has no such beat, a lead's name is none, or the file cannot be
   *     written
   */
  public static void write(StageContext context, String beatId, List<String> leadNames, Path out) {
    List<Lead> leads = new ArrayList<>();
    for (String name : leadNames) {
      leads.add(
          Lead.parse(name)
              .filter(Lead.STANDARD_12::contains)
              .orElseThrow(
                  () ->
                      new UserException(
                          "Invalid lead \"" + name + "\": write some of " + Lead.STANDARD_12)));
    }
    Optional<Row> real = find(context, Table.BEATS, "beat_id", beatId);
    if (real.isEmpty()) {
      Row generated =
          find(context, Table.SYNTHETIC_BEATS, "synthetic_id", beatId)
              .orElseThrow(() -> unknown(context, beatId));
      Row image = find(context, Table.SYNTHETIC_SPECTROGRAMS, "synthetic_id", beatId).orElseThrow();
      SyntheticBeatPlot.write(
          context, generated, leads.stream().map(lead -> spectrogram(image, lead)).toList(), out);
      return;
    }
    Row beat = real.get();
    Row image = find(context, Table.SPECTROGRAMS, "beat_id", beatId).orElseThrow();
    String svg =
        BeatFigure.svg(
            title(beat, beatId),
            Signals.of(beat),
            beat.getAs("r_in_window"),
            leads.stream().map(lead -> spectrogram(image, lead)).toList());
    Picture.write(svg, out);
    context.console().println("Wrote " + out);
  }

  private static String title(Row beat, String beatId) {
    StringBuilder title =
        new StringBuilder(beatId).append(", ").append(beat.<String>getAs("label"));
    if (beat.<Boolean>getAs("simulated")) {
      title.append(", simulated");
    }
    if (beat.<Boolean>getAs("ectopic")) {
      title.append(", ectopic");
    }
    String quality = beat.getAs("quality");
    if (!quality.equals("ok")) {
      title.append(", ").append(quality);
    }
    int rate = (int) Math.round(beat.<Double>getAs("fs_hz"));
    return title.append(String.format(Locale.ROOT, ", %d Hz", rate)).toString();
  }

  private static HeatMap.Spectrogram spectrogram(Row image, Lead lead) {
    int voices = image.getAs("n_voices");
    int columns = image.getAs("n_columns");
    float[] magnitude = Signals.floats(image, image.fieldIndex("magnitude"));
    float[][] plane = new float[voices][];
    for (int v = 0; v < voices; v++) {
      int from = (Lead.STANDARD_12.indexOf(lead) * voices + v) * columns;
      plane[v] = Arrays.copyOfRange(magnitude, from, from + columns);
    }
    return new HeatMap.Spectrogram(
        lead.label(),
        plane,
        Signals.floats(image, image.fieldIndex("voice_hz")),
        Signals.floats(image, image.fieldIndex("column_ms")));
  }

  static Optional<Row> find(StageContext context, Table table, String key, String id) {
    if (!context.run().has(table)) {
      return Optional.empty();
    }
    AtomicReference<Row> found = new AtomicReference<>();
    context.each(
        table,
        Optional.of(new TableFileReader.Equal(key, id)),
        row -> {
          found.set(row);
          return false;
        });
    return Optional.ofNullable(found.get());
  }

  private static UserException unknown(StageContext context, String beatId) {
    String[] example = {"; run \"rtcn transform\" first"};
    if (context.run().has(Table.BEATS)) {
      example[0] = "";
      context.each(
          Table.BEATS,
          Optional.empty(),
          row -> {
            example[0] = "; a beat of this run is " + row.getString(0);
            return false;
          },
          "beat_id");
    }
    return new UserException(
        "Cannot find a recording or beat " + beatId + " in " + context.run().root() + example[0]);
  }
}
