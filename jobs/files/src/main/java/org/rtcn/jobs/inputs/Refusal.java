package org.rtcn.jobs.inputs;

import java.io.Serializable;

/** An input that was refused: a row of {@code rejects}. */
public record Refusal(String path, String reason, String detail) implements Serializable {}
