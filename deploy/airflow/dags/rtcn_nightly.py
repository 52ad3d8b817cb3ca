"""Every night, on a Spark that is at hand: new recordings into the archive, answers for them, and a gate before anybody reads those."""

import os

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

from rtcn_airflow import DAG, Param, task
from rtcn_nights import DEADLINE, NIGHTLY, NIGHTS, RETRY_SECONDS, SCHEDULE, START, Judged, arguments, check_night, released, retries


class GateSubmitOperator(Judged, SparkSubmitOperator):
    """spark-submit of the stage gate."""


with DAG(
    dag_id="rtcn_nightly",
    schedule=SCHEDULE,
    start_date=START,
    # Missed nights are caught up on purpose, by a backfill.
    catchup=False,
    # Nights share the archive, and each is compared with those before it.
    max_active_runs=1,
    render_template_as_native_obj=True,
    user_defined_macros={"arguments": arguments},
    params={
        **NIGHTLY,
        "jar": Param(type="string", minLength=1, default=os.environ.get("RTCN_JAR", "/opt/rtcn/rtcn.jar"),
                     description="rtcn.jar, where spark-submit reaches it"),
        "properties": Param(type="object", default={}, description="Spark properties, e.g. {\"spark.executor.memory\": \"3g\"}"),
    },
    default_args=retries(RETRY_SECONDS),
    tags=["rtcn", "ecg", "nightly"],
    doc_md="""Recordings that arrived in `arrivals/DATE` to `archive`, answers to `nights/DATE`, and the gate.

`released` is green, and updates the asset `rtcn-answers`, only where the gate is open. A killed task is tried again without harm; a
closed gate is not. A night with late recordings, or with another model: clear its run, or start one with the parameter `night`. Missed
nights: a backfill. The connection `spark_default` (or RTCN_SPARK_CONN) says where Spark is. Research use only, not a medical device.""",
) as dag:

    def submit(stage):
        return (GateSubmitOperator if stage == "gate" else SparkSubmitOperator)(
            task_id="submit",
            conn_id=os.environ.get("RTCN_SPARK_CONN", "spark_default"),
            name=f"rtcn {stage}",
            java_class="org.rtcn.jobs.cli.Main",
            application="{{ params.jar }}",
            application_args="{{ arguments('" + stage + "', params, data_interval_start | default(none)) }}",
            conf="{{ params.properties }}",
            verbose=False,
        )

    released(submit)

with DAG(
    dag_id="rtcn_watch",
    schedule=DEADLINE,
    start_date=START,
    catchup=False,
    params=NIGHTS,
    default_args={**retries(RETRY_SECONDS), "retries": 0},
    tags=["rtcn", "ecg", "nightly"],
    doc_md="""By its deadline the night before must have passed the gate; else this fails and alerts. It notices what a DAG that was
never run, or still runs, cannot say of itself.""",
) as watch:

    @task(task_id="gate")
    def gate(params=None, data_interval_start=None):
        return check_night("gate", params, data_interval_start)

    gate()
