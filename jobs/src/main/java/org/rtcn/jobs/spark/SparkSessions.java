package org.rtcn.jobs.spark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.error.UserException;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.nd4j.GpuPolicy;

/** Opens the session with the defaults that the stages rely on; spark-submit's settings win. */
public final class SparkSessions {
  /** ND4J's layer helpers (oneDNN) are off unless told otherwise; executors need telling too. */
  private static final String HELPERS_ON = "-Dorg.eclipse.deeplearning4j.helpers.disable=false";

  private SparkSessions() {}

  /**
   * The session of this application.
   *
   * @param stage shown as the application's name: {@code rtcn <stage>}
   */
  public static SparkSession open(String stage) {
    return open(configuration(stage));
  }

  /**
   * The session with a configuration of {@link #configuration}.
   *
   * @throws UserException if Spark cannot start with it
   */
  public static SparkSession open(SparkConf conf) {
    TemporaryFolders.requireWritable(conf);
    try {
      return SparkSession.builder().config(conf).getOrCreate();
    } catch (Exception e) {
      // SparkException is checked, and Scala does not declare it.
      if (e instanceof IllegalArgumentException || e instanceof SparkException) {
        throw new UserException(
            "Cannot start Spark: "
                + String.valueOf(e.getMessage()).strip().split("\n", 2)[0]
                + ". Mend the options after -- or Spark's properties",
            e);
      }
      throw e instanceof RuntimeException known
          ? known
          : new IllegalStateException("Failed to start Spark: " + e.getMessage(), e);
    }
  }

  /**
   * Leaves out of a local session what questions do not need: nothing of ours travels between JVMs,
   * for which Kryo would be set up, and a process of seconds cleans nothing up.
   */
  public static SparkConf forQuestions(SparkConf conf) {
    return conf.set("spark.serializer", "org.apache.spark.serializer.JavaSerializer")
        .set("spark.cleaner.referenceTracking", "false")
        .set("spark.metrics.staticSources.enabled", "false")
        .set("spark.metrics.executorMetricsSource.enabled", "false");
  }

  /**
   * Sets a local session for queries of few rows: nothing is shuffled between more tasks than one.
   */
  public static void expectFewRows(SparkSession spark) {
    Map.of(
            "spark.sql.adaptive.enabled", "false",
            "spark.sql.shuffle.partitions", "1",
            "spark.sql.leafNodeDefaultParallelism", "1",
            "spark.sql.files.minPartitionNum", "1",
            "spark.sql.autoBroadcastJoinThreshold", "-1",
            "spark.sql.sources.parallelPartitionDiscovery.threshold", "10000",
            "spark.sql.files.openCostInBytes", "65536")
        .forEach(spark.conf()::set);
  }

  /** Sets a session for queries of many rows: their plans are worth compiling. */
  public static void expectManyRows(SparkSession spark) {
    Map.of("spark.sql.codegen.wholeStage", "true", "spark.sql.codegen.factoryMode", "FALLBACK")
        .forEach(spark.conf()::set);
  }

  /** What the session will be opened with. */
  public static SparkConf configuration(String stage) {
    SparkConf conf = new SparkConf(true);
    defaults().forEach(conf::setIfMissing);
    // One native operation has the cores of its task. More threads than cores spin at barriers.
    String threads = conf.get("spark.task.cpus", "1");
    conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", threads);
    conf.setIfMissing("spark.executorEnv.OPENBLAS_NUM_THREADS", threads);
    String options = conf.get("spark.executor.extraJavaOptions", "");
    if (!options.contains("helpers.disable")) {
      options = options + " " + HELPERS_ON;
    }
    for (String property : List.of(GpuPolicy.PROPERTY, KernelChoice.PROPERTY)) {
      String value = System.getProperty(property);
      if (value != null && !options.contains(property)) {
        options = options + " -D" + property + "=" + value;
      }
    }
    conf.set("spark.executor.extraJavaOptions", options.trim());
    if (SparkOnDemand.isLocal(conf.get("spark.master"))) {
      // An executor that is out of memory ends its JVM. Here that is the driver's too, which would
      // end without a word.
      conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
    }
    conf.setAppName("rtcn " + stage);
    return conf;
  }

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("spark.master", "local[*]");
    defaults.put("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    defaults.put("spark.kryo.registrator", RtcnKryoRegistrator.class.getName());
    defaults.put("spark.kryoserializer.buffer.max", "512m");
    defaults.put("spark.sql.session.timeZone", "UTC");
    defaults.put("spark.sql.parquet.compression.codec", "zstd");
    // A page that was damaged must end in a message, not in samples that nobody recorded.
    defaults.put("spark.hadoop.parquet.page.verify-checksum.enabled", "true");
    // Rows hold whole recordings and images: a reader's usual batch of 4,096 rows would be as many
    // recordings in memory at once.
    defaults.put("spark.sql.parquet.columnarReaderBatchSize", "2");
    // One file per fold is open at a time unless told otherwise, for which all images of a task are
    // sorted by fold, by way of the disk. Beyond so many folds they still are.
    defaults.put("spark.sql.maxConcurrentOutputFileWriters", "16");
    // The last columns of a small shuffle are not worth 200 tasks.
    defaults.put("spark.sql.adaptive.enabled", "true");
    defaults.put("spark.sql.shuffle.partitions", "16");
    // Rows are few and large, and what is done to them is ours: to compile a plan of Spark's takes
    // longer than to interpret it for all of them.
    defaults.put("spark.sql.codegen.wholeStage", "false");
    defaults.put("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    // Names of metrics that are the same in every run: the usual ones begin with the application's
    // id.
    defaults.put("spark.metrics.namespace", "rtcn");
    defaults.put("spark.driver.maxResultSize", "2g");
    // On a busy machine the usual first heartbeat, after 10 s, comes before Spark has started, and
    // is answered with stack traces.
    defaults.put("spark.executor.heartbeatInterval", "30s");
    defaults.put("spark.network.timeout", "240s");
    return defaults;
  }
}
