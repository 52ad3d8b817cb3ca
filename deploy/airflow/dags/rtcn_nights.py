"""What the nightly DAGs share: parameters, schedule, command lines, the gate's answer, alerts.

Recordings arrive in ARRIVALS/YYYY-MM-DD. Each night ingest --update reads what is new there into the archive, predict answers for the
recordings of that night's folder from the archive's tables into NIGHTS/YYYY-MM-DD, and gate judges them against the nights before.
"""

import json
import logging
import os
import urllib.request
from datetime import date, datetime, timedelta, timezone

from rtcn_airflow import AirflowException, AirflowFailException, Asset, CronDataIntervalTimetable, EmptyOperator, Param
from rtcn_check import PARAMS, check, checked, read, rtcn_emr

STAGES = ("ingest", "predict", "gate")
# A night is its data interval: 03:00 to 03:00, named by the day on which it begins.
SCHEDULE = CronDataIntervalTimetable(os.environ.get("RTCN_NIGHTLY_CRON", "0 3 * * *"), timezone="UTC")
# By then the night before must have passed its gate.
DEADLINE = CronDataIntervalTimetable(os.environ.get("RTCN_DEADLINE_CRON", "0 9 * * *"), timezone="UTC")
START = datetime(2026, 1, 1, tzinfo=timezone.utc)

NIGHTS = {
    "nights": Param(type="string", minLength=1, default="/data/rtcn/nights", description="Folder of the nights' runs: NIGHTS/YYYY-MM-DD"),
    "night": Param(type=["null", "string"], pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", default=None,
                   description="The night to work on; empty: the day on which the data interval begins"),
}
NIGHTLY = {
    **NIGHTS,
    "arrivals": Param(type="string", minLength=1, default="/data/rtcn/arrivals",
                      description="Where recordings arrive, in a folder for each night: ARRIVALS/YYYY-MM-DD"),
    "archive": Param(type="string", minLength=1, default="/data/rtcn/archive",
                     description="Run directory of all recordings so far; rtcn_local with update and overwrite trains on it"),
    "model": Param(type="string", minLength=1, default="/data/rtcn/model/models/rtcn", description="The model that answers"),
    "look_back": Param(type="integer", minimum=1, maximum=60, default=7,
                       description="Nights before this one that it is compared with, as far as their gate was open"),
    "config": PARAMS["config"],
    "settings": PARAMS["settings"],
}


def retries(seconds):
    """Killed, preempted or cut off: tried again. Stages commit wholly or not at all, and one writer waits for the other."""
    return {"retries": 2, "retry_delay": timedelta(seconds=seconds), "execution_timeout": timedelta(hours=12), "on_failure_callback": alert}


RETRY_SECONDS = float(os.environ.get("RTCN_RETRY_SECONDS", "300"))


def night_of(params, interval_start):
    """YYYY-MM-DD of the parameter, or of the data interval."""
    if params.get("night"):
        return date.fromisoformat(params["night"]).isoformat()
    if interval_start is None:
        raise AirflowException("Cannot tell the night: this run has no data interval; give the parameter night")
    return interval_start.date().isoformat()


def run_of(stage, params, interval_start):
    return params["archive"] if stage == "ingest" else f"{params['nights']}/{night_of(params, interval_start)}"


def arguments(stage, params, interval_start=None):
    """The stage's command line, as a template macro."""
    night = night_of(params, interval_start)
    before = [(date.fromisoformat(night) - timedelta(days=days)).isoformat() for days in range(1, params["look_back"] + 1)]
    return rtcn_emr.arguments(
        stage, run_of(stage, params, interval_start),
        source=params["arrivals"] if stage == "ingest" else params["archive"],
        model=params["model"], below=f"{params['arrivals']}/{night}", against=[f"{params['nights']}/{day}" for day in before],
        config=params.get("config"),
        # A task that is tried again may find the driver of the first try still at work.
        settings=["run.lease.wait-s=90", *(params.get("settings") or ())],
        update=True,
        # A night that is worked on again, after more has arrived or with another model, replaces its answers.
        overwrite=stage == "predict")


def check_night(stage, params, interval_start):
    """The manifest's counts; fails unless the stage succeeded, and the gate is open."""
    run = run_of(stage, params, interval_start)
    counts = check(stage, run)
    if stage == "gate":
        reasons = closed(run)
        if reasons:
            raise AirflowFailException(reasons)
    return counts


def released(submit):
    """A night's tasks: the stages, each with its check, and a leaf that is green only where the gate is open."""
    checked(STAGES, submit, check_night)[-1] >> EmptyOperator(task_id="released", outlets=[Asset("rtcn-answers")])


def closed(run):
    """Why the gate is closed, in one line; None if it is open or has not judged."""
    try:
        manifest = json.loads(read(f"{run}/stages/gate/manifest.json"))
    except Exception:
        return None
    if manifest["facts"].get("gate") == "open":
        return None
    return f"The gate is closed for {run}: " + "; ".join(manifest["facts"]["reasons"])


class Judged:
    """An operator of the stage gate: a closed gate is an answer, and is not asked again."""

    def execute(self, context):
        try:
            return super().execute(context)
        except AirflowException as e:
            reasons = closed(run_of("gate", context["params"], context.get("data_interval_start")))
            if reasons:
                raise AirflowFailException(reasons) from e
            raise


def said(context):
    """What the failed stage says of itself, where it could."""
    try:
        stage = context["task_instance"].task_id.split(".")[0]
        run = run_of(stage, context["params"], context.get("data_interval_start"))
        reasons = closed(run) if stage == "gate" else None
        return reasons or json.loads(read(f"{run}/stages/{stage}/failure.json"))["message"]
    except Exception:
        return str(context.get("exception") or "see the task's log").splitlines()[0]


def alert(context):
    """One line to the log, and to the web hook RTCN_ALERT_URL as {"text": ...}, which Slack, Teams and Mattermost take."""
    instance = context["task_instance"]
    text = f"rtcn: {instance.dag_id}, {instance.run_id}: {instance.task_id} failed: {said(context)}"
    logging.getLogger("airflow.task").error("%s", text)
    url = os.environ.get("RTCN_ALERT_URL")
    if url:
        body = json.dumps({"text": text}).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30):
            pass
