"""ECG paper: 25 mm/s and 10 mm/mV, whatever the size of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .preprocessing import LEADS
from .run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NOTICE = "Research use only, not a medical device."


def leads_of(row: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """``[lead][sample]`` in mV of a row of signals or beats; NaN where a lead is absent."""
    values = [row[f"lead_{lead.lower()}"] for lead in LEADS]
    length = max(len(value) for value in values if value is not None)
    return np.array([np.full(length, np.nan) if value is None else np.asarray(value, np.float64) for value in values])


def recording(run: Run, record_id: str) -> Figure:
    """A recording in the usual three rows of four leads, and lead II below."""
    row = run.row("signals", "record_id", record_id)
    signal, fs = leads_of(row), float(row["fs_hz"])
    return _recording(signal, fs, record_id, run.is_simulated())


def _recording(signal: npt.NDArray[np.float64], fs: float, title: str, simulated: bool) -> Figure:
    import matplotlib.pyplot as plt

    seconds = min(10.0, signal.shape[1] / fs)
    quarter = seconds / 4
    figure, axis = plt.subplots(figsize=(seconds * 25 / 25.4 * 1.05, 5.6), layout="constrained")
    for row, names in enumerate((("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))):
        for column, name in enumerate(names):
            span = slice(int(column * quarter * fs), int((column + 1) * quarter * fs))
            _wave(axis, signal[LEADS.index(name), span], column * quarter, fs, -3.0 * row, name)
    _wave(axis, signal[1, : int(seconds * fs)], 0, fs, -9.0, "II")
    _paper(axis, seconds, (-10.8, 2.0))
    axis.set_title(_title(title, simulated), fontsize=9)
    return figure


def beat(run: Run, beat_id: str) -> Figure:
    """The twelve leads of a beat, above each other; its R peak is at 0 ms."""
    import matplotlib.pyplot as plt

    row = run.row("beats", "beat_id", beat_id)
    window = leads_of(row)
    fs, r = float(row["fs_hz"]), int(row["r_in_window"])
    figure, axes = plt.subplots(3, 4, figsize=(9, 6), sharex=True, layout="constrained")
    for name, wave, axis in zip(LEADS, window, axes.T.flat):
        axis.plot(1000 * (np.arange(len(wave)) - r) / fs, wave, color="black", linewidth=0.9)
        axis.axvline(0, color="#cc4444", linewidth=0.5)
        axis.set_title(name, fontsize=8, loc="left")
        axis.tick_params(labelsize=7)
    figure.supxlabel("ms after the R peak", fontsize=8)
    figure.supylabel("mV", fontsize=8)
    figure.suptitle(_title(f"{beat_id} ({row['label']})", bool(row["simulated"])), fontsize=9)
    return figure


def _title(name: str, simulated: bool) -> str:
    return f"{name}{'  ·  SIMULATED ECG' if simulated else ''}\n{_NOTICE}"


def _wave(axis: Axes, wave: npt.NDArray[np.float64], start: float, fs: float, level: float, name: str) -> None:
    axis.plot(start + np.arange(len(wave)) / fs, wave + level, color="black", linewidth=0.8)
    axis.text(start + 0.03, level + 1.1, name, fontsize=8)


def _paper(axis: Axes, seconds: float, millivolts: tuple[float, float]) -> None:
    axis.set_xlim(0, seconds)
    axis.set_ylim(*millivolts)
    for step, width in ((0.04, 0.15), (0.2, 0.5)):
        axis.vlines(np.arange(0, seconds + step / 2, step), *millivolts, color="#e8a0a0", linewidth=width, zorder=0)
        rows = np.arange(np.ceil(millivolts[0] / (step * 2.5)), millivolts[1] / (step * 2.5)) * step * 2.5
        axis.hlines(rows, 0, seconds, color="#e8a0a0", linewidth=width, zorder=0)
    axis.set_aspect(0.4)
    axis.set_axis_off()
