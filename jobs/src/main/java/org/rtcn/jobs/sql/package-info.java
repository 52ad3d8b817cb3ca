/** {@code rtcn sql}: queries on the tables of a run, and the guard that refuses anything else. */
package org.rtcn.jobs.sql;
