package org.rtcn.jobs.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rtcn.jobs.tables.Table;

/**
 * What a stage declares before it runs: its name, what it owns in the run directory, the settings
 * it reads and its inputs. The fingerprint follows from these.
 */
public final class StagePlan {
  final String stage;
  final String description;
  final List<String> owned = new ArrayList<>();
  final Map<String, String> configuration = new TreeMap<>();
  final Map<String, String> inputs = new TreeMap<>();

  private StagePlan(String stage, String description) {
    this.stage = stage;
    this.description = description;
  }

  /**
   * @param stage name, as on the command line
   * @param description what the Spark UI and the console show
   */
  public static StagePlan named(String stage, String description) {
    return new StagePlan(stage, description);
  }

  /** Tables that this stage alone writes. */
  public StagePlan owns(Table... tables) {
    for (Table table : tables) {
      owned.add(RunDirectory.relative(table));
    }
    return this;
  }

  /**
   * Files or folders below the run that this stage alone writes, for example {@code models/rtcn}.
   */
  public StagePlan owns(String... relativePaths) {
    owned.addAll(List.of(relativePaths));
    return this;
  }

  /** Settings that change its result ({@code Settings.flatten}). */
  public StagePlan reads(Map<String, String> settings) {
    configuration.putAll(settings);
    return this;
  }

  /** An input that is not a stage, with a fingerprint of its content or listing. */
  public StagePlan input(String name, String fingerprint) {
    inputs.put(name, fingerprint);
    return this;
  }

  /** The output of an earlier stage. */
  public StagePlan input(Manifest upstream) {
    return input(upstream.stage(), upstream.fingerprint());
  }
}
