"""Answers of the client beside those of `rtcn diagnose`, for a folder of WFDB records:

    deploy/bin/rtcn export --onnx rtcn.onnx
    deploy/bin/rtcn diagnose --json FOLDER > java.jsonl
    python deploy/python/agreement.py rtcn.onnx FOLDER java.jsonl [RECORDS]
"""

import json
import sys
from pathlib import Path

import numpy as np

from rtcn_client import OnnxModel, read_wfdb


def main(onnx, folder, answers, most=100):
    model = OnnxModel(onnx)
    apart, same_beats, same_answers = [], 0, 0
    for line in Path(answers).read_text().splitlines()[: int(most)]:
        java = json.loads(line)
        if "refused" in java:
            continue
        millivolts, fs = read_wfdb(Path(folder) / java["file"])
        own = model.diagnose(millivolts, fs)
        beats = model.preprocessing.beats(millivolts, fs)
        same_beats += beats.r_samples[beats.used].tolist() == java["r_samples"]
        same_answers += own.predicted == java["predicted"]
        apart.append(max(abs(own.probabilities[c] - java["probabilities"][c]) for c in model.classes))
    print(f"{len(apart)} recordings: the same beats at the same R peaks in {same_beats}, the same answer in {same_answers}; "
          f"probabilities differ by {max(apart):.1e} at most, median {np.median(apart):.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
