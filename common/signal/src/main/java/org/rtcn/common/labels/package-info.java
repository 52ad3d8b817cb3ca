/**
 * Label files: tables of text from other programs, read row by row; a bad row costs only itself.
 */
package org.rtcn.common.labels;
