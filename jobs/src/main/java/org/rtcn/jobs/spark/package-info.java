/** The Spark session and its serialisation. */
package org.rtcn.jobs.spark;
