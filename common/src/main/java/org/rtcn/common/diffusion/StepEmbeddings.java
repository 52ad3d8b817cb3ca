package org.rtcn.common.diffusion;

/** The embeddings of all T steps, computed once. Steps are stretched to T = 1000. */
final class StepEmbeddings {
  private final float[][] rows;

  StepEmbeddings(int diffusionSteps, int size) {
    rows = new float[diffusionSteps][size];
    for (int t = 0; t < diffusionSteps; t++) {
      double[] embedding = TimeEmbedding.of(t * 1000.0 / diffusionSteps, size);
      for (int i = 0; i < size; i++) {
        rows[t][i] = (float) embedding[i];
      }
    }
  }

  /** The embedding of {@code steps[i]} in row i. */
  float[] of(int[] steps) {
    int size = rows[0].length;
    float[] values = new float[steps.length * size];
    for (int i = 0; i < steps.length; i++) {
      System.arraycopy(rows[steps[i]], 0, values, i * size, size);
    }
    return values;
  }
}
