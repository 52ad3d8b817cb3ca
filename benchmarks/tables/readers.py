"""Do other readers find the same values in a run's tables? Usage: readers.py RUN

DuckDB, pyarrow and polars each read every file of every table whole; all values are compared to the bit (NaN as
NaN, the zeros apart). That Spark reads the same is what "rtcn verify" says. Needs: pip install duckdb pyarrow polars
"""

import sys
from pathlib import Path

import duckdb
import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet


def plain(kind):
    """The type without what readers name differently: list of item or element, large or not, nullable or not."""
    if pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind):
        return pyarrow.large_list(pyarrow.field("item", plain(kind.value_type)))
    if pyarrow.types.is_string(kind) or pyarrow.types.is_string_view(kind):
        return pyarrow.large_string()
    return kind


def bits(column):
    """Numbers as integers: NaN is one pattern, -0 another than 0."""
    kind = column.type
    if pyarrow.types.is_large_list(kind):
        flat = bits(column.flatten())
        return [pyarrow.compute.list_value_length(column), *flat]
    if pyarrow.types.is_floating(kind):
        valid = pyarrow.compute.is_valid(column)
        column = pyarrow.compute.if_else(pyarrow.compute.is_nan(column), float("nan"), column).cast(kind)
        whole = {32: "int32", 64: "int64"}[kind.bit_width]
        values = pyarrow.compute.fill_null(column, 0).to_numpy(zero_copy_only=False).view(whole)
        return [valid, pyarrow.array(values)]
    return [column]


def columns(table):
    for name in table.column_names:
        column = table[name].cast(plain(table[name].type)).combine_chunks()
        if isinstance(column, pyarrow.ChunkedArray):
            column = pyarrow.concat_arrays(column.chunks) if column.num_chunks else pyarrow.array([], column.type)
        yield name, bits(column)


def main():
    print(f"DuckDB {duckdb.__version__}, pyarrow {pyarrow.__version__}, polars {polars.__version__}")
    failed = False
    for folder in sorted(Path(sys.argv[1], "tables").iterdir()):
        rows = values = 0
        for file in sorted(folder.rglob("*.parquet")):
            if any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts):
                continue
            first = pyarrow.parquet.ParquetFile(file).read()
            others = {
                "DuckDB": duckdb.sql(
                    f"SELECT * FROM read_parquet('{file}', hive_partitioning = false)").to_arrow_table(),
                "polars": polars.read_parquet(file, hive_partitioning=False).to_arrow(),
            }
            expected = dict(columns(first))
            rows += first.num_rows
            values += sum(len(part) for parts in expected.values() for part in parts)
            for reader, table in others.items():
                for name, found in columns(table):
                    if len(found) != len(expected[name]) or any(
                            not a.equals(b) for a, b in zip(found, expected[name])):
                        failed = True
                        print(f"Failed: {reader} reads {file.name}, {name} otherwise than pyarrow")
        print(f"{folder.name}: {rows} rows, {values} values")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
