/** Measures against class imbalance, compared in one run on the same folds and seeds. */
package org.rtcn.jobs.ablate;
