package org.rtcn.jobs.ingest;

/** The archives that {@code ingest} reads. */
public enum SourceKind {
  /** {@link #PTBXL} where {@code ptbxl_database.csv} stands, else {@link #PTB}. */
  AUTO,
  PTB,
  PTBXL,
  UNLABELLED
}
