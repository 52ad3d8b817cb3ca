/** What helps against classes of unequal size, as one run on the same folds and seeds. */
package org.rtcn.jobs.ablate;
