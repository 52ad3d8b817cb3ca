/**
 * Training by parameter averaging, whatever is trained and wherever its workers run: {@link
 * org.rtcn.common.averaging.TrainingRun} goes through the rounds of a {@link
 * org.rtcn.common.averaging.Course}; {@link org.rtcn.common.averaging.Rounds} makes one; {@link
 * org.rtcn.common.averaging.TrainingListener}s draw the curve, validate, stop, tell and keep
 * checkpoints.
 */
package org.rtcn.common.averaging;
