/** EDF, EDF+ and BDF. */
package org.rtcn.common.formats.edf;
