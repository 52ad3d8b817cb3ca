-- Generated from Table by DdlSparkTest. ${RUN} is the run's location, s3://bucket/prefix.
-- One statement at a time in Athena's editor.

CREATE DATABASE IF NOT EXISTS rtcn;

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.records (
  `record_id` string COMMENT 'dataset / path of the header below the input root',
  `dataset` string COMMENT 'where the recording comes from, e.g. ptbdb, ptbxl, simulated',
  `patient_id` string COMMENT 'dataset / patient',
  `age_years` float COMMENT 'age at recording',
  `sex` string COMMENT 'male, female or null',
  `diagnosis` string COMMENT 'the source’s own words',
  `infarct_site` string COMMENT 'site codes joined by ’+’, null without infarct',
  `label` string COMMENT 'HC, one site code, MI_MULTIPLE, MI_UNLOCALISED, OTHER or UNKNOWN',
  `fs_hz` double COMMENT 'sampling rate, Hz',
  `n_samples` int COMMENT 'samples per lead',
  `lead_names` array<string> COMMENT 'leads present, Frank leads included',
  `source_path` string COMMENT 'the header file',
  `checksum_ok` boolean COMMENT 'null if the header holds none',
  `quality` string COMMENT 'ok, or what is wrong, joined by ’+’',
  `simulated` boolean COMMENT 'true: not a recording of a person',
  `strat_fold` int COMMENT 'PTB-XL’s own fold',
  `fingerprint` string COMMENT 'SHA-256 of header and signal bytes',
  `start_sample` bigint COMMENT 'first sample in the source; null: the whole record',
  `statements` string COMMENT 'coded statements with likelihoods: IMI:100 SR:0',
  `infarct_stadium` string COMMENT 'the source’s own words',
  `validated_by_human` boolean COMMENT 'null if the source does not say',
  `source_stamp` string COMMENT 'size and time of the source files, for updates',
  `unread` string COMMENT 'stated values that gave nothing: age=89+; null: none',
  `signal_hash` bigint COMMENT 'XXH64 of the samples of the twelve leads: equal where a signal stands twice'
)
COMMENT 'one row per recording'
STORED AS PARQUET
LOCATION '${RUN}/tables/records/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.signals (
  `record_id` string COMMENT 'see records',
  `dataset` string COMMENT 'see records',
  `fs_hz` double COMMENT 'sampling rate, Hz',
  `n_samples` int COMMENT 'samples per lead',
  `units` string COMMENT 'unit of the lead columns: mV',
  `gain_adu_per_mv` array<float> COMMENT '[stretch][standard lead] flattened, source gain; null: lead not recorded there',
  `gain_from_sample` array<int> COMMENT '[stretch] first sample of those gains; [0]: the same throughout',
  `source_fs_hz` array<float> COMMENT '[standard lead] rate in the source; null: all at fs_hz, none resampled',
  `n_invalid` array<int> COMMENT 'invalid (NaN) samples per standard lead',
  `lead_i` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_ii` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_iii` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_avr` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_avl` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_avf` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_v1` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_v2` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_v3` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_v4` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_v5` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_v6` array<float> COMMENT '[sample], mV, NaN = invalid, null = lead absent',
  `lead_vx` array<float> COMMENT 'Frank lead, as above',
  `lead_vy` array<float> COMMENT 'Frank lead, as above',
  `lead_vz` array<float> COMMENT 'Frank lead, as above'
)
COMMENT 'one row per recording: physical signals'
STORED AS PARQUET
LOCATION '${RUN}/tables/signals/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.rejects (
  `path` string COMMENT 'the input',
  `dataset` string COMMENT 'the source it was offered to',
  `stage` string COMMENT 'the stage that refused it',
  `reason` string COMMENT 'reason code',
  `detail` string COMMENT 'what was wrong and what would fix it'
)
COMMENT 'one row per refused input: nothing is dropped in silence'
STORED AS PARQUET
LOCATION '${RUN}/tables/rejects/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.splits (
  `patient_id` string COMMENT 'dataset / patient',
  `dataset` string COMMENT 'see records',
  `label` string COMMENT 'the patient’s label (of the first record by id)',
  `fold` int COMMENT '1-based fold'
)
COMMENT 'one row per patient: patient-disjoint folds'
STORED AS PARQUET
LOCATION '${RUN}/tables/splits/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.beats (
  `beat_id` string COMMENT 'record_id # beat index',
  `record_id` string COMMENT 'see records',
  `patient_id` string COMMENT 'see records',
  `dataset` string COMMENT 'see records',
  `label` string COMMENT 'see records',
  `beat_index` int COMMENT '0-based, among all R peaks of the record',
  `r_sample` int COMMENT 'R peak in the source record, at its own rate',
  `r_in_window` int COMMENT 'index of R in the window',
  `fs_hz` double COMMENT 'sampling rate of the window, Hz',
  `rr_before_s` float COMMENT 'RR interval before this beat, s',
  `ectopic` boolean COMMENT 'true: seems not to belong to the basic rhythm',
  `edge` boolean COMMENT 'true: its window comes near an end of the recording',
  `quality` string COMMENT 'ok, or what is wrong in any lead, joined by ’+’',
  `quality_by_lead` array<string> COMMENT 'per standard lead: ok, or what is wrong',
  `simulated` boolean COMMENT 'see records',
  `lead_i` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_ii` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_iii` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_avr` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_avl` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_avf` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_v1` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_v2` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_v3` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_v4` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_v5` array<float> COMMENT '[sample] of the denoised window, mV',
  `lead_v6` array<float> COMMENT '[sample] of the denoised window, mV'
)
COMMENT 'one row per heartbeat'
PARTITIONED BY (`fold` int)
STORED AS PARQUET
LOCATION '${RUN}/tables/beats/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3',
  'projection.enabled' = 'true',
  'projection.fold.type' = 'integer',
  'projection.fold.range' = '1,100',
  'storage.location.template' = '${RUN}/tables/beats/fold=${fold}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.spectrograms (
  `beat_id` string COMMENT 'see beats',
  `record_id` string COMMENT 'see records',
  `patient_id` string COMMENT 'see records',
  `dataset` string COMMENT 'see records',
  `label` string COMMENT 'see records',
  `simulated` boolean COMMENT 'see records',
  `n_leads` int COMMENT 'leads of the image',
  `n_voices` int COMMENT 'voices (frequencies) of the image',
  `n_columns` int COMMENT 'columns (times) of the image',
  `voice_hz` array<float> COMMENT '[voice], Hz',
  `column_ms` array<float> COMMENT '[column], ms relative to R',
  `magnitude` array<float> COMMENT '[lead][voice][column] flattened, mV',
  `phase` array<float> COMMENT 'the same, radians, R as instant 0; null where it was not kept'
)
COMMENT 'one row per heartbeat: S-transform magnitude and phase'
PARTITIONED BY (`fold` int)
STORED AS PARQUET
LOCATION '${RUN}/tables/spectrograms/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3',
  'projection.enabled' = 'true',
  'projection.fold.type' = 'integer',
  'projection.fold.range' = '1,100',
  'storage.location.template' = '${RUN}/tables/spectrograms/fold=${fold}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.synthetic_beats (
  `synthetic_id` string COMMENT 'class and index',
  `label` string COMMENT 'the class it was conditioned on',
  `fold_scheme` string COMMENT 'the training folds its model saw, comma-separated',
  `seed_key` string COMMENT 'key of its random stream below the root seed',
  `model_id` string COMMENT 'the DDPM that made it',
  `fs_hz` double COMMENT 'sampling rate of the window, Hz',
  `r_in_window` int COMMENT 'index where R belongs',
  `rr_before_s` float COMMENT 'RR interval it was made for, s; null: none given',
  `simulated` boolean COMMENT 'true: its model learned from simulated ECG',
  `nearest_beat_id` string COMMENT 'nearest real training beat of its class',
  `nearest_distance_mv` float COMMENT 'RMS distance to it over 8 leads, mV',
  `other_patient_mv` float COMMENT 'the same to another patient’s nearest beat',
  `nearest_warped_mv` float COMMENT 'mean distance after time warping, mV',
  `lead_i` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_ii` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_iii` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_avr` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_avl` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_avf` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_v1` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_v2` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_v3` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_v4` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_v5` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly',
  `lead_v6` array<float> COMMENT '[sample], mV; III, aVR, aVL, aVF derived exactly'
)
COMMENT 'one row per generated beat; only ever used in training'
STORED AS PARQUET
LOCATION '${RUN}/tables/synthetic_beats/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.synthetic_spectrograms (
  `synthetic_id` string COMMENT 'see synthetic_beats',
  `label` string COMMENT 'see synthetic_beats',
  `fold_scheme` string COMMENT 'see synthetic_beats',
  `model_id` string COMMENT 'see synthetic_beats',
  `simulated` boolean COMMENT 'see synthetic_beats',
  `n_leads` int COMMENT 'leads of the image',
  `n_voices` int COMMENT 'voices (frequencies) of the image',
  `n_columns` int COMMENT 'columns (times) of the image',
  `voice_hz` array<float> COMMENT '[voice], Hz',
  `column_ms` array<float> COMMENT '[column], ms relative to R',
  `magnitude` array<float> COMMENT '[lead][voice][column] flattened, mV',
  `phase` array<float> COMMENT 'the same, radians, R as instant 0; null where it was not kept'
)
COMMENT 'one row per generated beat: S-transform magnitude and phase'
STORED AS PARQUET
LOCATION '${RUN}/tables/synthetic_spectrograms/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.predictions (
  `level` string COMMENT 'beat, record or patient',
  `id` string COMMENT 'beat_id, record_id or patient_id',
  `model_id` string COMMENT 'the model that said so',
  `dataset` string COMMENT 'see records',
  `record_id` string COMMENT 'null at patient level',
  `patient_id` string COMMENT 'null if unknown',
  `fold` int COMMENT 'null for new recordings',
  `truth` string COMMENT 'null for new recordings',
  `predicted` string COMMENT 'the most probable infarct class where probability_mi is threshold or more, else the most probable other class',
  `classes` array<string> COMMENT 'order of the probabilities',
  `probabilities` array<float> COMMENT 'one per class, sum 1',
  `probability_mi` float COMMENT 'sum over the infarct classes',
  `threshold` float COMMENT 'probability_mi from which on an infarct is answered; the model carries it',
  `simulated` boolean COMMENT 'see records'
)
COMMENT 'one row per beat, record and patient'
STORED AS PARQUET
LOCATION '${RUN}/tables/predictions/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.unanswered (
  `beat_id` string COMMENT 'see beats',
  `record_id` string COMMENT 'see records',
  `patient_id` string COMMENT 'null if unknown',
  `dataset` string COMMENT 'see records',
  `model_id` string COMMENT 'the model that was asked',
  `reason` string COMMENT 'NO_FINITE_PROBABILITIES: the network’s numbers are no probabilities',
  `simulated` boolean COMMENT 'see records'
)
COMMENT 'one row per beat of a new recording that the model gave no answer for'
STORED AS PARQUET
LOCATION '${RUN}/tables/unanswered/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.gate (
  `name` string COMMENT 'rejects, unanswered, predicted, probability_mi, or a figure of the signals',
  `kind` string COMMENT 'share, classes or measure: how it is judged',
  `model_id` string COMMENT 'the model that answered',
  `value` double COMMENT 'a share, the share of the largest class, or a median; null: none',
  `reference_value` double COMMENT 'the same of the earlier runs together',
  `n` bigint COMMENT 'inputs or recordings it rests on',
  `reference_n` bigint COMMENT 'the same of the earlier runs together',
  `distance` double COMMENT '0 to 1: largest difference of the cumulative distributions, of classes half the sum of the differences of their shares; null: not compared',
  `p_value` double COMMENT 'Kolmogorov-Smirnov, of classes chi squared',
  `max_allowed` double COMMENT 'of the share, or of the distance',
  `verdict` string COMMENT 'pass, fail or not_judged',
  `detail` string COMMENT 'the same in words',
  `bins` array<string> COMMENT 'classes, or the middles of a measure’s bins',
  `bin_counts` array<int> COMMENT 'recordings in each bin',
  `simulated` boolean COMMENT 'see records'
)
COMMENT 'one row per figure of a night: may its recordings and answers pass'
STORED AS PARQUET
LOCATION '${RUN}/tables/gate/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.prediction_variants (
  `variant` string COMMENT 'the predictions of a rule or of a baseline, see metrics',
  `level` string COMMENT 'beat, record or patient',
  `id` string COMMENT 'beat_id, record_id or patient_id',
  `model_id` string COMMENT 'the model that it is compared with',
  `dataset` string COMMENT 'see records',
  `record_id` string COMMENT 'null at patient level',
  `patient_id` string COMMENT 'null if unknown',
  `fold` int COMMENT 'see splits',
  `truth` string COMMENT 'see predictions',
  `predicted` string COMMENT 'the most probable infarct class where probability_mi is threshold or more, else the most probable other class',
  `classes` array<string> COMMENT 'order of the probabilities',
  `probabilities` array<float> COMMENT 'one per class, sum 1',
  `probability_mi` float COMMENT 'sum over the infarct classes',
  `threshold` float COMMENT 'probability_mi from which on an infarct is answered; the model carries it',
  `simulated` boolean COMMENT 'see records'
)
COMMENT 'one row per beat, record and patient, and variant: rules and baselines to compare with the model'
STORED AS PARQUET
LOCATION '${RUN}/tables/prediction_variants/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.bootstrap (
  `model_id` string COMMENT 'the model',
  `resample` int COMMENT '0-based',
  `patient_ids` array<string> COMMENT 'the patients drawn, in order, with repeats'
)
COMMENT 'one row per resample of the held-out patients'
STORED AS PARQUET
LOCATION '${RUN}/tables/bootstrap/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.gradcam (
  `beat_id` string COMMENT 'see beats',
  `record_id` string COMMENT 'see records',
  `patient_id` string COMMENT 'see records',
  `model_id` string COMMENT 'the model that is explained',
  `fold` int COMMENT 'see splits',
  `truth` string COMMENT 'see beats',
  `predicted` string COMMENT 'the model’s answer for this beat',
  `target_class` string COMMENT 'the class whose score is explained',
  `layer` string COMMENT 'the layer whose activations are weighed',
  `n_voices` int COMMENT 'voices (frequencies) of the map',
  `n_columns` int COMMENT 'columns (times) of the map',
  `voice_hz` array<float> COMMENT '[voice], Hz',
  `column_ms` array<float> COMMENT '[column], ms relative to R',
  `importance` array<float> COMMENT '[voice][column] flattened, 0 to 1',
  `importance_by_lead` array<float> COMMENT '[standard lead], sum 1',
  `lead_segment` array<float> COMMENT '[standard lead][P, QRS, ST, T] flattened: what each says for the answer against the healthy class, log odds (Grad-CAM without unit where the manifest’s fact shown_map says so); null: cannot be said',
  `similarity_randomised` array<float> COMMENT 'rank correlation with the map of fresh weights: head, head + Transformer, all; null: undefined, a map is flat',
  `deletion` array<float> COMMENT 'probability of the class with 0, 5, 10, 20 ... 100 % of the image gone, best first',
  `deletion_random` array<float> COMMENT 'the same, cells taken at random',
  `simulated` boolean COMMENT 'see records'
)
COMMENT 'one row per explained held-out beat: where the answer came from'
STORED AS PARQUET
LOCATION '${RUN}/tables/gradcam/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.metrics (
  `model_id` string COMMENT 'the model',
  `name` string COMMENT 'e.g. balanced_accuracy',
  `level` string COMMENT 'beat, record or patient',
  `task` string COMMENT 'localisation, detection, or baseline_majority',
  `variant` string COMMENT 'as_trained, calibrated, balanced, equal_shares, natural_shares, half, majority, prior, logistic, logistic_equal_shares',
  `class` string COMMENT 'null for figures over all classes',
  `subgroup` string COMMENT 'null for all',
  `value` double COMMENT 'null where undefined, or too few to report',
  `ci_low` double COMMENT '95 % interval, lower',
  `ci_high` double COMMENT '95 % interval, upper',
  `ci_method` string COMMENT 'exact (proportions), bootstrap (over patients) or none',
  `hits` bigint COMMENT 'counts behind a proportion; null for other figures',
  `cases` bigint COMMENT 'what the hits are out of; null for other figures',
  `n` bigint COMMENT 'units it rests on',
  `simulated` boolean COMMENT 'true: measured on simulated ECG'
)
COMMENT 'one row per figure'
STORED AS PARQUET
LOCATION '${RUN}/tables/metrics/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);

CREATE EXTERNAL TABLE IF NOT EXISTS rtcn.comparisons (
  `second` string COMMENT 'the contender',
  `first` string COMMENT 'what it is compared with',
  `variant` string COMMENT 'whose probabilities are compared: as_trained, or see metrics',
  `trainings` bigint COMMENT 'seeds, over which figures are means',
  `name` string COMMENT 'see metrics',
  `level` string COMMENT 'record or patient',
  `task` string COMMENT 'see metrics',
  `class` string COMMENT 'null for figures over all classes',
  `first_value` double COMMENT 'on the cases that both have',
  `second_value` double COMMENT 'on the cases that both have',
  `difference` double COMMENT 'second minus first',
  `ci_low` double COMMENT 'paired bootstrap over patients and seeds, lower',
  `ci_high` double COMMENT 'paired bootstrap over patients and seeds, upper',
  `n` bigint COMMENT 'cases that both have',
  `simulated` boolean COMMENT 'true: measured on simulated ECG'
)
COMMENT 'one row per figure and pair of contenders'
STORED AS PARQUET
LOCATION '${RUN}/tables/comparisons/'
TBLPROPERTIES (
  'rtcn.schema_version' = '3'
);
