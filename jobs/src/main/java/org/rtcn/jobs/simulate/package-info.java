/** Simulated recordings, made where the cluster is: {@code rtcn simulate}. */
package org.rtcn.jobs.simulate;
