package org.rtcn.jobs.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;
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
  private final List<Upstream> upstreams = new ArrayList<>();

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
      owns(RunDirectory.relative(table));
    }
    return this;
  }

  /**
   * Files or folders below the run that this stage alone writes, for example {@code models/rtcn}.
   */
  public StagePlan owns(String... relativePaths) {
    for (String path : relativePaths) {
      Writers.require(path, stage);
      owned.add(path);
    }
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

  /**
   * The output of another stage, in this run, in the one that it stands in, or in one below it. It
   * is refused here if it is not there, damaged, or itself made from what is not there any more;
   * this stage's output counts as stale when it changes.
   *
   * @throws UserException that names the stage to run
   */
  public StagePlan input(RunDirectory run, String upstream) {
    Manifest manifest = run.requireStage(upstream);
    upstreams.add(new Upstream(run.holder(upstream).root(), manifest));
    return this;
  }

  /** Names the inputs from other stages as a manifest in this run does. */
  void resolve(RunDirectory run) {
    for (Upstream upstream : upstreams) {
      inputs.put(
          Lineage.reference(run.root(), upstream.root(), upstream.manifest().stage()),
          upstream.manifest().identity());
    }
  }

  /** Another stage's output, and the run that holds it. */
  private record Upstream(Path root, Manifest manifest) {}
}
