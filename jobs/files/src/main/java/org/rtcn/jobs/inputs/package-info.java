/**
 * Where recordings lie: files, folders and archives on any Hadoop file system, listed and opened.
 */
package org.rtcn.jobs.inputs;
