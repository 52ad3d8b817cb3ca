#!/usr/bin/env python3
"""R peaks of annotated WFDB records: ours, from one signal and from all, beside sleepecg, NeuroKit2 and
wfdb's XQRS from one, all under the same one-to-one matching within 50 and 150 ms. Prints tables in Markdown.

    python benchmarks/rpeaks/compare.py [--signal N] FOLDER [RECORD...]

Wants a build (./mvnw -DskipTests package; RTCN names another launcher) and the packages of requirements.txt beside this file. "One signal" is
the record's first, the one that the annotations of the MIT-BIH databases stand on, or with --signal 1 the second, whose
peaks stand elsewhere: there only the wider window tells. Peers run with their defaults on
the signal as recorded (NeuroKit2 cleans it with its own ecg_clean first), ours as `rtcn score-rpeaks` does.
"""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import time
import warnings

import neurokit2
import numpy as np
import sleepecg
import wfdb
import wfdb.processing

RTCN = os.environ.get("RTCN", str(pathlib.Path(__file__).resolve().parents[2] / "deploy/bin/rtcn"))
WINDOWS_MS = (50, 150)
BEATS = set("NLRaVFJASEj/QeBrfn?")


def pairs(detected, reference, tolerance):
    """As RPeakScore: each beat and each detection counts once, the nearer one wins."""
    d = r = count = 0
    while d < len(detected) and r < len(reference):
        error = detected[d] - reference[r]
        distance = abs(error)
        if distance > tolerance:
            if error < 0:
                d += 1
            else:
                r += 1
        elif d + 1 < len(detected) and abs(detected[d + 1] - reference[r]) < distance:
            d += 1
        elif r + 1 < len(reference) and abs(detected[d] - reference[r + 1]) < distance:
            r += 1
        else:
            count += 1
            d += 1
            r += 1
    return count


def by_sleepecg(signal, fs):
    return sleepecg.detect_heartbeats(signal, fs)


def by_neurokit(signal, fs):
    cleaned = neurokit2.ecg_clean(signal, sampling_rate=fs)
    return neurokit2.ecg_peaks(cleaned, sampling_rate=fs)[1]["ECG_R_Peaks"]


def by_xqrs(signal, fs):
    xqrs = wfdb.processing.XQRS(sig=signal, fs=fs)
    xqrs.detect(verbose=False)
    return xqrs.qrs_inds


PEERS = {"sleepecg": by_sleepecg, "NeuroKit2": by_neurokit, "XQRS": by_xqrs}


def ours(folder, records, signal, window):
    """(tp, beats, detections) per record, from one signal or from all (None)."""
    groups = collections.defaultdict(list)
    for record in records:
        names = wfdb.rdheader(str(folder / record)).sig_name
        groups[None if signal is None else names[signal]].append(record)
    figures = {}
    for name, members in groups.items():
        command = [RTCN, "score-rpeaks", *(str(folder / m) for m in members),
                   "--tolerance-ms", str(window), "--format", "json"]
        if name:
            command += ["--signals", name]
        report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for member, row in zip(members, report["records"]):
            figures[member] = (row["tp"], row["beats"], row["detections"])
    return figures


def main():
    parser = argparse.ArgumentParser(description="R peaks beside other detectors")
    parser.add_argument("--signal", type=int, default=0, help="of each record, from 0")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("records", nargs="*")
    options = parser.parse_args()
    folder = options.folder
    records = options.records or sorted(path.stem for path in folder.glob("*.hea"))
    figures = {}
    for window in WINDOWS_MS:
        figures["ours, one signal", window] = ours(folder, records, options.signal, window)
        figures["ours, all signals", window] = ours(folder, records, None, window)
    seconds = collections.Counter()
    for record in records:
        data = wfdb.rdrecord(str(folder / record))
        signal = np.nan_to_num(data.p_signal[:, options.signal])
        marks = wfdb.rdann(str(folder / record), "atr")
        beats = [sample for sample, symbol in zip(marks.sample, marks.symbol) if symbol in BEATS]
        for name, detect in PEERS.items():
            start = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = np.sort(np.asarray(detect(signal, data.fs), dtype=int))
            seconds[name] += time.perf_counter() - start
            for window in WINDOWS_MS:
                tp = pairs(found, beats, window / 1000 * data.fs)
                figures.setdefault((name, window), {})[record] = (tp, len(beats), len(found))
    versions = "sleepecg %s, NeuroKit2 %s, wfdb %s" % (
        sleepecg.__version__, neurokit2.__version__, wfdb.__version__)
    names = ["ours, one signal", "ours, all signals", *PEERS]
    for window in WINDOWS_MS:
        print("QRS Se / QRS +P in %%, one to one within %d ms (%s):\n" % (window, versions))
        print("| record | beats | " + " | ".join(names) + " |")
        print("|" + "---|" * (len(names) + 2))
        for record in [*records, "gross"]:
            cells = []
            for name in names:
                rows = figures[name, window]
                chosen = rows.values() if record == "gross" else [rows[record]]
                tp, n, found = (sum(column) for column in zip(*chosen))
                cells.append("%.2f / %.2f" % (100 * tp / n, 100 * tp / max(1, found)))
            print("| %s | %d | %s |" % (record, n, " | ".join(cells)))
        print()
    print("Seconds for one signal of all records: " + ", ".join("%s %.1f" % item for item in seconds.items()))


if __name__ == "__main__":
    main()
