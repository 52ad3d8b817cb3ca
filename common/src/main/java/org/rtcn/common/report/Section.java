package org.rtcn.common.report;

/**
 * A part of a page: its data (the record's components), its drawings and its template. Pages are
 * lists of sections; what has nothing to show is not in the list.
 */
public interface Section {
  /** Names the section within its page: letters only, used in links. */
  String id();

  /** What stands above it, as plain text. */
  String heading();

  /** What stands below the heading, as HTML. */
  String html();
}
