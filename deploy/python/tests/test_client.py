"""The client against the product: RTCN_RUN is a run, RTCN_PREDICTED one that `predict` made of RTCN_RUN's raw recordings with
RTCN_MODEL, the same model as exported. Without them only what needs no product is tested."""

import os
import sys
import unittest
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.compute as pc

from rtcn_client import LEADS, NoBeatError, OnnxModel, Preprocessing, Run
from rtcn_client.preprocessing import resample, twelve_leads

SETTINGS = {
    "rtcn.transform." + key: value
    for key, value in {
        "baseline": "none", "denoise": "band-pass", "notch-hz": "50", "band-low-hz": 0.5, "band-high-hz": 40, "max-gap-s": 0.04,
        "window.cut": "fixed", "window.fs-hz": 500, "window.samples": 320, "window.samples-before-r": 120, "flat-mv": 0.005,
        "max-mv": 20, "poor-leads": "refuse", "beyond-ends": "refuse", "max-beats-per-record": 8, "image.scale": "bins",
        "image.first-voice": 1, "image.voice-step": 1, "image.voices": 24, "image.low-hz": 0.5, "image.high-hz": 40,
        "image.columns": 32, "image.gamma": 1, "image.p": 1, "image.digits": 11, "image.phase": "keep",
    }.items()
}


class PreprocessingTest(unittest.TestCase):
    def test_a_cosine_is_seen_at_its_voice(self):
        preprocessing = Preprocessing(SETTINGS)
        hz = preprocessing.voices()[9]
        time = (np.arange(320) - 120) / 500
        windows = np.tile(np.cos(2 * np.pi * hz * time), (1, 12, 1)).astype(np.float32)
        images = preprocessing.images(windows)
        self.assertEqual(images.magnitude.shape, (1, 12, 24, 32))
        self.assertEqual(int(images.magnitude[0, 0, :, 16].argmax()), 9)
        np.testing.assert_allclose(images.magnitude[0, 0, 9], 0.5, rtol=1e-3)
        np.testing.assert_allclose(images.phase[0, 0, 9], 0, atol=2e-3)

    def test_resampling_keeps_slow_waves(self):
        for source, target in ((1000, 500), (100, 500), (257, 500)):
            time = np.arange(int(4 * source)) / source
            out = resample(np.sin(2 * np.pi * 7 * time)[np.newaxis], source, target)[0]
            at = np.arange(len(out)) / target
            inner = (at > 1) & (at < 3)
            np.testing.assert_allclose(out[inner], np.sin(2 * np.pi * 7 * at[inner]), atol=1e-4)

    def test_limb_leads_are_derived(self):
        rows = np.random.default_rng(1).normal(size=(8, 50))
        names = ["II", "I", "V1", "V2", "V3", "V4", "V5", "V6"]
        leads = twelve_leads(names, rows)
        np.testing.assert_allclose(leads[2], rows[0] - rows[1])
        np.testing.assert_allclose(leads[3], -(rows[0] + rows[1]) / 2)
        with self.assertRaisesRegex(ValueError, "V6"):
            twelve_leads(names[:-1], rows[:-1])

    def test_what_holds_no_beat_says_why(self):
        preprocessing = Preprocessing(SETTINGS)
        noise = np.random.default_rng(1).normal(size=(12, 5000))
        for signal, why in ((np.zeros((12, 5000)), "never moves"), (noise[:, :100], "less than a window"),
                            (np.full((12, 5000), np.nan), "no valid sample"), (noise, "R peaks found")):
            with self.assertRaisesRegex(NoBeatError, why):
                preprocessing.beats(signal, 500)

    def test_other_preprocessing_is_refused(self):
        with self.assertRaisesRegex(NotImplementedError, "denoise = wavelet"):
            Preprocessing({**SETTINGS, "rtcn.transform.denoise": "wavelet"})


@unittest.skipUnless("RTCN_RUN" in os.environ, "no run")
class ProductTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.run_, cls.predicted = Run(os.environ["RTCN_RUN"]), Run(os.environ["RTCN_PREDICTED"])
        cls.model = OnnxModel(os.environ["RTCN_MODEL"])

    def test_tables_are_the_same_by_every_way(self):
        count = self.run_.dataset("beats").count_rows()
        self.assertEqual(len(self.run_.pandas("beats", ["beat_id"])), count)
        self.assertEqual(self.run_.polars("beats", ["beat_id", "fold"]).shape, (count, 2))
        found = self.run_.duckdb().sql("SELECT count(*), count(DISTINCT fold) FROM beats").fetchall()[0]
        self.assertEqual(found[0], count)
        fold = pc.field("fold") == 1
        self.assertEqual(set(self.run_.arrow("beats", ["fold"], fold)["fold"].to_pylist()), {1})
        with self.assertRaisesRegex(FileNotFoundError, "Cannot find the table nowhere"):
            self.run_.arrow("nowhere")
        self.assertTrue(self.run_.is_simulated())

    def test_images_of_the_table_give_its_probabilities(self):
        """Product's images, ONNX's network."""
        images = self.predicted.pandas("spectrograms").sort_values("beat_id")
        answers = self.predicted.pandas("predictions", where=pc.field("level") == "beat").sort_values("id")
        shape = (len(images), *images[["n_leads", "n_voices", "n_columns"]].iloc[0])
        from rtcn_client import Images

        computed = self.model.predict(Images(np.stack(images["magnitude"]).reshape(shape), np.stack(images["phase"]).reshape(shape)))
        self.assertEqual(list(images["beat_id"]), list(answers["id"]))
        apart = np.abs(computed - np.stack(answers["probabilities"])).max()
        print(f"onnx: {len(images)} beats, probabilities differ by {apart:.1e} at most", file=sys.stderr)
        self.assertLess(apart, 1e-5)

    def test_one_answer_by_every_way(self):
        """Tables, SQL views and the exported model's metadata: healthy and infarcted at once nowhere."""
        views = (Path(__file__).parents[2] / "sql/duckdb-views.sql").read_text()
        infarcts = [c for c in self.model.classes if c != "HC"]
        for run in (self.run_, self.predicted):
            table = run.pandas("predictions").set_index(["level", "id"]).sort_index()
            self.assertTrue(table.index.is_unique)
            np.testing.assert_array_equal(table["predicted"].isin(infarcts), table["probability_mi"] >= table["threshold"])
            np.testing.assert_array_equal(table["threshold"], np.float32(self.model.threshold))
            with duckdb.connect() as database:
                for view in views.split(";"):
                    if "tables/predictions/" in view:
                        database.execute(view.replace("${RUN}", str(run.root)))
                seen = database.sql("SELECT * FROM predictions").df().set_index(["level", "id"]).sort_index()
            self.assertEqual(list(seen.index), list(table.index))
            self.assertEqual(list(seen["predicted"]), list(table["predicted"]))
            for (_, _), row in table.iterrows():
                chosen = max((c for c in self.model.classes if (c in infarcts) == (row["predicted"] in infarcts)),
                             key=lambda c: row["probabilities"][self.model.classes.index(c)])
                self.assertEqual(row["predicted"], chosen)

    def test_recordings_give_the_products_answers(self):
        """From WFDB files to probabilities, all in Python."""
        records = self.predicted.pandas("records")
        beats = self.predicted.pandas("beats", ["record_id", "beat_index", "r_sample", "beat_id", *(f"lead_{n.lower()}" for n in LEADS)])
        images = self.predicted.pandas("spectrograms", ["beat_id", "magnitude", "phase"]).set_index("beat_id")
        answers = self.predicted.pandas("predictions", where=pc.field("level") == "record").set_index("id")
        worst, image_apart, phase_apart = 0.0, 0.0, 0.0
        for record in records.itertuples():
            header = Path(record.source_path.removeprefix("file:"))
            answer = self.model.diagnose_wfdb(header)
            expected = answers.loc[record.record_id]
            apart = np.abs(np.array(list(answer.probabilities.values())) - expected["probabilities"]).max()
            worst = max(worst, float(apart))
            self.assertEqual(answer.predicted, expected["predicted"], record.record_id)
            own = beats[beats["record_id"] == record.record_id].sort_values("beat_index")
            self.assertEqual([int(answer.r_samples[i]) for i in own["beat_index"]], list(own["r_sample"]), record.record_id)
            windows = np.stack([np.stack([row[f"lead_{n.lower()}"] for n in LEADS]) for _, row in own.iterrows()])
            made = self.model.preprocessing.images(windows)
            theirs = images.loc[own["beat_id"]]
            magnitude = np.stack(theirs["magnitude"]).reshape(made.magnitude.shape)
            image_apart = max(image_apart, float(np.abs(made.magnitude - magnitude).max()))
            turn = made.phase - np.stack(theirs["phase"]).reshape(made.magnitude.shape)
            turn = np.abs((turn + np.pi) % (2 * np.pi) - np.pi)
            phase_apart = max(phase_apart, float(turn[magnitude > 0.01].max()))
        print(f"client: {len(records)} recordings, R peaks the same, images within {image_apart:.1e} mV and {phase_apart:.1e} rad,"
              f" probabilities within {worst:.1e}", file=sys.stderr)
        self.assertLess(worst, 1e-4)
        # A digit of the stored image may fall the other way.
        self.assertLess(image_apart, 2e-3)

    def test_observations_are_fhir_and_say_what_they_are(self):
        from fhir.resources.R4B.bundle import Bundle
        from fhir.resources.R4B.observation import Observation

        from rtcn_client import fhir

        made = fhir.bundle(self.predicted)
        Bundle.model_validate(made)
        answers = self.predicted.pandas("predictions", where=pc.field("level") == "record").sort_values("id")
        self.assertEqual(len(made["entry"]), len(answers))
        self.assertEqual(len({entry["fullUrl"] for entry in made["entry"]}), len(answers))
        self.assertRegex(made["entry"][0]["fullUrl"], "^urn:uuid:[0-9a-f-]{36}$")
        for entry, (_, answer) in zip(made["entry"], answers.iterrows()):
            checked = Observation.model_validate(entry["resource"])
            self.assertEqual(checked.status, "preliminary")
            self.assertEqual(checked.valueCodeableConcept.coding[0].code, answer["predicted"])
            self.assertEqual({tag.code for tag in checked.meta.security}, {"HRESCH", "HTEST"})
            self.assertIn("not a diagnosis", checked.note[0].text)
            self.assertIn("simulated", checked.note[0].text)
            self.assertAlmostEqual(sum(float(part.valueQuantity.value) for part in checked.component), 1, places=4)
        with self.assertRaises(Exception):
            Observation.model_validate({**made["entry"][0]["resource"], "status": None})

    def test_pictures(self):
        import matplotlib

        matplotlib.use("Agg")
        from rtcn_client import plot

        record = self.run_.arrow("records", ["record_id"])["record_id"][0].as_py()
        beat = self.run_.arrow("beats", ["beat_id"])["beat_id"][0].as_py()
        for figure in (plot.recording(self.run_, record), plot.beat(self.run_, beat)):
            words = [text.get_text() for text in figure.findobj(lambda item: hasattr(item, "get_text"))]
            self.assertTrue(any("SIMULATED ECG" in word for word in words))
            self.assertTrue(any(len(line.get_xdata()) > 100 for line in figure.findobj(matplotlib.lines.Line2D)))
        with self.assertRaisesRegex(KeyError, "Cannot find record_id = nobody"):
            plot.recording(self.run_, "nobody")


if __name__ == "__main__":
    unittest.main()
