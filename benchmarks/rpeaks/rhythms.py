#!/usr/bin/env python3
"""Writes simulated two-lead records of rhythms and shapes that the six MIT-BIH records at hand do not hold, with
their beats annotated, for compare.py: what a detector loses there it loses on a clean signal.

    python benchmarks/rpeaks/rhythms.py FOLDER [SEED]
    python benchmarks/rpeaks/compare.py FOLDER

Five minutes each at 360 Hz. Beats are sums of bell-shaped waves, annotated where the first lead's QRS complex is highest; every beat's
amplitude varies by 4 %, breathing moves all by 12 %; white noise, muscle noise and wander as stated per record.
"""
import pathlib
import sys

import numpy as np
import wfdb
from scipy.signal import butter, sosfiltfilt

FS = 360
SECONDS = 300
# A wave: seconds from the R peak, deviation in seconds, mV on the two leads.
NORMAL = [(-.17, .022, .12, .05), (0, .011, 1, .25), (.028, .01, -.22, -.8), (.28, .045, .25, .12)]
WIDE = [(0, .032, 1.3, -1), (.11, .04, -.7, .5)]
DOWN = [(0, .035, -1.4, .8), (.1, .04, .4, -.3), (.32, .07, .5, -.2)]
TWO_HUMPS = [(0, .028, 1.4, -1.2), (.055, .02, .9, -.8), (.2, .06, -.8, .6)]
LARGE = [(0, .032, 2.6, -2.2), (.13, .05, -1, .8), (.33, .07, -1, .6)]
SMALL = [(-.17, .022, .08, .03), (0, .011, .45, .15), (.028, .01, -.1, -.3), (.28, .045, .12, .05)]
BUNDLE_BRANCH = [(-.19, .022, .1, .05), (0, .018, .9, -.2), (.05, .02, .75, -1.4), (.3, .06, -.3, .4)]
PACED = [(-.08, .0012, -.25, -.4), (0, .028, 1.2, -1), (.06, .03, .4, -.4), (.3, .065, -.7, .5)]
TALL_T = [(-.17, .025, .15, .1), (0, .011, 1, .4), (.028, .01, -.2, -.7), (.26, .035, 1.1, .6)]
P_LIKE_QRS = [(-.18, .024, .32, .03), (0, .015, -.42, .08), (.04, .015, .15, -.1), (.3, .07, -.1, .03)]
BLOCKED_P = [(0, .025, .18, .1)]


def noise(rng, band, rms):
    """Band-limited noise of a root mean square; the band in Hz."""
    sos = butter(2, band, "band", fs=FS, output="sos")
    samples = sosfiltfilt(sos, rng.standard_normal((2, SECONDS * FS)), axis=1)
    return samples / samples.std(axis=1, keepdims=True) * np.asarray(rms)[:, None]


class Record:
    """Beats one after the other."""

    def __init__(self, name, seed):
        self.name = name
        self.rng = np.random.default_rng([seed, sum(map(ord, name))])
        self.leads = np.zeros((2, SECONDS * FS))
        self.marks = []
        self.at = 1.0

    def more(self):
        return self.at < SECONDS - 3

    def beat(self, shape, to_next, symbol="N", amplitude=1.0):
        """A beat, and the seconds to the next; without a symbol it is none."""
        amplitude *= 1 + .04 * self.rng.standard_normal()
        t = np.arange(self.leads.shape[1]) / FS - self.at
        near = slice(max(0, int((self.at - .6) * FS)), int((self.at + .9) * FS))
        for offset, deviation, *heights in shape:
            bell = np.exp(-.5 * ((t[near] - offset) / deviation) ** 2)
            self.leads[:, near] += amplitude * np.asarray(heights)[:, None] * bell
        if symbol:
            self.marks.append((round(self.at * FS), symbol))
        self.at += to_next

    def about(self, seconds, spread=.04):
        return seconds + spread * self.rng.standard_normal()

    def write(self, folder, muscle=(.02, .02), wander=(.1, .1), white=.01):
        t = np.arange(SECONDS * FS) / FS
        signal = self.leads * (1 + .12 * np.sin(2 * np.pi * .25 * t))
        signal += noise(self.rng, [15, 120], muscle) * (1 + .8 * np.sin(2 * np.pi * .03 * t))
        signal += noise(self.rng, [.05, .45], wander) + white * self.rng.standard_normal(signal.shape)
        samples, symbols = zip(*self.marks)
        wfdb.wrsamp(self.name, fs=FS, units=["mV"] * 2, sig_name=["MLII", "V1"], p_signal=signal.T, fmt=["16"] * 2,
                    adc_gain=[2000] * 2, baseline=[0] * 2, write_dir=folder)
        wfdb.wrann(self.name, "atr", np.array(samples), list(symbols), write_dir=folder)


def steady(shape, seconds):
    def write(record):
        while record.more():
            record.beat(shape, record.about(seconds))
    return write


def mixed(chance, ectopic):
    """Normal beats, and now and then what a function adds."""
    def write(record):
        while record.more():
            if record.rng.random() < chance:
                ectopic(record)
            else:
                record.beat(NORMAL, record.about(.8))
    return write


def interpolated(record):
    record.beat(NORMAL, .42)
    record.beat(WIDE, .44, "V")


def couplet(record):
    record.beat(NORMAL, .45)
    for _ in range(2):
        record.beat(TWO_HUMPS, record.rng.uniform(.38, .5), "V", record.rng.uniform(.7, 1.2))
    record.at += .25


def run(record):
    record.beat(NORMAL, .42)
    shape = WIDE if record.rng.random() < .5 else DOWN
    for _ in range(record.rng.integers(3, 25)):
        record.beat(shape, record.about(.38, .01), "V")
    record.at += .4


def blocked(record):
    record.beat(NORMAL, .42)
    record.beat(BLOCKED_P, record.rng.uniform(1.2, 2), None)


def bigeminy(record):
    while record.more():
        record.beat(SMALL, .57)
        record.beat(LARGE, record.about(1.1), "V")


def fibrillation(record):
    while record.more():
        if record.rng.random() < .15:
            shape = (WIDE, DOWN, TWO_HUMPS)[record.rng.integers(3)]
            record.beat(shape, record.rng.uniform(.4, 1.2), "V", record.rng.uniform(.6, 1.2))
        else:
            record.beat(NORMAL[1:], record.rng.uniform(.38, 1.6), "N", record.rng.uniform(.6, 1))
    record.leads += noise(record.rng, [4, 9], (.05, .06))


RHYTHMS = {
    "bigeminy": (bigeminy, {}),
    "blocked_p": (mixed(.25, blocked), {}),
    "bundle_branch": (steady(BUNDLE_BRANCH, .75), {}),
    "couplets": (mixed(.12, couplet), {"muscle": (.05, .05)}),
    "fibrillation": (fibrillation, {"muscle": (.05, .05)}),
    "interpolated": (mixed(.08, interpolated), {}),
    "muscle": (steady(NORMAL, .72), {"muscle": (.16, .2), "wander": (.4, .5)}),
    "p_like_qrs": (steady(P_LIKE_QRS, 1), {"muscle": (.03, .25), "wander": (.25, .4)}),
    "paced": (steady(PACED, .83), {"muscle": (.04, .05)}),
    "runs": (mixed(.04, run), {}),
    "tall_t": (steady(TALL_T, 1), {}),
    "wide_only": (steady(WIDE, .5), {}),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for name, (fill, conditions) in RHYTHMS.items():
        record = Record(name, seed)
        fill(record)
        record.write(str(folder), **conditions)


if __name__ == "__main__":
    main()
