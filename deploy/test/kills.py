#!/usr/bin/env python3
"""deploy/test/kills.py [--kills N] [--terms N] [--pairs N] [--folder DIR] [--seed N] [--rtcn PROGRAM]

SIGKILL to real drivers that overwrite a stage, at random moments, half of them in the midst of the commit: the next
start (rtcn verify) finds the output of before or that of after, whole. The same with SIGTERM, which must leave
nothing half behind. Then pairs of drivers that overwrite the same stage at the same time: one ends with 0, the other
with 2 within seconds. Stages: simulate, ingest, transform.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import quick

HOME = Path(__file__).resolve().parent.parent.parent
TINY = HOME / "deploy/test/tiny.conf"
# What tells the two outputs of a stage apart.
SETTINGS = {
    "simulate": ("simulate.noise-level=1", "simulate.noise-level=0.5"),
    "ingest": ("ingest.window-s=600", "ingest.window-s=5"),
    "transform": ("transform.max-beats-per-record=4", "transform.max-beats-per-record=3"),
}


class Runs:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.logs = 0

    def start(self, stage, run, setting=None):
        command = [self.program, stage, "--run", str(run), "--config", str(TINY)]
        if setting:
            command += ["--overwrite", "--set", setting]
        command += ["--", "--conf", "spark.sql.shuffle.partitions=4", "--conf", "spark.ui.showConsoleProgress=false",
                    "--driver-java-options", f"-Djava.awt.headless=true {quick()}"]
        self.logs += 1
        log = self.folder / f"log-{self.logs:03}-{stage}.txt"
        with log.open("wb") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                       start_new_session=True)
        process.log = log
        return process

    def run(self, stage, run, setting=None):
        process = self.start(stage, run, setting)
        status = process.wait()
        if status != 0:
            sys.exit(f"Failed: {' '.join(process.args)} ended with {status}:\n{process.log.read_text()[-2000:]}")


def manifest(run, stage):
    return json.loads((run / "stages" / stage / "manifest.json").read_text())


def state(run, stage, outputs):
    """0 or 1: which of the two outputs stands there."""
    found = manifest(run, stage)
    for i, known in enumerate(outputs):
        same = found["configuration"] == known["configuration"] and found["outputs"] == known["outputs"]
        digests = [{path: content.get("digest") for path, content in m["contents"].items()} for m in (found, known)]
        if same and digests[0] == digests[1]:
            return i
    sys.exit(f"Failed: {run} holds neither of the two outputs of {stage}")


def kill(runs, stage, run, outputs, was, duration, rng, number):
    """Kills an overwrite at a random moment; gives where, and what stands there after the next start."""
    process = runs.start(stage, run, SETTINGS[stage][1 - was])
    in_commit = rng.random() < 0.5
    end = time.monotonic() + rng.uniform(0.05, 1) * duration
    committing = run / ".commit"
    while process.poll() is None and (not committing.exists() if in_commit else time.monotonic() < end):
        time.sleep(0.0005)
    if in_commit:
        time.sleep(rng.uniform(0, 0.08))
    killed = process.poll() is None
    pending = False
    if killed and number == signal.SIGKILL:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        pending = any(committing.glob("*.json"))
    elif killed:
        pending = any(committing.glob("*.json"))
        # The launcher alone: it tells the driver.
        process.terminate()
        require_orderly(process, run)
    runs.run("verify", run)
    left = [p.name for p in (run / ".lease", run / ".commit") if p.exists()]
    now = state(run, stage, outputs)
    if killed and number == signal.SIGTERM:
        require_true(process.log.read_text(), stage, now != was)
    where = "not killed" if not killed else "in the commit" if pending else "elsewhere"
    if pending and left:
        sys.exit(f"Failed: {left} was left in {run}")
    where = f"{number.name} {where}"
    print(f"{stage}: {where}, found {'before' if now == was else 'after'}", flush=True)
    return where, now, now != was


def require_orderly(process, run):
    """Told to stop, it ends soon, as stopped or, if it was about to end anyway, with 0; nothing half is left."""
    status = process.wait(60)
    said = process.log.read_text()
    # -15, SIGTERM's own: the launcher had not started the driver yet.
    if status not in (0, 143, -signal.SIGTERM) or "\tat " in said:
        sys.exit(f"Failed: told to stop it ended with {status}:\n{said[-2000:]}")
    left = [p.name for p in (run / ".lease", run / ".commit", run / ".staging") if p.exists()]
    empty = [str(p) for p in (run / "stages").rglob("*") if p.is_file() and p.stat().st_size == 0]
    if left or empty:
        sys.exit(f"Failed: told to stop it left {left + empty} in {run}")


def require_true(said, stage, committed):
    """What it said of its commit when it was told to stop is what was found."""
    for sentence, holds in (("nothing is committed, and the run is as it was", not committed), (f"committed before: {stage};", committed)):
        if sentence in said and not holds:
            sys.exit(f"Failed: it said \"{sentence}\", which was not so")


def pair(runs, stage, run, was):
    first, second = (runs.start(stage, run, SETTINGS[stage][1 - was]) for _ in range(2))
    start, ended = time.monotonic(), {}
    while len(ended) < 2:
        for process in (first, second):
            if process not in ended and process.poll() is not None:
                ended[process] = time.monotonic() - start
        time.sleep(0.01)
    by_status = {process.returncode: process for process in (first, second)}
    if set(by_status) != {0, 2}:
        sys.exit(f"Failed: the two ended with {first.returncode} and {second.returncode}; see {first.log}, {second.log}")
    said = by_status[2].log.read_text()
    if "is at work there" not in said or "\tat " in said:
        sys.exit(f"Failed: the second said {said}")
    print(f"{stage}: one 0 after {ended[by_status[0]]:.1f} s, the other 2 after {ended[by_status[2]]:.1f} s", flush=True)
    return ended[by_status[2]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--terms", type=int, default=6)
    parser.add_argument("--pairs", type=int, default=20, help="of each stage")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--stages", default=",".join(SETTINGS))
    parser.add_argument("--rtcn", default=str(HOME / "deploy/bin/rtcn"))
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="rtcn-kills-"))
    folder.mkdir(parents=True, exist_ok=True)
    rng, runs = random.Random(options.seed), Runs(options.rtcn, folder)
    print(f"seed {options.seed}, {folder}", flush=True)
    stages, ready = options.stages.split(","), {}
    for stage in stages:
        run = folder / f"run-{stage}"
        shutil.rmtree(run, ignore_errors=True)
        for before in list(SETTINGS)[:list(SETTINGS).index(stage)]:
            runs.run(before, run)
        outputs = []
        for setting in SETTINGS[stage]:
            start = time.monotonic()
            runs.run(stage, run, setting)
            duration = time.monotonic() - start
            outputs.append(manifest(run, stage))
        ready[stage] = [run, outputs, 1, duration]
    counts = {}
    for i in range(options.kills + options.terms):
        number = signal.SIGKILL if i < options.kills else signal.SIGTERM
        stage = stages[i % len(stages)]
        run, outputs, was, duration = ready[stage]
        where, now, after = kill(runs, stage, run, outputs, was, duration, rng, number)
        ready[stage][2] = now
        key = f"{where}, found {'after' if after else 'before'}"
        counts[key] = counts.get(key, 0) + 1
    for key, count in sorted(counts.items()):
        print(f"{count} {key}", flush=True)
    seconds = []
    for stage in stages:
        run, outputs, was, _ = ready[stage]
        for _ in range(options.pairs):
            seconds.append(pair(runs, stage, run, was))
            was = 1 - was
            if state(run, stage, outputs) != was:
                sys.exit(f"Failed: {run} does not hold the winner's output")
        if options.pairs:
            runs.run("verify", run)
    if seconds:
        print(f"pairs: {len(seconds)}, the other ended with 2 after {min(seconds):.1f} to {max(seconds):.1f} s", flush=True)


if __name__ == "__main__":
    main()
