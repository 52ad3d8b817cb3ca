"""Do all readers find the same values in a run's tables? Usage: readers.py RUN

pyarrow, DuckDB, polars and Spark (its vectorised reader on and off) each read every file of every table whole; all
values are compared to the bit (NaN as NaN, the zeros apart). deploy/test/run readers does it in CI.
Needs: pip install duckdb pyarrow polars pyspark==3.5.6 pandas, and a JDK 17
"""

import os
import sys
from pathlib import Path
from urllib.parse import unquote

import duckdb
import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet
import pyspark
from pyspark.sql import SparkSession


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


def session():
    options = os.environ.get("RTCN_TEST_JVM_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    return (
        SparkSession.builder.master("local[1]").appName("readers")
        .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false").config("spark.driver.extraJavaOptions", options)
        .config("spark.sql.session.timeZone", "UTC").config("spark.log.level", "ERROR").getOrCreate())


def by_spark(spark, files, vectorised):
    """Path to what Spark reads of that file, in its order."""
    spark.conf.set("spark.sql.parquet.enableVectorizedReader", str(vectorised).lower())
    spark.conf.set("spark.sql.parquet.columnarReaderBatchSize", "64")
    frame = spark.read.parquet(*map(str, files)).selectExpr("*", "_metadata.file_path AS file", "_metadata.row_index AS row")
    batches = frame._collect_as_arrow()
    if not batches:
        return {file: None for file in files}
    whole = pyarrow.Table.from_batches(batches).sort_by([("file", "ascending"), ("row", "ascending")])
    # Spark writes file:/path or file:///path, by version.
    paths = pyarrow.array("/" + unquote(uri).removeprefix("file:").lstrip("/") for uri in whole["file"].to_pylist())
    return {
        file: whole.filter(pyarrow.compute.equal(paths, str(file.absolute()))).drop_columns(["file", "row"])
        for file in files}


def different(found, expected):
    """Names of the columns that differ. Of no row Spark gives no batch."""
    if found is None:
        return [name for name, parts in expected.items() if len(parts[0])]
    found = dict(columns(found))
    return [name for name, parts in expected.items()
            if name not in found or len(found[name]) != len(parts)
            or any(not a.equals(b) for a, b in zip(found[name], parts))]


def main():
    print(f"pyarrow {pyarrow.__version__}, DuckDB {duckdb.__version__}, polars {polars.__version__}, Spark {pyspark.__version__}")
    spark = session()
    failed = False
    for folder in sorted(Path(sys.argv[1], "tables").iterdir()):
        files = [file for file in sorted(folder.rglob("*.parquet"))
                 if not any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts)]
        if not files:
            continue
        vectorised, row_by_row = by_spark(spark, files, True), by_spark(spark, files, False)
        rows = values = 0
        for file in files:
            first = pyarrow.parquet.ParquetFile(file).read()
            expected = dict(columns(first))
            rows += first.num_rows
            values += sum(len(part) for parts in expected.values() for part in parts)
            others = {
                "DuckDB": duckdb.sql(
                    f"SELECT * FROM read_parquet('{file}', hive_partitioning = false)").to_arrow_table(),
                "polars": polars.read_parquet(file, hive_partitioning=False).to_arrow(),
                "Spark, vectorised,": vectorised[file],
                "Spark, row by row,": row_by_row[file],
            }
            for reader, table in others.items():
                for name in different(table, expected):
                    failed = True
                    print(f"Failed: {reader} reads {file.name}, {name} otherwise than pyarrow")
        print(f"{folder.name}: {rows} rows, {values} values")
    spark.stop()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
