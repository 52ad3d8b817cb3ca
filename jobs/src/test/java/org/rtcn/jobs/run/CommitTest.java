package org.rtcn.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rtcn.jobs.run.KillingFileSystem.Renames;

class CommitTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Renames.class)
  void aKillAtAnyChangeLeavesWhatWasOrWhatComes(Renames renames) throws IOException {
    // With atomic renames stages differ in nothing but the number of their paths.
    for (String stage :
        renames == Renames.ATOMIC
            ? List.of("augment", "ingest", "train")
            : CommitKills.STAGES.keySet()) {
      CommitKills.Outcome outcome = kills(renames).killEverywhere(stage, false, false);
      assertThat(outcome.states()).as(stage).startsWith("before").endsWith("after");
    }
  }

  @ParameterizedTest
  @EnumSource(Renames.class)
  void aFirstRunLeavesNothingOrAll(Renames renames) throws IOException {
    CommitKills.Outcome outcome = kills(renames).killEverywhere("ingest", true, false);
    assertThat(outcome.states()).startsWith("before").endsWith("after");
  }

  @ParameterizedTest
  @EnumSource(Renames.class)
  void aRecoveryMayBeKilledAtAnyChange(Renames renames) throws IOException {
    assertThat(kills(renames).killEverywhere("train", false, true).kills()).isGreaterThan(60);
  }

  private CommitKills kills(Renames renames) throws IOException {
    FileSystem local = new LocalFiles();
    local.initialize(URI.create("file:///"), new Configuration());
    return new CommitKills(
        local, new org.apache.hadoop.fs.Path(folder.resolve("kills").toString()), renames);
  }

  /** Starts no process for each file to set its permissions. */
  private static final class LocalFiles extends RawLocalFileSystem {
    @Override
    public void setPermission(
        org.apache.hadoop.fs.Path path, org.apache.hadoop.fs.permission.FsPermission permission) {}
  }
}
