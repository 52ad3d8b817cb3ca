package org.rtcn.common.explain;

import java.util.Comparator;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.nn.GradCam;
import org.rtcn.common.nn.RtcnModel;

/**
 * Which lead and segment make a beat another than a healthy one, in the eyes of a model.
 *
 * <p>The beat is reached from its healthy reference by a straight path on which every lead and
 * segment changes alike; each piece is given what the answer's log odds gain by it along the path
 * (Aumann and Shapley, Values of Non-Atomic Games, 1974; with single numbers for pieces:
 * Sundararajan et al., Axiomatic Attribution for Deep Networks, 2017). The pieces are stretches of
 * the recorded leads, not of the image, whose low voices smear over the whole beat. What is asked
 * is the answer against the healthy class.
 *
 * <p>Of the ways that were tried against simulated twins this one found lead and segment best
 * (docs/explanations.md). One instance serves one thread.
 */
public final class LeadSegmentExplainer implements MapMaker {
  /** Points of the path, at the middles of equal parts. */
  private static final int STEPS = 5;

  private final int steps;
  private final RtcnModel model;
  private final ModelInput input;
  private final HealthyReference reference;
  private final GradCam gradients;
  private final double[][] shares;

  /** Explains a model's answers. */
  public LeadSegmentExplainer(RtcnModel model, HealthyReference reference) {
    this(model, reference, STEPS);
  }

  /**
   * @param steps points of the path; with many the pieces' sum is exact
   */
  LeadSegmentExplainer(RtcnModel model, HealthyReference reference, int steps) {
    this.steps = steps;
    this.model = model;
    this.input = new ModelInput(model);
    this.reference = reference;
    this.gradients = new GradCam(model);
    int samples = input.options().beats().windowSamples();
    double msPerSample = 1000 / input.options().beats().fsHz();
    int r = input.options().beats().samplesBeforeR();
    this.shares = new double[Segment.values().length][samples];
    for (Segment segment : Segment.values()) {
      for (int i = 0; i < samples; i++) {
        shares[segment.index()][i] = segment.share((i - r) * msPerSample);
      }
    }
  }

  /** What beats are compared with. */
  public HealthyReference reference() {
    return reference;
  }

  @Override
  public Optional<LeadSegmentMap> explain(float[][] window, int answer) {
    return model
        .answerAlone(input.image(window))
        .flatMap(probabilities -> map(window, contrast(probabilities, answer)));
  }

  private Optional<LeadSegmentMap> map(float[][] window, float[] contrast) {
    float[][] from = reference.like(window);
    float[][] map = new float[Lead.STANDARD_12.size()][shares.length];
    float[][] way = difference(from, window);
    // A piece's image changes over the whole of its part of the path, not in one point.
    double half = 0.5 / steps;
    float[][][] path = new float[steps][][];
    float[][] images = new float[steps][];
    for (int step = 0; step < steps; step++) {
      double along = (step + 0.5) / steps;
      path[step] = moved(from, way, i -> along);
      images[step] = standardised(path[step]);
    }
    float[][] gradient = gradients.imageGradients(images, contrast);
    for (int step = 0; step < steps; step++) {
      float[][] at = path[step];
      for (int segment = 0; segment < shares.length; segment++) {
        double[] share = shares[segment];
        add(
            map,
            segment,
            gradient[step],
            standardised(moved(at, way, i -> -half * share[i])),
            standardised(moved(at, way, i -> half * share[i])));
      }
    }
    return isFinite(map)
        ? Optional.of(new LeadSegmentMap(MapKind.LEAD_SEGMENT, map))
        : Optional.empty();
  }

  /** The answer against the healthy class, or against the most probable other class. */
  private float[] contrast(float[] probabilities, int answer) {
    Decision decision = Decision.among(model.classes());
    boolean isInfarct = decision.isInfarct(answer);
    int against =
        IntStream.range(0, probabilities.length)
            .filter(c -> c != answer)
            .boxed()
            .max(
                Comparator.<Integer, Boolean>comparing(c -> decision.isInfarct(c) != isInfarct)
                    .thenComparing(c -> probabilities[c]))
            .orElseThrow();
    float[] contrast = new float[probabilities.length];
    contrast[answer] = 1;
    contrast[against] = -1;
    return contrast;
  }

  private float[] standardised(float[][] window) {
    float[] image = input.exactImage(window);
    model.standardizer().transform(image);
    return image;
  }

  /** Each lead's cells get the change of the score in the direction of the moved piece. */
  private void add(float[][] map, int segment, float[] gradient, float[] from, float[] to) {
    int perChannel = model.config().voices() * model.config().columns();
    double[] sums = new double[map.length];
    for (int i = 0; i < gradient.length; i++) {
      // Channels are leads, part by part.
      sums[i / perChannel % map.length] += (double) gradient[i] * (to[i] - from[i]);
    }
    for (int lead = 0; lead < map.length; lead++) {
      map[lead][segment] += (float) sums[lead];
    }
  }

  private static float[][] difference(float[][] from, float[][] to) {
    float[][] difference = new float[from.length][];
    for (int lead = 0; lead < difference.length; lead++) {
      difference[lead] = new float[from[lead].length];
      for (int i = 0; i < difference[lead].length; i++) {
        difference[lead][i] = to[lead][i] - from[lead][i];
      }
    }
    return difference;
  }

  /** Every sample a share of the way further. */
  private static float[][] moved(float[][] at, float[][] way, IntToDoubleFunction share) {
    float[][] moved = new float[at.length][];
    for (int lead = 0; lead < moved.length; lead++) {
      moved[lead] = new float[at[lead].length];
      for (int i = 0; i < moved[lead].length; i++) {
        moved[lead][i] = (float) (at[lead][i] + share.applyAsDouble(i) * way[lead][i]);
      }
    }
    return moved;
  }

  private static boolean isFinite(float[][] map) {
    for (float[] lead : map) {
      for (float value : lead) {
        if (!Float.isFinite(value)) {
          return false;
        }
      }
    }
    return true;
  }
}
