package org.rtcn.common.labels;

/** A row that cannot be used; the message names file, line, column, value and remedy. */
public final class LabelException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  LabelException(String message) {
    super(message);
  }
}
