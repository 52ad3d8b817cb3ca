#!/usr/bin/env python3
"""benchmarks/scale/stages.py [--records 2180,4360] [--executors 2] [--memory 2g] [--stages ...] [--cores-each 0.5]

All stages on simulated recordings (12 leads, 10 s, 500 Hz, default settings) on executors of their own memory in JVMs of
their own: seconds, CPU seconds, bytes, shuffle, and of the driver and the executors apart the largest resident memory
and the largest heap after a collection. Training is measured for one epoch and few DDPM steps and scaled by their number.

    benchmarks/scale/stages.py --records 21799                    the size of PTB-XL, end to end; some hours on two cores
    benchmarks/scale/stages.py --records 2180,4360                a tenth and a fifth of it
    benchmarks/scale/stages.py --records 2180 --stages train      one stage again, on what the others left
    benchmarks/scale/stages.py --report                           all that was measured, with lines and what follows from them
    benchmarks/scale/stages.py --records 400,800 --executors 1,2 --cores-each 0.5 --stages ingest,transform,augment,train
                                                                  scaling: every executor held to half a core by a CPU
                                                                  quota (cgroups, as root), the driver free

Results go to FOLDER/results.json (--folder, default benchmarks/scale/target). Wants a build (./mvnw -DskipTests package),
Python 3.9 or newer and idle cores. The ECG is simulated.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
STAGES = ["simulate", "ingest", "transform", "augment", "train", "evaluate", "predict"]
# Fewer steps than the defaults, and what the defaults are.
SHORT = {"augment": ("augment.ddpm.training-steps", 60, 1500), "train": ("train.epochs", 1, 20)}
# As conf/spark-local.properties has it; a log of collections comes on top.
EXECUTOR_OPTIONS = "-Djava.awt.headless=true -Dorg.eclipse.deeplearning4j.helpers.disable=false"
# An r6i.2xlarge holds six executors of one core; list prices of us-east-1 as we knew them (2025): EC2 0.504 $, EMR 0.126 $.
EXECUTORS_PER_NODE = 6
NODE_HOUR = 0.63
TICKS = os.sysconf("SC_CLK_TCK")


def settings(records):
    # The demo's shares of the classes, one recording per patient.
    shares = {"HC": 40, "AMI": 12, "ASMI": 16, "ALMI": 10, "IMI": 20, "ILMI": 12}
    patients = {label: records * share // 110 for label, share in shares.items()}
    patients["HC"] += records - sum(patients.values())
    values = ["simulate.patients={" + ", ".join(f"{k}={v}" for k, v in patients.items()) + "}", "simulate.max-records-per-patient=1"]
    values += [f"{key}={short}" for key, short, _ in SHORT.values()]
    return [part for value in values for part in ("--set", value)]


class Quota:
    """Holds a process and its threads to a share of a core. cgroups of either version."""

    def __init__(self, cores):
        self.cores = cores
        self.made = []
        first = Path("/sys/fs/cgroup/cpu")
        self.base = first if first.is_dir() else Path("/sys/fs/cgroup")

    def hold(self, pid):
        group = self.base / f"rtcn-benchmark-{pid}"
        group.mkdir()
        self.made.append(group)
        if (group / "cpu.cfs_quota_us").exists():
            (group / "cpu.cfs_quota_us").write_text(str(int(self.cores * 100_000)))
        else:
            (group / "cpu.max").write_text(f"{int(self.cores * 100_000)} 100000")
        (group / "cgroup.procs").write_text(str(pid))

    def close(self):
        for group in self.made:
            for _ in range(50):
                try:
                    group.rmdir()
                    break
                except OSError:
                    time.sleep(0.1)


class Watch:
    """What the driver and the executors of one command take: those that name its port."""

    def __init__(self, port, quota):
        self.port = f":{port}".encode()
        self.driver = f"-Dspark.driver.port={port}".encode()
        self.quota = quota
        self.seen = {}

    def look(self):
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            try:
                if pid not in self.seen:
                    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                    if not words[0].endswith(b"java"):
                        continue
                    if self.driver in words:
                        self.seen[pid] = {"kind": "driver"}
                    elif any(b"CoarseGrainedScheduler@" in word and word.endswith(self.port) for word in words):
                        self.seen[pid] = {"kind": "executor"}
                        if self.quota:
                            self.quota.hold(pid)
                    else:
                        continue
                status = Path(f"/proc/{pid}/status").read_text()
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                self.seen[pid]["mib"] = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024
                self.seen[pid]["cpu_s"] = (int(fields[11]) + int(fields[12])) / TICKS
            except (OSError, ValueError, TypeError, IndexError):
                pass

    def of(self, kind):
        return [process for process in self.seen.values() if process["kind"] == kind and "mib" in process]


def size(path):
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) if path.is_dir() else path.stat().st_size


def shuffled(folder):
    total = 0
    for events in folder.rglob("*"):
        if events.is_file():
            for line in events.read_text().splitlines():
                if '"SparkListenerTaskEnd"' in line:
                    metrics = json.loads(line).get("Task Metrics") or {}
                    total += (metrics.get("Shuffle Write Metrics") or {}).get("Shuffle Bytes Written", 0)
    return total


def heap_after_collections(folder):
    """The most of any executor, MiB."""
    most = 0
    for log in folder.glob("gc-*"):
        for line in log.read_text(errors="replace").splitlines():
            found = re.search(r"Pause .*->(\d+)M\(", line)
            most = max(most, int(found[1]) if found else 0)
    return most


def measure(options, records, executors, stage):
    root = options.folder / f"{records}-{executors}"
    run = root / ("new" if stage == "predict" else "run")
    marks = root / "marks"
    shutil.rmtree(marks, ignore_errors=True)
    if stage == "simulate":
        shutil.rmtree(root, ignore_errors=True)
    marks.mkdir(parents=True)
    port = random.randrange(20_000, 30_000)
    mib = {"g": 1024, "m": 1}[options.memory[-1]] * int(options.memory[:-1])
    arguments = [stage, "--run", run, "--overwrite", *settings(records)]
    if stage == "ingest":
        arguments += ["--input", run / "raw"]
    if stage == "predict":
        arguments += ["--model", root / "run/models/rtcn", "--input", root / "run/raw"]
    command = [HOME / "deploy/bin/rtcn", *arguments, "--",
               "--master", f"local-cluster[{executors},1,{mib}]", "--executor-memory", options.memory,
               "--driver-memory", options.driver_memory, "--conf", f"spark.driver.port={port}",
               "--conf", "spark.eventLog.enabled=true", "--conf", f"spark.eventLog.dir=file://{marks}",
               "--conf", f"spark.executor.extraJavaOptions={EXECUTOR_OPTIONS} -Xlog:gc:file={marks}/gc-%p"]
    quota = Quota(options.cores_each) if options.cores_each and stage != "simulate" else None
    watch = Watch(port, quota)
    log = options.folder / "logs" / f"{records}-{executors}-{stage}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        while process.poll() is None:
            watch.look()
            time.sleep(0.2)
    if quota:
        quota.close()
    if process.returncode:
        raise SystemExit(f"{stage} ended with {process.returncode}; see {log}")
    manifest = json.loads((run / "stages" / stage / "manifest.json").read_text())
    written = sum(size(run / path) for path in manifest["outputs"] if (run / path).exists())
    driver, workers = watch.of("driver"), watch.of("executor")
    shuffle = shuffled(marks)
    row = {
        "records": records, "executors": executors, "memory": options.memory, "cores_each": options.cores_each, "stage": stage,
        "seconds": manifest["duration_s"], "wall_s": round(time.monotonic() - started, 1),
        "cpu_s": round(sum(p["cpu_s"] for p in driver + workers), 1), "bytes": written, "shuffle_bytes": shuffle,
        "driver_mib": max((p["mib"] for p in driver), default=0), "executor_mib": max((p["mib"] for p in workers), default=0),
        "heap_mib": heap_after_collections(marks), "rate": rate(run, stage, manifest), "counts": manifest["counts"],
        "date": time.strftime("%Y-%m-%d"), "load": round(os.getloadavg()[0], 1)}
    print(f"{records:>7} {executors} x {options.memory} {stage:9} {row['seconds']:8.1f} s, {row['cpu_s']:8.1f} CPU s, {written / 1e6:9.1f} MB, "
          f"shuffle {shuffle / 1e6:.1f} MB, driver {row['driver_mib']}, executor {row['executor_mib']} MiB resident, "
          f"{row['heap_mib']} MiB of heap, {row['rate'] or ''}", flush=True)
    file = options.folder / "results.json"
    results = json.loads(file.read_text()) if file.exists() else []
    key = ("records", "executors", "cores_each", "memory", "stage")
    results = [r for r in results if [r[k] for k in key] != [row[k] for k in key]] + [row]
    file.write_text(json.dumps(results, indent=1))


def rate(run, stage, manifest):
    """Per second once the compilers rest: examples in training, generated beats in augment."""
    if stage == "train":
        rows = [line.split(",") for line in (run / "models/rtcn/training_scalars.csv").read_text().splitlines()]
        head, rows = rows[0], rows[1:]
        if "seconds" not in head or len(rows) < 4:
            return None
        step, seconds = head.index("step"), head.index("seconds")
        half, last = rows[len(rows) // 2 - 1], rows[-1]
        return round((int(last[step]) - int(half[step])) / (float(last[seconds]) - float(half[seconds])), 3)
    if stage == "augment" and manifest["facts"].get("sampling_seconds"):
        return round(manifest["counts"]["beats.drawn"] / manifest["facts"]["sampling_seconds"], 2)
    return None


def line(points):
    """Least squares of y = a + b x, and the largest deviation in percent."""
    n = len(points)
    if n < 2:
        return 0.0, points[0][1] / points[0][0], float("nan")
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    b = sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)
    a = my - b * mx
    return a, b, max(abs(a + b * x - y) / y for x, y in points) * 100


def joined(rows, key):
    return ", ".join(format(row[key], ",") for row in rows)


def report(options):
    results = json.loads((options.folder / "results.json").read_text())
    whole = [r for r in results if not r["cores_each"]]
    if whole:
        costs(whole)
    held = [r for r in results if r["cores_each"]]
    if held:
        scaling(held)


def costs(results):
    print("| stage | records | fixed, CPU s | CPU s per 1,000 records | off the line | MB per 1,000 | shuffle, MB per 1,000 "
          "| driver resident, MiB | executor resident, MiB | its heap after collections, MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    per = {}
    for stage in STAGES:
        mine = sorted((r for r in results if r["stage"] == stage), key=lambda r: r["records"])
        if not mine:
            continue
        a, b, off = line([(r["records"], r["cpu_s"]) for r in mine])
        last = mine[-1]
        # Two points of a stage that hardly grows may fall.
        per[stage] = (max(a, 0), max(b, 0), last["bytes"] / last["records"])
        print(f"| {stage} | {joined(mine, 'records')} | {a:.0f} | {b * 1e3:.1f} | {off:.0f} % | {last['bytes'] / last['records'] / 1e3:.1f} | "
              f"{last['shuffle_bytes'] / last['records'] / 1e3:.2f} | {joined(mine, 'driver_mib')} | {joined(mine, 'executor_mib')} | {joined(mine, 'heap_mib')} |")
    counted = [stage for stage in per if stage != "simulate"]
    print("\n| records | " + " | ".join(f"{stage}, core hours" for stage in counted)
          + " | tables, GB | node hours, r6i.2xlarge | on demand, $ |\n|" + "---|" * (len(counted) + 4))
    for records in (21_799, 10**6, 10**8):
        hours = {}
        for stage in counted:
            fixed, slope, _ = per[stage]
            factor = SHORT[stage][2] / SHORT[stage][1] if stage == "train" else 1
            once = fixed * SHORT[stage][2] / SHORT[stage][1] if stage == "augment" else fixed
            hours[stage] = (once + slope * records * factor) / 3600
        stored = sum(per[stage][2] for stage in counted if stage != "predict") * records / 1e9
        nodes = sum(hours.values()) / EXECUTORS_PER_NODE
        print(f"| {records:,} | " + " | ".join(f"{h:,.1f}" for h in hours.values())
              + f" | {stored:,.0f} | {nodes:,.1f} | {nodes * NODE_HOUR:,.0f} |")


def scaling(results):
    print("\n| stage | cores per executor | records | executors | seconds per further 1,000 records | steps or beats/s | against one executor |")
    print("|---|---|---|---|---|---|---|")
    for stage in STAGES:
        base = None
        for executors in sorted({r["executors"] for r in results}):
            mine = sorted((r for r in results if r["stage"] == stage and r["executors"] == executors), key=lambda r: r["records"])
            if not mine:
                continue
            rates = mine[-1]["rate"]
            # Two sizes: what Spark and the compilers take to start is in neither of them.
            slope = (mine[-1]["seconds"] - mine[0]["seconds"]) / (mine[-1]["records"] - mine[0]["records"]) * 1e3 if len(mine) > 1 else None
            if stage == "train":
                rates = rates and rates * executors
            speed = rates or (slope and 1 / slope)
            base = base or speed
            print(f"| {stage} | {mine[0]['cores_each']} | {joined(mine, 'records')} | {executors} | {'' if slope is None else format(slope, '.1f')} | "
                  f"{rates or ''} | {format(speed / base, '.2f') + ' ×' if speed and base and speed != base else ''} |")


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    parser.add_argument("--records", type=numbers, default=[2180, 4360])
    parser.add_argument("--executors", type=numbers, default=[2])
    parser.add_argument("--memory", default="2g")
    parser.add_argument("--driver-memory", default="2g")
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--cores-each", type=float)
    parser.add_argument("--folder", type=Path, default=Path(__file__).resolve().parent / "target")
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    if not options.report:
        for executors in options.executors:
            for records in options.records:
                for stage in options.stages.split(","):
                    measure(options, records, executors, stage)
    report(options)


if __name__ == "__main__":
    main()
