"""Rates and means of rows in a year that is still open: the year's own, of what is known and of what stands."""

from __future__ import annotations

from typing import Any

import pytest

from kpi_core.model.period import parse_period
from kpi_core.tree.outlook import Outlook, outlook
from kpi_core.tree.what_if import with_levels

YEAR = parse_period("2026")
DAY = {"dataset": "d", "date": "day"}
RATIO = {"ratio": {part: {**DAY, "aggregate": "count"} for part in ("numerator", "denominator")}}
APRIL_MAY = [{"period": "2026-04", "value": 10}, {"period": "2026-05", "value": 30}]
CARDS: dict[str, dict[str, Any]] = {
    "revenue": {"unit": "JPY", "formula": "won * basket"},
    "won": {"unit": "count", "manual": APRIL_MAY},
    "basket": {"unit": "JPY", "measure": RATIO},
    "accepted": {"unit": "ratio", "measure": RATIO},
    "hours": {"unit": "hours", "measure": {**DAY, "aggregate": "median", "column": "h"}},
}
VALUES = {
    "basket": {"2026-04": 100.0, "2026-05": 200.0},
    "accepted": {"2026-04": 0.1, "2026-05": 0.2},
    "hours": {"2026-04": 3.0, "2026-05": 5.0},
}
WEIGHTS = {"accepted": {"2026-04": 100.0, "2026-05": 300.0}}


@pytest.fixture
def ahead(tree) -> Outlook:
    also = ["won", "basket", "accepted", "hours"]
    return outlook(tree(CARDS), VALUES, "revenue", YEAR, also=also, weights=WEIGHTS)


def of_the_year(ahead: Outlook, code: str) -> float:
    return float(ahead.values[ahead.network.nodes[code, (YEAR, YEAR)]][0])


def test_a_factor_is_weighted_by_what_it_is_multiplied_with(ahead) -> None:
    # 10 x 100 + 30 x 200 + ten open months of 30 x 200 = 67,000 of 10 + 30 + 300 deals
    assert ahead.value == 67_000
    assert of_the_year(ahead, "basket") == pytest.approx(67_000 / 340)


def test_moved_it_moves_only_in_the_open_months(ahead) -> None:
    after = with_levels(ahead, {"basket": 300})
    assert after["revenue"] == 10 * 100 + 30 * 200 + 10 * 30 * 300
    assert after["basket"] == pytest.approx(97_000 / 340)


def test_a_rate_beside_the_formula_is_weighted_by_its_denominators(ahead) -> None:
    # 10 + 60 of 400, and ten open months of 60 of 300
    assert of_the_year(ahead, "accepted") == pytest.approx(670 / 3_400)


def test_what_has_no_weight_is_known_to_be_but_a_months(ahead, tree) -> None:
    assert ahead.borrowed == {"hours"}
    assert outlook(tree(CARDS), VALUES, "revenue", YEAR, also=["accepted"]).borrowed == {"accepted"}
    month = outlook(tree(CARDS), VALUES, "revenue", parse_period("2026-06"), also=["hours"], weights=WEIGHTS)
    assert month.borrowed == set()


def test_a_year_that_is_over_is_what_its_rows_gave(tree) -> None:
    cards = {"f": {"unit": "count", "formula": "a * 1"}, "a": {"unit": "count"}, "accepted": CARDS["accepted"]}
    months = {f"2025-{month:02d}": 1.0 for month in range(4, 13)} | {f"2026-{month:02d}": 1.0 for month in (1, 2, 3)}
    values = {"a": {**months, "2025": 12.0}, "accepted": {**months, "2025": 0.35}}
    year = parse_period("2025")
    found = outlook(tree(cards), values, "f", year, also=["accepted"], whole=False, weights=WEIGHTS)
    assert float(found.values[found.network.nodes["accepted", (year, year)]][0]) == 0.35
