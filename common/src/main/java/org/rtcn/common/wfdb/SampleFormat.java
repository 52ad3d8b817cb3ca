package org.rtcn.common.wfdb;

import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The signal formats of signal(5) that can be decoded. */
@SuppressWarnings("ImmutableEnumChecker") // The decoders' constructors hold no state.
enum SampleFormat {
  /** 16-bit two's complement, least significant byte first. */
  FORMAT_16(16, Short.MIN_VALUE, Format16Decoder::new);

  private final int code;
  private final int invalidSample;
  private final Function<InputStream, SampleDecoder> decoder;

  SampleFormat(int code, int invalidSample, Function<InputStream, SampleDecoder> decoder) {
    this.code = code;
    this.invalidSample = invalidSample;
    this.decoder = decoder;
  }

  static Optional<SampleFormat> of(int code) {
    return Arrays.stream(values()).filter(format -> format.code == code).findFirst();
  }

  /** The codes of all formats, for messages. */
  static String codes() {
    return Arrays.stream(values())
        .map(format -> String.valueOf(format.code))
        .collect(Collectors.joining(", "));
  }

  /** The value that marks a sample as invalid: the most negative one that the format holds. */
  int invalidSample() {
    return invalidSample;
  }

  SampleDecoder decoder(InputStream in) {
    return decoder.apply(in);
  }
}
