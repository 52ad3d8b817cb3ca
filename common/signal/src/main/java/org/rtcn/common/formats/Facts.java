package org.rtcn.common.formats;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.rtcn.common.ecg.Demographics;
import org.rtcn.common.ecg.RecordFacts;

/**
 * Collects a file's facts and turns them into the pipeline's: what cannot be, or is not known, is
 * left out and named as unread, for a wrong age must not cost a recording.
 */
public final class Facts {
  private static final int MAX_STATEMENTS = 200;
  private static final int MAX_TEXT = 500;

  private String patientId;
  private Float age;
  private LocalDate birth;
  private String sex;
  private LocalDateTime recordedAt;
  private final List<String> statements = new ArrayList<>();
  private String device;
  private final Map<String, String> unread = new LinkedHashMap<>();

  /** The patient's id. */
  public Facts patientId(String text) {
    patientId = patientId == null ? oneLine(text) : patientId;
    return this;
  }

  /**
   * An age with its unit.
   *
   * @param number for example {@code 46}
   * @param unit years, months, weeks, days or hours in whatever spelling; null for years
   */
  public Facts age(String number, String unit) {
    if (number == null || number.isBlank()) {
      return this;
    }
    OptionalDouble stated = Demographics.number(number);
    return stated.isPresent() ? age(stated.getAsDouble(), unit) : unread("age", number);
  }

  /** As {@link #age(String, String)}. */
  public Facts age(double number, String unit) {
    // Devices write 0 where nobody entered an age.
    if (age == null && number > 0) {
      age = Demographics.years(number * yearsPer(unit));
      if (age == null) {
        String shown = Double.toString(number).replaceFirst("\\.0$", "");
        unread("age", unit == null ? shown : shown + " " + unit);
      }
    }
    return this;
  }

  /** A value that is stated and gave nothing; the first of a name counts. */
  public Facts unread(String name, String text) {
    if (unread.size() < MAX_STATEMENTS) {
      unread.putIfAbsent(name, RecordFacts.unread(name, text));
    }
    return this;
  }

  /** A birth date, used for the age alone where none is stated. */
  public Facts birth(LocalDate date) {
    birth = birth == null ? date : birth;
    return this;
  }

  /** A sex in whatever spelling. */
  public Facts sex(String text) {
    if (sex == null && text != null && !text.isBlank()) {
      sex = Demographics.sex(text);
      if (sex == null) {
        unread("sex", text);
      }
    }
    return this;
  }

  /** When it was recorded. */
  public Facts recordedAt(LocalDateTime time) {
    recordedAt = recordedAt == null ? time : recordedAt;
    return this;
  }

  /** A statement; blank ones are left out. */
  public Facts statement(String text) {
    String line = oneLine(text);
    if (line != null && statements.size() < MAX_STATEMENTS) {
      statements.add(line);
    }
    return this;
  }

  /** Maker and model. */
  public Facts device(String... parts) {
    StringBuilder all = new StringBuilder();
    for (String part : parts) {
      String line = oneLine(part);
      if (line != null) {
        all.append(all.isEmpty() ? "" : " ").append(line);
      }
    }
    device = device == null ? oneLine(all.toString()) : device;
    return this;
  }

  /** The facts; the birth date is dropped here. */
  public EcgFacts build() {
    if (age == null && birth != null && recordedAt != null) {
      long years = ChronoUnit.YEARS.between(birth, recordedAt.toLocalDate());
      age = years > 0 ? Demographics.years((double) years) : null;
    }
    if (age != null) {
      unread.remove("age");
    }
    if (sex != null) {
      unread.remove("sex");
    }
    return new EcgFacts(
        Optional.ofNullable(patientId),
        Optional.ofNullable(age),
        Optional.ofNullable(sex),
        Optional.ofNullable(recordedAt),
        statements,
        Optional.ofNullable(device),
        List.copyOf(unread.values()));
  }

  /** Text in one line without control characters; null for none. */
  public static String oneLine(String text) {
    if (text == null) {
      return null;
    }
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    if (line.length() > MAX_TEXT) {
      line = line.substring(0, MAX_TEXT);
    }
    return line.isEmpty() ? null : line;
  }

  /** A date of digits {@code yyyyMMdd}, with or without separators; null if it is none. */
  public static LocalDate date(String text) {
    String digits = text == null ? "" : text.replaceAll("\\D", "");
    return digits.length() < 8
        ? null
        : date(number(digits, 0, 4), number(digits, 4, 6), number(digits, 6, 8));
  }

  /** A date, null if it is none. */
  public static LocalDate date(int year, int month, int day) {
    try {
      return year < 1850 ? null : LocalDate.of(year, month, day);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** A time, null if there is no date or it is none. */
  public static LocalDateTime time(LocalDate date, int hour, int minute, int second) {
    try {
      return date == null ? null : LocalDateTime.of(date, LocalTime.of(hour, minute, second));
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** A time of digits {@code yyyyMMdd[HH[mm[ss]]]}, whatever stands between; null if it is none. */
  public static LocalDateTime time(String text) {
    if (text == null) {
      return null;
    }
    // A zone stands behind digits without separators: 20240506-0500.
    String local = text.strip().replaceFirst("^(\\d{8,14}(?:\\.\\d*)?)[+-]\\d{2}:?\\d{2}$", "$1");
    String digits = local.replaceAll("[-:T ]", "").replaceAll("\\D.*", "");
    return time(
        date(digits), number(digits, 8, 10), number(digits, 10, 12), number(digits, 12, 14));
  }

  private static int number(String digits, int from, int to) {
    return digits.length() < to ? 0 : Integer.parseInt(digits.substring(from, to));
  }

  private static double yearsPer(String unit) {
    String text = unit == null ? "" : unit.strip().toLowerCase(Locale.ROOT);
    if (text.isEmpty() || text.startsWith("y") || text.equals("a") || text.equals("ann")) {
      return 1;
    }
    if (text.startsWith("mo") || text.equals("m")) {
      return 1 / 12.0;
    }
    if (text.startsWith("w")) {
      return 7 / 365.25;
    }
    if (text.startsWith("d")) {
      return 1 / 365.25;
    }
    return text.startsWith("h") ? 1 / (24 * 365.25) : Double.NaN;
  }
}
