#!/usr/bin/env bash
# The S-transform of Stockwell, Mansinha and Lowe (1996) in two packages, compared with its definition on 512 samples of white noise:
#
# - stockwell 1.2 (stockwell.st.st) transforms the analytic signal: up to a third of the sampling rate its values are twice those
#   of the definition, with the same phase; above it the two part (median ratio 1.36 at half the rate).
# - MNE 1.13.2 (tfr_array_stockwell) takes a width in other units: only width = rate / samples gives the definition's power, the default 1.0
#   does not; the lowest rows differ in any case, as its Gaussian ends with the segment. Lengths that are no power of two are padded
#   to the next one, so that rows lie at other frequencies.
#
# Seen with Python 3.11 and NumPy 2:
#   stockwell, ratio of magnitudes at n = 5, 50, 150, 256: 2.0 2.0 2.0 1.36
#   MNE, ratio of power at n = 3, 11, 21: width 1.0: 1.099 0.981 0.957; width rate / samples: 1.116 1.0 1.0
# The script fails if that changes.
#
# Needs Python 3.11 or later; fetches stockwell and MNE into a temporary folder.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip -q install stockwell==1.2 mne==1.13.2
venv/bin/python - << 'PY'
import numpy as np
from mne.time_frequency import tfr_array_stockwell
from stockwell import st

N, RATE = 512, 500.0
x = np.random.default_rng(1).standard_normal(N)
H = np.fft.fft(x) / N
m = np.where(np.arange(N) <= N // 2, np.arange(N), np.arange(N) - N)
S = {n: np.fft.ifft(np.roll(H, -n) * np.exp(-2 * np.pi**2 * m**2 / n**2)) * N for n in range(1, N // 2 + 1)}

C = st.st(x, 0, N // 2)
ratios = [round(float(np.median(np.abs(C[n]) / np.abs(S[n]))), 2) for n in (5, 50, 150, 256)]
print("stockwell, ratio of magnitudes at n = 5, 50, 150, 256:", *ratios)
assert ratios == [2.0, 2.0, 2.0, 1.36], ratios
assert max(np.abs(np.angle(C[n] / S[n])).max() for n in (5, 50)) < 1e-6

seen = {}
for width in (1.0, RATE / N):
    power, _, frequencies = tfr_array_stockwell(x[None, None], RATE, fmin=1, fmax=42, width=width, verbose="error")
    rows = {round(float(f) * N / RATE): row for f, row in zip(frequencies, np.squeeze(power))}
    seen[width] = [round(float(np.median(rows[n] / np.abs(S[n]) ** 2)), 3) for n in (3, 11, 21)]
print("MNE, ratio of power at n = 3, 11, 21: width 1.0:", *seen[1.0], "; width rate / samples:", *seen[RATE / N])
assert seen[1.0] == [1.099, 0.981, 0.957] and seen[RATE / N] == [1.116, 1.0, 1.0], seen
PY
