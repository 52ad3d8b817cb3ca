package org.nd4j.presets.cpu;

import org.nd4j.nativeblas.NativeOps;
import org.rtcn.common.nd4j.PackedNatives;

/**
 * ND4J's class of this name, which is empty, with one thing more: it sees to it that ND4J's library
 * is unpacked. It is the superclass of the class whose initialiser loads the library, so the JVM
 * runs this before, whoever touches ND4J first: a stage, Spark's serializer in an executor, a
 * program that embeds the jar. The build leaves ND4J's own out of the jar.
 */
public abstract class Nd4jCpuHelper extends Nd4jCpuPresets implements NativeOps {
  static {
    PackedNatives.unpack();
  }
}
