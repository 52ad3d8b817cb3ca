"""deploy/airflow under Airflow 2.10 (test_nightly.py: under Airflow 3): imported, looked at, and the local DAG run end to end on simulated ECG.

RTCN_TEST_CONFIG names the overlay, RTCN_TEST_RUN the run directory, RTCN_JAR the jar; spark-submit stands on PATH.
"""

import contextlib
import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

from airflow.models import DagBag
from airflow.utils.state import DagRunState
from airflow.utils.trigger_rule import TriggerRule

DAGS = Path(__file__).resolve().parent.parent / "airflow/dags"
STAGES = ["ingest", "transform", "augment", "train", "evaluate"]


class AirflowTest(unittest.TestCase):
    def setUp(self):
        # Anew for each test: dag.test() leaves a run's parameters in the DAG.
        self.bag = DagBag(DAGS, include_examples=False)

    def test_all_dags_are_there_and_no_import_error(self):
        self.assertEqual(self.bag.import_errors, {})
        self.assertEqual(set(self.bag.dags), {"rtcn_local", "rtcn_emr", "rtcn_nightly", "rtcn_nightly_serverless", "rtcn_watch"})

    def test_every_parameter_is_typed_and_documented(self):
        for dag in self.bag.dags.values():
            for name in dag.params:
                param = dag.params.get_param(name)
                self.assertTrue(param.schema.get("type"), name)
                self.assertTrue(param.description, name)

    def test_each_stage_is_checked_before_the_next_one(self):
        dag = self.bag.dags["rtcn_local"]
        stages = ["simulate", *STAGES]
        for one, following in zip(stages, [*stages[1:], None]):
            self.assertEqual(dag.get_task(f"{one}.submit").downstream_task_ids, {f"{one}.check"})
            self.assertEqual(dag.get_task(f"{one}.check").downstream_task_ids, {f"{following}.submit"} if following else set())

    def test_the_cluster_is_terminated_whatever_happens_and_failure_is_seen(self):
        dag = self.bag.dags["rtcn_emr"]
        terminate = dag.get_task("terminate_cluster")
        self.assertEqual(terminate.trigger_rule, TriggerRule.ALL_DONE)
        self.assertIn("check_manifests", terminate.upstream_task_ids)
        # A leaf of its own: the leaf that terminates is green after any failure.
        self.assertEqual(dag.get_task("succeeded").upstream_task_ids, {"check_manifests"})
        self.assertEqual(dag.get_task("succeeded").downstream_task_ids, set())
        order = ["create_cluster", "add_steps", *(f"wait_{stage}" for stage in STAGES), "check_manifests"]
        for one, following in zip(order, order[1:]):
            self.assertIn(following, dag.get_task(one).downstream_task_ids)

    def test_the_check_believes_the_manifest_alone(self):
        import sys

        sys.path.insert(0, str(DAGS))
        import rtcn_check
        from airflow.exceptions import AirflowException

        run = Path(self.enterContext(__import__("tempfile").TemporaryDirectory()))
        with self.assertRaisesRegex(AirflowException, "Cannot accept train: .*No such file"):
            rtcn_check.check("train", str(run))
        place = run / "stages/train"
        place.mkdir(parents=True)
        manifest = {"stage": "train", "exit": "failure", "message": "full disk", "outputs": {"x": 1}, "counts": {}, "simulated": True}
        for change, error in (({}, "train ended with failure: full disk"), ({"exit": "success", "outputs": {}}, "wrote nothing"),
                              ({"exit": "success", "stage": "augment"}, "it is of augment, not of train")):
            (place / "manifest.json").write_text(json.dumps({**manifest, **change}))
            with self.assertRaisesRegex(AirflowException, error):
                rtcn_check.check("train", str(run))
        (place / "manifest.json").write_text(json.dumps({**manifest, "exit": "success"}))
        self.assertEqual(rtcn_check.check("train", str(run))["outputs"], {"x": 1})

    def test_the_local_dag_runs_end_to_end(self):
        run = os.environ["RTCN_TEST_RUN"]
        conf = {"run": run, "config": os.environ["RTCN_TEST_CONFIG"], "jar": os.environ["RTCN_JAR"],
                "properties": json.loads(os.environ["RTCN_TEST_PROPERTIES"])}
        done = self.bag.dags["rtcn_local"].test(run_conf=conf)
        self.assertEqual(done.state, DagRunState.SUCCESS)
        for stage in ["simulate", *STAGES]:
            self.assertEqual(done.get_task_instance(f"{stage}.submit").state, "success")
            self.assertEqual(done.get_task_instance(f"{stage}.check").state, "success")
        self.assertTrue(Path(run, "report/report.html").exists())

    def test_a_failed_stage_fails_the_run(self):
        conf = {"run": os.environ["RTCN_TEST_RUN"] + "-bad", "input": "/nowhere", "jar": os.environ["RTCN_JAR"],
                "properties": json.loads(os.environ["RTCN_TEST_PROPERTIES"])}
        done = self.bag.dags["rtcn_local"].test(run_conf=conf)
        self.assertEqual(done.state, DagRunState.FAILED)
        self.assertEqual(done.get_task_instance("simulate.submit").state, "skipped")
        self.assertEqual(done.get_task_instance("ingest.submit").state, "failed")
        self.assertEqual(done.get_task_instance("evaluate.check").state, "upstream_failed")

    def test_a_retry_beside_a_zombie(self):
        """Airflow's worker dies, its driver lives on: the retry is told so at once; when the driver is dead, it takes over."""
        run = Path(os.environ["RTCN_TEST_RUN"] + "-zombie")
        conf = {"run": str(run), "config": os.environ["RTCN_TEST_CONFIG"], "jar": os.environ["RTCN_JAR"],
                "properties": json.loads(os.environ["RTCN_TEST_PROPERTIES"])}
        long = {**conf, "settings": ["simulate.patients={HC=4000}"]}
        worker = subprocess.Popen(
            [Path(sys.executable).parent / "airflow", "dags", "test", "rtcn_local", "--conf", json.dumps(long)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            # What the worker says must be read, or it waits.
            threading.Thread(target=worker.stdout.read, daemon=True).start()
            self._await(lambda: any(run.glob(".staging/simulate-*/**/*")) and any(run.glob(".lease/*/claim.json")), worker)
            driver = json.loads(next(run.glob(".lease/*/claim.json")).read_text())["owner"]["process"]
            worker.kill()
            worker.wait()
            simulate = self.bag.dags["rtcn_local"].partial_subset(r"^simulate\.", include_upstream=False)
            start = time.monotonic()
            with self._logged() as said:
                done = simulate.test(run_conf=conf)
            seconds = time.monotonic() - start
            self.assertTrue(Path(f"/proc/{driver}").exists(), "the zombie had ended")
            self.assertEqual(done.get_task_instance("simulate.submit").state, "failed")
            self.assertIn("rtcn simulate is at work there (host ", said.getvalue())
            self.assertIn(f"process {driver} of ", said.getvalue())
            self.assertIn("Error code is: 2", said.getvalue())
            self.assertNotIn("\tat org.", said.getvalue())
            self.assertLess(seconds, 60)
            self.assertTrue(any(run.glob(".staging/simulate-*")), "the zombie's staging was swept")
        finally:
            # The worker's session: itself and the driver that outlived it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
        self._await(lambda: not Path(f"/proc/{driver}").exists())
        done = simulate.test(run_conf=conf)
        self.assertEqual(done.state, DagRunState.SUCCESS)
        self.assertEqual([p.name for p in run.iterdir() if p.name.startswith(".")], [])
        self.assertEqual(json.loads((run / "stages/simulate/manifest.json").read_text())["counts"]["records"], 24)
        print(f"the retry beside process {driver} was refused after {seconds:.1f} s, and took over when that was dead", flush=True)

    def _await(self, holds, process=None):
        end = time.monotonic() + 120
        while not holds():
            self.assertLess(time.monotonic(), end, "nothing happened within two minutes")
            self.assertFalse(process and process.poll() is not None, "it ended early")
            time.sleep(0.1)

    @contextlib.contextmanager
    def _logged(self):
        """What tasks log meanwhile, spark-submit's output included."""
        text = io.StringIO()
        handler = logging.StreamHandler(text)
        logger = logging.getLogger("airflow.task")
        logger.addHandler(handler)
        try:
            yield text
        finally:
            logger.removeHandler(handler)

    def test_the_emr_dag_runs_against_an_emulated_emr(self):
        import boto3
        from moto import mock_aws
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.emr.models import emr_backends

        with mock_aws():
            boto3.client("s3").create_bucket(Bucket="bucket")
            backend = emr_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
            seen = []
            stop = threading.Event()

            def emr():
                while not stop.is_set():
                    for flow in list(backend.clusters.values()):
                        for step in flow.steps:
                            if step.state in ("PENDING", "STARTING", "RUNNING"):
                                stage = step.name.split()[-1]
                                manifest = {"stage": stage, "exit": "success", "outputs": {"tables/x": 1}, "counts": {}, "simulated": True}
                                boto3.client("s3").put_object(
                                    Bucket="bucket", Key=f"rtcn/run/stages/{stage}/manifest.json", Body=json.dumps(manifest))
                                step.state = "COMPLETED"
                                seen.append(stage)
                                break
                    time.sleep(0.3)

            worker = threading.Thread(target=emr, daemon=True)
            worker.start()
            try:
                done = self.bag.dags["rtcn_emr"].test(run_conf={
                    "run": "s3://bucket/rtcn/run", "input": "s3://bucket/ptb-xl", "prefix": "s3://bucket/rtcn", "nodes": 3})
            finally:
                stop.set()
                worker.join()
            self.assertEqual(done.state, DagRunState.SUCCESS)
            self.assertEqual(seen, STAGES)
            self.assertEqual([c.state for c in backend.clusters.values()], ["TERMINATED"])


if __name__ == "__main__":
    unittest.main()
