/** DICOM waveforms: PS3.3 C.10.9, PS3.5 encodings. */
package org.rtcn.common.formats.dicom;
