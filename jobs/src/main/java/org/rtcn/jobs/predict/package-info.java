/** A trained model at work: scoring beats, and predictions for new recordings without labels. */
package org.rtcn.jobs.predict;
