package org.rtcn.common.kernels;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** A tensor of LibTorch's as a handle. */
abstract class TorchArray implements Array {
  private final long[] shape;

  TorchArray(long... shape) {
    this.shape = shape;
  }

  static TorchArray of(Array array) {
    return (TorchArray) array;
  }

  /** The tensor. */
  abstract Tensor tensor();

  /** Makes {@code result} the content: by taking it over where nobody can notice, else by copy. */
  abstract void put(Tensor result);

  /** Whether the memory stays the same, so that results had better be written into it. */
  abstract boolean stays();

  @Override
  public long[] shape() {
    return shape;
  }

  @Override
  public Array reshape(long... other) {
    return new View(this, other, true, tensor -> tensor.view(other));
  }

  @Override
  public Array slice(int axis, long from, long to) {
    long[] other = shape.clone();
    other[axis] = to - from;
    return new View(this, other, false, tensor -> tensor.narrow(axis, from, to - from));
  }

  @Override
  public Array at(int axis, long index) {
    long[] other = new long[shape.length - 1];
    System.arraycopy(shape, 0, other, 0, axis);
    System.arraycopy(shape, axis + 1, other, axis, other.length - axis);
    return new View(this, other, false, tensor -> tensor.select(axis, index));
  }

  @Override
  public Array permute(int... axes) {
    long[] order = Arrays.stream(axes).asLongStream().toArray();
    long[] other = Arrays.stream(axes).mapToLong(axis -> shape[axis]).toArray();
    return new View(this, other, false, tensor -> tensor.permute(order));
  }

  /** An array with memory of its own. */
  static final class Root extends TorchArray {
    private final TensorOptions options;
    private final boolean stays;
    private Tensor tensor;

    /**
     * An array.
     *
     * @param stays whether it keeps its memory for good
     */
    Root(boolean stays, TensorOptions options, long... shape) {
      super(shape);
      this.options = options;
      this.stays = stays;
      if (stays) {
        keep(torch.zeros(shape, options));
      }
    }

    private void keep(Tensor fresh) {
      fresh.retainReference();
      if (tensor != null) {
        tensor.releaseReference();
      }
      tensor = fresh;
    }

    @Override
    Tensor tensor() {
      if (tensor == null) {
        keep(torch.zeros(shape(), options));
      }
      return tensor;
    }

    @Override
    void put(Tensor result) {
      if (stays) {
        tensor.copy_(result);
      } else {
        keep(result);
      }
    }

    @Override
    boolean stays() {
      return stays;
    }

    @Override
    public void close() {
      if (tensor != null) {
        tensor.releaseReference();
        tensor = null;
      }
    }
  }

  /** Numbers that nobody needs after the pass that they are made in. */
  static final class Passing extends TorchArray {
    private Tensor tensor;

    Passing(Tensor tensor, long... shape) {
      super(shape);
      this.tensor = tensor;
    }

    @Override
    Tensor tensor() {
      return tensor;
    }

    @Override
    void put(Tensor result) {
      tensor = result;
    }

    @Override
    boolean stays() {
      return false;
    }

    @Override
    public void close() {
      tensor.close();
    }
  }

  /** A look at another array. Of memory that stays, the tensor is made once. */
  private static final class View extends TorchArray {
    private final TorchArray parent;
    private final boolean whole;
    private final UnaryOperator<Tensor> look;
    private Tensor made;

    View(TorchArray parent, long[] shape, boolean whole, UnaryOperator<Tensor> look) {
      super(shape);
      this.parent = parent;
      this.whole = whole;
      this.look = look;
    }

    @Override
    Tensor tensor() {
      if (!parent.stays()) {
        return look.apply(parent.tensor());
      }
      if (made == null) {
        made = look.apply(parent.tensor());
        made.retainReference();
      }
      return made;
    }

    @Override
    void put(Tensor result) {
      if (whole && !parent.stays()) {
        parent.put(result.view(parent.shape()));
      } else {
        tensor().copy_(result);
      }
    }

    @Override
    boolean stays() {
      return parent.stays();
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException("Cannot close a view: close what it looks at");
    }
  }
}
