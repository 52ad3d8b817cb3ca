package org.rtcn.common.kernels;

import java.lang.ref.Reference;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradients of a convolution's weights and bias alone: ND4J's operation also computes that of
 * the input, which takes most of its time. For each of the kernel's places the gradient is a
 * product of the output's gradient and the input moved by that place. Each image is copied to
 * planes with room around, one per remainder of row and column by the stride, so that moving is an
 * offset. Not for several threads.
 */
final class HostWeightGradient {
  private String shape = "";
  private int stride;
  private int channels;
  private int height;
  private int width;
  private int rowsOut;
  private int columnsOut;

  /** How far a kernel reaches before the first and beyond the last output, in steps. */
  private int rowsBefore;

  private int columnsBefore;
  private int pitch;
  private int plane;

  private float[] image = new float[0];
  private float[] planes = new float[0];
  private float[] slopes = new float[0];
  private float[] spread = new float[0];
  private float[] ofPlaces = new float[0];
  private FloatPointer planesThere;
  private FloatPointer spreadThere;
  private FloatPointer placesThere;

  /** Gradients; {@code dBias} may be null. */
  void compute(INDArray x, INDArray dy, INDArray dWeights, INDArray dBias, int theStride) {
    int kernelRows = Math.toIntExact(dWeights.size(2));
    int kernelColumns = Math.toIntExact(dWeights.size(3));
    int outputs = Math.toIntExact(dy.size(1));
    shape(x, dy, kernelRows, kernelColumns, theStride, outputs);
    double[] totals = new double[outputs];
    FloatPointer in = new FloatPointer(HostFloats.pointer(x));
    FloatPointer from = new FloatPointer(HostFloats.pointer(dy));
    try {
      for (int n = 0; n < x.size(0); n++) {
        in.position((long) n * image.length).get(image, 0, image.length);
        toPlanes();
        planesThere.position(0).put(planes, 0, planes.length);
        from.position((long) n * slopes.length).get(slopes, 0, slopes.length);
        spread(outputs, totals);
        spreadThere.put(spread, 0, spread.length);
        for (int r = 0; r < kernelRows; r++) {
          for (int c = 0; c < kernelColumns; c++) {
            place(r, c, kernelRows, kernelColumns, outputs, n == 0 ? 0 : 1);
          }
        }
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(dy);
    }
    write(dWeights, kernelRows * kernelColumns, outputs);
    if (dBias != null) {
      float[] sums = new float[outputs];
      for (int o = 0; o < outputs; o++) {
        sums[o] = (float) totals[o];
      }
      HostFloats.write(sums, dBias);
    }
  }

  private void shape(
      INDArray x, INDArray dy, int kernelRows, int kernelColumns, int theStride, int outputs) {
    stride = theStride;
    channels = Math.toIntExact(x.size(1));
    height = Math.toIntExact(x.size(2));
    width = Math.toIntExact(x.size(3));
    rowsOut = Math.toIntExact(dy.size(2));
    columnsOut = Math.toIntExact(dy.size(3));
    rowsBefore = -Math.floorDiv(-(kernelRows - 1) / 2, stride);
    columnsBefore = -Math.floorDiv(-(kernelColumns - 1) / 2, stride);
    int rowsAfter = (kernelRows - 1) / 2 / stride;
    int columnsAfter = (kernelColumns - 1) / 2 / stride;
    pitch = columnsBefore + columnsOut + columnsAfter;
    plane = (rowsBefore + rowsOut + rowsAfter) * pitch;
    image = HostFloats.ofLength(image, (long) channels * height * width);
    slopes = HostFloats.ofLength(slopes, (long) outputs * rowsOut * columnsOut);
    // What lies around is zero; another shape may have left something there.
    String now = "" + List.of(stride, channels, height, width, rowsOut, columnsOut, pitch, plane);
    if (!now.equals(shape)) {
      shape = now;
      planes = new float[stride * stride * channels * plane];
      spread = new float[0];
    }
    if (spread.length != outputs * rowsOut * pitch) {
      spread = new float[outputs * rowsOut * pitch];
    }
    ofPlaces =
        HostFloats.ofLength(ofPlaces, (long) kernelRows * kernelColumns * outputs * channels);
    planesThere = HostFloats.ofLength(planesThere, planes.length);
    spreadThere = HostFloats.ofLength(spreadThere, spread.length);
    placesThere = HostFloats.ofLength(placesThere, ofPlaces.length);
  }

  /** {@code [row's remainder][column's remainder][channel][row][column]}. */
  private void toPlanes() {
    for (int c = 0; c < channels; c++) {
      for (int row = 0; row < height; row++) {
        int from = (c * height + row) * width;
        int line = row / stride + rowsBefore;
        if ((line + 1) * pitch > plane) {
          continue;
        }
        for (int b = 0; b < stride; b++) {
          int to =
              (((row % stride) * stride + b) * channels + c) * plane + line * pitch + columnsBefore;
          int count = Math.min((width - b + stride - 1) / stride, pitch - columnsBefore);
          if (stride == 1) {
            System.arraycopy(image, from, planes, to, count);
          } else {
            for (int i = 0; i < count; i++) {
              planes[to + i] = image[from + b + i * stride];
            }
          }
        }
      }
    }
  }

  /** Rows of the output's gradient as far apart as those of the planes. */
  private void spread(int outputs, double[] totals) {
    for (int o = 0; o < outputs; o++) {
      int from = o * rowsOut * columnsOut;
      totals[o] += HostFloats.sum(slopes, from, rowsOut * columnsOut);
      for (int row = 0; row < rowsOut; row++) {
        System.arraycopy(
            slopes, from + row * columnsOut, spread, (o * rowsOut + row) * pitch, columnsOut);
      }
    }
  }

  private void place(int r, int c, int kernelRows, int kernelColumns, int outputs, float keep) {
    int downBy = r - (kernelRows - 1) / 2;
    int rightBy = c - (kernelColumns - 1) / 2;
    int rest = Math.floorMod(downBy, stride) * stride + Math.floorMod(rightBy, stride);
    int line = Math.floorDiv(downBy, stride) + rowsBefore;
    int at = Math.floorDiv(rightBy, stride) + columnsBefore;
    planesThere.position((long) rest * channels * plane + (long) line * pitch + at);
    placesThere.position((long) (r * kernelColumns + c) * outputs * channels);
    HostGemm.of(false, true, outputs, channels, (rowsOut - 1) * pitch + columnsOut)
        .multiply(1, spreadThere, rowsOut * pitch, planesThere, plane, keep, placesThere, channels);
  }

  /** From {@code [place][output][channel]} to {@code [output][channel][place]}. */
  private void write(INDArray dWeights, int places, int outputs) {
    placesThere.position(0).get(ofPlaces, 0, ofPlaces.length);
    float[] weights = new float[ofPlaces.length];
    int pairs = outputs * channels;
    for (int p = 0; p < places; p++) {
      for (int i = 0; i < pairs; i++) {
        weights[i * places + p] = ofPlaces[p * pairs + i];
      }
    }
    HostFloats.write(weights, dWeights);
  }
}
