package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Every figure of one set of cases, as it is and on every resample of their patients and, where
 * several trainings have predicted them, of the trainings: of any two such sets over the same cases
 * the paired difference is a subtraction.
 */
public final class Resampled {
  private final Level level;
  private final PatientBootstrap bootstrap;
  private final List<Case> cases;
  private final List<Place> places;
  private final double[][] figures;

  /** What a case is known by. */
  record Case(String id, Optional<String> patientId, Optional<String> truth) {
    static Case of(Prediction row) {
      return new Case(row.id(), row.patientId(), row.truth());
    }
  }

  /** Which figure. */
  record Place(FigureName name, Optional<String> className) {}

  /**
   * @param places of the figures
   * @param figures what {@link PatientBootstrap#resampled} gives
   */
  Resampled(
      Level level,
      PatientBootstrap bootstrap,
      List<Case> cases,
      List<Place> places,
      double[][] figures) {
    this.level = level;
    this.bootstrap = bootstrap;
    this.cases = cases;
    this.places = places;
    this.figures = figures;
  }

  static void requireSame(List<Case> first, List<Case> second) {
    if (!first.equals(second)) {
      throw new IllegalArgumentException(
          "Cannot pair predictions: they are not of the same cases with the same patients and"
              + " truths ("
              + first.size()
              + " and "
              + second.size()
              + " rows)");
    }
  }

  /** How many decisions. */
  public int size() {
    return cases.size();
  }

  /** All figures, with intervals of the bootstrap. */
  public List<Figure> figures() {
    List<Figure> list = new ArrayList<>();
    for (int i = 0; i < figures.length; i++) {
      Place place = places.get(i);
      long count =
          place
              .className()
              .map(name -> cases.stream().filter(c -> c.truth().equals(Optional.of(name))).count())
              .orElse((long) cases.size());
      list.add(
          new Figure(
              place.name(),
              level,
              place.className(),
              bootstrap.interval(figures[i], patients()),
              count));
    }
    return list;
  }

  /** A figure as it is; empty where it was not measured. */
  public Optional<Double> value(FigureName name, Optional<String> className) {
    int at = places.indexOf(new Place(name, className));
    return at < 0 ? Optional.empty() : Optional.of(figures[at][0]);
  }

  /**
   * The differences from another, with the interval of the paired bootstrap.
   *
   * @param names which figures; those of one class are measured for each class
   * @throws IllegalArgumentException if the two are not over the same cases
   */
  public List<Difference> minus(Resampled reference, List<FigureName> names) {
    requireSame(reference.cases, cases);
    List<Difference> differences = new ArrayList<>();
    for (FigureName name : names) {
      for (int i = 0; i < figures.length; i++) {
        if (places.get(i).name() == name) {
          double[] own = figures[i];
          double[] other = reference.figures[i];
          double[] difference = new double[own.length];
          Arrays.setAll(difference, r -> own[r] - other[r]);
          differences.add(
              new Difference(
                  name, places.get(i).className(), bootstrap.interval(difference, patients())));
        }
      }
    }
    return List.copyOf(differences);
  }

  private int patients() {
    return (int) cases.stream().map(Case::patientId).distinct().count();
  }
}
