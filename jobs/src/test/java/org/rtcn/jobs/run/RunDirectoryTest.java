package org.rtcn.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.inputs.Locations;

class RunDirectoryTest {
  @TempDir Path folder;

  /** Spark would read other folders, or none, and say that it is a fault of ours. */
  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a*", "run?", "run[1]", "{a,b}", "back\\slash", "a^", "a:b", "a:b/c"})
  void aNameThatSparkTakesForSomethingElseIsRefused(String name) {
    assertThatThrownBy(() -> RunDirectory.at(name, new Configuration()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot open the run directory \"" + name + "\": ")
        .hasMessageEndingWith(". Give another --run");
    // As the input of predict it may yet be a folder of recordings.
    assertThat(RunDirectory.isPossibleAt(name)).isFalse();
  }

  /** What an argument beyond ASCII is under {@code LC_ALL=C}. */
  @Test
  void aNameThatTheJvmCouldNotReadIsRefused() {
    assertThatThrownBy(() -> RunDirectory.at("\uFFFD\uFFFDnter", new Configuration()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("it is not all text in ")
        .hasMessageContaining("; or set LC_ALL=C.UTF-8 if the name is UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "c d#e%20f ü", "x=1", "run,2", "(3)", "$HOME", "é'\""})
  void otherNamesAreTaken(String name) {
    String location = folder.resolve(name).toString();
    assertThat(RunDirectory.isPossibleAt(location)).isTrue();
    assertThat(RunDirectory.at(location, new Configuration()).root().toUri().getPath())
        .isEqualTo(location);
  }

  @Test
  void aSchemeIsNoFault() {
    assertThat(RunDirectory.at("file:" + folder, new Configuration()).root().getName())
        .isEqualTo(folder.getFileName().toString());
  }

  /** A relative path with a colon would read as a URI. */
  @Test
  void whatIsThereIsFoundWhateverItsName() throws Exception {
    Path colon = java.nio.file.Files.createDirectory(folder.resolve("a:b"));
    assertThat(Locations.path("the input", colon.toString()).getName()).isEqualTo("a:b");
    assertThatThrownBy(() -> Locations.path("the model", "m:x"))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot find the model \"m:x\": it is not there");
    assertThat(Locations.path("the model", "models/rtcn").toString()).isEqualTo("models/rtcn");
  }
}
