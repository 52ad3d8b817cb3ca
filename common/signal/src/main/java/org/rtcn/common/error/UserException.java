package org.rtcn.common.error;

/**
 * An error that the user can fix: a wrong option, a missing file, output that exists already. The
 * command line prints the message alone, without a stack trace, and exits with status 2. The
 * message names the value and the remedy, and opens with "Cannot", "Invalid" or "Failed to".
 */
public final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UserException(String message) {
    super(message);
  }

  public UserException(String message, Throwable cause) {
    super(message, cause);
  }
}
