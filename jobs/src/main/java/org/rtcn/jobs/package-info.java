/** Spark stages, tables and the command line. */
package org.rtcn.jobs;
