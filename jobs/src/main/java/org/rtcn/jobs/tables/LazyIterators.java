package org.rtcn.jobs.tables;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** Iterators that hold one input row's output at a time, however large the partition. */
public final class LazyIterators {
  private LazyIterators() {}

  /** Each element by itself. */
  public static <A, B> Iterator<B> map(Iterator<A> source, Function<A, B> function) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return source.hasNext();
      }

      @Override
      public B next() {
        return function.apply(source.next());
      }
    };
  }

  /** All that comes of each element. */
  public static <A, B> Iterator<B> flatMap(Iterator<A> source, Function<A, Iterator<B>> function) {
    return new Iterator<>() {
      private Iterator<B> current = Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        while (!current.hasNext()) {
          if (!source.hasNext()) {
            return false;
          }
          current = function.apply(source.next());
        }
        return true;
      }

      @Override
      public B next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return current.next();
      }
    };
  }
}
