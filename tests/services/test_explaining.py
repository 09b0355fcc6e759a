"""Why a number changed, from rows to contributions: by driver, against target and last year, cumulated, by segment.

won: April East 1, West 1; May East 1. size: 100, 110. bookings = won x size: 200 → 110.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import store_upload
from kpi_core.services.explaining import Against, Explanation, Over, explain, level
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.tree.attribution import Missing
from kpi_core.vocabulary import AttributionMethod, ContributionKind

# visits and orders by channel: April web 100/10, shop 50/10; May web 150/30, shop 50/5, fair 20/4 (new), "" 0/1
ROWS = [
    ("2026-04-03", "web", 100, 10), ("2026-04-09", "shop", 50, 10), ("2026-04-10", "gone", 10, 1),
    ("2026-05-03", "web", 150, 30), ("2026-05-09", "shop", 50, 5), ("2026-05-10", "fair", 20, 4),
    ("2026-05-11", "", 0, 1),
]  # fmt: skip


def measure(column: str, aggregate: str = "sum") -> dict[str, Any]:
    return {"dataset": "d", "aggregate": aggregate, "column": column, "date": "day", "dimensions": ["channel"]}


NODES = [
    {"code": "kgi", "kind": "kgi", "formula": "visits * rate", "unit": "count"},
    {"code": "visits", "kind": "kpi", "unit": "count", "measure": measure("visits")},
    {"code": "orders", "kind": "kpi", "unit": "count", "measure": measure("orders")},
    {"code": "quotient", "kind": "kpi", "unit": "ratio", "formula": "orders / visits"},
    {"code": "both", "kind": "kpi", "unit": "count", "formula": "orders + visits"},
    {"code": "each", "kind": "kpi", "measure": measure("orders", "mean")},
    {"code": "middle", "kind": "kpi", "measure": measure("orders", "median")},
    {
        "code": "rate",
        "kind": "kpi",
        "unit": "ratio",
        "targets": [{"period": "2026-05", "value": 0.2}],
        "measure": {"ratio": {"numerator": measure("orders"), "denominator": measure("visits")}},
    },
]


@pytest.fixture
def fed(state: State, workshop: str, deals: Path, me: Who) -> str:
    store_upload(state, workshop, "deals", deals, "deals.csv", None, me)
    refresh(state, workshop, me)
    return workshop


@pytest.fixture(scope="module")
def shop_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    with State.open(tmp_path_factory.mktemp("shop") / "state.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def shop(shop_state: State, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Only read by the tests, so made once."""
    state, me = shop_state, Who("佐藤")
    document = {
        "workshop": {"name": "w"},
        "sources": [{"code": "web"}],
        "datasets": [{"code": "d", "source": "web"}],
        "nodes": NODES,
    }
    made = create_workshop(state, Workshop.model_validate(document), me)
    path = tmp_path_factory.mktemp("rows") / "d.csv"
    path.write_text(
        "day,channel,visits,orders\n" + "".join(",".join(map(str, row)) + "\n" for row in ROWS), encoding="utf-8"
    )
    store_upload(state, made, "d", path, "d.csv", None, me)
    assert refresh(state, made, me).problems == ()
    return made


def parts(found: Explanation, kind: ContributionKind) -> dict[str | None, float]:
    return {
        part.segment if part.node is None else part.node: part.value
        for part in found.contributions
        if part.kind is kind
    }


def closes(found: Explanation) -> bool:
    assert found.change is not None
    size = max(abs(found.change), *(abs(part.value) for part in found.contributions))
    return abs(math.fsum(part.value for part in found.contributions) - found.change) <= 1e-9 * size


def test_from_period_to_period(state: State, fed: str) -> None:
    found = explain(state, fed, "bookings", "2026-05")
    # won (100 + 110)/2 x -1 = -105; size (2 + 1)/2 x 10 = 15
    assert (found.start.key, found.before, found.after, found.change) == ("2026-04", 200, 110, -90)
    assert parts(found, ContributionKind.DRIVER) == {"won": pytest.approx(-105), "size": pytest.approx(15)}
    assert found.method is AttributionMethod.SHAPLEY
    assert abs(found.residual or 0) <= 1e-9
    assert [(share.node, share.value) for share in level(state, fed, found, "bookings")] == [
        ("won", pytest.approx(-105)),
        ("size", pytest.approx(15)),
    ]


def test_a_missing_input_is_named(state: State, fed: str) -> None:
    found = explain(state, fed, "bookings", "2026-06")
    assert (found.change, found.contributions) == (None, ())
    assert {(each.node, each.period.key) for each in found.missing} == {("won", "2026-06"), ("size", "2026-06")}


def test_against_the_target_and_last_year(state: State, fed: str) -> None:
    found = explain(state, fed, "bookings", "2026-05", against=Against.TARGET)
    assert found.change is None
    assert {(each.node, each.target) for each in found.missing} == {("won", True), ("size", True)}
    year = explain(state, fed, "bookings", "2026-05", against=Against.YEAR)
    assert year.start.key == "2025-05"
    assert Missing("won", year.start) in year.missing


def test_a_node_without_a_formula_is_its_own_driver(state: State, fed: str) -> None:
    found = explain(state, fed, "won", "2026-05")
    assert parts(found, ContributionKind.DRIVER) == {"won": -1}


def test_step_by_step_and_year_to_date(shop_state: State, shop: str) -> None:
    steps = explain(shop_state, shop, "kgi", "2026-05", "2026-04", over=Over.STEPS)
    ends = explain(shop_state, shop, "kgi", "2026-05", "2026-04")
    assert parts(steps, ContributionKind.DRIVER) == parts(ends, ContributionKind.DRIVER)
    total = explain(shop_state, shop, "both", "2026-05", "2026-05", over=Over.YTD)
    assert (total.before, total.after) == (181 + 260, 181 + 260)  # 21 + 160, 40 + 220
    with pytest.raises(RefusedError, match="explain_not_additive"):
        explain(shop_state, shop, "quotient", "2026-05", over=Over.YTD)


@pytest.mark.parametrize("against", [Against.PERIOD, Against.TARGET])
def test_step_by_step_within_one_period_is_that_period(shop_state: State, shop: str, against: Against) -> None:
    asked = {"start": "2026-05", "against": against}
    told = [explain(shop_state, shop, "rate", "2026-05", over=over, **asked) for over in (Over.STEPS, Over.ENDS)]
    assert told[0].change is not None
    assert (told[0].change, told[0].contributions) == (told[1].change, told[1].contributions)


def test_a_sum_by_segment(shop_state: State, shop: str) -> None:
    found = explain(shop_state, shop, "visits", "2026-05", by="channel")
    assert parts(found, ContributionKind.DRIVER) == {"": 0, "fair": 20, "gone": -10, "shop": 0, "web": 50}
    assert (found.change, found.residual) == (60, 0)


@pytest.mark.parametrize("node", ["rate", "quotient"])
def test_a_rate_by_segment_is_rate_and_mix(shop_state: State, shop: str, node: str) -> None:
    found = explain(shop_state, shop, node, "2026-05", by="channel")
    assert (found.before, found.after) == (pytest.approx(21 / 160), pytest.approx(40 / 220))
    middle = (21 / 160 + 40 / 220) / 2
    web, shop_weights = (100 / 160, 150 / 220), (50 / 160, 50 / 220)
    assert parts(found, ContributionKind.RATE) == {
        "web": pytest.approx(sum(web) / 2 * (0.2 - 0.1)),
        "shop": pytest.approx(sum(shop_weights) / 2 * (0.1 - 0.2)),
    }
    assert parts(found, ContributionKind.MIX) == {
        "web": pytest.approx((web[1] - web[0]) * (0.15 - middle)),
        "shop": pytest.approx((shop_weights[1] - shop_weights[0]) * (0.15 - middle)),
        "fair": pytest.approx(20 / 220 * (4 / 20 - middle)),  # new
        "gone": pytest.approx(-10 / 160 * (1 / 10 - middle)),  # lost
        "": pytest.approx(1 / 220),  # an order without a visit: all of it is there because of the rows
    }
    assert closes(found)
    assert all(part.kind is not ContributionKind.REMAINDER for part in found.contributions)


def test_a_mean_by_segment_weighs_by_its_rows(shop_state: State, shop: str) -> None:
    found = explain(shop_state, shop, "each", "2026-05", by="channel")
    assert (found.before, found.after) == (7, 10)  # (10 + 10 + 1)/3, (30 + 5 + 4 + 1)/4
    assert parts(found, ContributionKind.RATE)["web"] == pytest.approx((1 / 3 + 1 / 4) / 2 * 20)
    assert closes(found)


def test_a_formula_that_adds_up_by_segment(shop_state: State, shop: str) -> None:
    found = explain(shop_state, shop, "both", "2026-05", by="channel")
    assert parts(found, ContributionKind.DRIVER)["web"] == 180 - 110
    assert closes(found)


@pytest.mark.parametrize(
    ("node", "by", "code"),
    [
        ("middle", "channel", "explain_segments_not_told"),
        ("visits", "nope", "dimension_unknown"),
        ("nope", "channel", "node_unknown"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused(shop_state: State, shop: str, node: str, by: str, code: str) -> None:
    with pytest.raises(RefusedError, match=code):
        explain(shop_state, shop, node, "2026-05", by=by)


def test_targets_have_no_segments(shop_state: State, shop: str) -> None:
    with pytest.raises(RefusedError, match="explain_segments_not_told"):
        explain(shop_state, shop, "rate", "2026-05", against=Against.TARGET, by="channel")


def test_periods_must_be_of_one_length_and_in_order(shop_state: State, shop: str) -> None:
    with pytest.raises(RefusedError, match="period_wrong_grain"):
        explain(shop_state, shop, "kgi", "2026-05", "2026-Q1")
    with pytest.raises(RefusedError, match="periods_reversed"):
        explain(shop_state, shop, "kgi", "2026-04", "2026-05")
    with pytest.raises(RefusedError, match="grain_too_fine"):
        explain(shop_state, shop, "kgi", "2026-W20")


def test_lmdi_says_when_it_cannot(shop_state: State, shop: str) -> None:
    found = explain(shop_state, shop, "kgi", "2026-05", method=AttributionMethod.LMDI)
    assert found.method is AttributionMethod.LMDI
    assert closes(found)
