package org.rtcn.jobs.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.rtcn.common.dsp.RPeakScore;
import org.rtcn.common.dsp.RPeaks;

/**
 * Scores of records as text or JSON, in the terms of ANSI/AAMI EC57: QRS sensitivity (QRS Se), QRS
 * positive predictivity (QRS +P); of several records gross statistics, which count every beat
 * alike, and averages, which count every record alike.
 *
 * @param toleranceSeconds largest distance of a pair
 * @param skipSeconds beginning of each record that is not scored
 */
record ScoreReport(List<RecordScore> records, double toleranceSeconds, double skipSeconds) {

  String text() {
    StringBuilder out = new StringBuilder();
    for (RecordScore record : records) {
      out.append(
          String.format(
              Locale.ROOT,
              "record       %s, %s, %s Hz%n",
              record.record(),
              record.signals(),
              record.fsHz()));
      out.append(
          String.format(
              Locale.ROOT,
              "annotations  %s, %d beats from %s s on%s%n",
              record.annotations(),
              record.score().referenceBeats(),
              skipSeconds,
              record.beatsBeyondEnd() == 0
                  ? ""
                  : "; " + record.beatsBeyondEnd() + " behind the record's end left out"));
      if (record.found().finding() != RPeaks.Finding.FOUND) {
        out.append(
            String.format(
                Locale.ROOT,
                "found        nothing (%s): %s%n",
                record.found().finding(),
                record.found().detail()));
      }
      out.append(counts(record.score()));
      out.append(rates(record.score().sensitivity(), record.score().positivePredictiveValue()));
      out.append(
          String.format(
              Locale.ROOT,
              "timing       %.2f +- %.2f ms, mean distance %.2f ms%n",
              record.score().meanErrorMs(),
              record.score().deviationMs(),
              record.score().meanAbsoluteErrorMs()));
    }
    if (records.size() > 1) {
      RPeakScore gross = gross();
      out.append(String.format(Locale.ROOT, "gross        %d records%n", records.size()));
      out.append(counts(gross));
      out.append(rates(gross.sensitivity(), gross.positivePredictiveValue()));
      out.append(String.format(Locale.ROOT, "average      %d records%n", records.size()));
      out.append(
          rates(average(RPeakScore::sensitivity), average(RPeakScore::positivePredictiveValue)));
    }
    return out.toString();
  }

  private String counts(RPeakScore score) {
    return String.format(
        Locale.ROOT,
        "detections   %d: %d true, %d false; %d beats missed (one to one, within %s ms)%n",
        score.detections(),
        score.truePositives(),
        score.falsePositives(),
        score.falseNegatives(),
        toleranceMs());
  }

  private double toleranceMs() {
    return Math.round(toleranceSeconds * 1e6) / 1e3;
  }

  private static String rates(double sensitivity, double predictivity) {
    return String.format(
        Locale.ROOT,
        "Se           %.2f %% (QRS Se, sensitivity)%n"
            + "PPV          %.2f %% (QRS +P, positive predictivity)%n",
        100 * sensitivity,
        100 * predictivity);
  }

  /** One object; shares from 0 to 1, null where there is nothing to divide by. */
  String json() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("standard", "ANSI/AAMI EC57");
    report.put("matching", "one-to-one");
    report.put("match_window_ms", toleranceMs());
    report.put("skip_seconds", skipSeconds);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (RecordScore record : records) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("record", record.record());
      row.put("signals", record.signals());
      row.put("fs_hz", record.fsHz());
      row.put("annotations", record.annotations());
      row.put("beats_beyond_end", record.beatsBeyondEnd());
      row.put("finding", record.found().finding().name());
      row.put("detail", record.found().detail());
      figures(row, record.score());
      row.put("mean_error_ms", number(record.score().meanErrorMs()));
      row.put("deviation_ms", number(record.score().deviationMs()));
      row.put("mean_absolute_error_ms", number(record.score().meanAbsoluteErrorMs()));
      rows.add(row);
    }
    report.put("records", rows);
    Map<String, Object> gross = new LinkedHashMap<>();
    figures(gross, gross());
    report.put("gross", gross);
    Map<String, Object> average = new LinkedHashMap<>();
    average.put("qrs_se", number(average(RPeakScore::sensitivity)));
    average.put("qrs_p", number(average(RPeakScore::positivePredictiveValue)));
    report.put("average", average);
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to write the scores as JSON", e);
    }
  }

  private static void figures(Map<String, Object> row, RPeakScore score) {
    row.put("beats", score.referenceBeats());
    row.put("detections", score.detections());
    row.put("tp", score.truePositives());
    row.put("fn", score.falseNegatives());
    row.put("fp", score.falsePositives());
    row.put("qrs_se", number(score.sensitivity()));
    row.put("qrs_p", number(score.positivePredictiveValue()));
  }

  private static Double number(double value) {
    return Double.isNaN(value) ? null : value;
  }

  private RPeakScore gross() {
    int beats = 0;
    int detections = 0;
    int pairs = 0;
    for (RecordScore record : records) {
      beats += record.score().referenceBeats();
      detections += record.score().detections();
      pairs += record.score().truePositives();
    }
    return new RPeakScore(beats, detections, pairs, Double.NaN, Double.NaN, Double.NaN);
  }

  private double average(ToDoubleFunction<RPeakScore> figure) {
    return records.stream()
        .map(RecordScore::score)
        .mapToDouble(figure)
        .filter(value -> !Double.isNaN(value))
        .average()
        .orElse(Double.NaN);
  }
}
