package org.rtcn.jobs.spark;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/**
 * Java records through Kryo 4, whose field serializer cannot read them: components are written in
 * their order and read back through the canonical constructor, so that its checks hold.
 */
final class RecordSerializer extends Serializer<Record> {

  @Override
  public void write(Kryo kryo, Output output, Record value) {
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      try {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        kryo.writeClassAndObject(output, accessor.invoke(value));
      } catch (ReflectiveOperationException e) {
        throw new KryoException("Failed to write " + component + " of " + value.getClass(), e);
      }
    }
  }

  @Override
  public Record read(Kryo kryo, Input input, Class<Record> type) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] = kryo.readClassAndObject(input);
    }
    try {
      Constructor<Record> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new KryoException("Failed to read a " + type, e);
    }
  }
}
