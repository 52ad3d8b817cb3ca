package org.rtcn.jobs.ingest;

/** The archives that {@code ingest} reads. */
public enum SourceKind {
  /**
   * {@link #PTBXL} where {@code ptbxl_database.csv} stands, {@link #CSV} where labels.csv does,
   * {@link #CINC} where the first header has SNOMED codes, else {@link #PTB}.
   */
  AUTO,
  PTB,
  PTBXL,
  CINC,
  CSV,
  UNLABELLED
}
