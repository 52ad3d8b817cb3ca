package org.rtcn.jobs.spark;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Spark of one command, started when it is first asked for: who does not ask does not wait. */
public final class SparkOnDemand implements AutoCloseable {
  private final Supplier<SparkSession> start;
  private final String master;
  private final AtomicBoolean closing;
  private SparkSession spark;

  private SparkOnDemand(Supplier<SparkSession> start, String master, AtomicBoolean closing) {
    this.start = start;
    this.master = master;
    this.closing = closing;
  }

  /** Spark with a configuration of {@link SparkSessions#configuration}. */
  public static SparkOnDemand of(SparkConf configuration) {
    AtomicBoolean closing = new AtomicBoolean();
    return new SparkOnDemand(
        () -> {
          SparkSession spark = SparkSessions.open(configuration);
          spark.sparkContext().addSparkListener(new LostApplication(closing::get));
          return spark;
        },
        configuration.get("spark.master"),
        closing);
  }

  /** Spark that runs already. */
  public static SparkOnDemand of(SparkSession spark) {
    SparkOnDemand session =
        new SparkOnDemand(
            () -> spark, spark.sparkContext().getConf().get("spark.master"), new AtomicBoolean());
    session.spark();
    return session;
  }

  /** The session; the first call starts it. */
  public synchronized SparkSession spark() {
    if (spark == null) {
      spark = start.get();
    }
    return spark;
  }

  /** The session, if it has been started. */
  public synchronized Optional<SparkSession> started() {
    return Optional.ofNullable(spark);
  }

  public String master() {
    return master;
  }

  /** Whether this process does all the work: then it answers without Spark what is soon read. */
  public boolean isLocal() {
    return isLocal(master);
  }

  /** The same of a master's URL. */
  public static boolean isLocal(String master) {
    return master.equals("local") || master.startsWith("local[");
  }

  /** Stops Spark, if it has been started. */
  @Override
  public synchronized void close() {
    closing.set(true);
    if (spark != null) {
      spark.stop();
    }
  }
}
