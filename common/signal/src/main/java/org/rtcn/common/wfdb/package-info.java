/**
 * Waveform Database (WFDB) records: headers, signal formats, a reader and a writer.
 *
 * <p>Follows PhysioNet's file specifications header(5) and signal(5). Files are opened through
 * {@link org.rtcn.common.wfdb.WfdbFiles}, so that the same code reads local disks, HDFS and S3. A
 * new signal format is one {@code SampleDecoder} and one line in {@code SampleFormat}.
 */
package org.rtcn.common.wfdb;
