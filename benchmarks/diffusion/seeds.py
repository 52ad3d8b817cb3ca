"""Pools ablations of the same patients with several seeds: the mean of each figure over the seeds, and
paired differences of these means, with 95 % intervals by bootstrap over patients. Prints Markdown.

python seeds.py RUN RUN... [--last ARM]     # runs that "rtcn ablate" has finished; wants pyarrow and numpy
"""
import argparse
import glob
import os

import numpy as np
import pyarrow.parquet as pq

RESAMPLES = 2000


def predictions(folder):
    """(patients, truth, probabilities, classes) of all folds of an arm, patients in order."""
    rows = []
    for fold in sorted(glob.glob(f"{folder}/fold-*")):
        table = pq.read_table(f"{fold}/tables/predictions", filters=[("level", "=", "patient")])
        rows += table.select(["id", "truth", "classes", "probabilities"]).to_pylist()
    rows.sort(key=lambda row: row["id"])
    classes = rows[0]["classes"]
    truth = np.array([classes.index(row["truth"]) for row in rows])
    return [row["id"] for row in rows], truth, np.array([row["probabilities"] for row in rows]), classes


def figures(truth, probabilities, kinds):
    answer = probabilities.argmax(1)
    recall, f1, auroc = [], [], []
    for k in range(kinds):
        own = truth == k
        if not own.any() or own.all():
            continue
        right = (own & (answer == k)).sum()
        recall.append(right / own.sum())
        f1.append(2 * right / (own.sum() + (answer == k).sum()))
        order = np.sort(probabilities[:, k])
        places = (np.searchsorted(order, probabilities[:, k], "left")
                  + np.searchsorted(order, probabilities[:, k], "right") + 1) / 2
        n = own.sum()
        auroc.append((places[own].sum() - n * (n + 1) / 2) / (n * (~own).sum()))
    return np.mean(recall), np.mean(f1), np.mean(auroc)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--last", default="ddpm", help="the arm that is set against the others")
    given = parser.parse_args()
    arms = sorted(os.path.basename(os.path.dirname(fold)) for fold in
                  glob.glob(f"{given.runs[0]}/ablation/*/fold-01") + glob.glob(f"{given.runs[0]}/ablation/*/fold-1"))
    arms = [arm for arm in ["none", "class-weights", "oversampling", "ddpm"] if arm in arms]
    read = {arm: [predictions(f"{run}/ablation/{arm}") for run in given.runs] for arm in arms}
    ids, truth, _, classes = read[arms[0]][0]
    for arm in arms:
        for other, same, _, _ in read[arm]:
            assert other == ids and (same == truth).all(), f"{arm}: other patients"
    draw = np.random.default_rng(1)
    drawn = [np.arange(len(ids))] + [draw.integers(0, len(ids), len(ids)) for _ in range(RESAMPLES)]
    value = {arm: np.array([np.mean([figures(truth[d], p[d], len(classes)) for _, _, p, _ in read[arm]], 0)
                            for d in drawn]) for arm in arms}

    def cell(values, sign=""):
        low, high = np.percentile(values[1:], [2.5, 97.5])
        return f"{values[0]:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"

    print(f"{len(ids)} patients, {len(given.runs)} seeds\n")
    print("| arm | balanced accuracy | macro F1 | macro AUROC |\n|---|---|---|---|")
    for arm in arms:
        print(f"| {arm} | " + " | ".join(cell(value[arm][:, i]) for i in range(3)) + " |")
    print("| *differences* | | | |")
    for arm in arms:
        if arm != given.last:
            print(f"| {given.last} against {arm} | "
                  + " | ".join(cell(value[given.last][:, i] - value[arm][:, i], "+") for i in range(3)) + " |")


if __name__ == "__main__":
    main()
