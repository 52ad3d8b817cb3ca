"""rtcn-spark on a Spark that is at hand: local[*], standalone or YARN, one spark-submit per stage."""

import os
from datetime import datetime, timedelta

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

from rtcn_airflow import DAG, Param, ShortCircuitOperator
from rtcn_check import PARAMS, STAGES, arguments, checked

with DAG(
    dag_id="rtcn_local",
    schedule=None,
    start_date=datetime(2025, 1, 1),
    catchup=False,
    max_active_runs=1,
    # Lists and booleans of the parameters arrive as such.
    render_template_as_native_obj=True,
    user_defined_macros={"arguments": arguments},
    params={
        **PARAMS,
        "jar": Param(type="string", minLength=1, default=os.environ.get("RTCN_JAR", "/opt/rtcn/rtcn.jar"),
                     description="rtcn.jar, where spark-submit reaches it"),
        "properties": Param(type="object", default={}, description="Spark properties, e.g. {\"spark.executor.memory\": \"3g\"}"),
    },
    default_args={"retries": 0, "execution_timeout": timedelta(hours=24)},
    tags=["rtcn", "ecg"],
    doc_md="""Raw 12-lead ECG to an evaluated model, stage by stage; after each its manifest is read.

The connection `spark_default` (or the one that RTCN_SPARK_CONN names) says where: host `local[*]`, `spark://host:7077`
or `yarn`. `spark-submit` is looked for on the worker's PATH. Research use only, not a medical device.""",
) as dag:

    def submit(stage):
        return SparkSubmitOperator(
            task_id="submit",
            conn_id=os.environ.get("RTCN_SPARK_CONN", "spark_default"),
            name=f"rtcn {stage}",
            java_class="org.rtcn.jobs.cli.Main",
            application="{{ params.jar }}",
            application_args="{{ arguments('" + stage + "', params) }}",
            conf="{{ params.properties }}",
            verbose=False,
        )

    # With an input nothing is simulated; what follows goes on all the same.
    wanted = ShortCircuitOperator(
        task_id="simulate_wanted", python_callable=lambda params: not params.get("input"),
        ignore_downstream_trigger_rules=False, op_kwargs={})
    wanted >> checked(("simulate", *STAGES), submit)[0]
    dag.get_task("ingest.submit").trigger_rule = "none_failed"
