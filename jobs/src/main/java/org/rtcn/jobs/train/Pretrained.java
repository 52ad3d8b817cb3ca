package org.rtcn.jobs.train;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.error.UserException;
import org.rtcn.common.input.ModelPreprocessing;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.inputs.Locations;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;

/**
 * A model that a training goes on from (fine-tuning): its network with its weights, and the
 * patients it has learned from, none of whom may be held out here. It comes from anywhere and is
 * checked as every model that is read ({@link RtcnModel#parse}). The standardizer is not taken
 * over: it is fitted to the training beats of the run.
 */
record Pretrained(Path folder, RtcnModel model) {
  /** Settings of transform that decide what an image shows. All others decide which are made. */
  private static final Set<String> DECIDING =
      Set.of("window", "image", "baseline", "denoise", "band-low-hz", "band-high-hz");

  private static final String TRANSFORM = "rtcn.transform.";

  /**
   * Reads and checks a model.
   *
   * @param location its folder
   * @param transform of the run that it shall learn from
   * @throws UserException if it is missing, damaged, or reads other images than the run has
   */
  static Pretrained of(
      StageContext context, String location, TrainOptions options, Manifest transform) {
    Path folder = Locations.path("the model to go on from", location);
    Pretrained pretrained =
        new Pretrained(
            folder, ModelFiles.load(folder, context.spark().sparkContext().hadoopConfiguration()));
    pretrained.requireReading(options);
    pretrained.requireMadeAlike(ModelPreprocessing.of(transform.configuration()));
    return pretrained;
  }

  private void requireReading(TrainOptions options) {
    require("input", model.standardizer().input(), options.input());
    require("compression", model.standardizer().compression(), options.compression());
    require(
        "network.patient-input", model.config().patientInput(), options.network().patientInput());
  }

  private void require(String key, Enum<?> own, Enum<?> set) {
    if (own != set) {
      throw refused(
          "it was trained with rtcn.train."
              + key
              + "="
              + word(own)
              + ", set is "
              + word(set)
              + "; set it likewise");
    }
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void requireMadeAlike(Map<String, Object> here) {
    Set<String> keys = new TreeSet<>(here.keySet());
    keys.addAll(model.preprocessing().keySet());
    for (String key : keys) {
      boolean decides =
          DECIDING.stream().anyMatch(name -> (key + ".").startsWith(TRANSFORM + name + "."));
      String own = String.valueOf(model.preprocessing().get(key));
      String other = String.valueOf(here.get(key));
      if (decides && !own.equals(other)) {
        throw refused(
            "its images were made with "
                + key
                + "="
                + own
                + ", those of this run with "
                + other
                + "; run transform with the model's settings, or go on from another model");
      }
    }
  }

  /**
   * The network of the model, for the classes and with the rates of this training.
   *
   * @param wanted what the settings say: learning, dropout and seed are taken from it, and sizes of
   *     images and classes; widths and depths are the model's
   * @throws UserException if the images are of another size
   */
  RtcnConfig network(RtcnConfig wanted) {
    RtcnConfig own = model.config();
    if (own.channels() != wanted.channels()
        || own.voices() != wanted.voices()
        || own.columns() != wanted.columns()) {
      throw refused(
          String.format(
              "it reads images of %d x %d x %d, this run has %d x %d x %d; run transform with the"
                  + " model's settings",
              own.channels(),
              own.voices(),
              own.columns(),
              wanted.channels(),
              wanted.voices(),
              wanted.columns()));
    }
    return own.toBuilder()
        .classes(wanted.classes())
        .dropout(wanted.dropout())
        .learningRate(wanted.learningRate())
        .weightDecay(wanted.weightDecay())
        .labelSmoothing(wanted.labelSmoothing())
        .seed(wanted.seed())
        .build();
  }

  /**
   * Lets nobody be measured whom the model has learned from.
   *
   * @throws UserException if one of them is held out in this run
   */
  void requireUnseen(TrainingFolds folds) {
    Set<String> both = new TreeSet<>(folds.heldOutPatients());
    both.retainAll(model.trainingPatients());
    if (!both.isEmpty()) {
      throw refused(
          "it has learned from "
              + both.size()
              + " of the patients that are held out here (for example "
              + both.iterator().next()
              + "). Set split.test-folds to folds that it has not seen, or go on from another"
              + " model");
    }
  }

  private UserException refused(String why) {
    return new UserException("Cannot go on from the model " + folder + ": " + why);
  }
}
