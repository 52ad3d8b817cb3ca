package org.rtcn.common.error;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file system refused, in words: Java's exceptions often have no more than the path. */
public final class IoReason {
  private IoReason() {}

  /** For example {@code permission denied}, without the path. */
  public static String of(IOException error) {
    if (error instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (error instanceof NotDirectoryException) {
      return "not a folder";
    }
    if (error instanceof FileAlreadyExistsException) {
      return "a file of that name is there";
    }
    if (error instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    return error instanceof FileSystemException known && known.getReason() != null
        ? known.getReason()
        : String.valueOf(error.getMessage());
  }
}
