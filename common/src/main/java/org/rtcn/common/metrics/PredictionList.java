package org.rtcn.common.metrics;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.function.IntFunction;

/**
 * Many predictions of one level in little room: a beat takes its probabilities and some 16 bytes,
 * what its recording's beats share is held once. Rows are made as they are asked for, so a row that
 * is not kept costs nothing. A list like any other for whoever reads it.
 */
public final class PredictionList extends AbstractList<Prediction> implements RandomAccess {
  private static final int ROWS_PER_BLOCK = 1 << 12;

  private final Level level;
  private final int classes;
  private final int size;
  private final List<double[]> probabilities;
  private final int[] sources;
  private final int[] endings;
  private final List<Source> distinctSources;
  private final List<String> distinctEndings;

  /** What beats of a recording have in common. */
  private record Source(
      String dataset,
      Optional<String> recordId,
      Optional<String> patientId,
      Optional<Integer> fold,
      Optional<String> truth,
      float threshold,
      boolean simulated) {

    static Source of(Prediction row) {
      return new Source(
          row.dataset(),
          row.recordId(),
          row.patientId(),
          row.fold(),
          row.truth(),
          row.threshold(),
          row.simulated());
    }

    /** What an id most likely begins with. */
    String stem() {
      return recordId.or(() -> patientId).orElse("");
    }
  }

  private PredictionList(Builder from) {
    level = from.level;
    classes = from.classes;
    size = from.size;
    probabilities = List.copyOf(from.probabilities);
    sources = Arrays.copyOf(from.sources, size);
    endings = Arrays.copyOf(from.endings, size);
    distinctSources = List.copyOf(from.distinctSources);
    distinctEndings = List.copyOf(from.distinctEndings);
  }

  /** A list to be filled. */
  public static Builder builder(Level level) {
    return new Builder(level);
  }

  /** Takes rows in. */
  public static final class Builder {
    private final Level level;
    private int classes = -1;
    private int size;
    private final List<double[]> probabilities = new ArrayList<>();
    private int[] sources = new int[64];
    private int[] endings = new int[64];
    private final List<Source> distinctSources = new ArrayList<>();
    private final List<String> distinctEndings = new ArrayList<>();
    private final Map<Source, Integer> placeOfSource = new HashMap<>();
    private final Map<String, Integer> placeOfEnding = new HashMap<>();

    private Builder(Level level) {
      this.level = level;
    }

    /**
     * Appends a row.
     *
     * @throws IllegalArgumentException if it is of another level or of other classes than the rest
     */
    public Builder add(Prediction row) {
      if (row.level() != level) {
        throw new IllegalArgumentException(
            "Invalid row " + row.id() + ": of level " + row.level() + ", expected " + level);
      }
      if (classes < 0) {
        classes = row.probabilities().size();
      } else if (classes != row.probabilities().size()) {
        throw new IllegalArgumentException(
            "Invalid row "
                + row.id()
                + ": "
                + row.probabilities().size()
                + " probabilities, others have "
                + classes);
      }
      if (size == sources.length) {
        int more = Math.addExact(size, size / 2);
        sources = Arrays.copyOf(sources, more);
        endings = Arrays.copyOf(endings, more);
      }
      Source source = Source.of(row);
      sources[size] = place(source, placeOfSource, distinctSources);
      String stem = distinctSources.get(sources[size]).stem();
      // Ids that are made otherwise are held whole, which is right as well but takes more room.
      endings[size] =
          row.id().startsWith(stem)
              ? place(row.id().substring(stem.length()), placeOfEnding, distinctEndings)
              : ~place(row.id(), placeOfEnding, distinctEndings);
      if (size % ROWS_PER_BLOCK == 0) {
        probabilities.add(new double[Math.multiplyExact(ROWS_PER_BLOCK, classes)]);
      }
      double[] block = probabilities.get(size / ROWS_PER_BLOCK);
      for (int c = 0; c < classes; c++) {
        block[size % ROWS_PER_BLOCK * classes + c] = row.probabilities().get(c);
      }
      size++;
      return this;
    }

    private static <T> int place(T value, Map<T, Integer> places, List<T> values) {
      Integer known = places.get(value);
      if (known != null) {
        return known;
      }
      places.put(value, values.size());
      values.add(value);
      return values.size() - 1;
    }

    /** The list; rows that are added later are not in it. */
    public PredictionList build() {
      return new PredictionList(this);
    }
  }

  @Override
  public Prediction get(int index) {
    double[] values = probabilities(index);
    List<Double> boxed = new ArrayList<>(classes);
    for (double value : values) {
      boxed.add(value);
    }
    Source source = source(index);
    return new Prediction(
        level,
        id(index),
        source.dataset,
        source.recordId,
        source.patientId,
        source.fold,
        source.truth,
        boxed,
        source.threshold,
        source.simulated);
  }

  private Source source(int index) {
    return distinctSources.get(sources[index]);
  }

  private String id(int index) {
    int ending = endings[index];
    return ending < 0
        ? distinctEndings.get(~ending)
        : source(index).stem() + distinctEndings.get(ending);
  }

  private double[] probabilities(int index) {
    int from = index % ROWS_PER_BLOCK * classes;
    return Arrays.copyOfRange(probabilities.get(index / ROWS_PER_BLOCK), from, from + classes);
  }

  @Override
  public int size() {
    return size;
  }

  /** The rows as a variant has them, which are made whenever one is asked for. */
  public static List<Prediction> moved(List<Prediction> rows, PredictionRule rule) {
    return new View(rows.size(), i -> rule.apply(rows.get(i)));
  }

  /** Lists one after the other. */
  public static List<Prediction> joined(List<List<Prediction>> parts) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    int[] starts = new int[parts.size()];
    int size = 0;
    for (int p = 0; p < starts.length; p++) {
      starts[p] = size;
      size = Math.addExact(size, parts.get(p).size());
    }
    return new View(
        size,
        i -> {
          int found = Arrays.binarySearch(starts, i);
          int part = found < 0 ? -found - 2 : found;
          // Of parts that begin at the same place all but the last are empty.
          while (part + 1 < starts.length && starts[part + 1] == i) {
            part++;
          }
          return parts.get(part).get(i - starts[part]);
        });
  }

  /** The rows by id; rows that are so already are not copied. */
  static List<Prediction> byId(List<Prediction> rows) {
    String[] ids = new String[rows.size()];
    boolean ordered = true;
    int at = 0;
    for (Prediction row : rows) {
      ids[at] = row.id();
      ordered &= at == 0 || ids[at - 1].compareTo(ids[at]) <= 0;
      at++;
    }
    if (ordered) {
      return rows;
    }
    Integer[] order = new Integer[ids.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparing(i -> ids[i]));
    int[] places = Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    return new View(places.length, i -> rows.get(places[i]));
  }

  /** Rows that are made when they are asked for. */
  private static final class View extends AbstractList<Prediction> implements RandomAccess {
    private final int size;
    private final IntFunction<Prediction> rows;

    View(int size, IntFunction<Prediction> rows) {
      this.size = size;
      this.rows = rows;
    }

    @Override
    public Prediction get(int index) {
      return rows.apply(index);
    }

    @Override
    public int size() {
      return size;
    }
  }
}
