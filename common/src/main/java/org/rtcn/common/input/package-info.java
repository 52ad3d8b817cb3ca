/**
 * The only path from a heartbeat to what a network reads: extractor, S-transform, rounding, input
 * form and patient data, from a model's own stored settings. Plain Java.
 */
package org.rtcn.common.input;
