package org.rtcn.common.report;

/** A number with its name, for example "patients". */
public record Count(String name, long value) {}
