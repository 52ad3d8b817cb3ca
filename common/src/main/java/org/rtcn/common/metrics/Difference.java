package org.rtcn.common.metrics;

import java.util.Optional;

/**
 * How two sets of predictions of the same cases differ.
 *
 * @param name which figure
 * @param className the class, for figures of one class
 * @param interval second minus first, with the interval of the paired patient bootstrap
 */
public record Difference(FigureName name, Optional<String> className, Interval interval) {}
