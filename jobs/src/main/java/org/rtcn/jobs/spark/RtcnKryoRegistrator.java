package org.rtcn.jobs.spark;

import com.esotericsoftware.kryo.Kryo;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;
import org.nd4j.kryo.Nd4jRegistrator;

/** Registers what travels between driver and executors: ND4J's arrays, then our own records. */
public final class RtcnKryoRegistrator implements KryoRegistrator {
  @Override
  public void registerClasses(Kryo kryo) {
    new Nd4jRegistrator().registerClasses(kryo);
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
}
