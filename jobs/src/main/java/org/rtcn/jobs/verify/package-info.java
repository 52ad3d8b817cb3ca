/** Checks that a run is what its manifests say: {@code rtcn verify}. */
package org.rtcn.jobs.verify;
