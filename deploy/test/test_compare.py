"""compare.py finds what differs."""

import json
import tempfile
import unittest
from pathlib import Path

import duckdb

import compare


class CompareTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, run, query, table="beats", name="part.parquet"):
        place = self.folder / run / "tables" / table
        place.mkdir(parents=True, exist_ok=True)
        duckdb.sql(f"COPY ({query}) TO '{place / name}' (FORMAT parquet)")
        return self.folder / run

    def found(self, first, second):
        return compare.differences(self.write("a", first), self.write("b", second))["beats"]

    def test_the_same_rows_in_another_order_are_the_same(self):
        self.assertEqual(self.found("SELECT * FROM (VALUES (1, [1.5, 'nan'::FLOAT]), (2, NULL)) t(id, x)",
                                    "SELECT * FROM (VALUES (2, NULL), (1, [1.5, 'nan'::FLOAT])) t(id, x)"), (2, 2, 0))

    def test_another_last_bit_is_another_row(self):
        self.assertEqual(self.found("SELECT 1 AS id, [0.1::FLOAT] AS x", "SELECT 1 AS id, [0.1000001::FLOAT] AS x"), (1, 1, 2))

    def test_a_row_twice_is_not_a_row_once(self):
        self.assertEqual(self.found("SELECT 1 AS id UNION ALL SELECT 1", "SELECT 1 AS id"), (2, 1, 1))

    def test_other_columns_are_a_difference(self):
        self.assertEqual(self.found("SELECT 1 AS id", "SELECT 1 AS id, 2 AS x")[2], -1)

    def test_manifests_tell_models_apart(self):
        for run, model in (("a", "11"), ("b", "11"), ("c", "12")):
            place = self.folder / run / "stages/train"
            place.mkdir(parents=True)
            (place / "manifest.json").write_text(json.dumps({"contents": {
                "models/rtcn": {"files": 3, "bytes": 9, "digest": model}, "report": {"files": 1, "bytes": 2},
                "tables/records": {"files": 1, "bytes": 2, "digest": run}}}))
        found = [compare.contents(self.folder / run) for run in "abc"]
        self.assertEqual(found[0], {"models/rtcn": "11"})
        self.assertEqual(found[0], found[1])
        self.assertNotEqual(found[0], found[2])

    def test_a_missing_table_is_a_difference(self):
        self.write("a", "SELECT 1 AS id", "signals")
        self.assertEqual(set(compare.differences(self.write("a", "SELECT 1 AS id"), self.write("b", "SELECT 1 AS id"))), {"tables"})


if __name__ == "__main__":
    unittest.main()
