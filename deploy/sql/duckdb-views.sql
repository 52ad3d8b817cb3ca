-- Generated from Table by DdlSparkTest. ${RUN} is the run's location.

-- one row per recording
CREATE OR REPLACE VIEW records AS
SELECT * FROM read_parquet('${RUN}/tables/records/**/*.parquet', hive_partitioning = true);

-- one row per recording: physical signals
CREATE OR REPLACE VIEW signals AS
SELECT * FROM read_parquet('${RUN}/tables/signals/**/*.parquet', hive_partitioning = true);

-- one row per refused input: nothing is dropped in silence
CREATE OR REPLACE VIEW rejects AS
SELECT * FROM read_parquet('${RUN}/tables/rejects/**/*.parquet', hive_partitioning = true);

-- one row per patient: patient-disjoint folds
CREATE OR REPLACE VIEW splits AS
SELECT * FROM read_parquet('${RUN}/tables/splits/**/*.parquet', hive_partitioning = true);

-- one row per heartbeat
CREATE OR REPLACE VIEW beats AS
SELECT * FROM read_parquet('${RUN}/tables/beats/**/*.parquet', hive_partitioning = true);

-- one row per heartbeat: S-transform magnitude and phase
CREATE OR REPLACE VIEW spectrograms AS
SELECT * FROM read_parquet('${RUN}/tables/spectrograms/**/*.parquet', hive_partitioning = true);

-- one row per generated beat; only ever used in training
CREATE OR REPLACE VIEW synthetic_beats AS
SELECT * FROM read_parquet('${RUN}/tables/synthetic_beats/**/*.parquet', hive_partitioning = true);

-- one row per generated beat: S-transform magnitude and phase
CREATE OR REPLACE VIEW synthetic_spectrograms AS
SELECT * FROM read_parquet('${RUN}/tables/synthetic_spectrograms/**/*.parquet', hive_partitioning = true);

-- one row per beat, record and patient
CREATE OR REPLACE VIEW predictions AS
SELECT * FROM read_parquet('${RUN}/tables/predictions/**/*.parquet', hive_partitioning = true);

-- one row per beat of a new recording that the model gave no answer for
CREATE OR REPLACE VIEW unanswered AS
SELECT * FROM read_parquet('${RUN}/tables/unanswered/**/*.parquet', hive_partitioning = true);

-- one row per figure of a night: may its recordings and answers pass
CREATE OR REPLACE VIEW gate AS
SELECT * FROM read_parquet('${RUN}/tables/gate/**/*.parquet', hive_partitioning = true);

-- one row per beat, record and patient, and variant: rules and baselines to compare with the model
CREATE OR REPLACE VIEW prediction_variants AS
SELECT * FROM read_parquet('${RUN}/tables/prediction_variants/**/*.parquet', hive_partitioning = true);

-- one row per resample of the held-out patients
CREATE OR REPLACE VIEW bootstrap AS
SELECT * FROM read_parquet('${RUN}/tables/bootstrap/**/*.parquet', hive_partitioning = true);

-- one row per explained held-out beat: where the answer came from
CREATE OR REPLACE VIEW gradcam AS
SELECT * FROM read_parquet('${RUN}/tables/gradcam/**/*.parquet', hive_partitioning = true);

-- one row per figure
CREATE OR REPLACE VIEW metrics AS
SELECT * FROM read_parquet('${RUN}/tables/metrics/**/*.parquet', hive_partitioning = true);

-- one row per figure and pair of contenders
CREATE OR REPLACE VIEW comparisons AS
SELECT * FROM read_parquet('${RUN}/tables/comparisons/**/*.parquet', hive_partitioning = true);
