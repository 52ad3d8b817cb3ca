/** Is a run what its manifests say: {@code rtcn verify}. */
package org.rtcn.jobs.verify;
