"""The same measures over the same rows give the same numbers on DuckDB, PostgreSQL and a Spark cluster."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from kpi_core.data.observing import Observation, observe
from kpi_core.model.workshop import Workshop

# Spark's Python side says this and that of pandas 3, and leaves sockets for the collector
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def _where(column: str, op: str, value: Any = None) -> list[dict[str, Any]]:
    return [{"column": column, "op": op, **({} if value is None else {"value": value})}]


def _measure(aggregate: str, column: str | None = None, date: str = "day", **more: Any) -> dict[str, Any]:
    return {"dataset": "deals", "aggregate": aggregate, "column": column, "date": date, **more}


MEASURES: dict[str, Any] = {
    "rows": _measure("count", dimensions=["stage", "region"]),
    "won": _measure("count", where=_where("stage", "==", "Won")),
    "not_won": _measure("count", where=_where("stage", "!=", "Won")),
    "some": _measure("count", where=_where("stage", "in", ["Won", "Lost"])),
    "others": _measure("count", where=_where("stage", "not in", ["Won", "Lost"])),
    "empty": _measure("count", where=_where("stage", "is_null")),
    "filled": _measure("count", where=_where("stage", "not_null")),
    "percent": _measure("count", where=_where("region", "contains", "%")),
    "underscore": _measure("count", where=_where("region", "contains", "a_b")),
    "quote": _measure("count", where=_where("region", "==", "O'Brien")),
    "slash": _measure("count", where=_where("region", "starts_with", "back\\")),
    "text_order": _measure("count", where=_where("stage", "between", ["Lost", "Won"])),
    "dear": _measure("count", where=_where("price", ">=", 1234.56)),
    "cheap": _measure("count", where=_where("price", "<", "1,234.56")),
    "long_key": _measure("count", where=_where("key", "==", "9007199254740993")),
    "hot": _measure("count", where=_where("hot", "==", True)),
    "since": _measure("count", where=_where("closed", ">=", "2026-04-01")),
    "until": _measure("count", where=_where("closed", "<", "2026-04-01T12:00")),
    "on_day": _measure("count", where=_where("closed", "==", "2026-04-01")),
    "local_day": _measure("count", where=_where("moment", "==", "2026-04-01")),
    "keys": _measure("count_distinct", "key"),
    "regions": _measure("count_distinct", "region"),
    "amount": _measure("sum", "amount"),
    "price": _measure("sum", "price", dimensions=["stage"]),
    "price_won": _measure("sum", "price", where=_where("stage", "==", "Won"), empty="zero"),
    "truths": _measure("sum", "hot"),
    "mean": _measure("mean", "price"),
    "mean_units": _measure("mean", "units", where=_where("hot", "==", True)),
    "median": _measure("median", "price", where=_where("stage", "==", "Won")),
    "median_all": _measure("median", "amount"),
    "low": _measure("min", "price"),
    "high": _measure("max", "score"),
    "last": _measure("last", "amount", date="closed"),
    "last_won": _measure("last", "price", date="day", where=_where("stage", "==", "Won")),
    "clock": _measure("count", date="moment", dimensions=["stage"]),
    "clock_sum": _measure("sum", "price", date="moment"),
    "closing": _measure("count", date="closed"),
    "rate": {
        "ratio": {
            "numerator": _measure("count", where=_where("stage", "==", "Won")),
            "denominator": _measure("count", where=_where("stage", "in", ["Won", "Lost"])),
        },
        "dimensions": ["region"],
    },
    "series": _measure("sum", "list_price", dimensions=["series"]),
    "share": _measure("mean", "share"),
}
DERIVED = {
    "days": "days_between(day, closed)",
    "hours": "hours_between(day, closed)",
    "local_hours": "hours_between(closed, moment)",
    "next": "add_days(day, units)",
    "half": "round(score)",
    "cents": "round(price / 7, 2)",
    "hundreds": "round(amount, -2)",
    "power": "score ** 0.5",
    "upside": "score ** -1",
    "per_unit": "price / units",
    "graded": 'when(price >= 50000, 2, when(stage == "Won", 1, 0))',
    "known": "coalesce(price, amount, 0)",
    "least": "min(price, amount)",
    "most": "max(units, score)",
    "distance": "abs(amount) - score",
    "missing": "is_null(hot)",
    "year_of": "year(closed) * 100 + month(closed)",
    "label": 'concat(units, "/", score, "/", day)',
    "won_text": 'when(stage == "Won", "yes", "no")',
}
for _name in DERIVED:
    if _name in ("label", "won_text"):
        MEASURES[f"d_{_name}"] = _measure("count_distinct", _name, dimensions=["hot"] if _name == "won_text" else [])
    elif _name == "next":
        MEASURES["d_next"] = _measure("count", None, date="next")
    else:
        MEASURES[f"d_{_name}"] = _measure("sum", _name)

WORKSHOP = Workshop.model_validate(
    {
        "workshop": {"name": "engines", "grain": "week", "timezone": "Asia/Tokyo", "fiscal_year_start": 4},
        "sources": [{"code": "sfa"}],
        "datasets": [
            {
                "code": "deals",
                "source": "sfa",
                "derived": [{"name": name, "expression": text} for name, text in DERIVED.items()],
                "lookups": [
                    {
                        "dataset": "products",
                        "on": [["product", "product"]],
                        "columns": ["series", "list_price", "share"],
                        "aliases": {"GTXPro": "GTX Pro"},
                    }
                ],
            },
            {"code": "products", "source": "sfa"},
        ],
        "nodes": [{"code": code, "kind": "kpi", "measure": measure} for code, measure in MEASURES.items()],
    }
)


def _values(seen: tuple[Observation, ...]) -> dict[tuple[Any, ...], float]:
    return {(row.node, row.period, row.dimension, row.segment): row.value for row in seen}


@pytest.fixture(scope="module")
def on_duckdb(uploaded):
    return observe(WORKSHOP, uploaded(WORKSHOP))


@pytest.fixture(scope="module")
def on_database(connected):
    return observe(WORKSHOP, connected(WORKSHOP), fresh=True)


def test_every_value_is_the_same(on_duckdb, on_database):
    here, there = _values(on_duckdb.observations), _values(on_database.observations)
    ties = {"last", "last_won"}  # of one moment a file counts its last row, a table has no order: see below
    here, there = ({key: value for key, value in one.items() if key[0] not in ties} for one in (here, there))
    wrong = defaultdict(list)
    for key in sorted({*here, *there}, key=str):
        if there.get(key) != pytest.approx(here.get(key), rel=1e-9, abs=1e-9):
            wrong[key[0]].append((key, here.get(key), there.get(key)))
    assert not wrong, {node: rows[:3] for node, rows in wrong.items()}
    assert len({key[0] for key in here}) == len(MEASURES) - len(ties)


def test_the_same_is_said_of_what_cannot_be_computed(on_duckdb, on_database):
    assert [(one.code, one.path, one.params) for one in on_database.problems] == [
        (one.code, one.path, one.params) for one in on_duckdb.problems
    ]
