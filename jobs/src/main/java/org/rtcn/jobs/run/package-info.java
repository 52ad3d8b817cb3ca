/**
 * A run: one folder with tables, models, manifests; how a stage reads from it and commits to it.
 */
package org.rtcn.jobs.run;
