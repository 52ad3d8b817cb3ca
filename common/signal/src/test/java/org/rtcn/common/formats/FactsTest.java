package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Facts of hospital files follow the rules of label files. */
class FactsTest {
  @ParameterizedTest
  @CsvSource({
    "46,,46",
    "46,Y,46",
    "'46,5',years,46.5",
    "18,months,1.5",
    "130,a,130",
    "300,years,90",
    "73.05,d,0.2"
  })
  void agesHaveUnits(String number, String unit, float years) {
    assertThat(new Facts().age(number, unit).build().ageYears()).contains(years);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "131", "5d", "-4", "NaN", "0x1p3", "", "1e1"})
  void whatIsNoAgeIsLeftOut(String number) {
    assertThat(new Facts().age(number, "years").build().ageYears()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"M,male", "weiblich,female", "Homme,male", "U,", "1,", "O,"})
  void sexesAreWords(String text, String sex) {
    assertThat(new Facts().sex(text).build().sex().orElse(null)).isEqualTo(sex);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "20240506070809",
        "20240506070809.123+0200",
        "20240506070809-0500",
        "2024-05-06T07:08:09Z"
      })
  void timesAreLocal(String text) {
    assertThat(Facts.time(text)).isEqualTo(LocalDateTime.of(2024, 5, 6, 7, 8, 9));
  }

  @Test
  void aZoneIsNoTime() {
    assertThat(Facts.time("20240506-0500")).isEqualTo(LocalDateTime.of(2024, 5, 6, 0, 0));
  }

  @Test
  void ofABirthDateTheAgeRemains() {
    EcgFacts facts =
        new Facts()
            .birth(LocalDate.of(1951, 5, 2))
            .recordedAt(LocalDateTime.of(2002, 3, 2, 8, 9))
            .build();
    assertThat(facts.ageYears()).contains(50f);
    assertThat(facts.toString()).doesNotContain("1951");
  }
}
