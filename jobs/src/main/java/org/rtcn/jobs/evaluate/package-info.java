/** The stage that measures a model on held-out patients and writes the report. */
package org.rtcn.jobs.evaluate;
