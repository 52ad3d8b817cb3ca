/** Commands that work on files alone, without Spark and without a run. */
package org.rtcn.jobs.diagnose;
