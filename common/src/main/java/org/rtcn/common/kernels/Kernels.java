package org.rtcn.common.kernels;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The primitives that every network here is made of. A primitive writes where it is told to; unless
 * said otherwise its arrays are dense, and a result must not be an argument. One instance computes
 * in one precision, for one thread.
 */
public interface Kernels {
  /** FLOAT or DOUBLE. */
  DataType type();

  /** How many examples a pass that only asks had best take: enough to keep the device busy. */
  default int rowsPerPass() {
    return 32;
  }

  /**
   * Whether what is computed of an example may depend, in its last digits, on its place in the
   * batch: it does not from here on. For answers; where batches are always the same, as in training
   * and in sampling, it may, and costs less. LibTorch's kernels do not promise it on the CPU.
   */
  default void keepExamplesApart() {}

  // ---- numbers in and out

  /** A fresh array of zeros. */
  Array zeros(long... shape);

  /** A fresh array of whatever was in the memory. */
  Array uninitialised(long... shape);

  /** Writes all of {@code values} to {@code to}, a dense array or view of as many numbers. */
  void write(float[] values, Array to);

  /** As the other. */
  void write(double[] values, Array to);

  /** The numbers of a dense array or view. */
  float[] floats(Array from);

  /** The numbers of a dense array or view. */
  double[] doubles(Array from);

  /**
   * An array with the numbers of one of ND4J's; it may be the same memory, and is good until the
   * end of the {@link #pass} at most.
   */
  Array adopt(INDArray array);

  /** Copies a view to a view of the same shape. */
  void copy(Array from, Array to);

  /** Fills a view with one number. */
  void fill(Array x, double value);

  // ---- number by number

  /** {@code sum = a + b}; {@code sum} may be {@code a}. */
  void add(Array a, Array b, Array sum);

  /** {@code difference = a - b}; {@code difference} may be {@code a}. */
  void subtract(Array a, Array b, Array difference);

  /** {@code product = a · b}; {@code product} may be {@code a}. */
  void multiply(Array a, Array b, Array product);

  /** {@code y = x · factor}; {@code y} may be {@code x}. */
  void scale(Array x, double factor, Array y);

  /** {@code x += row}, of a matrix. */
  void addRow(Array x, Array row);

  /** Row i of a matrix times number i of {@code column}. */
  void scaleRows(Array x, Array column);

  /** {@code mean = values + keep · (mean - values)}: a running mean. */
  void follow(Array mean, Array values, double keep);

  // ---- sums

  /** {@code sum[c] = Σ_r x[r][c]}; {@code x} may be a view. */
  void sumRows(Array x, Array sum);

  /** {@code sum[r] = Σ_c x[r][c]}. */
  void sumColumns(Array x, Array sum);

  /** {@code mean[b][d] = Σ_t x[b][t][d] / T}. */
  void meanTokens(Array x, Array mean);

  /** {@code y[b][t][d] = x[b][d]}. */
  void spreadTokens(Array x, Array y);

  /**
   * A sum over many steps that stays where the numbers are: asking for it is waiting for all that
   * was begun before.
   */
  interface Total {
    /** The sum so far. */
    double value();
  }

  /** A sum that is still 0. */
  Total total();

  /** Adds {@code factor · Σ x²} to {@code total}. */
  void addSquares(Array x, double factor, Total total);

  /** Shortens {@code x} to the Euclidean norm {@code maxNorm} if it is longer. */
  void clip(Array x, double maxNorm);

  // ---- products

  /**
   * {@code z = op(a) · op(b)}, for matrices or stacks of them {@code [stack][row][column]}; op
   * transposes or does not.
   */
  void matmul(Array a, Array b, Array z, boolean transposeA, boolean transposeB);

  /** {@code y = x · w + b}, {@code b} a vector over the columns. */
  void affine(Array x, Array weights, Array bias, Array y);

  /** Gradients of {@link #affine}; {@code dx} may be null where nobody wants it. */
  default void affineBackward(
      Array x, Array weights, Array dy, Array dx, Array dWeights, Array dBias) {
    matmul(x, dy, dWeights, true, false);
    sumRows(dy, dBias);
    if (dx != null) {
      matmul(dy, weights, dx, false, true);
    }
  }

  /**
   * Cross-correlation, NCHW, weights {@code [out][in][kernelHeight][kernelWidth]}, both odd, with
   * so many zeros on each side that stride 1 keeps the size. {@code bias} may be null.
   */
  void conv2d(Array x, Array weights, Array bias, Array y, int stride);

  /**
   * Gradients of {@link #conv2d}. {@code bias} and {@code dBias} may be null together, {@code dx}
   * where nobody wants it.
   */
  void conv2dBackward(
      Array x,
      Array weights,
      Array bias,
      Array dy,
      Array dx,
      Array dWeights,
      Array dBias,
      int stride);

  // ---- nonlinear

  /** {@code y = max(x, 0)}; {@code y} may be {@code x}. */
  void relu(Array x, Array y);

  /** {@code dx = dy where y > 0, else 0}; {@code dx} may be {@code dy}. */
  void reluBackward(Array y, Array dy, Array dx);

  /**
   * The exact GELU, {@code y = x Φ(x)} (Hendrycks and Gimpel 2016).
   *
   * @param kept an array of the same shape that {@link #geluBackward} wants back
   */
  void gelu(Array x, Array y, Array kept);

  /** {@code dx = dy (Φ(x) + x φ(x))}; {@code dx} may be {@code dy}. */
  void geluBackward(Array x, Array kept, Array dy, Array dx);

  /**
   * The exponential linear unit of rows that are shifted first (Clevert, Unterthiner, Hochreiter
   * 2016): {@code y = elu(x + shift)}; {@code y} may be {@code x}.
   *
   * @param shift one number per row of a matrix, or null, when {@code x} may have any shape
   */
  void elu(Array x, Array shift, Array y);

  /**
   * {@code dx = dy · elu'}, which is {@code 1 + min(y, 0)}; {@code dx} may be {@code dy}.
   *
   * @param y what {@link #elu} computed
   * @param dShift receives the sums of {@code dx} over the columns, or null
   */
  void eluBackward(Array y, Array dy, Array dx, Array dShift);

  /**
   * Inverted dropout: {@code mask} becomes 0 or 1/keep, drawn from these kernels' generator, and
   * {@code x} is multiplied by it.
   */
  void dropout(Array x, Array mask, double dropProbability);

  /** Sets the generator of {@link #dropout}. */
  void seed(long seed);

  /** {@code z} = the channels of {@code a}, then those of {@code b}; all NCHW. */
  void joinChannels(Array a, Array b, Array z);

  /** {@code y[..][2i] = y[..][2i + 1] = x[..][i]} along the last axis. */
  void doubleWidth(Array x, Array y);

  /**
   * Layer normalisation over the columns of each row (Ba, Kiros, Hinton 2016): {@code y = g (x -
   * mean) / sqrt(var + ε) + b}, the variance being the biased one, ε = 1e-5.
   */
  interface Normalisation {
    double EPSILON = 1e-5;

    /** Normalises the rows of a matrix. */
    void forward(Array x, Array gain, Array bias, Array y);

    /** After {@link #forward}. */
    void backward(Array dy, Array gain, Array dx, Array dGain, Array dBias);
  }

  /** A normalisation, which keeps what its way back needs. */
  Normalisation normalisation();

  /**
   * Scaled dot-product attention between the maps (Vaswani et al. 2017, section 3.2): {@code
   * softmax(Q Kᵀ / √(d/h)) V} per head, heads joined. Rows are tokens of all examples one after the
   * other.
   */
  interface Attention {
    /**
     * Attends.
     *
     * @param projected {@code [batch · tokens][3 dim]}: query, key and value side by side
     * @param joined receives {@code [batch · tokens][dim]}
     */
    void forward(Array projected, Array joined);

    /** After {@link #forward}. */
    void backward(Array dJoined, Array dProjected);

    /** The weights of the last pass, {@code [batch · heads][query][key]}. */
    double[] weights();
  }

  /** An attention, which keeps what its way back needs. */
  Attention attention(int tokens, int dim, int heads);

  // ---- learning

  /**
   * Adam's constants (Kingma and Ba 2015).
   *
   * @param beta1 what the mean of the gradients keeps at each step
   * @param beta2 what the mean of their squares keeps
   * @param epsilon added to the root of the corrected second moment
   */
  record Adam(double beta1, double beta2, double epsilon) {}

  /**
   * Adam, algorithm 1: replaces a gradient by what is to be subtracted from the weights. ε is added
   * to the root of the second moment after its bias is corrected, as in the paper and in PyTorch.
   *
   * @param mean the first moment, brought up to date
   * @param variance the second moment, brought up to date
   * @param iteration 0 for the first
   */
  void adam(Array gradient, Array mean, Array variance, double rate, int iteration, Adam constants);

  /**
   * {@code weights -= change + rate · decay · weights}.
   *
   * @param decay one factor per weight, or null for no decay
   */
  void descend(Array weights, Array change, Array decay, double rate);

  /**
   * {@link #adam}, then {@link #descend}.
   *
   * @param gradient what is in it afterwards is of no use
   */
  default void adamDescend(
      Array weights,
      Array gradient,
      Array mean,
      Array variance,
      Array decay,
      double rate,
      int iteration,
      Adam constants) {
    adam(gradient, mean, variance, rate, iteration, constants);
    descend(weights, gradient, decay, rate);
  }

  /**
   * Cross-entropy after softmax of label rows of any sum, with the focal factor (Lin et al. 2017,
   * equation 4): {@code L = -Σ y_c (1 - p_c)^γ log p_c} per row, their mean over the rows.
   *
   * @param gamma 0 for the plain cross-entropy
   * @param dLogits receives the gradient of the mean
   * @param loss the mean is added to it
   */
  void crossEntropy(Array logits, Array labels, double gamma, Array dLogits, Total loss);

  /** Does work after which all that it made, and that is in no array, may go. */
  void pass(Runnable work);
}
