/**
 * Cross-validation over patients as one run: each fold is split, trained and measured in a run of
 * its own below this one, and the held-out predictions of all folds are measured together.
 */
package org.rtcn.jobs.crossval;
