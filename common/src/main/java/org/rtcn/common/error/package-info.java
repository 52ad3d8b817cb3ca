/** Errors that a user can mend, as opposed to faults of ours. */
package org.rtcn.common.error;
