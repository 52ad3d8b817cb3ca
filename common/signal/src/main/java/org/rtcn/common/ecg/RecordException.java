package org.rtcn.common.ecg;

import java.io.IOException;

/**
 * A recording that cannot be read as it stands: retrying does not help. Other {@link IOException}s
 * of a reader are the storage's own and may pass.
 */
public abstract class RecordException extends IOException {
  private static final long serialVersionUID = 1L;

  protected RecordException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Why, in capitals: what {@code rejects.reason} holds. */
  public abstract String code();
}
