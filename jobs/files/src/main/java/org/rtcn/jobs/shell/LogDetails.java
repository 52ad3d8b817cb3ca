package org.rtcn.jobs.shell;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.layout.PatternLayout;

/** Keeps the last messages with their stack traces in memory. */
final class LogDetails extends AbstractAppender {
  private static final int MESSAGES = 500;
  private static final int LONGEST = 50_000;

  private final Deque<String> last = new ArrayDeque<>();

  LogDetails() {
    super(
        "details",
        null,
        PatternLayout.newBuilder()
            .withPattern("%d{ISO8601} %p %c: %m%n%ex")
            .withCharset(StandardCharsets.UTF_8)
            .build(),
        true,
        Property.EMPTY_ARRAY);
  }

  @Override
  public void append(LogEvent event) {
    String text = getLayout().toSerializable(event).toString();
    synchronized (last) {
      last.add(text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "\n");
      if (last.size() > MESSAGES) {
        last.remove();
      }
    }
  }

  String text() {
    synchronized (last) {
      return String.join("", last);
    }
  }
}
