/**
 * The file formats in which electrocardiographs, archives and public data sets keep ECG: one small
 * reader each, behind one interface.
 *
 * <p>{@link org.rtcn.common.formats.all.EcgFormats} tells them apart by content. A reader gives
 * leads in mV at one rate, with gaps as NaN, and the facts that the pipeline keeps: id, age, sex,
 * time and statements. Names, birth dates and whatever else names a person are dropped in the
 * reader. Input is untrusted: memory grows with the bytes that are there, never with what a header
 * claims, and what cannot be read is a {@link org.rtcn.common.formats.FormatException} that says
 * why.
 *
 * <p>To add a format, implement {@link org.rtcn.common.formats.EcgReader} in a package of its own
 * and name it in {@link org.rtcn.common.formats.all.EcgFormats}.
 */
package org.rtcn.common.formats;
