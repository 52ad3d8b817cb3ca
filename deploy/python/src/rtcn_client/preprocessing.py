"""From a recording to the images that a model reads, by the settings that travel with the model.

The steps are those of rtcn-spark's transform: bridge short gaps, filter without delay, resample, find R peaks, cut windows,
refuse what cannot be trusted, S-transform, round. Left out are wavelets, running medians, a search for the mains frequency,
marks in place of refusals, and windows that follow the RR interval: models that want those are refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import signal as sp
from scipy.special import i0

from .quality import ectopic, marked, near_peaks, only_noise
from .rpeaks import _round, r_peaks, zero_phase

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The order of leads everywhere."""

_SHARES = {"I": (1, 0), "II": (0, 1), "III": (-1, 1), "aVR": (-0.5, -0.5), "aVL": (1, -0.5), "aVF": (-0.5, 1)}

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


class NoBeatError(ValueError):
    """A recording of which no heartbeat can be used; the message says why."""


@dataclass(frozen=True)
class Beats:
    """Beats of a recording.

    r_samples: all R peaks, at the recording's own rate; used: indices into them; windows: ``[beat][lead][sample]`` in mV.
    """

    r_samples: npt.NDArray[np.int64]
    used: npt.NDArray[np.int64]
    windows: Singles


@dataclass(frozen=True)
class Images:
    """What a model reads: magnitude in mV and phase in radians, ``[beat][lead][voice][column]``."""

    magnitude: Singles
    phase: Singles | None


class Preprocessing:
    """The settings ``rtcn.transform.*`` of a model."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = {key.removeprefix("rtcn.transform."): value for key, value in settings.items()}
        for key, known in (("baseline", ("none",)), ("denoise", ("band-pass", "none")), ("window.cut", ("fixed",)),
                           ("notch-hz", ("0", "50", "60", "50.0", "60.0")), ("poor-leads", ("refuse",)),
                           ("beyond-ends", ("refuse",)), ("image.scale", ("bins", "linear", "logarithmic"))):
            if str(self._settings[key]).lower() not in known:
                raise NotImplementedError(
                    f"Cannot preprocess with rtcn.transform.{key} = {self._settings[key]}: this client knows {', '.join(known)}")

    @classmethod
    def from_json(cls, text: str) -> Preprocessing:
        """Of the metadata ``rtcn.preprocessing`` of an exported model."""
        return cls(json.loads(text))

    def _number(self, key: str) -> float:
        return float(self._settings[key])

    @property
    def fs(self) -> float:
        """Rate of the windows, Hz."""
        return self._number("window.fs-hz")

    @property
    def before_r(self) -> int:
        """Samples of a window before its R peak."""
        return int(self._number("window.samples-before-r"))

    # ---- the signal

    def clean(self, millivolts: npt.NDArray[np.floating], fs: float) -> Singles:
        """Filtered leads at the windows' rate, ``[lead][sample]``; the signal is free of NaN."""
        rows = np.asarray(millivolts, np.float64)
        banded = str(self._settings["denoise"]).lower() == "band-pass"
        high = self._number("band-high-hz") if banded else 40.0
        first = high > 0.45 * fs
        rate = self.fs if first else fs
        if first:
            rows = resample(rows, fs, self.fs).astype(np.float64)
        sections = []
        line = float(self._settings["notch-hz"])
        if line > 0 and line < 0.45 * rate:
            sections.append(sp.tf2sos(*sp.iirnotch(line, 30, rate)))
        if banded:
            band = [self._number("band-low-hz"), self._number("band-high-hz")]
            sections.append(sp.butter(3, band, btype="band", fs=rate, output="sos"))
        if sections:
            pad = min(_round(2 * rate), rows.shape[1] - 1)
            rows = zero_phase(np.vstack(sections), rows, pad, odd=False)
        singles: Singles = rows.astype(np.float32)
        return singles if first else resample(singles, fs, self.fs)

    def beats(self, millivolts: npt.NDArray[np.floating], fs: float) -> Beats:
        """The beats of twelve leads in the order of ``LEADS``, mV, NaN where invalid.

        Raises NoBeatError if there is none.
        """
        raw = np.array(millivolts, np.float64)
        if raw.shape[0] != len(LEADS):
            raise ValueError(f"Invalid signal of {raw.shape[0]} leads: must have {len(LEADS)}")
        if fs < 50:
            raise NoBeatError(f"Cannot find beats: sampled at {fs} Hz, R peaks need 50 Hz or more")
        samples = int(self._number("window.samples"))
        if raw.shape[1] / fs < samples / self.fs:
            raise NoBeatError(f"Cannot find beats: the recording lasts {raw.shape[1] / fs:.2f} s, less than a window")
        flat = self._number("flat-mv")
        invalid = np.zeros(raw.shape[1], bool)
        for name, row in zip(LEADS, raw):
            if not _bridge(row, int(self._number("max-gap-s") * fs), invalid):
                raise NoBeatError(f"Cannot find beats: lead {name} holds no valid sample")
            if np.ptp(row) < flat:
                raise NoBeatError(f"Cannot find beats: lead {name} never moves")
        cleaned = self.clean(raw, fs)
        peaks = r_peaks(cleaned, self.fs)
        scale = fs / self.fs
        near = near_peaks(peaks, cleaned.shape[1], self.fs)
        sound: list[int] = []
        sources: dict[int, tuple[int, int]] = {}
        for b, r in enumerate(peaks):
            start, stop = int(r) - self.before_r, int(r) - self.before_r + samples
            if start < 0 or stop > cleaned.shape[1]:
                continue
            first, last = max(0, int(np.floor(start * scale))), min(raw.shape[1], int(np.ceil(stop * scale)))
            if invalid[first:last].any() or (np.ptp(raw[:, first:last], axis=1) < flat).any():
                continue
            if np.abs(cleaned[:, start:stop]).max() > self._number("max-mv"):
                continue
            if only_noise(cleaned, self.fs, start, stop, near, int(r)):
                continue
            sound.append(b)
            sources[b] = (first, last)
        if not sound:
            raise NoBeatError(f"Cannot find beats: {len(peaks)} R peaks found, none can be used")
        cap = int(self._number("max-beats-per-record"))
        if 0 < cap < len(sound):
            strange = ectopic(cleaned, peaks, self.fs)
            margin = _round(0.2 * self.fs)

            def is_marked(b: int) -> bool:
                start = int(peaks[b]) - self.before_r
                edge = start < margin or start + samples > cleaned.shape[1] - margin
                return edge or bool(strange[b]) or marked(
                    raw, fs, sources[b], cleaned, self.fs, (start, start + samples), near, int(peaks[b]))

            marks = {b: is_marked(b) for b in sound}
            kept = _spread([b for b in sound if not marks[b]], cap)
            kept += _spread([b for b in sound if marks[b]], cap - len(kept))
            even = _spread(sound, cap)
            sound = sorted(kept) if any(marks[b] for b in even) else even
        windows = np.stack([cleaned[:, peaks[b] - self.before_r : peaks[b] - self.before_r + samples] for b in sound])
        at_source = np.floor(peaks * scale + 0.5).astype(np.int64)
        return Beats(at_source, np.array(sound, np.int64), windows)

    # ---- the image

    def voices(self) -> Floats:
        """Frequencies of an image's rows, Hz."""
        count = int(self._number("image.voices"))
        low, high = self._number("image.low-hz"), self._number("image.high-hz")
        scale = str(self._settings["image.scale"]).lower()
        if scale == "bins":
            bins = self._number("image.first-voice") + self._number("image.voice-step") * np.arange(count)
            return np.asarray(bins * self.fs / self._number("window.samples"), np.float64)
        return np.asarray((np.linspace if scale == "linear" else np.geomspace)(low, high, count), np.float64)

    def images(self, windows: npt.NDArray[np.floating]) -> Images:
        """The S-transform of windows ``[beat][lead][sample]``."""
        n = windows.shape[-1]
        columns = int(self._number("image.columns"))
        spectrum = np.fft.fft(np.asarray(windows, np.float64), axis=-1) / n
        instants = np.arange(columns) * n / columns
        gamma, power = self._number("image.gamma"), self._number("image.p")
        rows = []
        for hz in self.voices():
            position = hz * n / self.fs
            bin_ = int(np.rint(position))
            offset = 0.0 if abs(position - bin_) < 1e-9 * max(1, bin_) else position - bin_
            # Distances of the bins from the voice, each bin once.
            m = np.arange(n) - n // 2 + (1 if n % 2 == 0 else 0)
            width = hz**power * n / (gamma * self.fs)
            weights = np.exp(-2 * np.pi**2 * ((m - offset) / width) ** 2)
            turn = np.exp(2j * np.pi * np.outer(m - offset, instants) / n)
            rows.append((spectrum[..., (bin_ + m) % n] * weights) @ turn * np.exp(2j * np.pi * position * self.before_r / n))
        s = np.stack(rows, axis=-2)
        digits = int(self._number("image.digits"))
        magnitude = _rounded(np.abs(s).astype(np.float32), digits)
        if str(self._settings["image.phase"]).lower() != "keep":
            return Images(magnitude, None)
        phase = np.angle(s).astype(np.float32)
        if digits < 23:
            step = np.float32(2.0 ** (1 - digits))
            phase = (np.rint(phase / step) * step).astype(np.float32)
        return Images(magnitude, phase)


def _spread(beats: list[int], count: int) -> list[int]:
    """The middles of so many equal stretches."""
    if len(beats) <= count:
        return beats
    return [beats[(2 * i + 1) * len(beats) // (2 * count)] for i in range(count)]


def _rounded(values: Singles, digits: int) -> Singles:
    """To so many binary digits."""
    dropped = 23 - digits
    if dropped == 0:
        return values
    bits = values.view(np.int32)
    rounded: Singles = ((bits + (1 << (dropped - 1))) & -(1 << dropped)).view(np.float32)
    return rounded


def _bridge(row: Floats, longest: int, invalid: npt.NDArray[np.bool_]) -> bool:
    """Straight lines over NaN, in place; longer runs are marked. False if nothing is valid."""
    nan = np.isnan(row)
    if nan.all():
        return False
    edges = np.flatnonzero(np.diff(np.concatenate([[0], nan.astype(np.int8), [0]])))
    for start, stop in zip(edges[::2], edges[1::2]):
        if stop - start > longest:
            invalid[start:stop] = True
    row[nan] = np.interp(np.flatnonzero(nan), np.flatnonzero(~nan), row[~nan])
    return True


def resample(rows: npt.NDArray[np.floating], source: float, target: float) -> Singles:
    """Polyphase, by a Kaiser-windowed sinc, without delay; ``[...][sample]``."""
    singles: Singles = np.asarray(rows, np.float32)
    if source == target:
        return singles
    ratio = source / target
    support = 28 * max(1.0, ratio)
    before = int(np.ceil(support)) - 1
    length = 1 + int(np.floor((singles.shape[-1] - 1) / ratio + 1e-9))
    position = np.arange(length) * ratio
    left = np.floor(position + 1e-9).astype(np.int64)
    taps = np.arange(-before, before + 2)
    distance = taps[np.newaxis, :] - (position - left)[:, np.newaxis]
    within = distance / support
    window = np.where(np.abs(within) >= 1, 0.0, i0(8 * np.sqrt(np.maximum(0, 1 - within**2))))
    weights = np.sinc(0.9 * min(1.0, 1 / ratio) * distance) * window
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    pad = len(taps)
    padded = np.pad(singles, [(0, 0)] * (singles.ndim - 1) + [(pad, pad)], mode="reflect", reflect_type="odd")
    index = left[:, np.newaxis] + taps[np.newaxis, :] + pad
    out: Singles = np.einsum("...kt,kt->...k", padded[..., index].astype(np.float64), weights).astype(np.float32)
    return out


def twelve_leads(names: list[str], millivolts: npt.NDArray[np.floating]) -> Floats:
    """Rows in the order of ``LEADS``; missing limb leads are derived from two that are there. Raises ValueError if one lacks."""
    upper = {name.upper(): row for row, name in enumerate(names)}
    found = {lead: np.asarray(millivolts[upper[lead.upper()]], np.float64) for lead in LEADS if lead.upper() in upper}
    limb = [lead for lead in LEADS[:6] if lead in found]
    if len(limb) >= 2:
        basis = np.array([_SHARES[limb[0]], _SHARES[limb[1]]], float)
        measured = np.linalg.solve(basis, np.stack([found[limb[0]], found[limb[1]]]))
        for lead in LEADS[:6]:
            if lead not in found:
                found[lead] = np.asarray(_SHARES[lead], float) @ measured
    missing = [lead for lead in LEADS if lead not in found]
    if missing:
        raise ValueError(f"Cannot use leads {names}: {', '.join(missing)} are missing")
    return np.stack([found[lead] for lead in LEADS])
