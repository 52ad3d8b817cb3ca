/**
 * {@code rtcn sql}: questions to the tables of a run, and the guard that lets nothing else pass.
 */
package org.rtcn.jobs.sql;
