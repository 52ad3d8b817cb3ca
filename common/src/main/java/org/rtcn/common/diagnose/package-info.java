/** A model put to use in one JVM: a recording in, an answer and its page out. */
package org.rtcn.common.diagnose;
