/**
 * From a raw recording to heartbeats: zero-phase filters, resampling, R peaks, segmentation. Every
 * class works at any sampling rate; times are in seconds, frequencies in Hz, signals in mV.
 */
package org.rtcn.common.dsp;
