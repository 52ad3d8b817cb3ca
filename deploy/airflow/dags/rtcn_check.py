"""What the DAGs share: parameters, the stages' command lines, and the check of a stage's manifest behind each of them."""

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlparse

from rtcn_airflow import AirflowException, Param, task, task_group

# rtcn_emr.py stands in deploy/emr of the checkout; where only dags/ is deployed, copy it beside this file
# with conf/ of the checkout, and set RTCN_HOME to where conf/ is.
for _place in (os.environ.get("RTCN_HOME", "") + "/deploy/emr", Path(__file__).resolve().parents[2] / "emr"):
    if Path(_place, "rtcn_emr.py").exists():
        sys.path.append(str(_place))
import rtcn_emr  # noqa: E402

STAGES = ("ingest", "transform", "augment", "train", "evaluate")

PARAMS = {
    "run": Param(type="string", minLength=1, default="/tmp/rtcn-run",
                 description="Run directory: a path, s3://, s3a:// or hdfs:// location that all executors reach"),
    "input": Param(type=["null", "string"], default=None,
                   description="Folder of WFDB recordings (PTB, PTB-XL, any); empty: ECG is simulated"),
    "config": Param(type=["null", "string"], default=None,
                    description="Overlay: a name of conf/ such as ptbxl-three-class, or a HOCON file"),
    "settings": Param(type="array", items={"type": "string", "pattern": "^[a-z0-9.-]+=.*$"}, default=[],
                      description="Single keys, e.g. train.epochs=5"),
    "overwrite": Param(type="boolean", default=False, description="Replace what the run holds already"),
    "update": Param(type="boolean", default=False,
                    description="Read new and changed recordings only; with overwrite the later stages follow, for a model of all so far"),
}


def arguments(stage, params):
    """The stage's command line, as a template macro."""
    source = params.get("input") or (f"{params['run']}/raw" if stage in ("ingest", "predict") else None)
    return rtcn_emr.arguments(stage, params["run"], source=source, config=params.get("config"),
                              settings=params.get("settings") or (), overwrite=params.get("overwrite", False),
                              update=params.get("update", False))


def read(location):
    """The text of a small file, local or on S3."""
    parts = urlparse(location)
    if parts.scheme in ("s3", "s3a"):
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        return S3Hook().read_key(parts.path.lstrip("/"), parts.netloc)
    if parts.scheme in ("", "file"):
        return Path(parts.path).read_text()
    raise AirflowException(f"Cannot read {location} here: use a run on a local path or on S3, or read its manifest yourself")


def check(stage, run):
    """Fails unless the stage's manifest says that all of it happened: an operator's green is no proof."""
    location = f"{run}/stages/{stage}/manifest.json"
    try:
        manifest = rtcn_emr.check_manifest(read(location), stage)
    except (OSError, ValueError, json.JSONDecodeError) as e:
        raise AirflowException(f"Cannot accept {stage}: {e} ({location})") from e
    return {"counts": manifest["counts"], "outputs": manifest["outputs"], "simulated": manifest["simulated"]}


def checked(stages, submit, checks=lambda stage, params, interval_start: check(stage, params["run"])):
    """A group of two tasks for each stage, one group after the other: submit(stage) gives the operator that runs it, and its manifest is
    read. Returns the groups."""

    @task(task_id="check")
    def check_stage(stage, params=None, data_interval_start=None):
        return checks(stage, params, data_interval_start)

    def stage_group(stage):
        @task_group(group_id=stage)
        def group():
            submit(stage) >> check_stage(stage)

        return group()

    groups = [stage_group(stage) for stage in stages]
    for one, next_one in zip(groups, groups[1:]):
        one >> next_one
    return groups
