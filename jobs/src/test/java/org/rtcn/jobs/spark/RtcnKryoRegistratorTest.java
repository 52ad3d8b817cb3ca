package org.rtcn.jobs.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import scala.reflect.ClassTag$;

class RtcnKryoRegistratorTest {
  private record Inner(String name, Integer maybe) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Outer(List<Inner> inners, float[] values, long count) {}

  private final SerializerInstance kryo =
      new KryoSerializer(
              new SparkConf(false)
                  .set("spark.kryo.registrator", RtcnKryoRegistrator.class.getName()))
          .newInstance();

  @Test
  void recordsAndImmutableListsSurvive() {
    for (List<Inner> inners :
        List.of(
            List.<Inner>of(),
            List.of(new Inner("a", null)),
            List.of(new Inner("a", 1), new Inner("b", 2), new Inner("c", null)))) {
      Outer read = roundTrip(new Outer(inners, new float[] {1, 2}, 7));
      assertThat(read.inners()).isEqualTo(inners);
      assertThat(read.values()).containsExactly(1, 2);
      assertThat(read.count()).isEqualTo(7);
    }
  }

  @Test
  void nd4jArraysSurvive() {
    INDArray array = Nd4j.create(new float[] {1, 2, 3, 4}, new long[] {2, 2}, 'c');
    assertThat(roundTrip(array)).isEqualTo(array);
  }

  @SuppressWarnings("unchecked")
  private <T> T roundTrip(T value) {
    return (T)
        kryo.deserialize(
            kryo.serialize(value, ClassTag$.MODULE$.apply(value.getClass())),
            ClassTag$.MODULE$.apply(value.getClass()));
  }
}
