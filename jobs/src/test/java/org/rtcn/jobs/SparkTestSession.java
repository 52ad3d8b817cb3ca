package org.rtcn.jobs;

import org.apache.spark.sql.SparkSession;
import org.rtcn.jobs.spark.SparkSessions;

/** The session that all Spark tests of this JVM share: {@code local[2]}, quiet. */
public final class SparkTestSession {
  private static SparkSession session;

  private SparkTestSession() {}

  /** The shared session; it lives until the JVM ends. */
  public static synchronized SparkSession get() {
    if (session == null) {
      System.setProperty("spark.master", "local[2]");
      System.setProperty("spark.ui.enabled", "false");
      System.setProperty("spark.sql.shuffle.partitions", "4");
      System.setProperty("spark.driver.bindAddress", "127.0.0.1");
      System.setProperty("spark.driver.host", "127.0.0.1");
      session = SparkSessions.open("test");
      session.sparkContext().setLogLevel("WARN");
    }
    return session;
  }
}
