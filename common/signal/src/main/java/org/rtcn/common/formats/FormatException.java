package org.rtcn.common.formats;

import org.rtcn.common.ecg.RecordException;

/** A file that cannot be read as it stands. */
public final class FormatException extends RecordException {
  private static final long serialVersionUID = 1L;

  /** Why a file was refused; the name is what {@code rejects.reason} holds. */
  public enum Reason {
    /** The bytes are those of no format that is read here. */
    FORMAT_UNKNOWN,
    /** The file does not follow its format, or claims what cannot be. */
    FILE_MALFORMED,
    /** A variant of the format that is not read here. */
    FORMAT_UNSUPPORTED,
    /** The file ends before what it claims to hold. */
    SIGNAL_TRUNCATED,
    /** The file goes on behind what it claims to hold. */
    SIGNAL_OVERSIZED,
    /** A checksum differs. */
    CHECKSUM_MISMATCH,
    /** No ECG signal, or no sample. */
    EMPTY,
    /** Units that are not a voltage, or none. */
    UNITS_UNSUPPORTED,
    /** Leads of different rates. */
    RATES_DIFFER,
    /** The file or the recording is larger than the limit. */
    RECORD_TOO_LONG,
    /** The file lacks what a sidecar must say, and there is none. */
    SIDECAR_MISSING,
    /** A sidecar that does not fit its file. */
    SIDECAR_MALFORMED
  }

  private static final int MAX_MESSAGE = 600;

  private final Reason reason;

  public FormatException(Reason reason, String message) {
    this(reason, message, null);
  }

  public FormatException(Reason reason, String message, Throwable cause) {
    super(oneLine(message), cause);
    this.reason = reason;
  }

  /** Messages quote what files say: in one line, without control characters, and not at length. */
  private static String oneLine(String message) {
    String line = message.replaceAll("[\\p{Cntrl}\\s]+", " ");
    return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "...";
  }

  /** A file that does not follow its format. */
  public static FormatException malformed(String file, String what) {
    return new FormatException(
        Reason.FILE_MALFORMED, "Cannot read " + file + ": " + what + "; export it again");
  }

  public Reason reason() {
    return reason;
  }

  @Override
  public String code() {
    return reason.name();
  }
}
