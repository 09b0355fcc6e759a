"""Whether a formula's units fit: clear misfits only."""

from __future__ import annotations

import pytest

from kpi_core.model.expression import parse_formula
from kpi_core.tree.units import UnitMisfit, unit_kind, unit_misfit

UNITS = {
    "won": "count", "closed": "件", "leads": "count", "price": "JPY", "revenue": "円", "cost": "JPY", "usd": "USD",
    "rate": "ratio", "share": "%", "cycle": "days", "wait": "hours", "nps": "score", "odd": "ポイント", "none": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("won * price", "JPY"),
        ("won * price * rate", "JPY"),
        ("revenue / won", "JPY"),
        ("revenue / cost", "ratio"),
        ("revenue / cost - 1", "ratio"),
        ("won / closed", "ratio"),
        ("won / closed", "count"),
        ("leads * rate", "count"),
        ("revenue - cost", "JPY"),
        ("revenue + 1000", "JPY"),
        ("1 - rate", "ratio"),
        ("rate * 100", "score"),
        ("won * 12", "count"),
        ("wait / 24", "hours"),
        ("won * price * rate / cycle", "JPY"),
        ("sum(won, closed, leads)", "count"),
        ("lag(revenue, 12) + ytd(cost)", "円"),
        ("won * odd", "JPY"),
        ("none + revenue", "JPY"),
        ("odd + revenue", "JPY"),
        ("won / closed * 30", "days"),
        ("nps * rate", "score"),
        ("revenue ** 2 / revenue", "JPY"),
        ("revenue", ""),
        ("revenue", "ポイント"),
        ("100", "JPY"),
        ("unknown * 2", "JPY"),
    ],
)
def test_what_teams_write_fits(formula: str, unit: str) -> None:
    assert unit_misfit(parse_formula(formula), UNITS, unit) is None


@pytest.mark.parametrize(
    ("formula", "unit", "misfit"),
    [
        ("revenue + won", "JPY", UnitMisfit("added", "JPY", "count", "+")),
        ("revenue - usd", "JPY", UnitMisfit("added", "JPY", "USD", "-")),
        ("cycle + wait", "days", UnitMisfit("added", "days", "hours", "+")),
        ("won + rate", "count", UnitMisfit("added", "count", "ratio", "+")),
        ("max(won, price)", "count", UnitMisfit("added", "count", "JPY", "max")),
        ("won * (price + cycle)", "JPY", UnitMisfit("added", "JPY", "days", "+")),
        ("won * price", "count", UnitMisfit("result", "JPY", "count")),
        ("won * rate", "JPY", UnitMisfit("result", "count", "JPY")),
        ("cycle * 2", "JPY", UnitMisfit("result", "days", "JPY")),
        ("revenue", "days", UnitMisfit("result", "JPY", "days")),
        ("usd * won", "JPY", UnitMisfit("result", "USD", "JPY")),
        ("won + closed", "ratio", UnitMisfit("result", "count", "ratio")),
        ("revenue * cost", "JPY", UnitMisfit("result", "JPY^2", "JPY")),
        ("revenue / cost", "円", UnitMisfit("result", "ratio", "JPY")),
        ("won / revenue", "count", UnitMisfit("result", "1/JPY", "count")),
    ],
)
def test_a_clear_misfit_is_named(formula: str, unit: str, misfit: UnitMisfit) -> None:
    assert unit_misfit(parse_formula(formula), UNITS, unit) == misfit


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("円", "JPY"),
        ("￥", "JPY"),
        ("％", "ratio"),
        ("件", "count"),
        ("Count", "count"),
        ("EUR", "EUR"),
        ("社数", None),
        ("", None),
    ],
)
def test_units_are_understood_as_teams_write_them(written: str, kind: str | None) -> None:
    assert unit_kind(written) == kind
