package org.rtcn.jobs.spark;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
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
    String gpu = System.getProperty(GpuPolicy.PROPERTY);
    if (gpu != null && !options.contains(GpuPolicy.PROPERTY)) {
      options = options + " -D" + GpuPolicy.PROPERTY + "=" + gpu;
    }
    conf.set("spark.executor.extraJavaOptions", options.trim());
    conf.setAppName("rtcn " + stage);
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** How that session will reach file systems, known before it is opened. */
  public static Configuration hadoopConfiguration() {
    return SparkHadoopUtil.get().newConfiguration(new SparkConf(true));
  }

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("spark.master", "local[*]");
    defaults.put("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    defaults.put("spark.kryo.registrator", RtcnKryoRegistrator.class.getName());
    defaults.put("spark.kryoserializer.buffer.max", "512m");
    defaults.put("spark.sql.session.timeZone", "UTC");
    defaults.put("spark.sql.parquet.compression.codec", "zstd");
    // Rows hold whole recordings and images: a reader's usual batch of 4,096 rows would be as many
    // recordings in memory at once.
    defaults.put("spark.sql.parquet.columnarReaderBatchSize", "2");
    // The last columns of a small shuffle are not worth 200 tasks.
    defaults.put("spark.sql.adaptive.enabled", "true");
    defaults.put("spark.sql.shuffle.partitions", "16");
    defaults.put("spark.driver.maxResultSize", "2g");
    return defaults;
  }
}
