package org.rtcn.common.wfdb;

import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One signal line of a header.
 *
 * @param storage where and how its samples are stored
 * @param calibration what a sample means
 * @param initialValue first sample, if stated
 * @param checksum sum of all samples modulo 65,536, in 0..65,535, if stated
 * @param description the signal's name, for example {@code avr}; empty if not stated
 */
public record SignalSpec(
    Storage storage,
    Calibration calibration,
    OptionalInt initialValue,
    OptionalInt checksum,
    String description) {

  /** Gain where the header states none (or 0, which means not calibrated): header(5). */
  public static final double DEFAULT_GAIN_ADU_PER_UNIT = 200;

  /**
   * Where and how the samples are stored.
   *
   * @param fileName plain name of the file that holds the signal
   * @param format code of the sample format, for example 16 or 212
   * @param samplesPerFrame samples of this signal in each frame, 1 unless stated
   * @param skew frames by which this signal lies late in the file
   * @param byteOffset bytes before the first sample in the file
   * @param blockSize of the storage device, 0 for ordinary files; negative where it lacks support
   *     for some operations
   */
  public record Storage(
      String fileName, int format, int samplesPerFrame, int skew, long byteOffset, int blockSize) {
    public Storage {
      Objects.requireNonNull(fileName, "fileName");
    }
  }

  /**
   * What a sample means.
   *
   * @param gainAduPerUnit ADC units per physical unit, never 0
   * @param baseline ADC value at physical 0
   * @param units physical units, {@code mV} unless stated
   * @param adcResolution bits of the converter, 0 if not stated
   * @param adcZero ADC value at the middle of the converter's range
   */
  public record Calibration(
      double gainAduPerUnit, int baseline, String units, int adcResolution, int adcZero) {
    public Calibration {
      Objects.requireNonNull(units, "units");
    }
  }

  public SignalSpec {
    Objects.requireNonNull(initialValue, "initialValue");
    Objects.requireNonNull(checksum, "checksum");
    Objects.requireNonNull(description, "description");
  }

  /** {@link Storage#fileName}. */
  public String fileName() {
    return storage.fileName;
  }

  /** {@link Storage#format}. */
  public int format() {
    return storage.format;
  }

  /** {@link Storage#samplesPerFrame}. */
  public int samplesPerFrame() {
    return storage.samplesPerFrame;
  }

  /** {@link Storage#skew}. */
  public int skew() {
    return storage.skew;
  }

  /** {@link Storage#byteOffset}. */
  public long byteOffset() {
    return storage.byteOffset;
  }

  /** {@link Storage#blockSize}. */
  public int blockSize() {
    return storage.blockSize;
  }

  /** {@link Calibration#gainAduPerUnit}. */
  public double gainAduPerUnit() {
    return calibration.gainAduPerUnit;
  }

  /** {@link Calibration#baseline}. */
  public int baseline() {
    return calibration.baseline;
  }

  /** {@link Calibration#units}. */
  public String units() {
    return calibration.units;
  }

  /** {@link Calibration#adcResolution}. */
  public int adcResolution() {
    return calibration.adcResolution;
  }

  /** {@link Calibration#adcZero}. */
  public int adcZero() {
    return calibration.adcZero;
  }

  /** How many mV one physical unit is; empty if the units are no voltage. */
  public OptionalDouble millivoltsPerUnit() {
    return switch (calibration.units.toLowerCase(Locale.ROOT)) {
      case "mv" -> OptionalDouble.of(1);
      // "\u00b5" and "\u03bc" are the two Unicode spellings of micro.
      case "uv", "\u00b5v", "\u03bcv" -> OptionalDouble.of(1e-3);
      case "v" -> OptionalDouble.of(1e3);
      case "nv" -> OptionalDouble.of(1e-6);
      default -> OptionalDouble.empty();
    };
  }
}
