package org.rtcn.common.metrics;

import java.util.Optional;

/**
 * One measured figure: a row of the {@code metrics} table.
 *
 * @param name what is measured
 * @param level what one decision is about
 * @param className the class, for figures of one class
 * @param interval value and bootstrap interval
 * @param count number of decisions behind it
 */
public record Figure(
    FigureName name, Level level, Optional<String> className, Interval interval, long count) {}
