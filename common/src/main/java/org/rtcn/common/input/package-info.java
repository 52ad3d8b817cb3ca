/**
 * The one way from a heartbeat to what a network reads: extractor, S-transform, rounding, input
 * form and what is known of the patient, from a model's own stored settings. Plain Java.
 */
package org.rtcn.common.input;
