"""Every night on EMR Serverless: the same as rtcn_nightly, each stage a job run of an application that exists."""

import os

from airflow.providers.amazon.aws.operators.emr import EmrServerlessStartJobOperator

from rtcn_airflow import DAG, Param
from rtcn_check import rtcn_emr
from rtcn_nights import NIGHTLY, RETRY_SECONDS, SCHEDULE, START, Judged, arguments, released, retries

POLL_SECONDS = float(os.environ.get("RTCN_EMR_POLL_SECONDS", "60"))
S3 = "^s3://.+[^/]$"


class GateJobOperator(Judged, EmrServerlessStartJobOperator):
    """The job run of the stage gate."""


def job(stage, params, interval_start=None):
    """StartJobRun's request, as a template macro."""
    return rtcn_emr.serverless_job(params["application"], params["role"], stage, f"{params['prefix']}/rtcn.jar",
                                   arguments(stage, params, interval_start), params["prefix"])


with DAG(
    dag_id="rtcn_nightly_serverless",
    schedule=SCHEDULE,
    start_date=START,
    catchup=False,
    max_active_runs=1,
    render_template_as_native_obj=True,
    user_defined_macros={"job": job},
    params={
        **NIGHTLY,
        **{name: Param(type="string", pattern=S3, default=f"s3://YOUR-BUCKET/rtcn/{name}", description=NIGHTLY[name].description)
           for name in ("nights", "arrivals", "archive")},
        "model": Param(type="string", pattern=S3, default="s3://YOUR-BUCKET/rtcn/run/models/rtcn", description=NIGHTLY["model"].description),
        "prefix": Param(type="string", pattern=S3, default="s3://YOUR-BUCKET/rtcn",
                        description="Where deploy/emr/submit upload has put the jar; logs go there"),
        "application": Param(type="string", pattern="^[0-9a-z]+$", default="00example",
                             description=f"ID of an EMR Serverless application of type SPARK, release {rtcn_emr.RELEASE}"),
        "role": Param(type="string", pattern="^arn:aws:iam::[0-9]{12}:role/.+$", default="arn:aws:iam::000000000000:role/rtcn",
                      description="The job runs' role: may read arrivals and model, and write archive, nights and prefix"),
    },
    default_args=retries(RETRY_SECONDS),
    tags=["rtcn", "ecg", "nightly", "emr"],
    doc_md="""As `rtcn_nightly`, on EMR Serverless. A job run whose Airflow worker died goes on; the next try waits for its lease, and is
tried again after it. Research use only, not a medical device.""",
) as dag:

    def submit(stage):
        request = "job('" + stage + "', params, data_interval_start | default(none))"
        return (GateJobOperator if stage == "gate" else EmrServerlessStartJobOperator)(
            task_id="submit",
            application_id="{{ params.application }}",
            execution_role_arn="{{ params.role }}",
            name=f"rtcn-{stage}",
            job_driver="{{ " + request + "['jobDriver'] }}",
            configuration_overrides="{{ " + request + "['configurationOverrides'] }}",
            waiter_delay=POLL_SECONDS,
            waiter_max_attempts=int(12 * 3600 / max(POLL_SECONDS, 1)),
        )

    released(submit)
