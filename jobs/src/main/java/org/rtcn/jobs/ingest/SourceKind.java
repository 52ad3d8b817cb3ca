package org.rtcn.jobs.ingest;

/** The archives that {@code ingest} reads. */
public enum SourceKind {
  /**
   * Files of other formats are told by their content. For WFDB, {@link #PTBXL} where {@code
   * ptbxl_database.csv} stands, {@link #CSV} where labels.csv does, {@link #MIMIC} where
   * record_list.csv does, {@link #CINC} where the first header has SNOMED codes, else {@link #PTB}.
   */
  AUTO,
  PTB,
  PTBXL,
  CINC,
  CSV,
  MIMIC,
  UNLABELLED
}
