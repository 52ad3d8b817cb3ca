/**
 * What the networks compute with: some thirty primitives ({@link org.rtcn.common.kernels.Kernels})
 * over a handle of numbers ({@link org.rtcn.common.kernels.Array}). The networks know nothing below
 * them, so that the numbers may lie in ND4J's memory or on another device.
 */
package org.rtcn.common.kernels;
