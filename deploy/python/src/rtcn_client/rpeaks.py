"""R peaks as rtcn-spark's RPeakDetector finds them: the same constants, the same steps.

See the Java classes RPeakDetector, QrsFeature, LeadAgreement and Fiducials for why each step is there. Special cases of one and
two leads are left out: this is for twelve.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal as sp

Floats = npt.NDArray[np.float64]

_MOST_CONTRAST = 20.0
_LEAST_SLOPE = 0.5
_LEAST_CLARITY = 1.6


def _round(value: float) -> int:
    """As Math.round."""
    return int(np.floor(value + 0.5))


def zero_phase(sos: Floats, rows: Floats, pad: int, *, odd: bool) -> Floats:
    """Forward and backward over rows that go on as their mirror image, each pass from the steady state of its first sample."""
    widths = [(0, 0)] * (rows.ndim - 1) + [(pad, pad)]
    extended = np.pad(rows, widths, mode="reflect", reflect_type="odd" if odd else "even")
    states = sp.sosfilt_zi(sos)
    shape = (states.shape[0],) + (1,) * (rows.ndim - 1) + (2,)
    states = states.reshape(shape)
    for _ in range(2):
        first = extended[..., :1]
        extended, _zf = sp.sosfilt(sos, extended, axis=-1, zi=states * first[np.newaxis])
        extended = extended[..., ::-1]
    result: Floats = extended[..., pad : extended.shape[-1] - pad]
    return result


def _default_pad(sos: Floats) -> int:
    return 3 * (2 * len(sos) + 1)


class _Blocks:
    """A recording in blocks of 2 s, one each second; values per block stand at its middle."""

    def __init__(self, n: int, fs: float, stride: int) -> None:
        self.n = n
        self.length = min(n, _round(2 * fs))
        self.hop = max(1, _round(fs))
        self.count = (n - self.length) // self.hop + 1
        self.stride = stride

    def bounds(self, block: int) -> tuple[int, int]:
        return block * self.hop, self.n if block == self.count - 1 else block * self.hop + self.length

    def middle(self, block: int) -> int:
        return block * self.hop + self.length // 2

    def maxima(self, x: Floats) -> Floats:
        return np.array([max(0.0, x[a:b].max()) for a, b in map(self.bounds, range(self.count))])

    def medians(self, x: Floats) -> Floats:
        out = np.zeros(self.count)
        for k in range(self.count):
            a, b = self.bounds(k)
            some = np.sort(x[a : b : self.stride])
            out[k] = some[len(some) // 2]
        return out

    def sums(self, x: Floats, every: int) -> Floats:
        return np.array([x[a:b:every].sum() for a, b in map(self.bounds, range(self.count))])

    def between(self, values: Floats, at: int) -> float:
        position = (at - self.length * 0.5) / self.hop
        if position <= 0:
            return float(values[0])
        left = int(position)
        if left >= self.count - 1:
            return float(values[-1])
        share = position - left
        return float(values[left] * (1 - share) + values[left + 1] * share)

    def higher(self, values: Floats, at: int) -> float:
        left = int(np.floor((at - self.length * 0.5) / self.hop))
        clamp = [max(0, min(self.count - 1, k)) for k in (left, left + 1)]
        return float(max(values[clamp[0]], values[clamp[1]]))

    def spread(self, values: Floats) -> Floats:
        middles = self.length * 0.5 + self.hop * np.arange(self.count)
        return np.interp(np.arange(self.n), middles, values)


def _local(values: Floats, weights: Floats, share: float) -> Floats:
    """A weighted quantile of the blocks within 10 s of each block; zero without weight."""
    out = np.zeros(len(values))
    for b in range(len(values)):
        near = slice(max(0, b - 10), min(len(values), b + 11))
        order = np.argsort(values[near], kind="stable")
        sorted_values, sorted_weights = values[near][order], weights[near][order]
        total = float(weights[near].sum())
        if total > 0:
            running = 0.0
            for value, weight in zip(sorted_values, sorted_weights):
                running += weight
                if running >= share * total and value != 0:
                    out[b] = value
                    break
    return out


def _ratios(maxima: Floats, medians: Floats) -> Floats:
    return np.minimum(_MOST_CONTRAST, np.sqrt(maxima / np.maximum(1e-12, medians)))


def _weights(maxima: Floats, contrasts: Floats, least: float) -> Floats:
    over = np.maximum(0.01, np.minimum(6.0, contrasts) - 1)
    return np.where(maxima < least, 0.0, over * over)


class _Feature:
    """How much each instant looks like a QRS complex, from the steepness of all leads."""

    def __init__(self, waves: Floats, fs: float) -> None:
        self.waves, self.fs = waves, fs
        leads, n = waves.shape
        band: Floats = sp.butter(2, [6, 16], btype="band", fs=fs, output="sos")
        self.stride = max(1, self._samples(0.09 / 4))
        self.blocks = blocks = _Blocks(n, fs, self.stride)
        energies = self._slope_energy(zero_phase(band, waves, _default_pad(band), odd=True))
        levels = np.zeros((leads, blocks.count))
        purities, steady, self.contrasts = levels.copy(), levels.copy(), levels.copy()
        greatest = 0.0
        for lead in range(leads):
            maxima, medians = blocks.maxima(energies[lead]), blocks.medians(energies[lead])
            weights = _weights(maxima, _ratios(maxima, medians), _LEAST_SLOPE**2)
            levels[lead] = _local(maxima, weights, 0.5)
            with np.errstate(divide="ignore", invalid="ignore"):
                fall = np.where(levels[lead] == 0, 0.0, np.minimum(1, np.sqrt(maxima / levels[lead])))
            self.contrasts[lead] = _ratios(levels[lead], medians) * fall
            purities[lead] = self._purity(energies[lead], waves[lead])
            lower, upper = _local(maxima, weights, 0.25), _local(maxima, weights, 0.75)
            steady[lead] = np.maximum(0.05, np.sqrt(lower / (upper + 1e-12)))
            greatest = max(greatest, float(maxima.max()))
        self.greatest_slope = float(np.sqrt(greatest))
        agreement = self._agreement(energies, levels)
        self.votes = self._votes(levels, steady, purities, agreement)
        self.silent = self._silent(energies, levels)
        self.values = self._combine(energies, levels)
        squares = self.values**2
        maxima, medians = blocks.maxima(squares), blocks.medians(squares)
        contrasts = _ratios(maxima, medians)
        self.level = np.sqrt(_local(maxima, _weights(maxima, contrasts, 1e-6), 0.5))
        self.background = np.sqrt(medians)
        self.clarity = self._clarity(contrasts, purities)

    def _samples(self, seconds: float) -> int:
        return _round(seconds * self.fs)

    def vote(self, lead: int, at: int) -> float:
        return 0.0 if self.silent[lead, at] else self.blocks.between(self.votes[lead], at)

    def _slope_energy(self, waves: Floats) -> Floats:
        n = waves.shape[1]
        span = max(1, self._samples(0.008))
        after = np.minimum(n - 1, np.arange(n) + span)
        before = np.maximum(0, np.arange(n) - span)
        slope = (waves[:, after] - waves[:, before]) * self.fs / (after - before)
        total = np.concatenate([np.zeros((len(waves), 1)), np.cumsum(slope**2, axis=1)], axis=1)
        half = max(1, self._samples(0.045))
        high = np.minimum(n, np.arange(n) + half + 1)
        low = np.maximum(0, np.arange(n) - half)
        energy: Floats = np.maximum(0, (total[:, high] - total[:, low]) / (2 * half + 1))
        return energy

    def _purity(self, energy: Floats, wave: Floats) -> Floats:
        n = len(wave)
        near = max(1, self._samples(0.008))
        far = max(near + 1, self._samples(0.03))
        quick = np.zeros(n)
        i = np.arange(far, n - far)
        quick[i] = ((wave[i + near] - wave[i - near]) / (2 * near) - (wave[i + far] - wave[i - far]) / (2 * far)) ** 2
        all_sums = self.blocks.sums(quick, 1)
        in_band = self.blocks.sums(energy, self.stride)
        return np.minimum(1, in_band * self.stride / (all_sums * self.fs * self.fs + 1e-12))

    def _agreement(self, energies: Floats, levels: Floats) -> Floats:
        blocks, leads = self.blocks, len(energies)
        reach = _round(5 * self.fs) // self.stride
        at = np.arange(0, energies.shape[1], self.stride)
        heights = np.zeros((leads, len(at)))
        for lead in range(leads):
            own = np.array([blocks.between(levels[lead], int(k)) for k in at])
            with np.errstate(divide="ignore", invalid="ignore"):
                heights[lead] = np.where(own == 0, 0.0, np.minimum(2, np.sqrt(energies[lead, at] / own)))
        factors = np.zeros((leads, blocks.count))
        for b in range(blocks.count):
            centre = blocks.middle(b) // self.stride
            part = heights[:, max(0, centre - reach) : min(len(at), centre + reach)]
            mean = part.mean(axis=1)
            product = part @ part.T / part.shape[1] - np.outer(mean, mean)
            power = np.diag(product)
            r = product / np.sqrt(np.maximum(0, np.outer(power, power)) + 1e-12)
            for lead in range(leads):
                others = np.sort(np.delete(r[lead], lead))
                best = others[len(others) - 1 - len(others) // 4]
                factors[lead, b] = max(0.01, min(1.0, (best - 0.2) / 0.4))
        return factors

    def _votes(self, levels: Floats, steady: Floats, purities: Floats, agreement: Floats) -> Floats:
        shares = np.maximum(0.01, self.contrasts - 1) * steady * np.sqrt(purities) * agreement
        shares = np.where(levels > 0, shares, 0.0)
        leads = len(levels)
        ordered = np.sort(shares, axis=0)
        full = ordered[leads - 1 - leads // 4]
        full = np.where(full == 0, ordered[leads - 1], full)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(full == 0, 0.0, np.minimum(1, shares / full)) ** 4

    def _silent(self, energies: Floats, levels: Floats) -> npt.NDArray[np.bool_]:
        silent = np.zeros(energies.shape, bool)
        n, least, beside = energies.shape[1], self._samples(1), self._samples(0.6)
        for lead in range(len(energies)):
            loud = np.flatnonzero(energies[lead] > 1e-4 * self.blocks.spread(levels[lead]))
            start = 0
            for i in [*loud.tolist(), n]:
                if i - start >= least:
                    silent[lead, max(0, start - beside) : min(n, i + beside)] = True
                start = i + 1
        return silent & ~silent.all(axis=0)

    def _combine(self, energies: Floats, levels: Floats) -> Floats:
        n = energies.shape[1]
        total, weight = np.zeros(n), np.zeros(n)
        for lead in range(len(energies)):
            vote, own = self.blocks.spread(self.votes[lead]), self.blocks.spread(levels[lead])
            use = (own > 0) & ~self.silent[lead]
            weight[use] += vote[use]
            total[use] += vote[use] * np.minimum(4, energies[lead, use] / own[use])
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(weight < 1e-9, 0.0, np.sqrt(total / weight))

    def _clarity(self, contrasts: Floats, purities: Floats) -> Floats:
        total = self.votes.sum(axis=0) + 1e-12
        clear = contrasts * np.minimum(1.4, (self.votes * purities).sum(axis=0) / total / 0.2)
        smooth = np.zeros(len(clear))
        for b in range(len(clear)):
            near = np.sort(clear[max(0, b - 2) : b + 3])
            smooth[b] = near[len(near) // 2]
        return smooth


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


class _Detection:
    def __init__(self, leads: Floats, fs: float) -> None:
        self.leads, self.fs = leads, fs
        self.step = max(1, int(fs // 250))
        self.hz = fs / self.step
        n = leads.shape[1] // self.step
        waves = leads[:, : n * self.step].reshape(len(leads), n, self.step).mean(axis=2)
        self.feature = _Feature(waves, self.hz)

    def _samples(self, seconds: float) -> int:
        return _round(seconds * self.hz)

    def peaks(self) -> list[int]:
        feature = self.feature
        if feature.greatest_slope < _LEAST_SLOPE or feature.clarity.max() < _LEAST_CLARITY:
            return []
        return self._fiducials(self._without_interlopers(self._choose(self._maxima())))

    def _maxima(self) -> list[int]:
        x = self.feature.values
        reach = self._samples(0.15)
        found = []
        for i in np.flatnonzero((x[1:-1] > x[:-2]) & (x[1:-1] >= x[2:])) + 1:
            before, after = x[max(0, i - reach) : i], x[i : i + reach + 1]
            if (before < x[i]).all() and (after <= x[i]).all():
                found.append(int(i))
        return found

    def _choose(self, candidates: list[int]) -> list[int]:
        feature, values = self.feature, self.feature.values
        blocks = feature.blocks
        signal = blocks.between(feature.level, candidates[0]) if candidates else 0.0
        noise = 0.0
        chosen: list[int] = []
        unseen, c = 0, 0
        while c <= len(candidates):
            end = c == len(candidates)
            at = len(values) - 1 if end else candidates[c]
            local = blocks.between(feature.level, at)
            signal = local if not chosen else max(local * 0.4, min(local * 1.5, signal))
            noise = min(signal / 2, noise)
            floor = max(noise, min(blocks.between(feature.background, at), signal / 2))
            threshold = floor + 0.3 * (signal - floor)
            if chosen and at - chosen[-1] > 1.66 * self._typical(chosen):
                missed = self._highest(candidates, unseen, c, chosen[-1])
                if missed >= 0 and values[candidates[missed]] > threshold / 2:
                    chosen.append(candidates[missed])
                    signal += 0.25 * (min(values[candidates[missed]], signal) - signal)
                    unseen = missed + 1
                    continue
            if end:
                break
            c += 1
            if blocks.higher(feature.clarity, at) < _LEAST_CLARITY:
                continue
            height = float(values[at])
            t_wave = bool(chosen) and at - chosen[-1] < self._samples(0.34) and height < 0.5 * values[chosen[-1]]
            if height > threshold and not t_wave:
                chosen.append(at)
                unseen = c
                signal += 0.125 * (min(height, 2 * signal) - signal)
            else:
                noise += 0.125 * (min(height, signal / 2) - noise)
        return chosen

    def _typical(self, chosen: list[int]) -> float:
        some = chosen[-9:]
        last = [float(after - before) for before, after in zip(some, some[1:])]
        return _median(last) if last else self.hz

    def _highest(self, candidates: list[int], start: int, stop: int, last: int) -> int:
        best = -1
        for c in range(start, stop):
            if (candidates[c] - last >= self._samples(0.36)
                    and self.feature.blocks.higher(self.feature.clarity, candidates[c]) >= _LEAST_CLARITY
                    and (best < 0 or self.feature.values[candidates[c]] > self.feature.values[candidates[best]])):
                best = c
        return best

    def _without_interlopers(self, chosen: list[int]) -> list[int]:
        count = len(chosen)
        if count < 5:
            return chosen
        values = self.feature.values
        kept: list[int] = []
        for i in range(count):
            if 0 < i < count - 1:
                low, high = max(0, i - 40), min(count - 1, i + 40)
                intervals = [float(chosen[k + 1] - chosen[k]) for k in range(low, high)]
                typical = _median(intervals)
                on_time = chosen[i + 1] - kept[-1] < 1.2 * typical
                if on_time and _median([abs(v - typical) for v in intervals]) < 0.12 * typical:
                    others = [k for k in range(low, high) if k != i]
                    faint = values[chosen[i]] < _median([float(values[chosen[k]]) for k in others])
                    if faint and self._likeness(chosen, i, others) < 0.7:
                        continue
            kept.append(chosen[i])
        return kept

    def _likeness(self, chosen: list[int], of: int, others: list[int]) -> float:
        waves = self.feature.waves
        n = waves.shape[1]
        offsets = np.arange(-self._samples(0.08), self._samples(0.08) + 1, max(1, self._samples(0.008)))
        lag, lag_step = self._samples(0.04), max(1, self._samples(0.004))
        weights = np.array([self.feature.vote(lead, chosen[of]) for lead in range(len(waves))])[:, np.newaxis]
        found = []
        for k in others:
            best = -1.0
            for delay in range(-lag, lag + 1, lag_step):
                at, other = chosen[of] + offsets + delay, chosen[k] + offsets
                use = (at >= 0) & (at < n) & (other >= 0) & (other < n)
                a, b = waves[:, at[use]], waves[:, other[use]]
                power = (weights * a * a).sum() * (weights * b * b).sum()
                best = max(best, float((weights * a * b).sum() / np.sqrt(power + 1e-12)))
            found.append(best)
        return _median(found)

    # ---- where in its complex a beat is placed

    def _fiducials(self, found: list[int]) -> list[int]:
        band: Floats = sp.butter(2, [4, min(25, 0.4 * self.hz)], btype="band", fs=self.hz, output="sos")
        waves = zero_phase(band, self.feature.waves, _default_pad(band), odd=True)
        apart = _round(0.2 * self.fs)
        peaks: list[int] = []
        heights: list[float] = []
        for at in found:
            weights = np.array([min(1.0, 10 * self.feature.vote(lead, at)) for lead in range(len(waves))])
            highest = self._peak(waves, at, weights)
            height = float(np.sqrt((weights * waves[:, highest] ** 2).sum()))
            if height < 0.02:
                continue
            peak = self._sharpened(waves, highest, weights)
            if not peaks or peak - peaks[-1] >= apart:
                peaks.append(peak)
                heights.append(height)
            elif height > heights[-1]:
                peaks[-1], heights[-1] = peak, height
        return peaks

    def _taper(self, distance: npt.NDArray[np.int64], seconds: float) -> Floats:
        relative: Floats = distance * self.step / self.fs / seconds
        return np.exp(-relative * relative)

    def _peak(self, waves: Floats, at: int, weights: Floats) -> int:
        n = waves.shape[1]
        reach, half = self._samples(0.12), self._samples(0.045)
        start, stop = max(0, at - reach - half), min(n, at + reach + half + 1)
        squares = (weights[:, np.newaxis] * waves[:, start:stop] ** 2).sum(axis=0)
        sums = np.concatenate([[0.0], np.cumsum(squares)])
        i = np.arange(max(0, at - reach), min(n, at + reach + 1))
        energy = sums[np.minimum(stop, i + half + 1) - start] - sums[np.maximum(start, i - half) - start]
        centre = int(i[np.argmax(energy * self._taper(i - at, 0.2))])
        j = np.arange(start, stop)
        return int(j[np.argmax(squares * self._taper(j - centre, 0.12))])

    def _sharpened(self, waves: Floats, highest: int, weights: Floats) -> int:
        at = highest * self.step + (self.step - 1) // 2
        reach = _round(0.012 * self.fs)
        i = np.arange(max(0, at - reach), min(self.leads.shape[1], at + reach + 1))
        along = (weights[:, np.newaxis] * self.leads[:, i] * waves[:, [highest]]).sum(axis=0)
        return int(i[np.argmax(along)])


def r_peaks(cleaned: npt.NDArray[np.floating], fs: float) -> npt.NDArray[np.int64]:
    """Samples of the R peaks of twelve cleaned leads, ``[lead][sample]`` in mV; empty if nothing stands out."""
    leads = np.asarray(cleaned, np.float64)
    band_pad = 15
    if leads.shape[1] // max(1, int(fs // 250)) <= band_pad:
        return np.zeros(0, np.int64)
    return np.array(_Detection(leads, fs).peaks(), np.int64)
