package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The training beats by class and patient, in an order that depends on their keys alone. */
final class BeatDraws {
  /** One beat: its values, flat, and the RR interval before it. */
  @SuppressWarnings("ArrayRecordComponent")
  record Drawn(float[] values, float rrSeconds) {}

  private final DdpmConfig config;
  private final List<List<List<Drawn>>> beats = new ArrayList<>();
  private final Map<String, Integer> beatCounts = new TreeMap<>();
  private final Map<String, Integer> patientCounts = new TreeMap<>();

  /**
   * @throws IllegalArgumentException if a beat has an unknown label, the wrong shape or a value
   *     that is not finite, or a class has no beat
   */
  BeatDraws(DdpmConfig config, List<String> classes, Collection<TrainingBeat> given) {
    this.config = config;
    Map<String, Integer> indexOf = new HashMap<>();
    List<TreeMap<String, List<Drawn>>> byPatient = new ArrayList<>();
    for (int k = 0; k < classes.size(); k++) {
      indexOf.put(classes.get(k), k);
      byPatient.add(new TreeMap<>());
    }
    List<TrainingBeat> sorted = new ArrayList<>(given);
    sorted.sort(Comparator.comparing(TrainingBeat::beatId));
    for (TrainingBeat beat : sorted) {
      Integer k = indexOf.get(beat.label());
      if (k == null) {
        throw new IllegalArgumentException(
            "Invalid label "
                + beat.label()
                + " of beat "
                + beat.beatId()
                + ": must be one of "
                + classes);
      }
      byPatient
          .get(k)
          .computeIfAbsent(beat.patientId(), p -> new ArrayList<>())
          .add(new Drawn(flatten(beat), beat.rrSeconds()));
    }
    for (int k = 0; k < classes.size(); k++) {
      if (byPatient.get(k).isEmpty()) {
        throw new IllegalArgumentException(
            "Cannot train the diffusion model: class "
                + classes.get(k)
                + " has no training beat; give it beats or take it off the class list");
      }
      beats.add(new ArrayList<>(byPatient.get(k).values()));
      beatCounts.put(classes.get(k), byPatient.get(k).values().stream().mapToInt(List::size).sum());
      patientCounts.put(classes.get(k), byPatient.get(k).size());
    }
  }

  private float[] flatten(TrainingBeat beat) {
    float[][] rows = beat.millivolts();
    float[] flat = new float[config.leads() * config.length()];
    boolean fits = rows.length == config.leads();
    for (int lead = 0; fits && lead < rows.length; lead++) {
      fits = rows[lead].length == config.length();
      for (int i = 0; fits && i < config.length(); i++) {
        flat[lead * config.length() + i] = rows[lead][i];
        fits = Float.isFinite(rows[lead][i]);
      }
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "Invalid beat "
              + beat.beatId()
              + ": must be "
              + config.leads()
              + " leads of "
              + config.length()
              + " finite samples");
    }
    return flat;
  }

  /** The beats of each class, flat. */
  List<List<float[]>> flatBeats() {
    List<List<float[]>> flat = new ArrayList<>();
    beats.forEach(
        patients -> flat.add(patients.stream().flatMap(List::stream).map(Drawn::values).toList()));
    return flat;
  }

  /** The values by class, patient and beat. */
  List<List<List<float[]>>> values() {
    return beats.stream()
        .map(k -> k.stream().map(p -> p.stream().map(Drawn::values).toList()).toList())
        .toList();
  }

  /** The known RR intervals by class, patient and beat; patients without any are left out. */
  List<List<List<Float>>> rrSeconds() {
    return beats.stream()
        .map(
            k ->
                k.stream()
                    .map(p -> p.stream().map(Drawn::rrSeconds).filter(rr -> rr > 0).toList())
                    .filter(known -> !known.isEmpty())
                    .toList())
        .toList();
  }

  void normalise(BeatNormalisation normalisation) {
    for (int k = 0; k < beats.size(); k++) {
      int index = k;
      beats
          .get(k)
          .forEach(
              p ->
                  p.replaceAll(
                      beat ->
                          new Drawn(
                              normalisation.normalise(beat.values(), index), beat.rrSeconds())));
    }
  }

  Drawn beat(int k, SplittableRandom random) {
    List<List<Drawn>> patients = beats.get(k);
    List<Drawn> ofPatient = patients.get(random.nextInt(patients.size()));
    return ofPatient.get(random.nextInt(ofPatient.size()));
  }

  DdpmModel.Training summary(String origin, float lastLoss) {
    return new DdpmModel.Training(origin, beatCounts, patientCounts, lastLoss);
  }
}
