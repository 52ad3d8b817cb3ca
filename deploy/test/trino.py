"""Does Trino find in a run's tables what pyarrow finds? Usage: trino.py RUN ENDPOINT

The tables are declared as deploy/sql/athena.sql declares them for Athena, whose engine is of Trino's family, fold projected; every value
of every row is compared to the bit, NaN as NaN. The server's catalog hive sees this machine's files below local:///.
"""

import json
import math
import re
import struct
import sys
import time
import urllib.request
from pathlib import Path

import pyarrow.dataset

ATHENA = Path(__file__).resolve().parent.parent / "sql/athena.sql"
TYPES = {"string": "varchar", "float": "real", "int": "integer"}


class Trino:
    """Trino's protocol: a statement is posted, and its answer read page by page."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def ask(self, statement, tries=60):
        """Columns and rows. A server that has just started does not know its own node yet."""
        request = urllib.request.Request(f"{self.endpoint}/v1/statement", statement.encode(), {"X-Trino-User": "rtcn"})
        columns, rows = [], []
        while True:
            with urllib.request.urlopen(request, timeout=120) as answer:
                page = json.load(answer)
            if tries and page.get("error", {}).get("errorName") == "NO_NODES_AVAILABLE":
                time.sleep(1)
                return self.ask(statement, tries - 1)
            if "error" in page:
                raise SystemExit(f"trino: {page['error']['message']}\n{statement}")
            columns = page.get("columns", columns)
            rows += page.get("data", [])
            if "nextUri" not in page:
                return columns, rows
            request = page["nextUri"]


def declarations(run):
    """Table to its CREATE TABLE of Trino, from Athena's."""
    for name, body, rest in re.findall(r"CREATE EXTERNAL TABLE IF NOT EXISTS rtcn\.(\w+) \(\n(.*?)\n\)\n(.*?);", ATHENA.read_text(), re.S):
        if not (run / "tables" / name).is_dir():
            continue
        columns = [(column, _type(kind)) for column, kind in re.findall(r"^  `(\w+)` (\S+)", body, re.M)]
        place = f"local://{run}/tables/{name}"
        options = ["format = 'PARQUET'", f"external_location = '{place}/'"]
        lines = [f"{column} {kind}" for column, kind in columns]
        partition = re.search(r"PARTITIONED BY \(`(\w+)` int\)", rest)
        if partition:
            low, high = re.search(r"range' = '(\d+),(\d+)'", rest).groups()
            lines.append(f"{partition[1]} integer WITH (partition_projection_type = 'INTEGER', partition_projection_range = ARRAY['{low}', '{high}'])")
            options += [f"partitioned_by = ARRAY['{partition[1]}']", "partition_projection_enabled = true",
                        f"partition_projection_location_template = '{place}/{partition[1]}=${{{partition[1]}}}/'"]
        yield name, f"CREATE TABLE hive.rtcn.{name} ({', '.join(lines)}) WITH ({', '.join(options)})"


def _type(kind):
    inner = re.fullmatch(r"array<(.*)>", kind)
    return f"array({_type(inner[1])})" if inner else TYPES.get(kind, kind)


def bits(value, kind):
    """A value as what is compared: numbers by their bits, all NaN alike."""
    if value is None:
        return None
    if kind.startswith("array"):
        return tuple(bits(item, kind[6:-1]) for item in value)
    if kind in ("real", "double"):
        number = float(value)
        return "NaN" if math.isnan(number) else struct.pack("<f" if kind == "real" else "<d", number)
    return value


def main():
    run, trino = Path(sys.argv[1]).resolve(), Trino(sys.argv[2])
    _, nodes = trino.ask("SELECT node_version FROM system.runtime.nodes")
    print(f"Trino {nodes[0][0]}")
    trino.ask("CREATE SCHEMA IF NOT EXISTS hive.rtcn")
    failed = False
    for name, declaration in declarations(run):
        trino.ask(f"DROP TABLE IF EXISTS hive.rtcn.{name}")
        trino.ask(declaration)
        columns, found = trino.ask(f"SELECT * FROM hive.rtcn.{name}")
        kinds = {column["name"]: column["type"] for column in columns}
        expected = pyarrow.dataset.dataset(run / "tables" / name, partitioning="hive").to_table()
        if set(expected.column_names) != set(kinds):
            failed = True
            print(f"Failed: {name} has the columns {sorted(expected.column_names)}, in Trino {sorted(kinds)}")
            continue
        theirs = sorted((tuple(bits(value, kind) for value, kind in zip(row, kinds.values())) for row in found), key=repr)
        values = zip(*(expected[column].to_pylist() for column in kinds))
        ours = sorted((tuple(bits(value, kind) for value, kind in zip(row, kinds.values())) for row in values), key=repr)
        failed |= theirs != ours
        print(f"{name}: {len(theirs)} rows, {'the same' if theirs == ours else 'Failed: other values than pyarrow finds'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
