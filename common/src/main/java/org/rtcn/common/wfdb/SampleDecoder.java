package org.rtcn.common.wfdb;

import java.io.IOException;

/**
 * Turns the bytes of one signal file into samples, in file order. Stateful: formats that pack
 * several samples into shared bytes keep the rest between calls.
 */
interface SampleDecoder {

  /**
   * Decodes up to {@code count} samples into {@code out} from {@code offset} on.
   *
   * @return samples decoded; fewer than {@code count} only at the end of the file
   */
  int decode(int[] out, int offset, int count) throws IOException;
}
