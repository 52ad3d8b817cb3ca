/** {@code rtcn plot}: one small class per subject. */
package org.rtcn.jobs.plot;
