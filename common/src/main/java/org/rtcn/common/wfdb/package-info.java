/**
 * Waveform Database (WFDB) records: headers, signal formats, a reader and a writer.
 *
 * <p>Follows PhysioNet's file specifications header(5) and signal(5). Files are opened through
 * {@link org.rtcn.common.wfdb.WfdbFiles}, so that the same code reads local disks, HDFS and S3. A
 * new signal format is one {@link org.rtcn.common.wfdb.SampleDecoder} and one line in {@link
 * org.rtcn.common.wfdb.SampleFormat}.
 */
package org.rtcn.common.wfdb;
