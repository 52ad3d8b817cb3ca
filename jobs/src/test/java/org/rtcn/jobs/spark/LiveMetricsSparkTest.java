package org.rtcn.jobs.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.rtcn.jobs.SparkTestSession;
import scala.collection.JavaConverters;

class LiveMetricsSparkTest {

  @Test
  void aNameIsRegisteredOnceAndShowsTheLatestStage() {
    SparkContext context = SparkTestSession.get().sparkContext();
    LongAccumulator first = context.longAccumulator();
    first.add(3);
    LiveMetrics.show(context, Map.of("test.records", LiveMetrics.of(first)));
    assertThat(values("test.records")).containsExactly(3.0);
    LongAccumulator second = context.longAccumulator();
    LiveMetrics.show(context, Map.of("test.records", LiveMetrics.of(second)));
    second.add(5);
    assertThat(values("test.records")).containsExactly(5.0);
  }

  private static List<Object> values(String name) {
    List<Object> values = new ArrayList<>();
    for (Source source :
        JavaConverters.seqAsJavaList(
            SparkEnv.get().metricsSystem().getSourcesByName("AccumulatorSource"))) {
      Gauge<?> gauge = source.metricRegistry().getGauges().get(name);
      if (gauge != null) {
        values.add(gauge.getValue());
      }
    }
    return values;
  }
}
