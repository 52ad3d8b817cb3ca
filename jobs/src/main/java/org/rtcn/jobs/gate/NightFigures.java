package org.rtcn.jobs.gate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.percentile_approx;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.rtcn.common.drift.Bins;
import org.rtcn.common.drift.SignalFigure;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.PlainRows;
import org.rtcn.jobs.tables.Table;

/**
 * The figures of a run that predict has written. What reaches the driver are counts by bin, however
 * many recordings there are.
 */
final class NightFigures {
  private static final StructType BINNED =
      new StructType()
          .add("figure", DataTypes.StringType, false)
          .add("bin", DataTypes.IntegerType, false);

  private final SparkSession spark;
  private final RunDirectory run;

  NightFigures(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    this.run = run;
  }

  List<Figure> read() {
    List<Figure> figures = new ArrayList<>();
    Dataset<Row> answers = run.read(spark, Table.PREDICTIONS).where("level = 'record'");
    // A recording may be there as several windows: inputs are counted by their files.
    long kept =
        run.read(spark, Table.RECORDS).agg(count_distinct(col("source_path"))).first().getLong(0);
    long refused = run.rows(Table.REJECTS);
    figures.add(Figure.share(Figure.REJECTS, refused, kept + refused));
    long records = run.rows(Table.RECORDS);
    figures.add(Figure.share(Figure.UNANSWERED, records - answers.count(), records));
    Map<String, long[]> measures = measures(answers);
    for (SignalFigure figure : SignalFigure.values()) {
      figures.add(measure(figure.figureName(), measures));
    }
    figures.add(classes(answers));
    figures.add(measure(Figure.PROBABILITY, measures));
    return figures;
  }

  private static Figure measure(String name, Map<String, long[]> measures) {
    return Figure.measure(name, measures.getOrDefault(name, new long[Figure.binsOf(name).count()]));
  }

  private static Figure classes(Dataset<Row> answers) {
    // In the order of the model's classes, also those that nobody was answered.
    List<Row> any = answers.select("classes").takeAsList(1);
    List<String> classes = any.isEmpty() ? List.of() : any.get(0).getList(0);
    long[] counts = new long[classes.size()];
    for (Row row : answers.groupBy("predicted").count().collectAsList()) {
      counts[classes.indexOf(row.getString(0))] = row.getLong(1);
    }
    return Figure.classes(Figure.PREDICTED, classes, counts);
  }

  private Map<String, long[]> measures(Dataset<Row> answers) {
    Dataset<Row> binned =
        signals()
            .union(
                binned(
                    SignalFigure.HEART_RATE_BPM.figureName(),
                    run.read(spark, Table.BEATS)
                        .where("rr_before_s > 0")
                        .groupBy("record_id")
                        .agg(
                            lit(60)
                                .divide(percentile_approx(col("rr_before_s"), lit(0.5), lit(1000)))
                                .as("value"))
                        .select("value")))
            .union(
                binned(
                    Figure.PROBABILITY,
                    answers.select(col("probability_mi").cast("double").as("value"))));
    Map<String, long[]> counts = new TreeMap<>();
    for (Row row : binned.groupBy("figure", "bin").count().collectAsList()) {
      String name = row.getString(0);
      counts.computeIfAbsent(name, each -> new long[Figure.binsOf(each).count()])[row.getInt(1)] =
          row.getLong(2);
    }
    return counts;
  }

  private static Dataset<Row> binned(String figure, Dataset<Row> values) {
    return PlainRows.map(
        values,
        rows -> {
          Bins bins = Figure.binsOf(figure);
          List<Row> found = new ArrayList<>();
          rows.forEachRemaining(
              row -> found.add(RowFactory.create(figure, bins.of(row.getDouble(0)))));
          return found.iterator();
        },
        BINNED);
  }

  private Dataset<Row> signals() {
    List<String> columns = new ArrayList<>(List.of("fs_hz", "n_samples"));
    columns.addAll(LeadColumns.NAMES);
    Dataset<Row> signals =
        run.read(spark, Table.SIGNALS).selectExpr(columns.toArray(new String[0]));
    return PlainRows.map(signals, NightFigures::binnedSignals, BINNED);
  }

  private static Iterator<Row> binnedSignals(Iterator<Row> recordings) {
    return new Iterator<>() {
      private Iterator<Row> current = java.util.Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        while (!current.hasNext() && recordings.hasNext()) {
          current = binned(recordings.next()).iterator();
        }
        return current.hasNext();
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new java.util.NoSuchElementException();
        }
        return current.next();
      }
    };
  }

  private static List<Row> binned(Row recording) {
    float[][] leads = new float[LeadColumns.NAMES.size()][];
    for (int lead = 0; lead < leads.length; lead++) {
      leads[lead] = (float[]) recording.get(2 + lead);
    }
    List<Row> rows = new ArrayList<>();
    SignalFigure.of(leads, recording.getInt(1), recording.getDouble(0))
        .forEach(
            (figure, value) ->
                rows.add(RowFactory.create(figure.figureName(), figure.bins().of(value))));
    return rows;
  }
}
