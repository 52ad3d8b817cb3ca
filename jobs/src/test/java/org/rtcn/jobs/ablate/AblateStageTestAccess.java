package org.rtcn.jobs.ablate;

import org.rtcn.common.config.Settings;
import org.rtcn.jobs.crossval.CrossvalOptions;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;

/** Lets tests of other packages run an ablation as the command does. */
public final class AblateStageTestAccess {
  private AblateStageTestAccess() {}

  /** Runs the arms that the settings name. */
  public static Manifest run(StageContext context, Settings settings) {
    return AblateStage.run(context, CrossvalOptions.of(settings), AblateOptions.of(settings));
  }
}
