/** {@code rtcn convert}: recordings of any format, or of a run's tables, as WFDB or EDF+. */
package org.rtcn.jobs.convert;
