/**
 * What the commands of all stages share: options, sessions, what they print, how they are ended.
 */
package org.rtcn.jobs.command;
