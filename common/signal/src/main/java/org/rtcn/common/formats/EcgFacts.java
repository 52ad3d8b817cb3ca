package org.rtcn.common.formats;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;

/**
 * What a file says about a recording besides its samples. There is no place for a name or a birth
 * date.
 *
 * @param patientId the hospital's or study's own, empty if not stated
 * @param ageYears age at recording, to 130; of a birth date only the age is kept
 * @param sex {@code male} or {@code female}; empty for everything else
 * @param recordedAt local time of recording
 * @param statements interpretive statements in the file's words and order
 * @param device maker and model
 * @param unread values that are stated and gave nothing, as {@link
 *     org.rtcn.common.ecg.RecordFacts#unread} names them
 */
public record EcgFacts(
    Optional<String> patientId,
    Optional<Float> ageYears,
    Optional<String> sex,
    Optional<LocalDateTime> recordedAt,
    List<String> statements,
    Optional<String> device,
    List<String> unread) {
  /** The statement by which a simulated recording is known wherever it is written. */
  public static final String SIMULATED = "Simulated ECG";

  /** A file that says nothing. */
  public static final EcgFacts NONE =
      new EcgFacts(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          List.of());

  public EcgFacts {
    statements = List.copyOf(statements);
    unread = List.copyOf(unread);
  }

  /** Whether it says that nobody's heart made it. */
  public boolean isSimulated() {
    return statements.contains(SIMULATED);
  }

  /** The statements about the heart in one line, null without any. */
  public String diagnosis() {
    List<String> said = statements.stream().filter(text -> !text.equals(SIMULATED)).toList();
    return said.isEmpty() ? null : String.join("; ", said);
  }
}
