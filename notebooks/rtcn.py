"""What the notebooks share: a run's tables in DuckDB, and how ECG is drawn."""

import os
from pathlib import Path

import duckdb
import matplotlib.pyplot as plt
import numpy as np

LEADS = ["i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6"]
NAMES = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]

plt.rcParams.update({
    "figure.dpi": 96, "figure.constrained_layout.use": True, "font.size": 9, "axes.titlesize": 10,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
})


def open_run(run=None):
    """A DuckDB connection with one view per table of a run (default: $RTCN_RUN, else ../rtcn-run)."""
    root = Path(run or os.environ.get("RTCN_RUN", Path(__file__).parent.parent / "rtcn-run"))
    if not (root / "tables").is_dir():
        raise FileNotFoundError(f"Cannot find {root}/tables: run \"deploy/bin/rtcn demo\" first, or set RTCN_RUN to a run")
    db = duckdb.connect()
    for table in sorted((root / "tables").iterdir()):
        if any(table.rglob("*.parquet")):
            db.execute(f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet("
                       f"'{table}/**/*.parquet', hive_partitioning = true)")
    return db


def note(db):
    """What has to be said above every picture of these tables."""
    kinds = [simulated for (simulated,) in db.sql("SELECT DISTINCT simulated FROM records").fetchall()]
    what = {(True,): "SIMULATED ECG", (False,): "recorded ECG"}.get(tuple(kinds), "simulated and recorded ECG")
    print(f"{what}. Research use only, not a medical device.")


def rows(db, query):
    """A small result as a data frame."""
    return db.sql(query).df()


def in_order(labels):
    """The classes that occur, the healthy first."""
    return sorted(set(labels), key=lambda label: (label != "HC", label))


def leads(row):
    """[lead][sample] in mV of a row of signals, beats or synthetic_beats; NaN where a lead is absent."""
    signals = [row[f"lead_{lead}"] for lead in LEADS]
    length = max(len(s) for s in signals if s is not None)
    return np.array([np.full(length, np.nan) if s is None else np.asarray(s, float) for s in signals])


def image(row, column="magnitude"):
    """[lead][voice][column] of a row of spectrograms."""
    return np.asarray(row[column], float).reshape(row["n_leads"], row["n_voices"], row["n_columns"])


def paper(axis, seconds, millivolts):
    """ECG paper: 25 mm/s, 10 mm/mV."""
    axis.set_xlim(0, seconds)
    axis.set_ylim(*millivolts)
    for step, width in ((0.04, 0.2), (0.2, 0.6)):
        for x in np.arange(0, seconds + 1e-9, step):
            axis.axvline(x, color="#f3c6c6", lw=width, zorder=0)
        for y in np.arange(np.floor(millivolts[0]), millivolts[1] + 1e-9, step * 2.5):
            axis.axhline(y, color="#f3c6c6", lw=width, zorder=0)
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(False)


def draw_ecg(signal, fs_hz, title, seconds=10.0):
    """Twelve leads, three rows of four quarters and lead II below, as on paper."""
    n = min(signal.shape[1], int(seconds * fs_hz))
    quarter = n // 4
    figure, axes = plt.subplots(4, 1, figsize=(11, 5.2))
    low, high = np.nanpercentile(signal[:, :n], [0.1, 99.9])
    limits = (min(-0.8, low - 0.2), max(1.2, high + 0.3))
    for row, axis in enumerate(axes):
        paper(axis, n / fs_hz, limits)
        if row == 3:
            axis.plot(np.arange(n) / fs_hz, signal[1, :n], color="black", lw=0.8)
            axis.text(0.05, limits[1] - 0.05, "II", va="top", weight="bold")
            continue
        for column in range(4):
            lead = column * 3 + row
            at = np.arange(column * quarter, (column + 1) * quarter)
            axis.plot(at / fs_hz, signal[lead, at], color="black", lw=0.8)
            axis.text(column * quarter / fs_hz + 0.05, limits[1] - 0.05, NAMES[lead], va="top", weight="bold")
    figure.suptitle(title)
    return figure


def pieces(maps):
    """[lead][segment]: mean contribution to the answer in log odds over rows of gradcam; None where a model gives none."""
    known = [np.asarray(row, float).reshape(12, 4) for row in maps.lead_segment if row is not None]
    return np.mean(known, axis=0) if known else None


def draw_pieces(axis, mean, most, numbers=True):
    """A mean of pieces: orange supports the answer, blue contradicts it."""
    if mean is None:
        axis.text(0.5, 0.5, "cannot be said\nfor this model", ha="center", va="center", transform=axis.transAxes)
        axis.set_axis_off()
        return
    most = max(most, 1e-9)
    axis.imshow(mean, cmap="PuOr_r", vmin=-most, vmax=most, aspect="auto")
    if numbers:
        for (lead, segment), value in np.ndenumerate(mean):
            axis.text(segment, lead, f"{value:+.1f}", ha="center", va="center", fontsize=8, color="white" if abs(value) > 0.7 * most else "black")
    axis.set_xticks(range(4), ["P", "QRS", "ST", "T"])
    axis.set_yticks(range(12), NAMES)
