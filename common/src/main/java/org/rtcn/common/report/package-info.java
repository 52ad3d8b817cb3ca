/**
 * The report: ECG drawings, heat maps and charts as SVG, and one self-contained HTML page.
 *
 * <p>Nothing here but {@link org.rtcn.common.report.Picture} to PNG draws with AWT: a headless JVM
 * without fonts gives the same bytes.
 */
package org.rtcn.common.report;
