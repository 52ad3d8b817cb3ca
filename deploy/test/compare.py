"""Are the tables and models of two runs the same? Usage: compare.py FIRST SECOND

DuckDB reads the Parquet files of both row by row; every column counts, NaN equals NaN. Left out is only what
says where and when the input was read. Models are the same if their manifests have the same ids: SHA-256 over
weights, standardizer and all else that an answer depends on. The manifests' own digests of the rows must agree
with what DuckDB finds.
"""

import json
import sys
from pathlib import Path

import duckdb

# records.source_stamp holds the modification time of the source files.
NOT_COMPARED = {"records": ["source_path", "source_stamp"]}


def tables(run):
    return sorted(folder.name for folder in Path(run, "tables").iterdir() if folder.is_dir())


def scan(run, table):
    return (f"read_parquet('{run}/tables/{table}/**/*.parquet', hive_partitioning = true, "
            "union_by_name = true)")


def differences(first, second):
    """Table to (rows of the first, rows of the second, rows in one alone)."""
    if tables(first) != tables(second):
        return {"tables": (tables(first), tables(second), -1)}
    database = duckdb.connect()
    found = {}
    for table in tables(first):
        counts, columns_of = [], []
        for name, run in (("a", first), ("b", second)):
            leave = NOT_COMPARED.get(table)
            columns = f"* EXCLUDE ({', '.join(leave)})" if leave else "*"
            database.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {columns} FROM {scan(run, table)}")
            columns_of.append(database.execute(f"DESCRIBE {name}").fetchall())
            counts.append(database.execute(f"SELECT count(*) FROM {name}").fetchone()[0])
        if columns_of[0] != columns_of[1]:
            found[table] = (*counts, -1)
            continue
        alone = database.execute(
            "SELECT (SELECT count(*) FROM (FROM a EXCEPT ALL FROM b))"
            " + (SELECT count(*) FROM (FROM b EXCEPT ALL FROM a))").fetchone()[0]
        found[table] = (*counts, alone)
    return found


def contents(run):
    """Path of each table and model to the digest in its manifest."""
    found = {}
    for manifest in sorted(Path(run, "stages").glob("*/manifest.json")):
        for path, content in json.loads(manifest.read_text())["contents"].items():
            if "digest" in content and path.split("/")[-1] not in NOT_COMPARED:
                found[path] = content["digest"]
    return found


def main():
    found = differences(sys.argv[1], sys.argv[2])
    bad = 0
    for table, (first, second, alone) in found.items():
        differs = first != second or alone
        bad += bool(differs)
        print(f"{table:24} {first!s:>8} {second!s:>8}  {'DIFFERENT: ' + str(alone) + ' rows' if differs else 'same'}")
    if not found:
        print("no tables")
    first, second = contents(sys.argv[1]), contents(sys.argv[2])
    for path in sorted(first.keys() | second.keys()):
        differs = first.get(path) != second.get(path)
        bad += differs
        if differs or path.startswith("models/"):
            print(f"{path:24} {first.get(path)} {second.get(path)}  {'DIFFERENT digests' if differs else 'same'}")
    sys.exit(1 if bad or not found else 0)


if __name__ == "__main__":
    main()
