package org.rtcn.jobs.ingest;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.Map;
import org.rtcn.jobs.run.StageFact;

/** What {@code ingest} states of itself in its manifest. */
public final class IngestFacts {
  private static final String STAGE = "ingest";

  /** Files by format, besides WFDB. */
  public static final StageFact<Map<String, Long>> FORMATS =
      StageFact.of(STAGE, "formats", new TypeReference<>() {});

  /** Recordings by label. */
  public static final StageFact<Map<String, Long>> RECORDS_BY_LABEL =
      StageFact.of(STAGE, "records_by_label", new TypeReference<>() {});

  /** Statement codes that the archive does not define, with their recordings. */
  public static final StageFact<Map<String, Long>> UNKNOWN_STATEMENTS =
      StageFact.of(STAGE, "unknown_statements", new TypeReference<>() {});

  /** Label files, and how each was read. */
  public static final StageFact<Map<String, String>> LABEL_FILES =
      StageFact.of(STAGE, "label_files", new TypeReference<>() {});

  /** The most frequent values that were stated and gave nothing. */
  public static final StageFact<Map<String, Long>> UNREAD =
      StageFact.of(STAGE, "unread", new TypeReference<>() {});

  private IngestFacts() {}
}
