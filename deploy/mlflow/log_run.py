#!/usr/bin/env python3
"""Logs a run of rtcn-spark to an MLflow server: settings, figures, learning curve, manifests, report, pictures, model.

    pip install ./deploy/python[plot] mlflow-skinny          # and onnx, for --onnx
    python deploy/mlflow/log_run.py RUN --tracking-uri http://127.0.0.1:5000

Each run is logged once: a second call finds it by its fingerprint and logs nothing. Research use only, not a medical device.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import mlflow
from mlflow.entities import Metric, Param, RunTag
from rtcn_client import Run

NOTICE = "Research use only, not a medical device."
SIMULATED = " Simulated ECG takes part: its figures say nothing about persons."
AT_ONCE = 900  # A server takes 1,000 metrics in one request.
HEARTBEATS = "rtcn-beats.safetensors"  # Of training patients; the model answers without it.
LONGEST = 6000  # and this many characters of a setting.


class CannotLog(Exception):
    """What the caller can mend."""


def manifests(root: Path) -> dict[str, dict[str, Any]]:
    """The stages' manifests, in the order in which they were run."""
    found = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in root.glob("stages/*/manifest.json")}
    if "evaluate" not in found:
        raise CannotLog(f"Cannot log {root}: it has no stages/evaluate/manifest.json; run rtcn evaluate first")
    return dict(sorted(found.items(), key=lambda item: str(item[1]["started_at"])))


def params(stages: dict[str, dict[str, Any]]) -> list[Param]:
    """All settings; those that stages were given different values of carry the stage's name."""
    values: dict[str, set[str]] = {}
    for manifest in stages.values():
        for key, value in manifest["configuration"].items():
            values.setdefault(key, set()).add(value)
    named = {
        key if len(values[key]) == 1 else f"{stage}/{key}": value
        for stage, manifest in stages.items() for key, value in manifest["configuration"].items()
    }
    return [Param(key, value[:LONGEST]) for key, value in sorted(named.items())]


def figures(run: Run, at: int) -> Iterator[Metric]:
    """Rows of the table metrics, with their intervals: of all variants, and by class of the model's own answer.

    Named LEVEL/TASK/VARIANT/FIGURE, behind them /CLASS and /ci_low or /ci_high. The rest is in report/metrics.json.
    """
    for row in run.arrow("metrics").to_pylist():
        if row["value"] is None or row["subgroup"] is not None or (row["class"] is not None and row["variant"] != "as_trained"):
            continue
        name = "/".join(part for part in (row["level"], row["task"], row["variant"], row["name"], row["class"]) if part)
        for suffix, key in (("", "value"), ("/ci_low", "ci_low"), ("/ci_high", "ci_high")):
            if row[key] is not None:
                yield Metric(plain(name + suffix), row[key], at, 0)


def curve(stages: dict[str, dict[str, Any]], at: int) -> Iterator[Metric]:
    """The learning curve by epoch, and the stages' counts and seconds."""
    for point in stages.get("train", {}).get("facts", {}).get("training_curve", []):
        for key, value in point.items():
            if key != "epoch" and isinstance(value, (int, float)):
                yield Metric(plain(f"train/{key}"), value, at, int(point["epoch"]))
    for stage, manifest in stages.items():
        yield Metric(f"{stage}/duration_s", manifest["duration_s"], at, 0)
        for key, value in manifest["counts"].items():
            yield Metric(plain(f"{stage}/{key}"), value, at, 0)


def plain(name: str) -> str:
    """A name of the characters that MLflow takes."""
    return re.sub(r"[^\w\-. :/]", "_", name.replace("=", ":"))


def pictures(run: Run, count: int, into: Path) -> None:
    """The first held-out recordings, and the first beat of each, as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import pyarrow.compute as pc
    from rtcn_client import plot

    answered = run.arrow("predictions", ["level", "id", "record_id"]).filter(pc.field("level") == "beat").sort_by("id")
    first: dict[str, str] = {}
    for row in answered.to_pylist():
        first.setdefault(row["record_id"], row["id"])
    into.mkdir(parents=True)
    for number, (record, beat) in enumerate(list(first.items())[:count], start=1):
        for kind, figure in (("recording", plot.recording(run, record)), ("beat", plot.beat(run, beat))):
            figure.savefig(into / f"{number:02d}-{kind}.png", dpi=100)
            plt.close(figure)


def log(options: argparse.Namespace) -> str:
    """Logs the run; the id that MLflow knows it by."""
    root = Path(options.run)
    run = Run(root)
    stages = manifests(root)
    fingerprint = stages["evaluate"]["fingerprint"]
    simulated = any(manifest["simulated"] for manifest in stages.values())
    mlflow.set_tracking_uri(options.tracking_uri)
    experiment = mlflow.set_experiment(options.experiment).experiment_id
    client = mlflow.MlflowClient()
    same = client.search_runs(
        [experiment], f"tags.`rtcn.fingerprint` = '{fingerprint}' and attributes.status = 'FINISHED'", max_results=1)
    if same:
        print(f"log_run: {root} is there already: run {same[0].info.run_id} of {options.experiment}")
        return str(same[0].info.run_id)
    at = int(datetime.fromisoformat(stages["evaluate"]["started_at"].replace("Z", "+00:00")).timestamp() * 1000)
    train = stages.get("train", {})
    tags = {
        "rtcn.fingerprint": fingerprint,
        "rtcn.version": stages["evaluate"]["version"],
        "rtcn.model_id": train.get("facts", {}).get("model_id", ""),
        "rtcn.simulated": str(simulated).lower(),
        "mlflow.note.content": NOTICE + (SIMULATED if simulated else ""),
    }
    name = options.name or ("simulated: " if simulated else "") + root.resolve().name
    with mlflow.start_run(run_name=name, experiment_id=experiment) as active:
        run_id = str(active.info.run_id)
        client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items()])
        settings = params(stages)
        for begin in range(0, len(settings), 100):
            client.log_batch(run_id, params=settings[begin : begin + 100])
        metrics = [*figures(run, at), *curve(stages, at)]
        for begin in range(0, len(metrics), AT_ONCE):
            client.log_batch(run_id, metrics=metrics[begin : begin + AT_ONCE])
        artifacts(client, run_id, run, root, stages, options)
    print(f"log_run: {root} is run {run_id} of {options.experiment}: {len(settings)} settings, {len(metrics)} figures")
    return run_id


def artifacts(
    client: mlflow.MlflowClient, run_id: str, run: Run, root: Path, stages: dict[str, dict[str, Any]], options: argparse.Namespace,
) -> None:
    """Files: manifests/STAGE.json, report, pictures, model."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "manifests").mkdir()
        for stage in stages:
            (work / "manifests" / f"{stage}.json").write_bytes((root / "stages" / stage / "manifest.json").read_bytes())
        if options.pictures:
            pictures(run, options.pictures, work / "pictures")
        client.log_artifacts(run_id, folder)
    for path in sorted((root / "report").glob("*")):
        # Pages of single recordings come with the pictures, or not at all.
        if path.is_file():
            client.log_artifact(run_id, str(path), "report")
        elif options.pictures:
            client.log_artifacts(run_id, str(path), f"report/{path.name}")
    for path in sorted((root / "models/rtcn").glob("*")):
        client.log_artifact(run_id, str(path), "model")
    heartbeats = root / "models" / HEARTBEATS
    if options.pictures and heartbeats.exists():
        client.log_artifact(run_id, str(heartbeats), "model")
    if options.onnx:
        import mlflow.onnx
        import onnx

        mlflow.onnx.log_model(onnx.load(options.onnx), name="onnx", pip_requirements=["onnx", "onnxruntime"])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", metavar="RUN", help="a run directory that rtcn evaluate has completed")
    parser.add_argument("--tracking-uri", help="of the server; default: MLFLOW_TRACKING_URI")
    parser.add_argument("--experiment", default="rtcn", help="default: %(default)s")
    parser.add_argument("--name", help="of the run in MLflow; default: the directory's name")
    parser.add_argument("--onnx", metavar="FILE", help="what rtcn export wrote: logged as an MLflow model")
    parser.add_argument("--pictures", type=int, default=4, metavar="N",
                        help="recordings to draw; 0 also leaves out pages of single recordings and the model's heartbeats; default: %(default)s")
    options = parser.parse_args(arguments)
    # MLflow itself tries for four minutes, without a word.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    try:
        log(options)
    except mlflow.exceptions.MlflowException as problem:
        if "Max retries exceeded" not in str(problem):
            print(f"log_run: {problem}", file=sys.stderr)
            return 2
        print(f"log_run: Cannot reach the MLflow server {mlflow.get_tracking_uri()}: start it, or give --tracking-uri", file=sys.stderr)
        return 2
    except (CannotLog, FileNotFoundError) as problem:
        print(f"log_run: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
