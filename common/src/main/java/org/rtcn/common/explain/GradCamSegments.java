package org.rtcn.common.explain;

import java.util.Optional;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.nn.GradCam;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnModel;

/**
 * Grad-CAM as a map of leads and segments. It knows no leads: its weight in time is shared among
 * them by |image × gradient|. One instance serves one thread.
 */
public final class GradCamSegments implements MapMaker {
  private final RtcnModel model;
  private final ModelInput input;
  private final GradCam gradCam;

  /** Explains a model's answers. */
  public GradCamSegments(RtcnModel model) {
    this.model = model;
    this.input = new ModelInput(model);
    this.gradCam = new GradCam(model);
  }

  @Override
  public Optional<LeadSegmentMap> explain(float[][] window, int answer) {
    GradCam.Target target = new GradCam.Target(Rtcn.lastConvolution(model.config()), answer);
    return gradCam.find(input.image(window), target).map(this::segments);
  }

  private LeadSegmentMap segments(GradCam.Explanation found) {
    int segments = Segment.values().length;
    double[] inTime = new double[segments];
    int[] columns = new int[segments];
    float[] ms = input.options().image().columnMs(input.options().beats().samplesBeforeR());
    for (int c = 0; c < found.map()[0].length; c++) {
      int segment = Segment.at(ms[c]).index();
      columns[segment]++;
      for (float[] voice : found.map()) {
        inTime[segment] += voice[c];
      }
    }
    float[][] map = new float[found.leadImportance().length][segments];
    for (int lead = 0; lead < map.length; lead++) {
      for (int s = 0; s < segments; s++) {
        map[lead][s] = (float) (found.leadImportance()[lead] * inTime[s] / Math.max(1, columns[s]));
      }
    }
    return new LeadSegmentMap(MapKind.GRAD_CAM, map);
  }
}
