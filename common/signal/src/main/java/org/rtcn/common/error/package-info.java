/** Errors that a user can fix, as opposed to bugs of ours. */
package org.rtcn.common.error;
