package org.rtcn.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The published tables. Plain Parquet with flat scalar columns and {@code array<float>} signals, so
 * that Spark SQL, Athena, Trino and DuckDB read them alike. Each column's meaning and unit travel
 * as its comment.
 */
@SuppressWarnings("ImmutableEnumChecker") // StructType and List.of are immutable in fact.
public enum Table {
  RECORDS(
      "one row per recording",
      columns()
          .key("record_id", "dataset / path of the header below the input root")
          .text("dataset", "where the recording comes from, e.g. ptbdb, ptbxl, simulated")
          .text("patient_id", "dataset / patient")
          .optional("age_years", FloatType, "age at recording")
          .optional("sex", StringType, "male, female or null")
          .optional("diagnosis", StringType, "the source's own words")
          .optional("infarct_site", StringType, "site codes joined by '+', null without infarct")
          .text("label", "HC, one site code, MI_MULTIPLE, MI_UNLOCALISED, OTHER or UNKNOWN")
          .required("fs_hz", DoubleType, "sampling rate, Hz")
          .required("n_samples", IntegerType, "samples per lead")
          .required("lead_names", FloatArrays.STRINGS, "leads present, Frank leads included")
          .text("source_path", "the header file")
          .optional("checksum_ok", BooleanType, "null if the header holds none")
          .text("quality", "ok, or what is wrong, joined by '+'")
          .required("simulated", BooleanType, "true: not a recording of a person")
          .optional("strat_fold", IntegerType, "PTB-XL's own fold")
          .text("fingerprint", "SHA-256 of header and signal bytes")
          .optional("start_sample", LongType, "first sample in the source; null: the whole record")
          .optional("statements", StringType, "coded statements with likelihoods: IMI:100 SR:0")
          .optional("infarct_stadium", StringType, "the source's own words")
          .optional("validated_by_human", BooleanType, "null if the source does not say")
          .text("source_stamp", "size and time of the source files, for updates")
          .optional("unread", StringType, "stated values that gave nothing: age=89+; null: none")
          .required(
              "signal_hash",
              LongType,
              "XXH64 of the samples of the twelve leads: equal where a signal stands twice")),

  SIGNALS(
      "one row per recording: physical signals",
      columns()
          .key("record_id", "see records")
          .text("dataset", "see records")
          .required("fs_hz", DoubleType, "sampling rate, Hz")
          .required("n_samples", IntegerType, "samples per lead")
          .text("units", "unit of the lead columns: mV")
          .required(
              "gain_adu_per_mv",
              FloatArrays.SPARSE_FLOATS,
              "[stretch][standard lead] flattened, source gain; null: lead not recorded there")
          .required(
              "gain_from_sample",
              FloatArrays.INTS,
              "[stretch] first sample of those gains; [0]: the same throughout")
          .optional(
              "source_fs_hz",
              FloatArrays.FLOATS,
              "[standard lead] rate in the source; null: all at fs_hz, none resampled")
          .required("n_invalid", FloatArrays.INTS, "invalid (NaN) samples per standard lead")
          .leads("[sample], mV, NaN = invalid, null = lead absent")
          .optional("lead_vx", FloatArrays.FLOATS, "Frank lead, as above")
          .optional("lead_vy", FloatArrays.FLOATS, "Frank lead, as above")
          .optional("lead_vz", FloatArrays.FLOATS, "Frank lead, as above")),

  REJECTS(
      "one row per refused input: nothing is dropped in silence",
      columns()
          .key("path", "the input")
          .text("dataset", "the source it was offered to")
          .text("stage", "the stage that refused it")
          .text("reason", "reason code")
          .text("detail", "what was wrong and what would fix it")),

  SPLITS(
      "one row per patient: patient-disjoint folds",
      columns()
          .key("patient_id", "dataset / patient")
          .text("dataset", "see records")
          .text("label", "the patient's label (of the first record by id)")
          .required("fold", IntegerType, "1-based fold")),

  BEATS(
      "one row per heartbeat",
      columns()
          .key("beat_id", "record_id # beat index")
          .text("record_id", "see records")
          .text("patient_id", "see records")
          .text("dataset", "see records")
          .text("label", "see records")
          .required("fold", IntegerType, "see splits")
          .required("beat_index", IntegerType, "0-based, among all R peaks of the record")
          .required("r_sample", IntegerType, "R peak in the source record, at its own rate")
          .required("r_in_window", IntegerType, "index of R in the window")
          .required("fs_hz", DoubleType, "sampling rate of the window, Hz")
          .optional("rr_before_s", FloatType, "RR interval before this beat, s")
          .required("ectopic", BooleanType, "true: seems not to belong to the basic rhythm")
          .required("edge", BooleanType, "true: its window comes near an end of the recording")
          .text("quality", "ok, or what is wrong in any lead, joined by '+'")
          .required(
              "quality_by_lead", FloatArrays.STRINGS, "per standard lead: ok, or what is wrong")
          .required("simulated", BooleanType, "see records")
          .leads("[sample] of the denoised window, mV"),
      "fold"),

  SPECTROGRAMS(
      "one row per heartbeat: S-transform magnitude and phase", imageColumns("beat_id"), "fold"),

  SYNTHETIC_BEATS(
      "one row per generated beat; only ever used in training",
      columns()
          .key("synthetic_id", "class and index")
          .text("label", "the class it was conditioned on")
          .text("fold_scheme", "the training folds its model saw, comma-separated")
          .text("seed_key", "key of its random stream below the root seed")
          .text("model_id", "the DDPM that made it")
          .required("fs_hz", DoubleType, "sampling rate of the window, Hz")
          .required("r_in_window", IntegerType, "index where R belongs")
          .optional("rr_before_s", FloatType, "RR interval it was made for, s; null: none given")
          .required("simulated", BooleanType, "true: its model learned from simulated ECG")
          .text("nearest_beat_id", "nearest real training beat of its class")
          .required("nearest_distance_mv", FloatType, "RMS distance to it over 8 leads, mV")
          .optional("other_patient_mv", FloatType, "the same to another patient's nearest beat")
          .required("nearest_warped_mv", FloatType, "mean distance after time warping, mV")
          .leads("[sample], mV; III, aVR, aVL, aVF derived exactly")),

  SYNTHETIC_SPECTROGRAMS(
      "one row per generated beat: S-transform magnitude and phase",
      columns()
          .key("synthetic_id", "see synthetic_beats")
          .text("label", "see synthetic_beats")
          .text("fold_scheme", "see synthetic_beats")
          .text("model_id", "see synthetic_beats")
          .required("simulated", BooleanType, "see synthetic_beats")
          .image()),

  PREDICTIONS(
      "one row per beat, record and patient",
      columns()
          .text("level", "beat, record or patient")
          .key("id", "beat_id, record_id or patient_id")
          .text("model_id", "the model that said so")
          .text("dataset", "see records")
          .optional("record_id", StringType, "null at patient level")
          .optional("patient_id", StringType, "null if unknown")
          .optional("fold", IntegerType, "null for new recordings")
          .optional("truth", StringType, "null for new recordings")
          .text(
              "predicted",
              "the most probable infarct class where probability_mi is threshold or more, else the"
                  + " most probable other class")
          .required("classes", FloatArrays.STRINGS, "order of the probabilities")
          .required("probabilities", FloatArrays.FLOATS, "one per class, sum 1")
          .required("probability_mi", FloatType, "sum over the infarct classes")
          .required(
              "threshold",
              FloatType,
              "probability_mi from which on an infarct is answered; the model carries it")
          .required("simulated", BooleanType, "see records")),

  UNANSWERED(
      "one row per beat of a new recording that the model gave no answer for",
      columns()
          .key("beat_id", "see beats")
          .text("record_id", "see records")
          .optional("patient_id", StringType, "null if unknown")
          .text("dataset", "see records")
          .text("model_id", "the model that was asked")
          .text("reason", "NO_FINITE_PROBABILITIES: the network's numbers are no probabilities")
          .required("simulated", BooleanType, "see records")),

  GATE(
      "one row per figure of a night: may its recordings and answers pass",
      columns()
          .key("name", "rejects, unanswered, predicted, probability_mi, or a figure of the signals")
          .text("kind", "share, classes or measure: how it is judged")
          .text("model_id", "the model that answered")
          .optional(
              "value",
              DoubleType,
              "a share, the share of the largest class, or a median; null: none")
          .optional("reference_value", DoubleType, "the same of the earlier runs together")
          .required("n", LongType, "inputs or recordings it rests on")
          .required("reference_n", LongType, "the same of the earlier runs together")
          .optional(
              "distance",
              DoubleType,
              "0 to 1: largest difference of the cumulative distributions, of classes half the sum"
                  + " of the differences of their shares; null: not compared")
          .optional("p_value", DoubleType, "Kolmogorov-Smirnov, of classes chi squared")
          .required("max_allowed", DoubleType, "of the share, or of the distance")
          .text("verdict", "pass, fail or not_judged")
          .text("detail", "the same in words")
          .required("bins", FloatArrays.STRINGS, "classes, or the middles of a measure's bins")
          .required("bin_counts", FloatArrays.INTS, "recordings in each bin")
          .required("simulated", BooleanType, "see records")),

  PREDICTION_VARIANTS(
      "one row per beat, record and patient, and variant: rules and baselines to compare with the"
          + " model",
      columns()
          .text("variant", "the predictions of a rule or of a baseline, see metrics")
          .text("level", "beat, record or patient")
          .key("id", "beat_id, record_id or patient_id")
          .text("model_id", "the model that it is compared with")
          .text("dataset", "see records")
          .optional("record_id", StringType, "null at patient level")
          .optional("patient_id", StringType, "null if unknown")
          .optional("fold", IntegerType, "see splits")
          .optional("truth", StringType, "see predictions")
          .text(
              "predicted",
              "the most probable infarct class where probability_mi is threshold or more, else the"
                  + " most probable other class")
          .required("classes", FloatArrays.STRINGS, "order of the probabilities")
          .required("probabilities", FloatArrays.FLOATS, "one per class, sum 1")
          .required("probability_mi", FloatType, "sum over the infarct classes")
          .required(
              "threshold",
              FloatType,
              "probability_mi from which on an infarct is answered; the model carries it")
          .required("simulated", BooleanType, "see records")),

  BOOTSTRAP(
      "one row per resample of the held-out patients",
      columns()
          .text("model_id", "the model")
          .key("resample", IntegerType, "0-based")
          .required(
              "patient_ids", FloatArrays.STRINGS, "the patients drawn, in order, with repeats")),

  GRADCAM(
      "one row per explained held-out beat: where the answer came from",
      columns()
          .key("beat_id", "see beats")
          .text("record_id", "see records")
          .text("patient_id", "see records")
          .text("model_id", "the model that is explained")
          .required("fold", IntegerType, "see splits")
          .text("truth", "see beats")
          .text("predicted", "the model's answer for this beat")
          .text("target_class", "the class whose score is explained")
          .text("layer", "the layer whose activations are weighed")
          .required("n_voices", IntegerType, "voices (frequencies) of the map")
          .required("n_columns", IntegerType, "columns (times) of the map")
          .required("voice_hz", FloatArrays.FLOATS, "[voice], Hz")
          .required("column_ms", FloatArrays.FLOATS, "[column], ms relative to R")
          .required("importance", FloatArrays.FLOATS, "[voice][column] flattened, 0 to 1")
          .required("importance_by_lead", FloatArrays.FLOATS, "[standard lead], sum 1")
          .optional(
              "lead_segment",
              FloatArrays.FLOATS,
              "[standard lead][P, QRS, ST, T] flattened: what each says for the answer against the"
                  + " healthy class, log odds (Grad-CAM without unit where the manifest's fact"
                  + " shown_map says so); null: cannot be said")
          .required(
              "similarity_randomised",
              FloatArrays.SPARSE_FLOATS,
              "rank correlation with the map of fresh weights: head, head + Transformer, all; null:"
                  + " undefined, a map is flat")
          .required(
              "deletion",
              FloatArrays.FLOATS,
              "probability of the class with 0, 5, 10, 20 ... 100 % of the image gone, best first")
          .required("deletion_random", FloatArrays.FLOATS, "the same, cells taken at random")
          .required("simulated", BooleanType, "see records")),

  METRICS(
      "one row per figure",
      columns()
          .text("model_id", "the model")
          .key("name", "e.g. balanced_accuracy")
          .text("level", "beat, record or patient")
          .text("task", "localisation, detection, or baseline_majority")
          .text(
              "variant",
              "as_trained, calibrated, balanced, equal_shares, natural_shares, half, majority,"
                  + " prior, logistic, logistic_equal_shares")
          .optional("class", StringType, "null for figures over all classes")
          .optional("subgroup", StringType, "null for all")
          .optional("value", DoubleType, "null where undefined, or too few to report")
          .optional("ci_low", DoubleType, "95 % interval, lower")
          .optional("ci_high", DoubleType, "95 % interval, upper")
          .text("ci_method", "exact (proportions), bootstrap (over patients) or none")
          .optional("hits", LongType, "counts behind a proportion; null for other figures")
          .optional("cases", LongType, "what the hits are out of; null for other figures")
          .required("n", LongType, "units it rests on")
          .required("simulated", BooleanType, "true: measured on simulated ECG")),

  COMPARISONS(
      "one row per figure and pair of contenders",
      columns()
          .key("second", "the contender")
          .text("first", "what it is compared with")
          .text("variant", "whose probabilities are compared: as_trained, or see metrics")
          .required("trainings", LongType, "seeds, over which figures are means")
          .text("name", "see metrics")
          .text("level", "record or patient")
          .text("task", "see metrics")
          .optional("class", StringType, "null for figures over all classes")
          .optional("first_value", DoubleType, "on the cases that both have")
          .optional("second_value", DoubleType, "on the cases that both have")
          .optional("difference", DoubleType, "second minus first")
          .optional("ci_low", DoubleType, "paired bootstrap over patients and seeds, lower")
          .optional("ci_high", DoubleType, "paired bootstrap over patients and seeds, upper")
          .required("n", LongType, "cases that both have")
          .required("simulated", BooleanType, "true: measured on simulated ECG"));

  /** Version of the columns above: raised when one changes its meaning. */
  public static final int SCHEMA_VERSION = 3;

  private final String description;
  private final String key;
  private final StructType schema;
  private final List<String> partitionColumns;

  Table(String description, Columns columns, String... partitionColumns) {
    this.description = description;
    this.key = columns.key;
    this.schema = new StructType(columns.fields.toArray(new StructField[0]));
    this.partitionColumns = List.of(partitionColumns);
  }

  /** Folder and SQL name, for example {@code synthetic_beats}. */
  public String tableName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String description() {
    return description;
  }

  /** The column that identifies a row (metrics: within level, task, class and subgroup). */
  public String key() {
    return key;
  }

  public StructType schema() {
    return schema;
  }

  /** The columns that stand in the files: all but {@link #partitionColumns}. */
  public StructType fileSchema() {
    StructType inFiles = new StructType();
    for (StructField field : schema.fields()) {
      if (!partitionColumns.contains(field.name())) {
        inFiles = inFiles.add(field);
      }
    }
    return inFiles;
  }

  /** Columns that are folders ({@code fold=3/}) instead of columns in the files. */
  public List<String> partitionColumns() {
    return partitionColumns;
  }

  /**
   * The dataset with exactly this table's columns, in order, with their comments.
   *
   * @throws IllegalArgumentException if a column is missing or has another type
   */
  public Dataset<Row> conform(Dataset<Row> rows) {
    return rows.select(conforming(rows.schema()).toArray(new Column[0]));
  }

  private List<Column> conforming(StructType given) {
    List<Column> selected = new ArrayList<>();
    for (StructField field : schema.fields()) {
      if (!given.getFieldIndex(field.name()).isDefined()) {
        throw new IllegalArgumentException(
            "Cannot write " + tableName() + ": column " + field.name() + " is missing");
      }
      DataType type = given.apply(field.name()).dataType();
      // The SQL form leaves nullability out, as Parquet readers report every column nullable.
      if (!type.sql().equals(field.dataType().sql())) {
        throw new IllegalArgumentException(
            String.format(
                "Cannot write %s: column %s is %s, expected %s",
                tableName(), field.name(), type.sql(), field.dataType().sql()));
      }
      selected.add(functions.col("`" + field.name() + "`").as(field.name(), field.metadata()));
    }
    return selected;
  }

  /**
   * The dataset as it is published: {@link #conform}, with NULL for what is missing. Readers
   * disagree about NaN in statistics and comparisons (Spark takes it for the largest value, DuckDB
   * and polars as well, pyarrow for none), so single values are never NaN; where one must be there,
   * NaN is a fault and fails. Arrays of samples keep NaN for invalid ones.
   */
  public Dataset<Row> published(Dataset<Row> rows) {
    return published(rows, new StructType());
  }

  /** The same, with other columns of the rows behind them. */
  public Dataset<Row> published(Dataset<Row> rows, StructType others) {
    List<Column> all = new ArrayList<>(conforming(rows.schema()));
    for (String name : others.fieldNames()) {
      all.add(functions.col(name));
    }
    Dataset<Row> conforming = rows.select(all.toArray(new Column[0]));
    List<Column> selected = new ArrayList<>();
    for (StructField field : schema.fields()) {
      Column column = functions.col("`" + field.name() + "`");
      selected.add(published(field, column).as(field.name(), field.metadata()));
    }
    for (String name : others.fieldNames()) {
      selected.add(functions.col(name));
    }
    return conforming.select(selected.toArray(new Column[0]));
  }

  private Column published(StructField field, Column column) {
    DataType type = field.dataType();
    if (type instanceof ArrayType array && array.containsNull()) {
      return functions.transform(column, element -> withoutNan(element, functions.lit(null)));
    }
    if (!type.equals(FloatType) && !type.equals(DoubleType)) {
      return column;
    }
    Column missing =
        field.nullable()
            ? functions.lit(null)
            : functions.raise_error(
                functions.concat(
                    functions.lit(
                        "Failed to write %s: %s is not a number where %s is "
                            .formatted(tableName(), field.name(), key)),
                    functions.col("`" + key + "`").cast(StringType)));
    return withoutNan(column, missing);
  }

  private static Column withoutNan(Column column, Column missing) {
    return functions.when(functions.isnan(column), missing).otherwise(column);
  }

  private static Columns columns() {
    return new Columns();
  }

  private static Columns imageColumns(String key) {
    return columns()
        .key(key, "see beats")
        .text("record_id", "see records")
        .text("patient_id", "see records")
        .text("dataset", "see records")
        .text("label", "see records")
        .required("fold", IntegerType, "see splits")
        .required("simulated", BooleanType, "see records")
        .image();
  }

  /** Array types: elements are never null (an invalid sample is NaN), unless it is said. */
  private static final class FloatArrays {
    static final ArrayType FLOATS = DataTypes.createArrayType(FloatType, false);

    /** Statistics of which some may be undefined: those are null, never NaN. */
    static final ArrayType SPARSE_FLOATS = DataTypes.createArrayType(FloatType, true);

    static final ArrayType INTS = DataTypes.createArrayType(IntegerType, false);
    static final ArrayType STRINGS = DataTypes.createArrayType(StringType, false);
  }

  private static final class Columns {
    private final List<StructField> fields = new ArrayList<>();
    private String key;

    Columns key(String name, String comment) {
      return key(name, StringType, comment);
    }

    Columns key(String name, DataType type, String comment) {
      key = name;
      return required(name, type, comment);
    }

    Columns text(String name, String comment) {
      return required(name, StringType, comment);
    }

    Columns required(String name, DataType type, String comment) {
      return add(name, type, false, comment);
    }

    Columns optional(String name, DataType type, String comment) {
      return add(name, type, true, comment);
    }

    Columns leads(String comment) {
      for (String lead : LeadColumns.NAMES) {
        optional(lead, FloatArrays.FLOATS, comment);
      }
      return this;
    }

    Columns image() {
      return required("n_leads", IntegerType, "leads of the image")
          .required("n_voices", IntegerType, "voices (frequencies) of the image")
          .required("n_columns", IntegerType, "columns (times) of the image")
          .required("voice_hz", FloatArrays.FLOATS, "[voice], Hz")
          .required("column_ms", FloatArrays.FLOATS, "[column], ms relative to R")
          .required("magnitude", FloatArrays.FLOATS, "[lead][voice][column] flattened, mV")
          .optional(
              "phase",
              FloatArrays.FLOATS,
              "the same, radians, R as instant 0; null where it was not kept");
    }

    private Columns add(String name, DataType type, boolean nullable, String comment) {
      Metadata metadata = new MetadataBuilder().putString("comment", comment).build();
      fields.add(new StructField(name, type, nullable, metadata));
      return this;
    }
  }
}
