"""The same input rules over the same rows find the same on files and where a database's rows lie."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.data.quality import failing_rows, run_rules
from kpi_core.model.workshop import Workshop

from .rows import FRAMES

pytestmark = pytest.mark.filterwarnings("ignore")
TODAY = date(2027, 6, 1)
WON = [{"column": "stage", "op": "==", "value": "Won"}]
RULES = [
    {"column": "stage", "rule": "required"},
    {"column": "price", "rule": "required", "where": WON},
    {"column": "key", "rule": "unique"},
    {"column": "id", "rule": "unique"},
    {"column": "stage", "rule": "allowed", "values": ["Won", "Lost"]},
    {"column": "units", "rule": "allowed", "values": [0, 1]},
    {"column": "price", "rule": "range", "minimum": 0, "maximum": 50_000.5},
    {"column": "stage", "rule": "range", "minimum": "Lost", "maximum": "Won"},
    {"column": "closed", "rule": "range", "minimum": "2026-04-01"},
    {"column": "moment", "rule": "range", "maximum": "2026-03-31"},
    {"column": "region", "rule": "pattern", "pattern": r"[^\d\s]{2}|100."},
    {"column": "stage", "rule": "pattern", "pattern": r"W\w+|(?P<other>Lost|Open)$"},
    {"column": "amount", "rule": "pattern", "pattern": r"-?\d{1,5}"},
    {"column": "product", "rule": "reference", "dataset": "products", "reference": "product"},
    {"column": "day", "rule": "freshness", "max_age_days": 3},
    {"column": "half", "rule": "range", "maximum": 1},
]


def made(rules=RULES) -> Workshop:
    return Workshop.model_validate(
        {
            "workshop": {"name": "rules", "timezone": "Asia/Tokyo"},
            "sources": [{"code": "sfa"}],
            "datasets": [
                {
                    "code": "deals",
                    "source": "sfa",
                    "rules": rules,
                    "derived": [{"name": "half", "expression": "score / 2"}],
                    "lookups": [
                        {
                            "dataset": "products",
                            "on": [["product", "product"]],
                            "columns": [],
                            "aliases": {"GTXPro": "GTX Pro"},
                        }
                    ],
                },
                {"code": "products", "source": "sfa"},
            ],
        }
    )


def found(tables, rules=RULES):
    results = run_rules(made(rules), tables, "deals", today=TODAY)
    return [
        (one.position, one.checked, one.failed, one.examples if one.rule != "required" else (), one.seen, one.problem)
        for one in results
    ]


@pytest.mark.parametrize("connected", ["postgres"], indirect=True)
def test_every_rule_finds_the_same(uploaded, connected):
    workshop = made()
    here = found(uploaded(workshop))
    assert found(connected(workshop)) == here
    assert all(problem is None and checked for _, checked, _, _, _, problem in here)
    assert sum(failed > 0 for _, _, failed, *_ in here) >= 14


@pytest.mark.parametrize("connected", ["postgres"], indirect=True)
def test_a_reference_to_rows_that_lie_elsewhere(uploaded, connected):
    workshop = made()
    here, there = uploaded(workshop), connected(workshop)
    expected = found(here, [RULES[13]])
    assert found({**there, "products": here["products"]}, [RULES[13]]) == expected
    assert found({**here, "products": there["products"]}, [RULES[13]]) == expected


@pytest.mark.parametrize("connected", ["postgres"], indirect=True)
def test_the_rows_that_break_a_rule_travel_when_asked_for_and_not_all_of_them(uploaded, connected, monkeypatch):
    workshop = made([{"column": "price", "rule": "range", "minimum": 0}])
    here = failing_rows(workshop, uploaded(workshop), "deals", 0)
    there = failing_rows(workshop, connected(workshop), "deals", 0)
    assert (list(there.columns), len(there)) == (list(here.columns)[1:], len(here))
    assert set(there["id"]) == set(here["id"])
    monkeypatch.setattr("kpi_core.data.quality.MOST_FETCHED", 3)
    assert len(failing_rows(workshop, connected(workshop), "deals", 0)) == 3


@pytest.mark.parametrize("pattern", [r"\bWon\b", r"(?i)won", r"\p{Han}+", "[[:alpha:]]+", r"[\D]+"])
@pytest.mark.parametrize("connected", ["postgres"], indirect=True)
def test_a_pattern_that_engines_read_differently_is_refused_by_name(connected, pattern):
    workshop = made([{"column": "stage", "rule": "pattern", "pattern": pattern}, {"column": "id", "rule": "unique"}])
    refused, checked = run_rules(workshop, connected(workshop), "deals", today=TODAY)
    assert refused.problem is not None
    assert (refused.problem.code, refused.problem.params["pattern"]) == ("pattern_not_everywhere", pattern)
    assert (checked.checked, checked.failed) == (FRAMES["deals"].height, 0)


@pytest.mark.parametrize("connected", ["postgres"], indirect=True)
def test_the_number_of_rows_is_compared_with_what_was_counted_last_time(connected):
    workshop = made([{"column": "", "rule": "row_count", "minimum": -10, "maximum": 10}])
    (key,) = (rule.key for rule in workshop.datasets[0].rules)
    tables, rows = connected(workshop), FRAMES["deals"].height
    outcomes = []
    for before in (None, rows, 2 * rows):
        counted = {} if before is None else {key: before}
        (result,) = run_rules(workshop, tables, "deals", today=TODAY, counted=counted)
        outcomes.append((result.checked, result.failed, result.seen, result.counted))
    assert outcomes == [(0, 0, "", rows), (1, 0, "3,000 → 3,000", rows), (1, 1, "6,000 → 3,000", rows)]
