/** {@code rtcn score-rpeaks}: the R-peak detector against annotations. */
package org.rtcn.jobs.score;
