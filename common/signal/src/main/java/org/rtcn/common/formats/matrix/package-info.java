/** Matrices without a header of their own: NPY and CSV, with a sidecar. */
package org.rtcn.common.formats.matrix;
