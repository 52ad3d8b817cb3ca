/** Raw WFDB recordings to the tables records, signals, rejects and splits. */
package org.rtcn.jobs.ingest;
