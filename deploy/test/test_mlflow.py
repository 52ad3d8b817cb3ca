"""What deploy/mlflow/log_run.py leaves on a server, read back through MLflow's client.

MLFLOW_TRACKING_URI is a server, RTCN_RUN an evaluated run, RTCN_MODEL its model as ONNX.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import mlflow
import numpy as np
from rtcn_client import Run

ROOT = Path(os.environ["RTCN_RUN"])


sys.path.insert(0, str(Path(__file__).parent.parent / "mlflow"))
import log_run  # noqa: E402


def script(*arguments):
    """Status, standard output and standard error, in this process: a new one takes seconds to import MLflow."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = log_run.main(list(arguments))
    return status, out.getvalue(), err.getvalue()


class MlflowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = mlflow.MlflowClient()
        status, _, problem = script(str(ROOT), "--onnx", os.environ["RTCN_MODEL"], "--pictures", "2")
        assert status == 0, problem
        (cls.experiment,) = [e for e in cls.client.search_experiments() if e.name == "rtcn"]
        (cls.run_,) = cls.client.search_runs([cls.experiment.experiment_id])
        cls.folder = tempfile.TemporaryDirectory()
        cls.files = Path(cls.client.download_artifacts(cls.run_.info.run_id, "", cls.folder.name))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_figures_are_those_of_the_table(self):
        rows = [row for row in Run(ROOT).arrow("metrics").to_pylist()
                if row["value"] is not None and row["subgroup"] is None and row["class"] is None]
        self.assertGreater(len(rows), 100)
        metrics = self.run_.data.metrics
        for row in rows:
            name = f"{row['level']}/{row['task']}/{row['variant']}/{row['name']}"
            self.assertEqual(metrics[name], row["value"], name)
            for end in ("ci_low", "ci_high"):
                self.assertEqual(metrics.get(f"{name}/{end}"), row[end], name)

    def test_the_learning_curve_goes_by_epoch(self):
        curve = json.loads((ROOT / "stages/train/manifest.json").read_text())["facts"]["training_curve"]
        logged = self.client.get_metric_history(self.run_.info.run_id, "train/loss")
        self.assertEqual([(point.step, point.value) for point in logged], [(point["epoch"], point["loss"]) for point in curve])

    def test_settings_manifests_report_and_model_are_whole(self):
        train = json.loads((ROOT / "stages/train/manifest.json").read_text())
        for key, value in train["configuration"].items():
            self.assertEqual(self.run_.data.params.get(key, self.run_.data.params.get(f"train/{key}")), value)
        pairs = {f"manifests/{path.parent.name}.json": path for path in ROOT.glob("stages/*/manifest.json")}
        self.assertEqual(len(pairs), 6)
        pairs |= {f"model/{path.name}": path for path in (ROOT / "models/rtcn").iterdir()}
        pairs |= {str(path.relative_to(ROOT)): path for path in (ROOT / "report").rglob("*") if path.is_file()}
        for name, path in pairs.items():
            self.assertEqual(digest(self.files / name), digest(path), name)
        self.assertEqual(self.run_.data.tags["rtcn.model_id"], train["facts"]["model_id"])

    def test_it_says_that_it_is_simulated(self):
        self.assertEqual(self.run_.data.tags["rtcn.simulated"], "true")
        self.assertTrue(self.run_.info.run_name.startswith("simulated: "))
        self.assertIn("not a medical device", self.run_.data.tags["mlflow.note.content"])
        self.assertIn("Simulated ECG", self.run_.data.tags["mlflow.note.content"])

    def test_pictures_are_drawn(self):
        names = sorted(path.name for path in (self.files / "pictures").iterdir())
        self.assertEqual(names, ["01-beat.png", "01-recording.png", "02-beat.png", "02-recording.png"])
        for path in (self.files / "pictures").iterdir():
            self.assertEqual(path.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
            self.assertGreater(path.stat().st_size, 20_000)

    def test_the_model_answers_as_the_exported_file_does(self):
        import onnxruntime

        (model,) = mlflow.search_logged_models([self.experiment.experiment_id], output_format="list")
        session = onnxruntime.InferenceSession(os.environ["RTCN_MODEL"])
        random = np.random.default_rng(1)
        beats = {i.name: random.random([3, *i.shape[1:]], dtype=np.float32) for i in session.get_inputs()}
        loaded = mlflow.pyfunc.load_model(model.model_uri).predict(beats)
        np.testing.assert_allclose(loaded["probabilities"], session.run(None, beats)[0], atol=1e-6)

    def test_a_run_is_logged_once(self):
        status, said, problem = script(str(ROOT))
        self.assertEqual(status, 0, problem)
        self.assertIn(f"is there already: run {self.run_.info.run_id}", said)
        self.assertEqual(len(self.client.search_runs([self.experiment.experiment_id])), 1)

    def test_without_pictures_no_recording_is_shown(self):
        status, _, problem = script(str(ROOT), "--experiment", "bare", "--pictures", "0")
        self.assertEqual(status, 0, problem)
        (bare,) = [e for e in self.client.search_experiments() if e.name == "bare"]
        (found,) = self.client.search_runs([bare.experiment_id])
        names = {f.path for f in self.client.list_artifacts(found.info.run_id)}
        self.assertEqual(names, {"manifests", "model", "report"})
        self.assertEqual({f.path for f in self.client.list_artifacts(found.info.run_id, "report")},
                         {"report/report.html", "report/metrics.json"})
        kept = {Path(f.path).name for f in self.client.list_artifacts(self.run_.info.run_id, "model")}
        left = {Path(f.path).name for f in self.client.list_artifacts(found.info.run_id, "model")}
        self.assertEqual(kept - left, {"rtcn-beats.safetensors"})

    def test_what_is_no_evaluated_run_is_refused_in_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "tables/metrics", Path(folder) / "tables/metrics")
            for place, words in ((folder, "run rtcn evaluate first"), (f"{folder}/nowhere", "Cannot find")):
                status, _, problem = script(place)
                self.assertEqual((status, len(problem.splitlines())), (2, 1), problem)
                self.assertIn(words, problem)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    unittest.main()
