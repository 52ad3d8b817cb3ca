package org.rtcn.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;
import org.rtcn.common.input.ModelPreprocessing;

class SettingsTest {
  @TempDir Path folder;

  @Test
  void laterLayersWin() throws IOException {
    Path file = Files.writeString(folder.resolve("a.conf"), "rtcn { seed = 1, split.folds = 9 }");
    Settings settings =
        Settings.load(
            List.of(file.toString()), List.of("seed=2", "rtcn.classes=[HC, IMI]", "seed=3"));
    assertThat(settings.seed()).isEqualTo(3);
    assertThat(settings.classes()).containsExactly("HC", "IMI");
    int folds = settings.read("split", split -> split.getInt("folds"));
    assertThat(folds).isEqualTo(9);
    assertThat(settings.with("seed=5").seed()).isEqualTo(5);
  }

  @Test
  void unknownKeyIsRefusedWithTheNearestName() {
    assertThatThrownBy(() -> Settings.load(List.of(), List.of("split.fold=9")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Invalid key \"rtcn.split.fold\" in --set split.fold=9")
        .hasMessageContaining("Did you mean \"rtcn.split.folds\"?");
  }

  @Test
  void valueOfAnotherTypeIsRefused() {
    assertThatThrownBy(() -> Settings.load(List.of(), List.of("seed=abc")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Invalid value \"abc\" for \"rtcn.seed\"")
        .hasMessageContaining("expected a number");
    assertThatThrownBy(() -> Settings.load(List.of(), List.of("simulate.patients=900")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("expected an object like the default")
        .hasMessageEndingWith("not a number");
  }

  @Test
  void missingFileIsNamed() {
    assertThatThrownBy(() -> Settings.load(List.of("no.conf"), List.of()))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot find the configuration \"no.conf\": neither a file nor the name of an overlay"
                + " in conf/ (such as demo)");
  }

  @Test
  void aRefusedOptionNamesItsSection() {
    assertThatThrownBy(
            () ->
                Settings.defaults()
                    .read(
                        "split",
                        split -> {
                          throw new IllegalArgumentException("folds 0: must be 2 or more");
                        }))
        .isInstanceOf(UserException.class)
        .hasMessage("Invalid settings under rtcn.split: folds 0: must be 2 or more");
  }

  @Test
  void flattenRendersSortedKeys() {
    assertThat(Settings.defaults().flatten("split", "seed"))
        .containsEntry("rtcn.split.test-folds", "[10]")
        .containsKey("rtcn.seed");
  }

  @Test
  void aMapOfDataIsReplacedAsAWhole() {
    Settings settings = Settings.load(List.of(), List.of("simulate.patients={HC=2, IMI=1}"));
    assertThat(settings.flatten("simulate.patients"))
        .containsOnlyKeys("rtcn.simulate.patients.HC", "rtcn.simulate.patients.IMI");
  }

  /** Values of unknown origin are never read as HOCON. */
  @Test
  void dataIsTakenAsItIs() {
    Map<String, Object> values = new TreeMap<>();
    Settings.defaults()
        .flatten("split")
        .forEach((key, value) -> values.put(key, key.endsWith("folds") ? (Object) 7 : value));
    values.remove("rtcn.split.test-folds");
    assertThatThrownBy(() -> Settings.defaults().withData("split", values))
        .isInstanceOf(UserException.class)
        .hasMessage("Invalid settings: rtcn.split.test-folds is missing");
    Map<String, Object> transform =
        new TreeMap<>(ModelPreprocessing.of(Settings.defaults().flatten("transform")));
    transform.put("rtcn.transform.max-mv", 3);
    assertThat(Settings.defaults().withData("transform", transform).flatten("transform"))
        .containsEntry("rtcn.transform.max-mv", "3");
    for (Object evil :
        new Object[] {
          "3",
          "${rtcn.seed}",
          "include file(\"/etc/passwd\")",
          true,
          Double.NaN,
          Map.of(),
          Double.POSITIVE_INFINITY
        }) {
      transform.put("rtcn.transform.max-mv", evil);
      assertThatThrownBy(() -> Settings.defaults().withData("transform", transform))
          .isInstanceOf(UserException.class)
          .hasMessageStartingWith("Invalid value ")
          .hasMessageContaining("expected a number like the default 20");
    }
    transform.put("rtcn.transform.max-mv", 3);
    transform.put("rtcn.seed", 4);
    assertThatThrownBy(() -> Settings.defaults().withData("transform", transform))
        .isInstanceOf(UserException.class);
  }
}
