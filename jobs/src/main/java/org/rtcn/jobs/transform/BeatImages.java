package org.rtcn.jobs.transform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.rtcn.common.stockwell.SpectrogramOptions;
import org.rtcn.common.stockwell.SpectrogramPlan;
import org.rtcn.jobs.tables.LazyIterators;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.PlainRows;
import org.rtcn.jobs.tables.Table;

/** The S-transform images of beat windows, recorded or generated. */
public final class BeatImages {
  private static final Set<String> IMAGE_COLUMNS =
      Set.of("n_leads", "n_voices", "n_columns", "voice_hz", "column_ms", "magnitude", "phase");

  private BeatImages() {}

  /**
   * One image per window. A row depends on its window alone, so that the partitions don't matter.
   *
   * @param windows the twelve lead columns, {@code r_in_window}, {@code fs_hz}, and what else
   *     {@code table} wants; a window at another rate than the options' (one that follows its RR
   *     interval) has its voices and columns at other frequencies and instants, as {@code voice_hz}
   *     and {@code column_ms} say
   * @param table {@link Table#SPECTROGRAMS} or {@link Table#SYNTHETIC_SPECTROGRAMS}: the columns of
   *     the result
   */
  public static Dataset<Row> of(Dataset<Row> windows, SpectrogramOptions options, Table table) {
    StructType schema = table.schema();
    List<String> carried =
        Arrays.stream(schema.fieldNames()).filter(name -> !IMAGE_COLUMNS.contains(name)).toList();
    List<Column> selected = new ArrayList<>();
    carried.forEach(name -> selected.add(functions.col(name)));
    selected.add(functions.col("r_in_window"));
    selected.add(functions.col("fs_hz"));
    LeadColumns.NAMES.forEach(name -> selected.add(functions.col(name)));
    Dataset<Row> input = windows.select(selected.toArray(new Column[0]));
    int before = carried.size();
    return PlainRows.map(input, rows -> images(rows, options, schema.fieldNames(), before), schema);
  }

  /** Rows are: the carried columns, r_in_window, fs_hz, the leads. */
  private static Iterator<Row> images(
      Iterator<Row> rows, SpectrogramOptions options, String[] columns, int carried) {
    SpectrogramPlan.Worker worker = new SpectrogramPlan(options).worker();
    return LazyIterators.map(
        rows,
        row -> {
          float[][] leads = new float[LeadColumns.NAMES.size()][];
          for (int lead = 0; lead < leads.length; lead++) {
            leads[lead] = Signals.floats(row, carried + 2 + lead);
          }
          int rInWindow = row.getInt(carried);
          double fsHz = row.getDouble(carried + 1);
          int perLead = options.valuesPerLead();
          boolean keepPhase = options.phase() == SpectrogramOptions.Phase.KEEP;
          float[] magnitude;
          float[] phase = null;
          if (keepPhase) {
            magnitude = new float[leads.length * perLead];
            phase = new float[magnitude.length];
            for (int lead = 0; lead < leads.length; lead++) {
              worker.polar(leads[lead], 0, rInWindow, magnitude, phase, lead * perLead);
            }
            options.rounding().phases(phase);
          } else {
            magnitude = worker.image(leads);
          }
          options.rounding().magnitudes(magnitude);
          Object[] values = new Object[columns.length];
          int from = 0;
          for (int i = 0; i < columns.length; i++) {
            values[i] =
                switch (columns[i]) {
                  case "n_leads" -> leads.length;
                  case "n_voices" -> options.voiceCount();
                  case "n_columns" -> options.columns();
                  case "voice_hz" -> options.voiceHz(fsHz);
                  case "column_ms" -> options.columnMs(rInWindow, fsHz);
                  case "magnitude" -> magnitude;
                  case "phase" -> phase;
                  default -> row.get(from++);
                };
          }
          return RowFactory.create(values);
        });
  }
}
