/** Judges a night's recordings and answers before anybody reads them: {@code rtcn gate}. */
package org.rtcn.jobs.gate;
