"""Which beats rtcn-spark marks, and so prefers others to: the Java classes EctopicMarker and QualityAssessor."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .rpeaks import _median, _round

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]


def ectopic(leads: Floats, peaks: npt.NDArray[np.int64], fs: float) -> Bools:
    """Whether each beat seems not to belong to the basic rhythm, by interval and shape."""
    marks = np.zeros(len(peaks), bool)
    if len(peaks) < 4:
        return marks
    rows = np.asarray(leads, np.float64)
    for b in range(len(peaks)):
        low, high = max(0, b - 8), min(len(peaks) - 1, b + 8)
        intervals = [float(peaks[k + 1] - peaks[k]) for k in range(low, high)]
        usual = _median(intervals)
        regular = _median([abs(value - usual) for value in intervals]) < 0.06 * usual
        before = usual if b == 0 else float(peaks[b] - peaks[b - 1])
        like = _median([_likeness(rows, int(peaks[b]), int(peaks[k]), fs) for k in range(low, high + 1) if k != b])
        marks[b] = like < 0.45 or (like < 0.75 and before < 0.85 * usual) or (regular and before < 0.78 * usual)
    return marks


def _likeness(rows: Floats, peak: int, other: int, fs: float) -> float:
    point = max(1, _round(0.008 * fs))
    n = rows.shape[1]
    offsets = np.arange(-10 * point, 10 * point + 1, point)
    best = -1.0
    for delay in range(-3 * point, 3 * point + 1, point):
        at, with_ = peak + offsets + delay, other + offsets
        use = (at >= 0) & (at < n) & (with_ >= 0) & (with_ < n)
        a, b = rows[:, at[use]], rows[:, with_[use]]
        best = max(best, float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-12)))
    return best


def near_peaks(peaks: npt.NDArray[np.int64], count: int, fs: float) -> Bools:
    """Samples too near to an R peak to tell noise from waves."""
    reach = _round(0.12 * fs)
    near = np.zeros(count, bool)
    for peak in peaks:
        near[max(0, peak - reach) : peak + reach + 1] = True
    return near


def _rests(row: Floats, start: int, stop: int, half: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """What moving means over 2 half + 1 samples leave, and where."""
    sums = np.concatenate([[0.0], np.cumsum(row[start:stop], dtype=np.float64)])
    i = np.arange(start + half, stop - half)
    means = (sums[i - start + half + 1] - sums[i - start - half]) / (2 * half + 1)
    return row[i] - means, i


def _root_mean_square(rests: Floats) -> float:
    return float(np.sqrt(np.mean(rests**2))) if len(rests) else 0.0


def _qrs_height(row: Floats, fs: float, r: int) -> float:
    reach = _round(0.06 * fs)
    return float(np.ptp(row[max(0, r - reach) : r + reach + 1]))


def only_noise(cleaned: Floats, fs: float, start: int, stop: int, near: Bools, r: int) -> bool:
    """Whether a window is no more than noise in two thirds of the leads."""
    half = max(1, _round(0.06 * fs / 2))
    noisy = 0
    for row in np.asarray(cleaned, np.float64):
        rests, i = _rests(row, start, stop, half)
        beside = np.sort(np.abs(rests[~near[i]]))
        usual = 1.4826 * beside[len(beside) // 2] if len(beside) else 0.0
        noisy += usual > 0.14 * _qrs_height(row, fs, r)
    return 3 * noisy >= 2 * len(cleaned)


def marked(raw: Floats, source_fs: float, source: tuple[int, int], cleaned: Floats, fs: float, window: tuple[int, int],
           near: Bools, r: int) -> bool:
    """Whether a lead of a beat is clipped or noisy."""
    half = max(1, _round(0.06 * fs / 2))
    raw_half = _round(0.02 * source_fs / 2)
    for raw_row, row in zip(raw, np.asarray(cleaned, np.float64)):
        part = raw_row[source[0] : source[1]]
        if any(_stands_at(raw_row, source_fs, source, extreme) for extreme in (part.min(), part.max())):
            return True
        rests, i = _rests(row, *window, half)
        noise = _root_mean_square(rests[~near[i]])
        if noise > 0.02 and noise > 0.03 * _qrs_height(row, fs, r):
            return True
        if raw_half >= 1:
            rests, i = _rests(raw_row, *source, raw_half)
            if _root_mean_square(rests[~near[np.minimum((i * (fs / source_fs)).astype(np.int64), len(near) - 1)]]) > 0.03:
                return True
    return False


def _stands_at(row: Floats, fs: float, source: tuple[int, int], extreme: float) -> bool:
    """Whether it stands still at an extreme that it reached in a jump, or at the rail."""
    clip = max(3, int(np.ceil(0.008 * fs)))
    rail = max(3, int(np.ceil(0.1 * fs)))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (row[source[0] : source[1]] == extreme).astype(np.int8), [0]])))
    for start, stop in zip(edges[::2] + source[0], edges[1::2] + source[0]):
        if stop - start >= rail and abs(extreme) >= 5:
            return True
        if stop - start >= clip:
            before = abs(row[start - clip] - extreme) if start - clip >= 0 else 0.0
            after = abs(row[stop + clip - 1] - extreme) if stop + clip - 1 < len(row) else 0.0
            if max(before, after) >= 0.15:
                return True
    return False
