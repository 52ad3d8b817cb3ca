"""deploy/emr against moto's EMR, EMR Serverless and S3, in this process. An emulation: nothing here ran on AWS."""

import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

import boto3
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.emr.models import emr_backends
from moto.emrserverless.models import emrserverless_backends

EMR = Path(__file__).resolve().parent.parent / "emr"
sys.path.insert(0, str(EMR))
import rtcn_emr  # noqa: E402

_loader = importlib.machinery.SourceFileLoader("submit", str(EMR / "submit"))
submit = importlib.util.module_from_spec(importlib.util.spec_from_loader("submit", _loader))
_loader.exec_module(submit)

ENV = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
MANIFEST = {"exit": "success", "outputs": {"tables/x": 3}, "duration_s": 1.5}


class EmrTest(unittest.TestCase):
    def setUp(self):
        for patch in (mock.patch.dict("os.environ", ENV), mock_aws()):
            patch.start()
            self.addCleanup(patch.stop)
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(Bucket="bucket")
        self.emr = boto3.client("emr")
        self.backend = emr_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
        self.jar = Path(self.enterContext(__import__("tempfile").TemporaryDirectory())) / "rtcn.jar"
        self.jar.write_bytes(b"jar")
        self.started = []

    def options(self, *more, action="cluster"):
        return submit.parse([action, "--prefix", "s3://bucket/rtcn", "--input", "s3://bucket/ptb-xl", "--jar", str(self.jar), *more])

    def leave_manifest(self, stage, **changes):
        self.s3.put_object(Bucket="bucket", Key=f"rtcn/run/stages/{stage}/manifest.json",
                           Body=json.dumps({**MANIFEST, "stage": stage, **changes}))

    def work(self, ends=None, manifests=None):
        """What EMR would do while submit sleeps: one step after the other ends."""
        def sleep(_):
            flow = list(self.backend.clusters.values())[-1]
            for step in flow.steps:
                if step.state in ("PENDING", "STARTING", "RUNNING"):
                    stage = step.name.split()[-1]
                    self.started.append(stage)
                    step.state = (ends or {}).get(stage, "COMPLETED")
                    if step.state == "COMPLETED":
                        self.leave_manifest(stage, **(manifests or {}).get(stage, {}))
                    return
        return sleep

    def states(self):
        return [c["Status"]["State"] for c in self.emr.list_clusters()["Clusters"]]

    def test_stages_run_in_order_and_the_cluster_is_terminated(self):
        submit.cluster(self.options(), self.s3, self.emr, self.work())
        self.assertEqual(self.started, list(rtcn_emr.STAGES))
        self.assertEqual(self.states(), ["TERMINATED"])
        keys = {item["Key"] for item in self.s3.list_objects_v2(Bucket="bucket", Prefix="rtcn/")["Contents"]}
        self.assertLessEqual({"rtcn/rtcn.jar", "rtcn/bootstrap/natives.sh", "rtcn/bootstrap/gpu-cgroup.sh", "rtcn/bootstrap/discover"}, keys)
        flow = list(self.backend.clusters.values())[-1]
        self.assertEqual(flow.release_label, rtcn_emr.RELEASE)
        self.assertEqual([s.action_on_failure for s in flow.steps], ["CANCEL_AND_WAIT"] * 5)
        train = flow.steps[3].args
        self.assertEqual(train[-3:], ["train", "--run", "s3://bucket/rtcn/run"])
        self.assertIn("s3://bucket/rtcn/rtcn.jar", train)

    def test_a_failed_step_is_told_and_ends_the_cluster(self):
        with self.assertRaisesRegex(submit.StageFailed, "^transform failed on j-"):
            submit.cluster(self.options(), self.s3, self.emr, self.work(ends={"transform": "FAILED"}))
        self.assertEqual(self.started, ["ingest", "transform"])
        self.assertEqual(self.states(), ["TERMINATED"])

    def test_green_steps_without_manifest_are_no_success(self):
        with self.assertRaisesRegex(submit.StageFailed, "train left no s3://bucket/rtcn/run/stages/train/manifest.json"):
            def sleep(_):
                for step in list(self.backend.clusters.values())[-1].steps:
                    step.state = "COMPLETED"
                    if "train" not in step.name:
                        self.leave_manifest(step.name.split()[-1])
            submit.cluster(self.options(), self.s3, self.emr, sleep)
        self.assertEqual(self.states(), ["TERMINATED"])

    def test_a_manifest_of_failure_is_no_success(self):
        with self.assertRaisesRegex(submit.StageFailed, "evaluate ended with failure: full disk"):
            submit.cluster(self.options(), self.s3, self.emr,
                           self.work(manifests={"evaluate": {"exit": "failure", "message": "full disk"}}))

    def test_gpu_steps_ask_for_gpus_where_networks_are_computed(self):
        environment = self.jar.with_name("environment.tar.gz")
        environment.write_bytes(b"java")
        for kind, executors in (("gpu", 2), ("gpu8", 16)):
            submit.cluster(self.options("--kind", kind, "--nodes", "2", "--environment", str(environment)), self.s3, self.emr, self.work())
            flow = list(self.backend.clusters.values())[-1]
            for step in flow.steps:
                on_gpu = step.name.split()[-1] in ("augment", "train", "evaluate")
                for word in ("spark.executor.resource.gpu.amount=1", "s3://bucket/rtcn/bootstrap/discover",
                             "s3://bucket/rtcn/gpu-environment.tar.gz#gpu", "spark.executorEnv.JAVA_HOME=./gpu", f"spark.executor.instances={executors}"):
                    self.assertEqual(word in step.args, on_gpu, f"{step.name}: {word}")
                # The driver is on a host whose C library is too old: it takes what it finds.
                self.assertEqual(any("-Drtcn.gpu=require" in word for word in step.args if word.startswith("spark.executor.")), on_gpu)
                self.assertFalse([word for word in step.args if "rtcn.gpu" in word and not word.startswith("spark.executor.")])
            self.assertEqual([b.script_path for b in flow.bootstrap_actions],
                             ["s3://bucket/rtcn/bootstrap/natives.sh", "s3://bucket/rtcn/bootstrap/gpu-cgroup.sh"])
            sites = {c["Classification"]: c for c in rtcn_emr.configurations(kind)}
            self.assertEqual(sites["yarn-site"]["Properties"]["yarn.resource-types"], "yarn.io/gpu")
        self.assertEqual(self.s3.get_object(Bucket="bucket", Key="rtcn/gpu-environment.tar.gz")["Body"].read(), b"java")

    def test_a_gpu_cluster_needs_a_java_that_brings_its_own_c_library(self):
        with self.assertRaisesRegex(SystemExit, "Cannot find .*/none.tar.gz: run TORCH_PYTHON=… deploy/gpu/environment"):
            submit.cluster(self.options("--kind", "gpu", "--environment", str(self.jar.with_name("none.tar.gz"))), self.s3, self.emr)
        self.assertEqual(self.states(), [])

    def test_graviton_has_a_jar_and_a_java_of_its_own_on_every_node(self):
        submit.cluster(self.options("--kind", "arm64"), self.s3, self.emr, self.work())
        flow = rtcn_emr.job_flow("arm64", "x", "s3://bucket/rtcn", 4)
        instances = {c["InstanceType"] for f in flow["Instances"]["InstanceFleets"] for c in f["InstanceTypeConfigs"]}
        self.assertTrue(instances and all(re.fullmatch(r"[mr]\dg\..*", name) for name in instances), instances)
        self.assertIn("corretto.aarch64", json.dumps(flow["Configurations"]))
        self.assertEqual(rtcn_emr.serverless_application("x", "arm64")["architecture"], "ARM64")
        job = rtcn_emr.serverless_job("a", "r", "ingest", "jar", [], "s3://bucket/rtcn", "arm64")
        self.assertNotIn("x86_64", json.dumps(job))
        with self.assertRaisesRegex(SystemExit, "Cannot find .*/rtcn-arm64.jar: run ./mvnw -Parm64"):
            with mock.patch.object(submit, "HERE", self.jar.parent / "a/b"):
                submit.upload(mock.Mock(prefix="s3://bucket/rtcn", jar=None, kind="arm64"), self.s3)

    def test_serverless_runs_the_stages_and_deletes_the_application(self):
        client = boto3.client("emr-serverless")
        backend = emrserverless_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
        seen = []
        real = client.start_job_run

        def start(**request):
            answer = real(**request)
            stage = request["name"].split("-")[1]
            seen.append(stage)
            self.assertNotIn("yarn", request["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"])
            for runs in backend.job_runs.values():
                for job in runs:
                    job.state = "SUCCESS"
            self.leave_manifest(stage)
            return answer

        with mock.patch.object(client, "start_job_run", start):
            submit.serverless(self.options("--role", "arn:aws:iam::123456789012:role/rtcn", "--stages", "ingest,transform", action="serverless"),
                              self.s3, client, lambda _: None)
        self.assertEqual(seen, ["ingest", "transform"])

    def test_what_the_user_can_mend_is_one_line(self):
        for arguments, message in (
                (["cluster", "--prefix", "s3://b/x"], "Cannot ingest without --input"),
                (["cluster"], "without --prefix"),
                (["serverless", "--prefix", "s3://b/x", "--input", "s3://b", "--kind", "gpu"], "Cannot use GPUs on EMR Serverless"),
                (["cluster", "--prefix", "/tmp/x", "--input", "s3://b"], "Invalid location '/tmp/x'"),
                (["cluster", "--prefix", "s3://b/x", "--input", "s3://b", "--stages", "trian"], "Cannot run the stage trian")):
            done = subprocess.run([sys.executable, EMR / "submit", *arguments], capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(message, done.stderr)
            self.assertNotIn("Traceback", done.stderr)

    def test_templates_and_steps_follow_the_code_and_pass_cfn_lint(self):
        for name, content in rtcn_emr.files().items():
            self.assertEqual((EMR / name).read_text(), content, f"{name}: run deploy/emr/submit templates")
        lint = subprocess.run([Path(sys.executable).parent / "cfn-lint", *map(str, EMR.glob("cluster-*.json"))],
                              capture_output=True, text=True)
        self.assertEqual(lint.returncode, 0, lint.stdout + lint.stderr)

    def test_no_account_or_secret_stands_in_the_files(self):
        for file in EMR.rglob("*"):
            if file.is_file() and "__pycache__" not in str(file):
                self.assertIsNone(re.search(r"AKIA|\b\d{12}\b", file.read_text()), file)


if __name__ == "__main__":
    unittest.main()
