"""What a researcher would write instead: script.py PTBXL OUT [RECORDINGS]

PTB-XL at 500 Hz to Parquet, in one process: wfdb reads, SciPy filters (notch, band-pass, both without delay),
sleepecg finds R peaks, at most 8 beats of 12 leads are cut as rtcn cuts them (320 samples, R at 120), their
S-transform has 24 voices and 32 columns, magnitude and phase, rounded to 11 binary digits; pyarrow writes
records, signals, beats and spectrograms with zstd 3 and dictionaries. It checks nothing, keeps no folds,
digests or refusals. Written to be fast: the S-transform of a fixed window is linear, so it is one product of
float matrices; arrays go to pyarrow flat, in bulk.

Prints seconds of imports and of the rest. Needs: pip install wfdb scipy sleepecg pyarrow
"""

import time

started = time.perf_counter()

import csv  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import sleepecg  # noqa: E402
import wfdb  # noqa: E402
from scipy.signal import butter, iirnotch, sosfiltfilt, tf2sos  # noqa: E402

FS, WINDOW, BEFORE_R, MOST = 500, 320, 120, 8
VOICES, COLUMNS, DIGITS = 24, 32, 11
LEADS = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
# A notch and a band-pass are one cascade of second-order sections.
CLEAN = np.vstack([tf2sos(*iirnotch(50, 30, FS)), butter(3, [0.5, 40], "bandpass", fs=FS, output="sos")])
ROWS = 50


def kernel():
    """Samples to (voice, column), real and imaginary parts side by side: [sample][2 * voice * column]."""
    frequencies = np.fft.fftfreq(WINDOW) * WINDOW
    columns = np.arange(COLUMNS) * (WINDOW // COLUMNS)
    spectra = np.fft.fft(np.eye(WINDOW), axis=1)
    parts = []
    for voice in range(1, VOICES + 1):
        gaussian = np.exp(-2 * np.pi**2 * frequencies**2 / voice**2)
        waves = np.exp(2j * np.pi * np.outer(frequencies, columns) / WINDOW)
        parts.append(np.roll(spectra, -voice, axis=1) @ (gaussian[:, None] * waves) / WINDOW)
    whole = np.concatenate(parts, axis=1)
    return np.concatenate([whole.real, whole.imag], axis=1).astype(np.float32)


def rounded(values):
    """To DIGITS binary digits, half up."""
    drop = 23 - (DIGITS - 1)
    bits = values.view(np.int32)
    return ((bits + (1 << (drop - 1))) & -(1 << drop)).view(np.float32)


def images(beats, matrix):
    """[beat][lead][sample] to magnitude and phase, [beat][lead * voice * column]."""
    both = beats.reshape(-1, WINDOW) @ matrix
    half = VOICES * COLUMNS
    real, imaginary = both[:, :half], both[:, half:]
    magnitude = np.sqrt(real * real + imaginary * imaginary)
    phase = np.arctan2(imaginary, real)
    return (rounded(magnitude).reshape(len(beats), -1), rounded(phase).reshape(len(beats), -1))


def lists(rows):
    """A list column of rows of one length, flat."""
    flat = np.ascontiguousarray(rows)
    offsets = np.arange(len(flat) + 1, dtype=np.int32) * flat.shape[1]
    return pa.ListArray.from_arrays(offsets, flat.reshape(-1))


class Output:
    """A Parquet file that takes rows in bulk."""

    def __init__(self, folder, name):
        self.path, self.writer = Path(folder, f"{name}.parquet"), None

    def write(self, **columns):
        table = pa.table(columns)
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, compression="zstd", compression_level=3)
        self.writer.write_table(table)

    def close(self):
        if self.writer:
            self.writer.close()


def read(path):
    record = wfdb.rdrecord(path)
    order = [record.sig_name.index(lead) for lead in LEADS]
    return np.ascontiguousarray(record.p_signal.T[order])


def beats_of(clean):
    peaks = sleepecg.detect_heartbeats(clean[1], FS)
    peaks = peaks[(peaks >= BEFORE_R) & (peaks + WINDOW - BEFORE_R <= clean.shape[1])]
    if len(peaks) > MOST:
        peaks = peaks[np.linspace(0, len(peaks) - 1, MOST).astype(int)]
    cut = [clean[:, peak - BEFORE_R : peak - BEFORE_R + WINDOW] for peak in peaks]
    return peaks, np.asarray(cut, dtype=np.float32).reshape(-1, 12, WINDOW)


def main():
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    most = int(sys.argv[3]) if len(sys.argv) > 3 else None
    out.mkdir(parents=True, exist_ok=True)
    with open(source / "ptbxl_database.csv") as file:
        rows = [row for row in csv.DictReader(file) if (source / (row["filename_hr"] + ".hea")).exists()][:most]
    matrix = kernel()
    outputs = {name: Output(out, name) for name in ("records", "signals", "beats", "spectrograms")}
    count = 0
    for first in range(0, len(rows), ROWS):
        some = rows[first : first + ROWS]
        signals, ids, peaks, cuts = [], [], [], []
        for row in some:
            raw = read(str(source / row["filename_hr"]))
            found, cut = beats_of(sosfiltfilt(CLEAN, raw, axis=1))
            signals.append(raw.astype(np.float32))
            ids += [row["filename_hr"]] * len(found)
            peaks += list(found)
            cuts.append(cut)
        beats = np.concatenate(cuts)
        magnitude, phase = images(beats, matrix)
        names = [row["filename_hr"] for row in some]
        outputs["records"].write(
            record_id=names, patient_id=[row["patient_id"] for row in some], age=[row["age"] for row in some],
            sex=[row["sex"] for row in some], codes=[row["scp_codes"] for row in some])
        signals = np.asarray(signals)
        leads = [f"lead_{lead.lower()}" for lead in LEADS]
        outputs["signals"].write(record_id=names, **{name: lists(signals[:, i]) for i, name in enumerate(leads)})
        outputs["beats"].write(
            record_id=ids, r_sample=np.asarray(peaks), **{name: lists(beats[:, i]) for i, name in enumerate(leads)})
        outputs["spectrograms"].write(
            record_id=ids, r_sample=np.asarray(peaks), magnitude=lists(magnitude), phase=lists(phase))
        count += len(beats)
    for output in outputs.values():
        output.close()
    print(f"imports {imported - started:.2f} s, work {time.perf_counter() - imported:.2f} s, "
          f"{len(rows)} recordings, {count} beats")


imported = time.perf_counter()
if __name__ == "__main__":
    main()
