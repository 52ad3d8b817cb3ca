package org.rtcn.jobs.run;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.rtcn.common.config.Settings;
import org.rtcn.common.random.RandomStreams;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.spark.SparkOnDemand;
import org.rtcn.jobs.tables.Table;

/**
 * What lineage costs: a table of images of random numbers in many files, written as Spark would and
 * as a stage does, looked at, read and verified on {@code local[2]}. Arguments: files, rows per
 * file, repeats. Prints medians, and ratios of medians.
 */
final class LineageBenchmark {
  private static final int LEADS = 12;
  private static final int VOICES = 24;
  private static final int COLUMNS = 32;

  private LineageBenchmark() {}

  public static void main(String[] args) throws Exception {
    int files = args.length > 0 ? Integer.parseInt(args[0]) : 3000;
    int rowsPerFile = args.length > 1 ? Integer.parseInt(args[1]) : 4;
    int repeats = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    Path folder = Files.createTempDirectory("lineage-benchmark");
    SparkSession spark = SparkTestSession.get();
    Dataset<Row> rows = rows(spark, files, rowsPerFile).persist(StorageLevel.MEMORY_AND_DISK());
    rows.count();
    String plain = folder.resolve("plain").toString();
    Runnable asSparkWould =
        () -> {
          rows.write()
              .mode(SaveMode.Overwrite)
              .option("parquet.enable.dictionary#magnitude.list.element", "false")
              .parquet(plain);
          spark.read().schema(Table.SPECTROGRAMS.schema()).parquet(plain).count();
        };
    RunDirectory run =
        RunDirectory.at(
            folder.resolve("run").toString(), spark.sparkContext().hadoopConfiguration());
    StageContext context =
        new StageContext(
            spark,
            run,
            Settings.defaults(),
            IfPresent.OVERWRITE,
            new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    Runnable asAStageDoes =
        () ->
            StageRunner.run(
                context,
                StagePlan.named("transform", "benchmark").owns(Table.SPECTROGRAMS),
                output -> output.write(Table.SPECTROGRAMS, rows));
    // Alternately, so that a change of the machine's mood strikes both.
    List<Double> spent = new ArrayList<>();
    List<Double> own = new ArrayList<>();
    for (int i = 0; i <= repeats; i++) {
      double one = seconds(asSparkWould);
      double two = seconds(asAStageDoes);
      if (i > 0) {
        spent.add(one);
        own.add(two);
      }
    }
    Manifest manifest = run.requireStage("transform");
    Manifest.Content content = manifest.contents().get("tables/spectrograms");
    System.out.printf(
        Locale.ROOT,
        "%,d files, %,d rows, %.0f MB; list of files %,d bytes%n",
        content.files(),
        manifest.outputs().get("tables/spectrograms"),
        content.bytes() / 1e6,
        Files.size(folder.resolve("run/stages/transform").resolve(manifest.files())));
    double plainly = say("write and count as Spark does", spent);
    double whole = say("write, digest, footers, commit", own);
    double look =
        say(
            "look before reading (names, sizes)",
            repeat(repeats, () -> run.requireWhole(run.requireStage("transform"))));
    double read =
        say(
            "read all rows with Spark",
            repeat(
                repeats,
                () ->
                    run.unchecked(spark, Table.SPECTROGRAMS)
                        .write()
                        .format("noop")
                        .mode(SaveMode.Overwrite)
                        .save()));
    double verify =
        say(
            "verify",
            repeat(
                repeats,
                () -> Verification.of(SparkOnDemand.of(spark), run, Verification.Depth.CONTENT)));
    System.out.printf(
        Locale.ROOT,
        "writing %.3f times Spark's; a look %.3f of reading, verify %.3f of it%n",
        whole / plainly,
        look / read,
        verify / read);
    say(
        "SHA-256 of all files (not done)",
        repeat(
            repeats,
            () ->
                FileDigests.of(
                    spark,
                    run.root(),
                    FilesOnDisk.list(run.fileSystem(), run.root(), "tables/spectrograms"),
                    false)));
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  private static Dataset<Row> rows(SparkSession spark, int files, int rowsPerFile) {
    return spark.createDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(IntStream.range(0, files).boxed().toList(), files)
            .flatMap(
                file ->
                    IntStream.range(0, rowsPerFile)
                        .mapToObj(row -> row(file * rowsPerFile + row))
                        .iterator()),
        Table.SPECTROGRAMS.schema());
  }

  private static Row row(int number) {
    SplittableRandom random = RandomStreams.of(1, "benchmark", number);
    float[] magnitude = new float[LEADS * VOICES * COLUMNS];
    for (int i = 0; i < magnitude.length; i++) {
      magnitude[i] = (float) random.nextDouble();
    }
    return RowFactory.create(
        "b" + number,
        "r" + number / 10,
        "p" + number / 20,
        "test",
        "HC",
        1 + number % 10,
        true,
        LEADS,
        VOICES,
        COLUMNS,
        new float[VOICES],
        new float[COLUMNS],
        magnitude,
        null);
  }

  private static List<Double> repeat(int repeats, Runnable work) {
    work.run();
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < repeats; i++) {
      times.add(seconds(work));
    }
    return times;
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Prints and gives the median, s. */
  private static double say(String what, List<Double> times) {
    List<Double> sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    System.out.printf(
        Locale.ROOT,
        "%-36s %8.3f s (%.3f to %.3f)%n",
        what,
        sorted.get(sorted.size() / 2),
        sorted.get(0),
        sorted.get(sorted.size() - 1));
    return sorted.get(sorted.size() / 2);
  }
}
