package org.rtcn.jobs.spark;

import com.esotericsoftware.kryo.Kryo;
import de.javakaffee.kryoserializers.SynchronizedCollectionsSerializer;
import de.javakaffee.kryoserializers.UnmodifiableCollectionsSerializer;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;
import org.nd4j.common.primitives.AtomicDouble;
import org.nd4j.kryo.Nd4jSerializer;
import org.nd4j.kryo.primitives.AtomicDoubleSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Registers what travels between driver and executors: ND4J's arrays, then our own records. */
public final class RtcnKryoRegistrator implements KryoRegistrator {
  @Override
  public void registerClasses(Kryo kryo) {
    registerNd4j(kryo);
    kryo.addDefaultSerializer(Record.class, new RecordSerializer());
    kryo.register(List.of(1).getClass(), new ImmutableListSerializer());
    kryo.register(List.of(1, 2, 3).getClass(), new ImmutableListSerializer());
    kryo.register(float[].class);
    kryo.register(float[][].class);
    kryo.register(double[].class);
    kryo.register(int[].class);
    kryo.register(long[].class);
    kryo.register(byte[].class);
  }

  /**
   * What ND4J's own registrator registers, but its arrays by their interface: it would load the
   * backend's native libraries, which a stage without arrays need not wait for.
   */
  private static void registerNd4j(Kryo kryo) {
    kryo.addDefaultSerializer(INDArray.class, new Nd4jSerializer());
    kryo.register(AtomicDouble.class, new AtomicDoubleSerializer());
    UnmodifiableCollectionsSerializer.registerSerializers(kryo);
    SynchronizedCollectionsSerializer.registerSerializers(kryo);
  }
}
