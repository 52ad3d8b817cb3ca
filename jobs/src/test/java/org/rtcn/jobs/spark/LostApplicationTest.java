package org.rtcn.jobs.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.junit.jupiter.api.Test;

class LostApplicationTest {
  private static boolean ends(boolean expected) throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    new LostApplication(Duration.ofMillis(10), () -> expected, ended::countDown)
        .onApplicationEnd(new SparkListenerApplicationEnd(0));
    return ended.await(expected ? 200 : 10_000, TimeUnit.MILLISECONDS);
  }

  @Test
  void onlyAnApplicationThatTheClusterEndedEndsTheCommand() throws InterruptedException {
    assertThat(ends(false)).isTrue();
    assertThat(ends(true)).isFalse();
  }
}
