/**
 * The stage that learns to generate beats from the training folds and tops up the rarer classes.
 */
package org.rtcn.jobs.augment;
