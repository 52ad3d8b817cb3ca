"""A run's tables as Arrow, pandas, polars or DuckDB."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars


class Run:
    """The tables of a run directory, local or whatever URI pyarrow reads.

    ``columns`` and ``where`` (a pyarrow expression) say what is read: a table of images may be far larger than memory.
    """

    def __init__(self, root: str | PathLike[str]) -> None:
        self.root = str(root)
        if "://" not in self.root and not (Path(self.root) / "tables").is_dir():
            raise FileNotFoundError(f"Cannot find {self.root}/tables: give a run directory, what --run named")

    def tables(self) -> list[str]:
        """Names of the tables that hold something; of a local run."""
        return sorted(path.name for path in (Path(self.root) / "tables").iterdir() if any(path.rglob("*.parquet")))

    def dataset(self, table: str) -> ds.Dataset:
        """A table, not read yet."""
        if "://" not in self.root and table not in self.tables():
            raise FileNotFoundError(f"Cannot find the table {table} in {self.root}: there are {', '.join(self.tables())}")
        return ds.dataset(f"{self.root}/tables/{table}", format="parquet", partitioning="hive",
                          exclude_invalid_files=False, ignore_prefixes=["_", "."])

    def arrow(self, table: str, columns: list[str] | None = None, where: pc.Expression | None = None) -> pa.Table:
        """A table as Arrow."""
        return self.dataset(table).to_table(columns=columns, filter=where)

    def pandas(self, table: str, columns: list[str] | None = None, where: pc.Expression | None = None) -> pandas.DataFrame:
        """A table as pandas; arrays are NumPy arrays."""
        return self.arrow(table, columns, where).to_pandas()

    def polars(self, table: str, columns: list[str] | None = None, where: pc.Expression | None = None) -> polars.DataFrame:
        """A table as polars."""
        import polars

        frame = polars.from_arrow(self.arrow(table, columns, where))
        assert isinstance(frame, polars.DataFrame)
        return frame

    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """A connection with a view for each table."""
        import duckdb

        connection = duckdb.connect()
        for table in self.tables():
            place = f"{self.root}/tables/{table}/**/*.parquet".replace("'", "''")
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{place}', hive_partitioning = true)")
        return connection

    def row(self, table: str, key: str, value: Any) -> dict[str, Any]:
        """The one row with a value. Raises KeyError if there is none."""
        found = self.arrow(table, where=pc.field(key) == value).slice(0, 1).to_pylist()
        if not found:
            raise KeyError(f"Cannot find {key} = {value} in the table {table}")
        return dict(found[0])

    def is_simulated(self) -> bool:
        """Whether any of its recordings is simulated: say so above every picture."""
        return bool(pc.any(self.arrow("records", ["simulated"])["simulated"]).as_py())
