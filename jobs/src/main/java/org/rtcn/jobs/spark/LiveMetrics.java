package org.rtcn.jobs.spark;

import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import org.apache.spark.SparkContext;
import org.apache.spark.metrics.source.DoubleAccumulatorSource$;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.LongAccumulator;
import scala.collection.immutable.Map.Map1;

/**
 * What a running stage has done so far, as gauges of Spark's metrics system on the driver, below
 * {@code AccumulatorSource}: whatever sink the metrics go to (Prometheus, JMX, Graphite, …) shows
 * them next to Spark's own.
 *
 * <p>A name is registered once per application; a stage that runs again takes it over.
 */
public final class LiveMetrics {
  private static final Map<SparkContext, LiveMetrics> OF = new WeakHashMap<>();

  private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();

  private LiveMetrics() {}

  /**
   * Shows values from now on.
   *
   * @param gauges by name, {@code stage.what}; asked from another thread, now and then
   */
  public static void show(SparkContext context, Map<String, DoubleSupplier> gauges) {
    synchronized (OF) {
      LiveMetrics shown = OF.computeIfAbsent(context, ignored -> new LiveMetrics());
      gauges.forEach(
          (name, value) -> {
            if (shown.gauges.put(name, value) == null) {
              DoubleAccumulatorSource$.MODULE$.register(
                  context, new Map1<>(name, new Asked(shown, name)));
            }
          });
    }
  }

  /** The sum of an accumulator: what finished tasks have added. */
  public static DoubleSupplier of(LongAccumulator accumulator) {
    return () -> accumulator.sum();
  }

  /** An accumulator that adds nothing up: Spark's source for accumulators asks for its value. */
  private static final class Asked extends DoubleAccumulator {
    private static final long serialVersionUID = 1L;

    private final transient LiveMetrics metrics;
    private final String name;

    Asked(LiveMetrics metrics, String name) {
      this.metrics = metrics;
      this.name = name;
    }

    @Override
    public Double value() {
      return metrics.gauges.get(name).getAsDouble();
    }
  }
}
