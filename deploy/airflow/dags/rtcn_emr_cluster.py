"""rtcn-spark on Amazon EMR: create a cluster, run the stages as steps, wait, check, terminate whatever happened."""

import os
from datetime import datetime, timedelta

from airflow.providers.amazon.aws.operators.emr import (
    EmrAddStepsOperator,
    EmrCreateJobFlowOperator,
    EmrTerminateJobFlowOperator,
)
from airflow.providers.amazon.aws.sensors.emr import EmrStepSensor

from rtcn_airflow import DAG, EmptyOperator, Param, task
from rtcn_check import PARAMS, STAGES, arguments, check, rtcn_emr


def flow(params):
    """RunJobFlow's request, as a template macro."""
    return rtcn_emr.job_flow(params["kind"], f"rtcn {params['run']}", params["prefix"], params["nodes"], params["subnet"],
                             params["service_role"], params["instance_role"])


def steps(params):
    return [rtcn_emr.step(stage, params["prefix"], arguments(stage, params), params["kind"], params["nodes"]) for stage in STAGES]


POLL_SECONDS = float(os.environ.get("RTCN_EMR_POLL_SECONDS", "60"))

with DAG(
    dag_id="rtcn_emr",
    schedule=None,
    start_date=datetime(2025, 1, 1),
    catchup=False,
    render_template_as_native_obj=True,
    user_defined_macros={"flow": flow, "steps": steps},
    params={
        **PARAMS,
        "run": Param(type="string", pattern="^s3://.+", default="s3://YOUR-BUCKET/rtcn/run", description="Run directory on S3"),
        "input": Param(type="string", pattern="^s3a?://.+", default="s3://YOUR-BUCKET/ptb-xl", description="Folder of WFDB recordings on S3"),
        "prefix": Param(type="string", pattern="^s3://.+[^/]$", default="s3://YOUR-BUCKET/rtcn",
                        description="Where deploy/emr/submit upload has put jar and bootstrap scripts; logs go there"),
        "kind": Param(type="string", enum=list(rtcn_emr.KINDS), default="cpu", description="What computes the networks"),
        "nodes": Param(type="integer", minimum=1, maximum=100, default=4, description="Executors' nodes, half of them spot"),
        "subnet": Param(type=["null", "string"], default=None, description="Subnet of the nodes"),
        "service_role": Param(type="string", default="EMR_DefaultRole", description="EMR's role"),
        "instance_role": Param(type="string", default="EMR_EC2_DefaultRole", description="The nodes' instance profile"),
    },
    default_args={"retries": 0, "execution_timeout": timedelta(hours=48)},
    tags=["rtcn", "ecg", "emr"],
    doc_md="""Raw 12-lead ECG to an evaluated model on a cluster that lives for this run alone.

The cluster is terminated whatever happens (trigger rule ALL_DONE); `succeeded` is the leaf that tells whether the run
did what it should, since a cluster that was terminated well is no result. Research use only, not a medical device.""",
) as dag:
    create = EmrCreateJobFlowOperator(task_id="create_cluster", job_flow_overrides="{{ flow(params) }}", emr_conn_id=None)
    add = EmrAddStepsOperator(task_id="add_steps", job_flow_id=create.output, steps="{{ steps(params) }}")
    terminate = EmrTerminateJobFlowOperator(task_id="terminate_cluster", job_flow_id=create.output, trigger_rule="all_done")
    succeeded = EmptyOperator(task_id="succeeded")

    @task(task_id="check_manifests")
    def check_manifests(params=None):
        return {stage: check(stage, params["run"]) for stage in STAGES}

    checked = check_manifests()
    before = add
    for number, stage in enumerate(STAGES):
        wait = EmrStepSensor(
            task_id=f"wait_{stage}", job_flow_id=create.output, poke_interval=POLL_SECONDS, mode="reschedule",
            step_id="{{ task_instance.xcom_pull(task_ids='add_steps')[" + str(number) + "] }}")
        before >> wait
        before = wait
    create >> add
    before >> checked >> succeeded
    [create, add, checked] >> terminate
