package org.rtcn.jobs.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.rtcn.common.averaging.Checkpoint;
import org.rtcn.common.averaging.Course;
import org.rtcn.common.averaging.Rounds;
import org.rtcn.common.averaging.SampleCheckpoint;
import org.rtcn.common.averaging.TrainingRun;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.averaging.WeightedSum;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.diffusion.BeatCondition;
import org.rtcn.common.diffusion.BeatNormalisation;
import org.rtcn.common.diffusion.DdpmConfig;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmSampler;
import org.rtcn.common.diffusion.DdpmTraining;
import org.rtcn.common.diffusion.DenoiserShape;
import org.rtcn.common.diffusion.LossWeighting;
import org.rtcn.common.diffusion.NoiseSchedule;
import org.rtcn.common.diffusion.Parameterisation;
import org.rtcn.common.diffusion.TrainingBeat;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.error.UserException;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.metrics.LikeCases;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.simulate.EcgSimulator;
import org.rtcn.common.simulate.SimulatedRecord;
import org.rtcn.common.simulate.SimulationOptions;
import org.rtcn.jobs.run.CheckpointFiles;
import org.rtcn.jobs.train.ModelFiles;

/**
 * Mutated model folders, diffusion models and checkpoints through the doors that stages use, in a
 * JVM of its own. Each case is refused in one line, or answers with finite probabilities; nothing
 * else is opened, no other exception comes out, no case takes long.
 *
 * <p>{@code ModelFolderFuzz FOLDER CASES SEED FIRST}; status 0 if all is well.
 */
final class ModelFolderFuzz {
  private static final long LONGEST_SECONDS = 60;
  private static final Pattern RIGHT_ID = Pattern.compile("its content has id ([0-9a-f]{16})");
  private static final Pattern STATED_ID = Pattern.compile("\"modelId\"\\s*:\\s*\"[^\"]*\"");

  private final Path folder;
  private final org.apache.hadoop.fs.Path hadoopFolder;
  private final Configuration hadoop = new Configuration();
  private final FileSystem fileSystem = FileSystem.getLocal(hadoop);
  private final EcgSignal signal = signal();
  private final List<TrainingBeat> beats = beats();
  private final RtcnConfig config = SoundModel.CONFIG;
  private final List<Map<String, byte[]>> models =
      List.of(SoundModel.files(config), SoundModel.files(config.told(PatientInput.AGE_SEX)));
  private final List<byte[]> diffusion =
      List.of(diffusion(BeatCondition.NONE, 4), diffusion(BeatCondition.RR_INTERVAL, 0));
  private final TrainingState fresh = fresh(config);
  private final byte[] checkpoint = SampleCheckpoint.validated(fresh);
  private final List<byte[]> diffusionCheckpoints =
      diffusion.stream()
          .map(model -> DdpmTraining.before(DdpmModel.fromBytes(model)))
          .map(state -> SampleCheckpoint.unvalidated(4, state))
          .toList();
  private final Map<String, Integer> outcomes = new TreeMap<>();

  private ModelFolderFuzz(Path folder) throws IOException {
    this.folder = folder;
    this.hadoopFolder = new org.apache.hadoop.fs.Path(folder.toUri());
  }

  @SuppressWarnings("removal")
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    int cases = Integer.parseInt(args[1]);
    long seed = Long.parseLong(args[2]);
    int first = Integer.parseInt(args[3]);
    List<String> allowed = new ArrayList<>();
    allowed.add(folder.toString());
    allowed.add(System.getProperty("java.home"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      allowed.add(entry);
    }
    allowed.addAll(Arrays.asList(System.getProperty("rtcn.fuzz.allowed", "").split(":", -1)));
    allowed.removeIf(String::isEmpty);
    ModelFolderFuzz fuzz = new ModelFolderFuzz(folder);
    AccessRecorder recorder = new AccessRecorder(allowed);
    System.setSecurityManager(recorder);
    // What is sound goes through, and brings in the classes.
    for (int kind = 0; kind < 8; kind++) {
      String outcome = fuzz.sound(kind);
      if (!outcome.equals("answered")) {
        throw new IllegalStateException("a sound one of kind " + kind + ": " + outcome);
      }
    }
    recorder.arm();
    long start = System.nanoTime();
    int failures = fuzz.run(cases, seed, first, recorder);
    System.out.printf(
        "seed %d, cases %d to %d, %.0f s: %s, %d failures%n",
        seed,
        first,
        first + cases - 1,
        (System.nanoTime() - start) * 1e-9,
        fuzz.outcomes,
        failures);
    System.out.flush();
    Runtime.getRuntime().halt(failures == 0 ? 0 : 1);
  }

  private int run(int cases, long seed, int first, AccessRecorder recorder) throws Exception {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread daemon = new Thread(task, "case");
              daemon.setDaemon(true);
              return daemon;
            });
    int failures = 0;
    for (int i = first; i < first + cases; i++) {
      SplittableRandom random = new SplittableRandom(seed * 1_000_003 + i);
      String outcome;
      Future<String> future = thread.submit(() -> mutated(random));
      try {
        outcome = future.get(LONGEST_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        System.out.println("FAILED: case " + i + " hangs");
        return failures + 1;
      } catch (ExecutionException e) {
        outcome = "FAILED";
        System.out.println("FAILED: case " + i + ": " + e.getCause());
        e.getCause().printStackTrace(System.out);
      }
      for (String touched = recorder.seen().poll(); touched != null; ) {
        System.out.println("FAILED: case " + i + " touched: " + touched);
        outcome = "FAILED";
        touched = recorder.seen().poll();
      }
      failures += outcome.equals("FAILED") ? 1 : 0;
      outcomes.merge(outcome, 1, Integer::sum);
    }
    return failures;
  }

  private String sound(int kind) throws IOException {
    return switch (kind) {
      case 0, 1 -> diagnose(models.get(kind));
      case 2, 3 -> sample(diffusion.get(kind - 2));
      case 4 -> resume(checkpoint);
      case 5 -> trainingBeats(SoundModel.trainingBeats().toBytes());
      case 6 -> likeCases(SoundModel.likeCases().toJson());
      default -> resumeDiffusion(diffusionCheckpoints.get(0), 0);
    };
  }

  private String mutated(SplittableRandom random) throws IOException {
    Mutations mutations = new Mutations(random);
    int which = random.nextInt(2);
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        Map<String, byte[]> files = new TreeMap<>(models.get(which));
        mutateFolder(files, mutations, random);
        yield "model " + diagnose(files);
      }
      case 4, 5 -> "ddpm " + sample(mutations.container(diffusion.get(which)));
      case 6 -> "checkpoint " + resume(mutations.container(checkpoint));
      case 7 ->
          "training beats "
              + trainingBeats(mutations.container(SoundModel.trainingBeats().toBytes()));
      case 8 -> {
        String json = new String(SoundModel.likeCases().toJson(), StandardCharsets.UTF_8);
        yield "evaluation " + likeCases(mutations.json(json).getBytes(StandardCharsets.UTF_8));
      }
      default ->
          "ddpm checkpoint "
              + resumeDiffusion(mutations.container(diffusionCheckpoints.get(which)), which);
    };
  }

  private void mutateFolder(
      Map<String, byte[]> files, Mutations mutations, SplittableRandom random) {
    byte[] json = files.get("model.json");
    byte[] arrays = files.get("model.safetensors");
    switch (random.nextInt(13)) {
      case 0 -> files.put("model.json", mutations.bytes(json));
      case 1 -> files.remove(random.nextInt(2) == 0 ? "model.json" : "model.safetensors");
      case 2 -> files.put("model.safetensors", models.get(random.nextInt(2)).get("model.json"));
      // Hadoop's local file system takes a file of this name for the other's checksums.
      case 6 -> files.put(".model.json.crc", mutations.bytes(new byte[40]));
      case 3, 4, 5 -> files.put("model.safetensors", mutations.container(arrays));
      default ->
          files.put(
              "model.json",
              mutations
                  .json(new String(json, StandardCharsets.UTF_8))
                  .getBytes(StandardCharsets.UTF_8));
    }
  }

  /** As {@code predict} and a service do. */
  private String diagnose(Map<String, byte[]> files) throws IOException {
    write(files);
    RtcnModel model;
    try {
      model = ModelFiles.load(hadoopFolder, hadoop);
    } catch (UserException e) {
      Matcher id = RIGHT_ID.matcher(e.getMessage());
      if (!id.find()) {
        return refused(e);
      }
      // Anybody can make the id fit.
      String json = new String(files.get("model.json"), StandardCharsets.UTF_8);
      files.put(
          "model.json",
          STATED_ID
              .matcher(json)
              .replaceFirst("\"modelId\":\"" + id.group(1) + "\"")
              .getBytes(StandardCharsets.UTF_8));
      write(files);
      try {
        model = ModelFiles.load(hadoopFolder, hadoop);
      } catch (UserException again) {
        return refused(again);
      }
    }
    try {
      RtcnDiagnoser.Diagnosis diagnosis = RtcnDiagnoser.of(model).diagnose(signal);
      double sum = 0;
      for (double probability : diagnosis.probabilities().values()) {
        sum += probability;
      }
      if (!(Math.abs(sum - 1) < 1e-3)) {
        throw new IllegalStateException("an answer of sum " + sum);
      }
      return "answered";
    } catch (UserException e) {
      return refused(e);
    }
  }

  /** As a page does. */
  private static String trainingBeats(byte[] bytes) {
    try {
      TrainingBeats beats = TrainingBeats.parse(bytes, SoundModel.model());
      float[][] window = beats.beats().get(0).window();
      if (Double.isNaN(beats.nearest(window, 3).get(0).distanceMv())) {
        throw new IllegalStateException("a distance that is no number");
      }
      return "answered";
    } catch (IllegalArgumentException e) {
      return refused(e);
    }
  }

  /** As a page does. */
  private static String likeCases(byte[] json) {
    try {
      LikeCases.Group group = LikeCases.parse(json).at(0.5);
      if (!(group.low() >= 0 && group.high() <= 1 && group.infarcts() <= group.cases())) {
        throw new IllegalStateException("a group that is none: " + group);
      }
      return "answered";
    } catch (IllegalArgumentException e) {
      return refused(e);
    }
  }

  private static String refused(RuntimeException e) {
    String message = e.getMessage();
    boolean sound =
        message != null
            && message.matches("(Cannot|Invalid|Failed to) .{10,2000}")
            && message.chars().noneMatch(Character::isISOControl);
    if (!sound) {
      throw new IllegalStateException("a message that is no line: " + message, e);
    }
    return "refused";
  }

  private String sample(byte[] bytes) {
    DdpmModel model;
    try {
      model = DdpmModel.fromBytes(bytes);
    } catch (IllegalArgumentException e) {
      return refused(e);
    }
    if ((double) model.config().samplerSteps() * model.config().blockSize() > 2000) {
      return "read";
    }
    try (DdpmSampler sampler = new DdpmSampler(model)) {
      sampler.sampleBlock(0, 0, 1);
    }
    return "answered";
  }

  private String resume(byte[] bytes) throws IOException {
    write(Map.of("step-0000000015.checkpoint", bytes));
    Optional<Checkpoint> last = last();
    try {
      SampleCheckpoint.run(new Course(2, 9, 7, 7, 7, 32)).resume(last, fresh);
      return last.isPresent() ? "answered" : "refused";
    } catch (UserException e) {
      return refused(e);
    }
  }

  private Optional<Checkpoint> last() {
    return new CheckpointFiles(fileSystem, hadoopFolder).latest(Checkpoint::parse);
  }

  private String resumeDiffusion(byte[] bytes, int which) throws IOException {
    write(Map.of("step-0000000002.checkpoint", bytes));
    Optional<Checkpoint> last = last();
    DdpmModel untrained = DdpmModel.fromBytes(diffusion.get(which));
    TrainingRun run = SampleCheckpoint.run(DdpmTraining.course(untrained.config()));
    try (DdpmTraining training = new DdpmTraining(untrained, beats)) {
      run.train(
          run.resume(last, DdpmTraining.before(untrained)),
          (from, round) ->
              Rounds.Averaged.of(
                  WeightedSum.ofShares(List.of(training.advance(from, round.steps(), 0)))));
      return last.isPresent() ? "answered" : "refused";
    } catch (UserException e) {
      return refused(e);
    }
  }

  private void write(Map<String, byte[]> files) throws IOException {
    try (Stream<Path> old = Files.walk(folder)) {
      for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(folder)) {
          Files.delete(path);
        }
      }
    }
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  private byte[] diffusion(BeatCondition condition, int rank) {
    DdpmConfig tiny =
        DdpmConfig.defaults().toBuilder()
            .leads(2)
            .length(16)
            .shape(new DenoiserShape(2, 4, List.of(1, 2), 1, 2))
            .condition(condition)
            .diffusionSteps(30)
            .schedule(NoiseSchedule.Kind.COSINE)
            .parameterisation(Parameterisation.V)
            .lossWeighting(LossWeighting.UNIFORM)
            .centring(BeatNormalisation.Centring.CLASS_BEAT)
            .linearRank(rank)
            .learningRate(1e-3)
            .batchSize(4)
            .trainingSteps(10)
            .workers(1)
            .averagingFrequency(2)
            .emaDecay(0.9)
            .classDropout(0.1)
            .guidance(1)
            .samplerSteps(4)
            .eta(0)
            .blockSize(2)
            .seed(1)
            .build();
    return DdpmTraining.fit(tiny, List.of("HC", "IMI"), beats, "test").toBytes();
  }

  private static TrainingState fresh(RtcnConfig config) {
    float[] weights = Rtcn.build(config).params().toFloatVector();
    int length = weights.length;
    return new TrainingState(0, weights, new float[length], new float[length], new float[0]);
  }

  private static List<TrainingBeat> beats() {
    SplittableRandom random = new SplittableRandom(2);
    List<TrainingBeat> beats = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      float[][] beat = new float[2][16];
      for (float[] lead : beat) {
        for (int j = 0; j < lead.length; j++) {
          lead[j] = (float) random.nextGaussian();
        }
      }
      beats.add(
          new TrainingBeat("b" + i, "p" + i % 4, i % 2 == 0 ? "HC" : "IMI", beat, 0.8f + i / 20f));
    }
    return beats;
  }

  private static EcgSignal signal() {
    SimulatedRecord record =
        new EcgSimulator(SimulationOptions.of(3, Map.of(Label.HC, 1))).recordsOf(1).get(0);
    float[][] millivolts = new float[12][record.adu()[0].length];
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < millivolts[lead].length; i++) {
        millivolts[lead][i] =
            (float) (record.adu()[lead][i] / SimulatedRecord.GAIN_ADU_PER_MILLIVOLT);
      }
    }
    return new EcgSignal(record.fsHz(), Lead.STANDARD_12, millivolts);
  }
}
