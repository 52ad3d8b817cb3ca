/** The published Parquet tables: their columns, their reader, their writer. */
package org.rtcn.jobs.tables;
