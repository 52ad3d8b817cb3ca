package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.nn.UNetLayout;
import org.rtcn.common.storage.NamedArrays;
import org.rtcn.common.storage.NamedArrays.Spec;
import org.rtcn.common.storage.StrictJson;

/**
 * A trained diffusion model: all that sampling needs, and where it comes from. As bytes it is a
 * container of {@link NamedArrays}; reading and writing are exact. What is read is taken for
 * hostile until all of it has been checked, and no network is built before.
 */
public final class DdpmModel {
  private static final int FORMAT = 6;

  /** What the container calls itself. */
  private static final String KIND = "rtcn-ddpm/" + FORMAT;

  private static final String WEIGHTS = "unet/";
  private static final int LONGEST_ORIGIN = 10_000;
  private static final float LONGEST_RR_SECONDS = 600;

  /**
   * What the model has learnt from.
   *
   * @param origin where the beats come from, in words (data sets, training folds, simulated or not)
   * @param beatsOfClass training beats per class
   * @param patientsOfClass training patients per class
   * @param lastLoss mean squared error over the last training steps
   */
  public record Training(
      String origin,
      Map<String, Integer> beatsOfClass,
      Map<String, Integer> patientsOfClass,
      float lastLoss) {
    public Training {
      for (Object part : Arrays.asList(origin, beatsOfClass, patientsOfClass)) {
        if (part == null) {
          throw new IllegalArgumentException("Invalid training: a part is null");
        }
      }
      if (origin.length() > LONGEST_ORIGIN || !Float.isFinite(lastLoss)) {
        throw new IllegalArgumentException(
            "Invalid training: origin of "
                + origin.length()
                + " letters, last loss "
                + lastLoss
                + "; needs at most "
                + LONGEST_ORIGIN
                + " and a finite number");
      }
      beatsOfClass = new TreeMap<>(beatsOfClass);
      patientsOfClass = new TreeMap<>(patientsOfClass);
      if (beatsOfClass.containsValue(null) || patientsOfClass.containsValue(null)) {
        throw new IllegalArgumentException("Invalid training: a count is null");
      }
    }
  }

  /**
   * What of a model is no array.
   *
   * @param config every choice
   * @param classes the class list
   * @param training what it has learnt from
   */
  record Description(DdpmConfig config, List<String> classes, Training training) {
    /**
     * @throws IllegalArgumentException if something is missing, or a class is no label
     */
    Description {
      for (Object part : Arrays.asList(config, classes, training)) {
        if (part == null) {
          throw new IllegalArgumentException("Invalid diffusion model: a part is null");
        }
      }
      classes = List.copyOf(classes);
      Set<String> labels = new TreeSet<>();
      for (Label label : Label.values()) {
        labels.add(label.name());
      }
      if (classes.isEmpty()
          || !labels.containsAll(classes)
          || new TreeSet<>(classes).size() != classes.size()) {
        throw new IllegalArgumentException(
            "Invalid classes "
                + StrictJson.quoted(classes.toString())
                + ": must be labels among "
                + labels
                + ", each once");
      }
    }

    private int beatLength() {
      return config.leads() * config.length();
    }

    /** The weights of the network, in the order of its vector. */
    List<Spec> weights() {
      return UNetLayout.weights(config.network(classes.size())).stream()
          .map(spec -> spec.below(WEIGHTS))
          .toList();
    }

    private Spec centre() {
      boolean each = config.centring() == BeatNormalisation.Centring.CLASS_BEAT;
      return Spec.of(
          "normalisation/centre", each ? classes.size() : 1, config.leads(), config.length());
    }

    private Spec scale() {
      return Spec.of("normalisation/scale_mv", config.leads());
    }

    private Spec clip() {
      return Spec.of("normalisation/clip", config.leads());
    }

    private Spec basis(long rank) {
      return Spec.of("linear/basis", rank, beatLength());
    }

    private Spec variance(long rank) {
      return Spec.of("linear/variance", 1L + classes.size(), rank);
    }

    private Spec residualVariance() {
      return Spec.of("linear/residual_variance", 1L + classes.size());
    }

    private Spec rrPatients() {
      return Spec.of("rr/patients_of_class", classes.size());
    }
  }

  private final DdpmConfig config;
  private final List<String> classes;
  private final BeatNormalisation normalisation;
  private final Training training;
  private final List<List<List<Float>>> rrSeconds;
  private final LinearDenoiser linear;
  private final float[] weights;
  private final NamedArrays arrays;

  /**
   * @param rrSeconds RR intervals of the training beats, {@code [class][patient][beat]}, for
   *     sampling to draw from; empty if the network is not told any
   */
  DdpmModel(
      DdpmConfig config,
      List<String> classes,
      BeatNormalisation normalisation,
      Training training,
      List<List<List<Float>>> rrSeconds,
      LinearDenoiser linear,
      float[] weights) {
    this.config = config;
    this.classes = List.copyOf(classes);
    this.normalisation = normalisation;
    this.training = training;
    this.rrSeconds = rrSeconds;
    this.linear = linear;
    this.weights = weights;
    NamedArrays.Builder builder = NamedArrays.of(KIND, description());
    addTo(builder);
    this.arrays = builder.build();
  }

  private Description description() {
    return new Description(config, classes, training);
  }

  private void addTo(NamedArrays.Builder to) {
    Description form = description();
    int rank = linear.rank();
    to.floats(form.centre(), flat(normalisation.centre()))
        .floats(form.scale(), normalisation.scaleMv())
        .floats(form.clip(), normalisation.clip())
        .floats(form.basis(rank), linear.basis())
        .floats(form.variance(rank), linear.variance())
        .floats(form.residualVariance(), linear.residualVariance());
    addRrTo(to, form);
    int at = 0;
    for (Spec spec : form.weights()) {
      int end = at + Math.toIntExact(spec.length());
      to.floats(spec, Arrays.copyOfRange(weights, at, end));
      at = end;
    }
  }

  private void addRrTo(NamedArrays.Builder to, Description form) {
    if (rrSeconds.isEmpty()) {
      return;
    }
    List<List<Float>> patients = rrSeconds.stream().flatMap(List::stream).toList();
    List<Float> beats = patients.stream().flatMap(List::stream).toList();
    float[] seconds = new float[beats.size()];
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = beats.get(i);
    }
    to.ints(form.rrPatients(), rrSeconds.stream().mapToInt(List::size).toArray())
        .ints(rrBeats(patients.size()), patients.stream().mapToInt(List::size).toArray())
        .floats(rrOf(seconds.length), seconds);
  }

  private static Spec rrBeats(long patients) {
    return Spec.of("rr/beats_of_patient", patients);
  }

  private static Spec rrOf(long beats) {
    return Spec.of("rr/seconds", beats);
  }

  private static float[] flat(float[][][] cube) {
    int rows = cube[0].length;
    int length = cube[0][0].length;
    float[] flat = new float[cube.length * rows * length];
    for (int k = 0; k < cube.length; k++) {
      for (int row = 0; row < rows; row++) {
        System.arraycopy(cube[k][row], 0, flat, (k * rows + row) * length, length);
      }
    }
    return flat;
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if the bytes are no model of this format, were cut short or
   *     changed, or hold what no training writes
   */
  public static DdpmModel fromBytes(byte[] bytes) {
    NamedArrays arrays = NamedArrays.parse(bytes, KIND);
    Description description = arrays.description(Description.class);
    arrays.requireExactly(layout(description, arrays));
    return of(description, arrays);
  }

  /**
   * The arrays that belong to a model.
   *
   * @throws IllegalArgumentException if the network is absurdly large
   */
  private static List<Spec> layout(Description form, NamedArrays arrays) {
    List<Spec> specs =
        new ArrayList<>(List.of(form.centre(), form.scale(), form.clip(), form.residualVariance()));
    long rank = rank(form, arrays);
    if (rank > 0) {
      specs.add(form.basis(rank));
      specs.add(form.variance(rank));
    }
    if (form.config().condition() == BeatCondition.RR_INTERVAL) {
      specs.add(form.rrPatients());
      for (Spec spec : List.of(rrBeats(1), rrOf(1))) {
        // How many there are, the array itself says.
        if (arrays.has(spec.name())) {
          specs.add(Spec.of(spec.name(), size(arrays, spec.name())));
        }
      }
    }
    specs.addAll(form.weights());
    return specs;
  }

  private static long size(NamedArrays arrays, String name) {
    return arrays.shape(name).get(0);
  }

  private static long rank(Description form, NamedArrays arrays) {
    String name = form.basis(1).name();
    long rank = arrays.has(name) ? size(arrays, name) : 0;
    if (rank > form.config().linearRank()) {
      throw new IllegalArgumentException(
          "Invalid diffusion model: "
              + rank
              + " principal axes, its settings allow "
              + form.config().linearRank());
    }
    return rank;
  }

  /**
   * Reads what {@link #addTo} added.
   *
   * @throws IllegalArgumentException if a number is not finite or out of its range
   */
  private static DdpmModel of(Description form, NamedArrays arrays) {
    DdpmConfig config = form.config();
    float[] centre = arrays.floats(form.centre());
    float[][][] cube = new float[centre.length / form.beatLength()][config.leads()][];
    for (int k = 0; k < cube.length; k++) {
      for (int lead = 0; lead < config.leads(); lead++) {
        int from = (k * config.leads() + lead) * config.length();
        cube[k][lead] = Arrays.copyOfRange(centre, from, from + config.length());
      }
    }
    float[] scale = arrays.floats(form.scale());
    requireAbove("scale", scale, Float.MIN_VALUE);
    float[] clip = arrays.floats(form.clip());
    requireAbove("clip", clip, 0);
    int rank = (int) rank(form, arrays);
    float[] basis = rank == 0 ? new float[0] : arrays.floats(form.basis(rank));
    float[] variance = rank == 0 ? new float[0] : arrays.floats(form.variance(rank));
    requireAbove("variance", variance, 0);
    float[] residual = arrays.floats(form.residualVariance());
    requireAbove("residual variance", residual, 0);
    List<Spec> weights = form.weights();
    float[] values = new float[Math.toIntExact(weights.stream().mapToLong(Spec::length).sum())];
    int at = 0;
    for (Spec spec : weights) {
      at = arrays.floats(spec, values, at);
    }
    return new DdpmModel(
        config,
        form.classes(),
        new BeatNormalisation(cube, scale, clip),
        form.training(),
        rrSeconds(form, arrays),
        LinearDenoiser.of(form.beatLength(), basis, variance, residual),
        values);
  }

  private static void requireAbove(String name, float[] values, float least) {
    for (float value : values) {
      if (value < least) {
        throw new IllegalArgumentException(
            "Invalid diffusion model: a " + name + " is " + value + "; run augment again");
      }
    }
  }

  private static List<List<List<Float>>> rrSeconds(Description form, NamedArrays arrays) {
    if (form.config().condition() != BeatCondition.RR_INTERVAL) {
      return List.of();
    }
    String beatsName = rrBeats(1).name();
    String secondsName = rrOf(1).name();
    int[] patients = arrays.ints(form.rrPatients());
    int[] beats =
        arrays.has(beatsName) ? arrays.ints(rrBeats(size(arrays, beatsName))) : new int[0];
    float[] seconds =
        arrays.has(secondsName) ? arrays.floats(rrOf(size(arrays, secondsName))) : new float[0];
    requireCounts(patients, 0, beats.length);
    requireCounts(beats, 1, seconds.length);
    List<List<List<Float>>> classes = new ArrayList<>();
    int patient = 0;
    int beat = 0;
    for (int count : patients) {
      List<List<Float>> ofClass = new ArrayList<>();
      for (int p = 0; p < count; p++) {
        List<Float> ofPatient = new ArrayList<>();
        for (int b = 0; b < beats[patient]; b++) {
          float rr = seconds[beat++];
          if (!(rr > 0 && rr <= LONGEST_RR_SECONDS)) {
            throw new IllegalArgumentException(
                "Invalid diffusion model: an RR interval of " + rr + " s; run augment again");
          }
          ofPatient.add(rr);
        }
        ofClass.add(ofPatient);
        patient++;
      }
      classes.add(ofClass);
    }
    return classes;
  }

  /** Counts add up to what they count. */
  private static void requireCounts(int[] counts, int least, int total) {
    long sum = 0;
    boolean sound = true;
    for (int count : counts) {
      sum += count;
      sound &= count >= least;
    }
    if (!sound || sum != total) {
      throw new IllegalArgumentException(
          "Invalid diffusion model: its RR intervals are not those of its patients; run augment"
              + " again");
    }
  }

  /** The model as bytes: its own, not a copy. */
  public byte[] toBytes() {
    return arrays.toBytes();
  }

  /** {@code ddpm-} and twelve hex digits of the SHA-256 that {@link #toBytes} state. */
  public String modelId() {
    return "ddpm-" + arrays.digest().substring(0, 12);
  }

  public DdpmConfig config() {
    return config;
  }

  /** The class list; sampling takes an index into it. */
  public List<String> classes() {
    return classes;
  }

  public BeatNormalisation normalisation() {
    return normalisation;
  }

  public Training training() {
    return training;
  }

  /** The same with other weights. */
  DdpmModel trained(float[] newWeights, float lastLoss) {
    return new DdpmModel(
        config,
        classes,
        normalisation,
        new Training(
            training.origin(), training.beatsOfClass(), training.patientsOfClass(), lastLoss),
        rrSeconds,
        linear,
        newWeights);
  }

  List<List<List<Float>>> rrSeconds() {
    return rrSeconds;
  }

  LinearDenoiser linear() {
    return linear;
  }

  float[] weights() {
    return weights;
  }
}
