"""One query a dataset, date column, grain and dimension; a measure that fails stops no other and says why."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from kpi_core.data.engine import session
from kpi_core.data.layout import catalogue_of
from kpi_core.data.observing import observe
from kpi_core.data.plan import grouped, wanted
from kpi_core.data.query import compiled
from kpi_core.data.rows import columns
from kpi_core.data.tables import newest
from kpi_core.text import sentences
from kpi_core.vocabulary import ColumnType, Grain, Language, Severity

ROWS = {"day": [date(2026, 4, 1), date(2026, 4, 2)], "amount": [1, 2], "stage": ["Won", "Lost"]}
WON = [{"column": "stage", "op": "==", "value": "Won"}]


def measure(aggregate="sum", column="amount", **more):
    return {"dataset": "d", "aggregate": aggregate, "column": column, "date": "day", **more}


def test_measures_of_one_dataset_grain_and_dimension_are_one_query(ground):
    nodes = {
        "a": measure(where=WON, dimensions=["stage"]),
        "b": measure("mean", dimensions=["stage"]),
        "c": {"ratio": {"numerator": measure(where=WON), "denominator": measure()}, "dimensions": ["stage"]},
    }
    made = ground(ROWS, nodes=nodes)
    groupings = grouped([wanted(node.code, node.measure) for node in made.workshop.nodes], [Grain.MONTH, Grain.YEAR])
    assert {(one.grain, one.dimension) for one in groupings} == {
        (Grain.MONTH, None),
        (Grain.YEAR, None),
        (Grain.MONTH, "stage"),
        (Grain.YEAR, "stage"),
    }
    # the sum of won amounts is a's and c's numerator: asked once, beside the mean and the sum of all
    assert {len(terms) for terms in groupings.values()} == {3}


def test_a_compiled_query_is_kept_for_the_next_version_of_the_same_shape(ground, tmp_path):
    made = ground(ROWS, measure())
    made.observed()
    before = compiled.cache_info().misses
    other = tmp_path / "other.parquet"
    pl.DataFrame({**ROWS, "amount": [10, 20]}).write_parquet(other)
    (table,) = made.tables["d"]
    seen = observe(made.workshop, {"d": [replace(table, parquet=other, version="v2")]})
    assert {row.value for row in seen.observations} == {30}
    assert compiled.cache_info().misses == before


def test_a_query_scans_the_rows_once(ground):
    made = ground(ROWS, nodes={"a": measure(), "b": measure("median"), "c": measure("count", None, where=WON)})
    groupings = grouped([wanted(node.code, node.measure) for node in made.workshop.nodes], [Grain.MONTH])
    (grouping, terms) = next(iter(groupings.items()))
    with session() as engine:
        catalogue = catalogue_of(made.workshop, newest(made.tables), "d", engine)
    assert compiled(catalogue, grouping, terms, 4).sql.count('FROM "rows_0"') == 1


@pytest.mark.parametrize(
    ("wrong", "code", "place"),
    [
        (measure(column="stage"), "column_not_number", "column"),
        (measure(column="amounts"), "column_unknown_near", "column"),
        (measure(date="stage"), "date_not_date", "date"),
        (measure(date="never"), "column_unknown", "date"),
        (measure(where=[{"column": "stge", "op": "is_null"}]), "column_unknown_near", "where[0]"),
        (measure(dimensions=["region"]), "column_unknown", "dimensions"),
    ],
)
def test_a_measure_that_cannot_run_says_where_and_the_others_go_on(ground, wrong, code, place):
    seen = ground(ROWS, nodes={"wrong": wrong, "good": measure("count", None)}).observed()
    (problem,) = seen.problems
    assert problem.code == code
    assert problem.path == f"nodes.wrong.measure.{place}"
    assert {row.value for row in seen.observations if row.node == "good"} == {2}
    assert {row.node for row in seen.observations} == ({"good"} if place != "dimensions" else {"good", "wrong"})


def test_both_parts_of_a_ratio_are_told_apart(ground):
    ratio = {"ratio": {"numerator": measure(), "denominator": measure(column="stage")}}
    (problem,) = ground(ROWS, nodes={"n": ratio}).observed().problems
    assert problem.path == "nodes.n.measure.ratio.denominator.column"


def test_a_dataset_without_rows_is_a_warning(ground):
    made = ground(ROWS, measure())
    (problem,) = observe(made.workshop, {"d": ()}).problems
    assert (problem.code, problem.severity, problem.path) == ("no_rows", Severity.WARNING, "nodes.n.measure.dataset")
    assert observe(made.workshop, {}).problems == (problem,)


def test_a_file_that_is_gone_or_broken_is_said(ground, tmp_path):
    made = ground(ROWS, measure(), also={"e": ROWS})
    (table,) = made.tables["d"]
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 no parquet")
    for path in (Path("/nowhere/rows.parquet"), broken):
        (problem,) = observe(made.workshop, {"d": [replace(table, parquet=path)]}).problems
        assert (problem.code, problem.path) == ("rows_unreadable", "nodes.n.measure.dataset")


def test_only_the_nodes_asked_for_are_measured(ground):
    made = ground(ROWS, nodes={"a": measure(), "b": measure()})
    assert {row.node for row in made.observed(nodes=["b"]).observations} == {"b"}
    assert made.observed(nodes=[]).observations == ()


def test_columns_that_differ_in_case_only_are_told_apart(ground):
    rows = {"Amount": [1], "amount": [10], "AMOUNT_1": [100], 'q"uo te': [1000], "file_row_number": [5]}
    nodes = {f"n{at}": {"dataset": "d", "aggregate": "sum", "column": column} for at, column in enumerate(rows)}
    seen = ground(rows, nodes=nodes).observed()
    assert seen.problems == ()
    assert {row.node: row.value for row in seen.observations} == {"n0": 1, "n1": 10, "n2": 100, "n3": 1000, "n4": 5}


def test_columns_have_the_types_that_reading_wrote(ground):
    made = ground(ROWS)
    assert columns(made.tables["d"][0], made.tables, made.workshop) == (
        ("day", ColumnType.DATE),
        ("amount", ColumnType.INTEGER),
        ("stage", ColumnType.TEXT),
    )


def test_physical_types_that_others_write_are_read_too(ground):
    frame = pl.DataFrame(
        {
            "small": pl.Series([1, 2], dtype=pl.Int16),
            "exact": pl.Series(["1.10", "2.20"]).cast(pl.Decimal(10, 2)),
            "zoned": pl.Series([date(2026, 4, 1)] * 2).cast(pl.Datetime("us", "UTC")),
            "kind": pl.Series(["a", "b"], dtype=pl.Categorical),
            "nothing": pl.Series([None, None]),
        }
    )
    nodes = {
        "small": {"dataset": "d", "aggregate": "sum", "column": "small", "dimensions": ["kind"]},
        "exact": {"dataset": "d", "aggregate": "sum", "column": "exact"},
        "kinds": {"dataset": "d", "aggregate": "count_distinct", "column": "kind"},
        "nothing": {"dataset": "d", "aggregate": "count", "column": "nothing"},
        "zoned": {"dataset": "d", "aggregate": "count", "date": "zoned"},
    }
    made = ground(frame, nodes=nodes, grain="month")
    assert made.values("small") == {"2026-11": 3, "2026-Q3": 3, "2026": 3}
    assert made.values("small", "kind")[("2026", "b")] == 2
    assert made.values("exact")["2026"] == pytest.approx(3.3)
    assert made.values("kinds")["2026"] == 2
    assert made.values("nothing")["2026"] == 0
    assert set(made.values("zoned")) == {"2026-04", "2026-Q1", "2026"}


def test_several_threads_measure_at_once(ground):
    made = ground(ROWS, measure())
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda _: made.observed().observations, range(8)))
    assert all(one == seen[0] for one in seen)


def test_columns_may_have_the_names_that_queries_use_themselves(ground):
    rows = {
        "period": [date(2026, 4, 1), date(2026, 4, 2)],
        "cell": ["a", "b"],
        "rows": [1, 2],
        "value 0": [10, 20],
        "added:4": [100, 200],
        "": [1000, 2000],
    }
    nodes = {
        "some": {"dataset": "d", "aggregate": "sum", "column": "rows", "date": "period", "dimensions": ["cell"]},
        "zero": {"dataset": "d", "aggregate": "sum", "column": "value 0", "date": "period"},
        "twice": {"dataset": "d", "aggregate": "sum", "column": "twice", "date": "period"},
        "blank": {"dataset": "d", "aggregate": "sum", "column": "", "date": "period"},
    }
    said = {"derived": [{"name": "twice", "expression": 'col("added:4") * 2'}]}
    made = ground(rows, nodes=nodes, said=said)
    assert made.observed().problems == ()
    assert made.values("some", "cell")[("2026-04", "b")] == 2
    assert [made.values(node)["2026-04"] for node in ("zero", "twice", "blank")] == [30, 600, 3000]


def test_a_column_that_cannot_be_read_stops_only_the_measures_that_use_it(ground, tmp_path):
    made = ground(
        {"day": [date(2026, 4, 1), date(2026, 5, 1)], "amount": [1, 2], "other": [3, 4]},
        nodes={"a": measure(), "b": measure(column="other"), "c": measure("count", None)},
    )
    (table,) = made.tables["d"]
    spoilt = bytearray(table.parquet.read_bytes())
    chunk = pq.ParquetFile(table.parquet).metadata.row_group(0).column(1)
    assert chunk.path_in_schema == "amount"
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    spoilt[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    path = tmp_path / "spoilt.parquet"
    path.write_bytes(spoilt)
    seen = observe(made.workshop, {"d": [replace(table, parquet=path)]})
    assert [(problem.code, problem.path) for problem in seen.problems] == [("not_computed", "nodes.a.measure.column")]
    assert {row.node: row.value for row in seen.observations if row.period == "2026-05"} == {"b": 4, "c": 1}


def test_every_code_has_its_sentence():
    written = {key.removeprefix("measures.") for key in sentences(Language.JA) if key.startswith("measures.")}
    modules = [*Path("kpi_core/data").glob("*.py"), *Path("kpi_core/data/connecting").glob("*.py")]
    source = "\n".join(path.read_text("utf-8") for path in modules)
    used = re.findall(r'(?:(?:UncomputableError|Problem|_failure)\(\s*| code = )"(\w+)"', source)
    assert {*used, "column_unknown", "column_unknown_near"} == written
