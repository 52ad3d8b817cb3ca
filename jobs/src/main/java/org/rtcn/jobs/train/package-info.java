/**
 * Training: examples spread over workers, DL4J's parameter averaging among them, and the stage that
 * reads spectrograms and leaves a model.
 */
package org.rtcn.jobs.train;
