#!/usr/bin/env bash
# wfdb-python 4.3.1, wfdb.processing.xqrs_detect: finds every beat of a clean ECG at 250 and 500 Hz, and none of the same ECG at
# 1000 Hz, without an exception or a warning; the lines that it prints end with "QRS detection complete." in each case. What is
# sampled faster must be resampled first.
#
# Input: one minute of ECG at 70 beats a minute, simulated by NeuroKit2 0.3.0 (noise 0.01, random_state 1). Seen with Python 3.11:
#   250 Hz: 70 beats
#   500 Hz: 70 beats
#   1000 Hz: 0 beats
# The script fails if that changes.
#
# Needs Python 3.11 or later; fetches wfdb and NeuroKit2 into a temporary folder.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip -q install wfdb==4.3.1 neurokit2==0.3.0
venv/bin/python - << 'PY'
import neurokit2
import wfdb.processing

found = []
for rate in (250, 500, 1000):
    ecg = neurokit2.ecg_simulate(duration=60, sampling_rate=rate, heart_rate=70, noise=0.01, random_state=1)
    found.append(len(wfdb.processing.xqrs_detect(sig=ecg, fs=rate, verbose=False)))
    print(f"{rate} Hz: {found[-1]} beats")
assert found == [70, 70, 0], found
PY
