/**
 * What training by parameter averaging needs of a cluster, whatever is trained; the rounds
 * themselves are in {@code org.rtcn.common.averaging}.
 */
package org.rtcn.jobs.averaging;
