package org.rtcn.common.wfdb;

import java.io.IOException;
import org.rtcn.common.ecg.RecordException;

/**
 * A record that cannot be read as it stands: retrying does not help. Other {@link IOException}s of
 * this package are the storage's own and may pass.
 */
public final class WfdbException extends RecordException {
  private static final long serialVersionUID = 1L;

  /** Why a record was refused; the name is what {@code rejects.reason} holds. */
  public enum Reason {
    /** The header does not follow header(5), or claims what cannot be. */
    HEADER_MALFORMED,
    /** The header file is not there. */
    HEADER_MISSING,
    /** The record holds no signals or no samples. */
    EMPTY,
    /** A signal format that this version cannot decode. */
    FORMAT_UNSUPPORTED,
    /** The header is not text in UTF-8 or Latin-1. */
    HEADER_ENCODING,
    /** The header of a segment is not there. */
    SEGMENT_MISSING,
    /** A file named by the header is not there. */
    SIGNAL_FILE_MISSING,
    /** A signal file ends before the header's sample count. */
    SIGNAL_TRUNCATED,
    /** A signal file goes on behind the header's sample count. */
    SIGNAL_OVERSIZED,
    /** A compressed signal file that does not decode. */
    SIGNAL_DAMAGED,
    /** An annotation file that does not follow annot(5). */
    ANNOTATION_MALFORMED,
    /** A file name that would lead out of the record's folder. */
    PATH_ESCAPES,
    /** The samples' sum differs from the header's. */
    CHECKSUM_MISMATCH,
    /** Units that are not a voltage. */
    UNITS_UNSUPPORTED,
    /** A sampling rate that no ECG has. */
    RATE_IMPLAUSIBLE,
    /** A gain that no ECG has. */
    GAIN_IMPLAUSIBLE,
    /** More samples than one array holds. */
    RECORD_TOO_LONG
  }

  private final Reason reason;

  public WfdbException(Reason reason, String message) {
    this(reason, message, null);
  }

  public WfdbException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  @Override
  public String code() {
    return reason.name();
  }
}
