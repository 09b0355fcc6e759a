"""Distinct counts are those of a set of Python's, whatever is counted, by whichever period and dimension."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_core.data import distinct
from kpi_core.model.period import GRAINS, period_of
from kpi_core.vocabulary import Grain

WON = [{"column": "won", "op": "==", "value": True}]
KEYS = (
    st.one_of(st.none(), st.integers(-3, 3)),
    st.one_of(st.none(), st.sampled_from([0.0, -0.0, 0.5, -2.5, 1e300])),
    st.one_of(st.none(), st.sampled_from(["", "顧客", "顧客A", "a", "A"])),
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 1, 4))),
)
TYPES = (pl.Int64, pl.Float64, pl.String, pl.Boolean, pl.Date)


#: How the counts are made: as they are, with room for the marks of one term at a time, with groups found by hashing.
WAYS = {"as it is": {}, "one term at a time": {"_BITS": 9}, "groups hashed": {"_COUNTED_BY_TABLE": 0}}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    kind=st.integers(0, len(KEYS) - 1),
    grain=st.sampled_from([Grain.WEEK, Grain.MONTH, Grain.QUARTER]),
    start=st.integers(1, 12),
)
def test_a_count_is_the_size_of_the_set_of_the_groups_values(ground, monkeypatch, way, data, kind, grain, start):
    for name, value in WAYS[way].items():
        monkeypatch.setattr(distinct, name, value)
    cell = st.tuples(
        st.one_of(st.none(), st.dates(date(2025, 11, 1), date(2026, 12, 31))),
        KEYS[kind],
        st.one_of(st.none(), st.sampled_from(["", "東", "西"])),
        st.one_of(st.none(), st.booleans()),
    )
    rows = data.draw(st.lists(cell, min_size=1, max_size=25))
    frame = pl.DataFrame(
        rows, schema={"day": pl.Date, "key": TYPES[kind], "by": pl.String, "won": pl.Boolean}, orient="row"
    )
    counted = {"dataset": "d", "aggregate": "count_distinct", "column": "key", "date": "day", "dimensions": ["by"]}
    nodes = {"all": counted, "won": {**counted, "where": WON}}
    made = ground(frame, nodes=nodes, grain=grain.value, fiscal_year_start=start)
    sets: dict[tuple[str, str | None, str | None, str], set[object]] = defaultdict(set)
    for day, key, by, won in rows:
        if day is not None:
            for shown in GRAINS[GRAINS.index(grain) :]:
                period = period_of(day, shown, start).key
                for dimension, segment in ((None, None), ("by", by or "")):
                    sets[period, dimension, segment, "all"] |= set() if key is None else {key}
                    sets[period, dimension, segment, "won"] |= set() if key is None or not won else {key}
    seen = made.observed()
    assert seen.problems == ()
    found = {(row.period, row.dimension, row.segment, row.node): row.value for row in seen.observations}
    assert found == {group: len(values) for group, values in sets.items()}


def test_a_dimension_of_too_many_segments_is_refused_and_the_count_of_all_rows_is_not(ground):
    rows = {"day": [date(2026, 4, 1)] * 2001, "key": [1, 2, 3] * 667, "by": [f"区分{at}" for at in range(2001)]}
    counted = {"dataset": "d", "aggregate": "count_distinct", "column": "key", "date": "day", "dimensions": ["by"]}
    seen = ground(rows, nodes={"n": counted}, grain="quarter").observed()
    assert [(problem.code, problem.path) for problem in seen.problems] == [
        ("dimension_too_many", "nodes.n.measure.dimensions")
    ]
    values = [(row.period, row.dimension, row.value) for row in seen.observations]
    assert values == [("2026-Q1", None, 3), ("2026", None, 3)]


@pytest.mark.parametrize("wrong", ["dimension", "filter"])
def test_a_count_that_cannot_be_made_stops_no_other(ground, wrong):
    rows = {"day": [date(2026, 4, 1)] * 3, "key": ["a", "b", "b"], "by": ["x", "x", "y"]}
    counted = {"dataset": "d", "aggregate": "count_distinct", "column": "key", "date": "day"}
    more = {"dimensions": ["never"]} if wrong == "dimension" else {"where": [{"column": "kye", "op": "is_null"}]}
    seen = ground(rows, nodes={"good": {**counted, "dimensions": ["by"]}, "wrong": {**counted, **more}}).observed()
    assert len(seen.problems) == 1
    good = {(row.dimension, row.segment, row.value) for row in seen.observations if row.node == "good"}
    assert good == {(None, None, 2), ("by", "x", 2), ("by", "y", 1)}
    assert {row.value for row in seen.observations if row.node == "wrong"} == ({2} if wrong == "dimension" else set())


def test_seventy_counts_of_one_column_are_each_their_own(ground):
    days = [date(2026, 4, 1 + at % 28) for at in range(70)]
    frame = pl.DataFrame({"day": days, "key": [f"顧客{at}" for at in range(70)], "size": list(range(70))})
    counted = {"dataset": "d", "aggregate": "count_distinct", "column": "key", "date": "day"}
    nodes = {f"n{at}": {**counted, "where": [{"column": "size", "op": ">=", "value": at}]} for at in range(70)}
    seen = ground(frame, nodes=nodes).observed()
    found = {row.node: row.value for row in seen.observations if row.period == "2026-04"}
    assert seen.problems == ()
    assert found == {f"n{at}": 70 - at for at in range(70)}


@pytest.mark.parametrize(
    ("kind", "chunks"),
    [
        (pa.int64(), [[7, None, 8], [], [None, 9, 7]]),
        (pa.float64(), [[0.5, None, float("nan")], [float("nan"), -0.0], [0.0, None]]),
        (pa.string(), [["顧客", None], ["", "顧客"], [None]]),
        (pa.large_string(), [[None, "b"], ["a", "b"], []]),
        (pa.date32(), [[None], [date(2026, 4, 1)], [date(2026, 4, 1), None]]),
        (pa.bool_(), [[True, None], [False, None]]),
    ],
)
def test_cells_in_several_chunks_with_empty_ones_have_one_code_for_each_value(kind, chunks):
    codes, values = distinct._coded(pa.chunked_array(chunks, kind))
    # NaN is not equal to itself: by its words
    assert [repr(values[code].as_py()) for code in codes.tolist()] == [
        repr(0.0 if cell == 0 and kind == pa.float64() else cell) for chunk in chunks for cell in chunk
    ]
    assert sorted(set(codes.tolist())) == list(range(len(values)))
    assert len({repr(value) for value in values.to_pylist()}) == len(values)


def test_keys_and_dimensions_with_empty_cells_are_counted_beyond_a_million_rows(ground):
    rows = 1_100_000
    at = pl.int_range(rows, eager=True)
    frame = pl.DataFrame(
        {
            "day": pl.Series([date(2026, 4, 1)]).new_from_index(0, rows),
            "key": pl.select(pl.when(at % 1000 != 0).then(at % 5000)).to_series(),
            "by": pl.select(pl.when(at % 7 != 0).then(at % 2)).to_series(),
        }
    )
    counted = {"dataset": "d", "aggregate": "count_distinct", "column": "key", "date": "day", "dimensions": ["by"]}
    seen = ground(frame, nodes={"n": counted}).observed()
    found = {(row.dimension, row.segment): row.value for row in seen.observations if row.period == "2026-04"}
    assert seen.problems == ()
    assert found == {(None, None): 4995, ("by", ""): 4995, ("by", "0"): 2495, ("by", "1"): 2500}
