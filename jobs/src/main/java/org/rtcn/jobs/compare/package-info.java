/** Comparison of several models: their figures, and the paired differences with intervals. */
package org.rtcn.jobs.compare;
