package org.rtcn.common.formats.write;

/**
 * A file to write.
 *
 * @param name plain file name
 * @param content its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Written once.
public record OutputFile(String name, byte[] content) {}
