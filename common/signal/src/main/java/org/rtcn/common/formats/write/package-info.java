/** Writes recordings of any format as WFDB or EDF+. */
package org.rtcn.common.formats.write;
