/**
 * How good a classifier is: confusion matrices, ranking and probability scores, aggregation from
 * beat to record to patient, and intervals from a bootstrap over patients.
 *
 * <p>A figure that is not defined on the data at hand (the sensitivity of a class that has no case)
 * is {@link Double#NaN}, never 0: a zero in a table is a measured zero.
 */
package org.rtcn.common.metrics;
