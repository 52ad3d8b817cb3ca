"""deploy/airflow under Airflow 3: three nights of arriving simulated ECG, with a bad file, a killed driver and a planted drift; the
same DAG on an emulated EMR Serverless; the deadline.

RTCN_TEST_NIGHTS is an empty folder, RTCN_TEST_RAW a folder of simulated recordings by patient, RTCN_TEST_MODEL a model,
RTCN_TEST_CONFIG the overlay, RTCN_JAR the jar; spark-submit stands on PATH.
"""

import http.server
import json
import os
import re
import shutil
import signal
import sys
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

import duckdb
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.models.backfill import _get_info_list
from airflow.serialization.serialized_objects import DagSerialization

DAGS = Path(__file__).resolve().parent.parent / "airflow/dags"
STAGES = ["ingest", "predict", "gate"]
NIGHTS = ["2026-03-01", "2026-03-02", "2026-03-03"]


class NightlyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.alerts = []

        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                cls.alerts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        cls.hook = http.server.HTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=cls.hook.serve_forever, daemon=True).start()
        os.environ["RTCN_ALERT_URL"] = f"http://127.0.0.1:{cls.hook.server_port}/"
        cls.addClassCleanup(cls.hook.shutdown)

    def setUp(self):
        self.alerts.clear()
        self.bag = BundleDagBag(dag_folder=DAGS, bundle_path=DAGS, bundle_name="dags-folder")

    def run_of(self, dag, night, **conf):
        """The scheduled run of a night, at the end of its data interval."""
        end = datetime.fromisoformat(night).replace(hour=12, tzinfo=timezone.utc) + timedelta(days=1)
        done = self.bag.dags[dag].test(logical_date=end, run_conf=conf)
        return done, {ti.task_id: ti for ti in done.get_task_instances()}

    def test_the_dags_import_and_their_parameters_are_typed(self):
        self.assertEqual(self.bag.import_errors, {})
        self.assertEqual(set(self.bag.dags), {"rtcn_local", "rtcn_emr", "rtcn_nightly", "rtcn_nightly_serverless", "rtcn_watch"})
        for dag in self.bag.dags.values():
            for name in dag.params:
                param = dag.params.get_param(name)
                self.assertTrue(param.schema.get("type") and param.description, f"{dag.dag_id}: {name}")

    def test_a_backfill_works_on_the_nights_of_its_dates_in_their_order(self):
        rtcn_nights = sys.modules["rtcn_nights"]
        dag = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(self.bag.dags["rtcn_nightly"]))
        first, last = (datetime.fromisoformat(f"{night}T{time}+00:00") for night, time in ((NIGHTS[0], "00:00"), (NIGHTS[-1], "23:59")))
        infos = _get_info_list(from_date=first, to_date=last, reverse=False, dag=dag)
        self.assertEqual([rtcn_nights.night_of({}, info.data_interval.start) for info in infos], NIGHTS)
        line = rtcn_nights.arguments("predict", {"nights": "/n", "arrivals": "/a", "archive": "/r", "model": "/m", "look_back": 1}, infos[1].data_interval.start)
        self.assertEqual(line[line.index("--below") + 1], f"/a/{NIGHTS[1]}")
        self.assertEqual(line[line.index("--run") + 1], f"/n/{NIGHTS[1]}")
        # Each is compared with those before it.
        self.assertEqual(dag.max_active_runs, 1)

    def test_three_nights(self):
        home = Path(os.environ["RTCN_TEST_NIGHTS"])
        arrivals, archive, nights = (home / name for name in ("arrivals", "archive", "nights"))
        conf = {"arrivals": str(arrivals), "archive": str(archive), "nights": str(nights), "model": os.environ["RTCN_TEST_MODEL"],
                "config": os.environ["RTCN_TEST_CONFIG"], "jar": os.environ["RTCN_JAR"], "settings": ["gate.max-rejects-share=0.2"],
                "properties": json.loads(os.environ["RTCN_TEST_PROPERTIES"])}
        patients = sorted(Path(os.environ["RTCN_TEST_RAW"]).glob("patient*"))
        self.assertEqual(len(patients), 24)
        for number, night in enumerate(NIGHTS):
            for patient in patients[number::3]:
                shutil.copytree(patient, home / "later" / night / patient.name)
        (home / "later" / NIGHTS[0] / "broken.hea").write_text("broken 12 500 5000\nno header\n")
        for header in (home / "later" / NIGHTS[2]).rglob("*.hea"):
            header.write_text(re.sub(r" 2000\(0\)/mV", " 1000(0)/mV", header.read_text()))
        arrivals.mkdir()

        # The first: one file of nine is bad. It is refused, and nothing else is lost.
        (home / "later" / NIGHTS[0]).rename(arrivals / NIGHTS[0])
        done, tasks = self.run_of("rtcn_nightly", NIGHTS[0], **conf)
        self.assertEqual({name: ti.state for name, ti in tasks.items() if ti.state != "success"}, {})
        self.assertEqual(self.ingested(archive), {"read": 9, "kept": 8, "unchanged": 0})
        self.assertEqual(self.rows(nights / NIGHTS[0], "rejects", "reason"), [("HEADER_MALFORMED",)])
        self.assertEqual(len(self.rows(nights / NIGHTS[0], "predictions", "id", "level = 'record'")), 8)

        # The second: its driver is killed while it writes. The task is tried again, and nothing is harmed.
        (home / "later" / NIGHTS[1]).rename(arrivals / NIGHTS[1])
        killed = []
        killer = threading.Thread(target=self.kill, args=(nights / NIGHTS[1], killed), daemon=True)
        killer.start()
        done, tasks = self.run_of("rtcn_nightly", NIGHTS[1], **conf)
        killer.join(1)
        self.assertEqual(done.state, "success")
        self.assertEqual(len(killed), 1, "the driver was not killed")
        self.assertEqual(tasks["predict.submit"].try_number, 2)
        self.assertEqual(self.ingested(archive), {"read": 17, "kept": 16, "unchanged": 8})
        self.assertEqual([p.name for p in (nights / NIGHTS[1]).iterdir() if p.name.startswith(".")], [])
        first, second = (set(self.rows(nights / night, "records", "record_id")) for night in NIGHTS[:2])
        self.assertEqual((len(first), len(second), len(first & second)), (8, 8, 0))
        self.assertEqual(self.alerts, [])

        # The third: gains were changed at the source. The gate closes, once, and somebody is told why.
        (home / "later" / NIGHTS[2]).rename(arrivals / NIGHTS[2])
        done, tasks = self.run_of("rtcn_nightly", NIGHTS[2], **conf)
        self.assertEqual(done.state, "failed")
        self.assertEqual((tasks["gate.submit"].state, tasks["gate.submit"].try_number), ("failed", 1))
        self.assertEqual(tasks["released"].state, "upstream_failed")
        self.assertEqual(self.ingested(archive), {"read": 25, "kept": 24, "unchanged": 16})
        failed = self.rows(nights / NIGHTS[2], "gate", "name, n, reference_n", "verdict = 'fail'")
        self.assertIn(("amplitude_mv", 8, 16), failed)
        self.assertEqual(len(self.alerts), 1, self.alerts)
        self.assertRegex(self.alerts[0], r"^rtcn: rtcn_nightly, manual__.*: gate.submit failed: The gate is closed for .*: amplitude_mv ")

        # The deadline: the second night stands, the third does not, and of the fourth there is nothing.
        for night, state in zip([*NIGHTS[1:], "2026-03-04"], ("success", "failed", "failed")):
            done, _ = self.run_of("rtcn_watch", night, nights=str(nights))
            self.assertEqual(done.state, state, night)
        self.assertEqual(len(self.alerts), 3, self.alerts)
        self.assertIn("Cannot accept gate: ", self.alerts[2])

    def kill(self, run, killed):
        """SIGKILL to the driver as soon as a file of predict's own work stands in staging."""
        end = time.monotonic() + 120
        while time.monotonic() < end and not killed:
            time.sleep(0.05)
            claims = list(run.glob(".lease/*/claim.json"))
            if claims and any(f.is_file() for f in run.glob(".staging/*/**/*")):
                try:
                    process = json.loads(claims[0].read_text())["owner"]["process"]
                except (OSError, ValueError):
                    continue
                os.kill(process, signal.SIGKILL)
                killed.append(process)

    @staticmethod
    def ingested(archive):
        counts = json.loads((archive / "stages/ingest/manifest.json").read_text())["counts"]
        return {name: counts.get(name, 0) for name in ("read", "kept", "unchanged")}

    @staticmethod
    def rows(run, table, columns, where="true"):
        return duckdb.sql(f"SELECT {columns} FROM '{run}/tables/{table}/**/*.parquet' WHERE {where} ORDER BY 1").fetchall()

    def test_a_night_on_an_emulated_emr_serverless(self):
        import boto3
        from moto import mock_aws
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.emrserverless.models import emrserverless_backends

        with mock_aws():
            boto3.client("s3").create_bucket(Bucket="bucket")
            client = boto3.client("emr-serverless")
            application = client.create_application(name="rtcn", releaseLabel="emr-7.13.0", type="SPARK")["applicationId"]
            backend = emrserverless_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
            lines = {}
            stop = threading.Event()

            def serverless():
                while not stop.is_set():
                    for job in list(backend.job_runs.get(application, [])):
                        stage = job.name.split("-")[-1]
                        if stage not in lines:
                            line = job.job_driver["sparkSubmit"]["entryPointArguments"]
                            run = line[line.index("--run") + 1].removeprefix("s3://bucket/")
                            boto3.client("s3").put_object(
                                Bucket="bucket", Key=f"{run}/stages/{stage}/manifest.json",
                                Body=json.dumps({"stage": stage, "exit": "success", "outputs": {"x": 1}, "counts": {}, "simulated": True,
                                                 "facts": {"gate": "open", "reasons": []}}))
                            lines[stage] = line
                        job.state = "SUCCESS"
                    time.sleep(0.2)

            worker = threading.Thread(target=serverless, daemon=True)
            worker.start()
            try:
                done, _ = self.run_of("rtcn_nightly_serverless", NIGHTS[0], application=application, prefix="s3://bucket/rtcn", look_back=2,
                                      role="arn:aws:iam::123456789012:role/rtcn",
                                      **{name: f"s3://bucket/rtcn/{name}" for name in ("nights", "arrivals", "archive", "model")})
            finally:
                stop.set()
                worker.join()
            self.assertEqual(done.state, "success")
            self.assertEqual(list(lines), STAGES)
            wait = ["--set", "run.lease.wait-s=90"]
            self.assertEqual(lines["ingest"], ["ingest", "--run", "s3://bucket/rtcn/archive", "--input", "s3://bucket/rtcn/arrivals", *wait,
                                               "--update"])
            self.assertEqual(lines["predict"], ["predict", "--run", "s3://bucket/rtcn/nights/2026-03-01", "--input", "s3://bucket/rtcn/archive",
                                                "--model", "s3://bucket/rtcn/model", "--below", "s3://bucket/rtcn/arrivals/2026-03-01", *wait,
                                                "--overwrite"])
            self.assertEqual(lines["gate"], ["gate", "--run", "s3://bucket/rtcn/nights/2026-03-01", "--against",
                                             "s3://bucket/rtcn/nights/2026-02-28", "--against", "s3://bucket/rtcn/nights/2026-02-27", *wait])


if __name__ == "__main__":
    unittest.main()
