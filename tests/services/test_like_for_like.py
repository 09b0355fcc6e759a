"""A year so far is compared with the same months of the year before, or with nothing; numbers worked by hand."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kpi_core.insight.like_for_like import WHOLE, Stretch, shared_stretch
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Tile, board, running_total
from kpi_core.services.datasets import store_upload
from kpi_core.services.explaining import Against, Explanation, explain
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.reasons import Compared, why
from kpi_core.services.snapshots import snapshot
from kpi_core.services.why_words import ends, obstacles, sentence, writing_of
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import ContributionKind, Grain, Language

NOVEMBER = date(2026, 11, 23)


def made(state: State, *nodes: dict[str, Any], **more: Any) -> str:
    document = {"workshop": {"name": "w", "fiscal_year_start": 4}, "nodes": list(nodes), **more}
    return create_workshop(state, Workshop.model_validate(document), Who("佐藤"))


def months(first: str, *values: float | None) -> list[dict[str, Any]]:
    year, month = int(first[:4]), int(first[5:]) - 1
    keys = [f"{year + (month + at) // 12}-{(month + at) % 12 + 1:02d}" for at in range(len(values))]
    return [{"period": key, "value": value} for key, value in zip(keys, values, strict=True) if value is not None]


def typed(code: str, values: list[dict[str, Any]], **card: Any) -> dict[str, Any]:
    return {"code": code, "kind": "kpi", "parent": "factor", "unit": "count", "manual": values, **card}


def tile(state: State, workshop: str, code: str, grain: Grain, key: str, today: date = NOVEMBER) -> Tile:
    return board(state, workshop, grain, key, today=today).tiles[code]


TREE = [
    {"code": "amount", "kind": "kgi", "unit": "JPY", "formula": "won * price"},
    {"code": "factor", "kind": "ksf", "parent": "amount"},
    # last year 10 a month to September, then 20; this year 12 a month from April to October
    typed("won", months("2025-04", *[10] * 6, *[20] * 6, *[12] * 7)),
    typed("price", months("2025-04", *[100] * 6, *[150] * 6, *[110] * 7), unit="JPY"),
    typed("rate", months("2025-04", *[0.1] * 6, *[0.4] * 6, *[0.2] * 7), unit="ratio", roll_up="mean"),
    typed("stock", months("2025-04", *range(1, 20)), roll_up="last"),
]


def test_a_running_year_is_compared_with_the_same_months_of_the_year_before(state: State) -> None:
    workshop = made(state, *TREE)
    won = tile(state, workshop, "won", Grain.YEAR, "2026")
    # 7 x 12 against 6 x 10 + 20, not against the year's 180
    assert (won.standing.actual, won.previous_year, won.year_change, won.change) == (84, 80, 4, 4)
    amount = tile(state, workshop, "amount", Grain.YEAR, "2026")
    assert amount.previous_year == pytest.approx(6 * 1000 + 3000)
    assert amount.year_change == pytest.approx(7 * 1320 - 9000)
    rate = tile(state, workshop, "rate", Grain.YEAR, "2026")
    assert rate.previous_year == pytest.approx(1.0 / 7)  # 6 x 0.1 and 0.4
    stock = tile(state, workshop, "stock", Grain.YEAR, "2026")
    assert (stock.standing.actual, stock.previous_year) == (19, 7)  # as in October


def test_a_running_quarter_is_compared_with_the_first_months_of_the_one_before(state: State) -> None:
    won = tile(state, made(state, *TREE), "won", Grain.QUARTER, "2026-Q3")
    assert (won.standing.actual, won.change, won.previous_year) == (12, 0, 20)  # October with July, and with October


def test_a_month_in_its_middle_is_compared_with_nothing_but_a_rate_is(state: State) -> None:
    running = [
        *TREE[:2],
        typed("won", months("2026-10", 12, 5)),
        typed("price", months("2026-10", 100, 100), unit="JPY"),
        typed("rate", months("2026-10", 0.2, 0.3), unit="ratio", roll_up="mean"),
    ]
    workshop = made(state, *running)
    won = tile(state, workshop, "won", Grain.MONTH, "2026-11")
    assert (won.change, won.unlike, won.year_unlike) == (None, True, False)  # no year before: nothing to be unlike
    assert tile(state, workshop, "rate", Grain.MONTH, "2026-11").change == pytest.approx(0.1)
    assert tile(state, workshop, "won", Grain.MONTH, "2026-11", date(2026, 12, 1)).change == -7


def test_a_year_of_which_only_some_months_are_measured_is_no_year_to_compare_with(state: State, tmp_path: Path) -> None:
    """Rows from November 2023: 5 months of that year, all of the next one, which they are not compared with."""
    rows = {"dataset": "deals", "aggregate": "count", "date": "day"}
    ratio = {"ratio": {"numerator": rows | {"where": [{"column": "won", "op": "==", "value": 1}]}, "denominator": rows}}
    workshop = made(
        state,
        {"code": "won", "kind": "kgi", "unit": "count", "measure": rows},
        {"code": "factor", "kind": "ksf", "parent": "won"},
        {"code": "share", "kind": "kpi", "parent": "factor", "unit": "ratio", "measure": ratio},
        sources=[{"code": "sfa"}],
        datasets=[{"code": "deals", "source": "sfa"}],
    )
    path = tmp_path / "deals.csv"
    days = [f"{2023 + (10 + at) // 12}-{(10 + at) % 12 + 1:02d}-05" for at in range(24)]  # one a month to October 2025
    path.write_text("day,won\n" + "".join(f"{day},1\n" for day in days), encoding="utf-8")
    store_upload(state, workshop, "deals", path, "deals.csv", None, Who("佐藤"), as_of=date(2025, 10, 31))
    refresh(state, workshop, Who("佐藤"))
    today = date(2025, 11, 20)
    full = tile(state, workshop, "won", Grain.YEAR, "2024", today)
    assert (full.standing.actual, full.previous_year, full.change, full.unlike) == (12, None, None, True)
    part = tile(state, workshop, "won", Grain.YEAR, "2023", today)
    assert (part.standing.actual, part.coverage) == (5, pytest.approx(5 / 12))
    running = tile(state, workshop, "won", Grain.YEAR, "2025", today)
    assert (running.standing.actual, running.previous_year, running.year_change) == (7, 7, 0)
    # a tile touches no rows, and a rate of a part of a year is only in them; "why?" counts them
    told = explain(state, workshop, "share", "2025", against=Against.YEAR, today=today)
    assert (told.before, told.after, told.change) == (1, 1, 0)
    share = tile(state, workshop, "share", Grain.YEAR, "2025", today)
    assert (share.standing.actual, share.previous_year, share.year_unlike) == (1, None, True)


@pytest.mark.parametrize(
    ("here", "there", "adds_up", "expected"),
    [
        ([1, 1, 1], [1, 1, 1], True, WHOLE),
        ([1, 1, 1, 1], [1, 1, 1, 1, 1], True, WHOLE),  # months of four and five weeks
        ([1, 1, 0], [1, 1, 1], True, Stretch((0, 1))),
        ([1, 0.5, 0], [1, 1, 1], True, None),
        ([1, 0.5, 0], [1, 1, 1], False, Stretch((0, 1))),
        ([1, 1, 1], [0, 1, 1], True, None),
        ([0, 1, 1], [0, 1, 1], True, Stretch((1, 2))),
        ([1, 1, 0], [1, 0.5, 1], True, None),
        ([0, 0, 0], [1, 1, 1], True, None),
        ([0, 0, 0, 0, 1], [1, 1, 1, 1], True, None),
    ],
)
def test_what_two_periods_share(here: list[float], there: list[float], adds_up: bool, expected: Stretch | None) -> None:
    assert shared_stretch(np.array(here), np.array(there), adds_up=adds_up) == expected


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ([1, 1, 1], [0, 0, 1], WHOLE),
        ([1, 1, 1], [1, 1, 0], None),
        ([1, 1, 1, 1], [1, 1, 1, 1, 1], WHOLE),
        ([1, 1, 0], [1, 1, 1], Stretch((0, 1))),
        ([1, 1, 0], [1, 0, 1], None),
        ([0, 0, 0], [1, 1, 1], None),
    ],
)
def test_stocks_are_compared_where_they_stand_at_the_same_place(
    here: list[float], there: list[float], expected: Stretch | None
) -> None:
    assert shared_stretch(np.array(here), np.array(there), adds_up=False, last=True) == expected


AIMED = [
    *TREE[:2],
    TREE[2] | {"targets": months("2026-04", *[10] * 6, *[20] * 6)},  # the year's 180
    TREE[3] | {"targets": months("2026-04", *[100] * 12)},
]


def drivers(found: Explanation) -> dict[str | None, float]:
    assert math.fsum(part.value for part in found.contributions) == pytest.approx(found.change, rel=1e-12)
    return {part.node: part.value for part in found.contributions if part.kind is ContributionKind.DRIVER}


def test_the_year_so_far_has_the_target_that_its_months_add_up_to(state: State) -> None:
    workshop = made(state, *AIMED)
    amount = tile(state, workshop, "amount", Grain.YEAR, "2026")
    total = running_total(board(state, workshop, Grain.MONTH, "2026-10", today=NOVEMBER), "amount")
    assert total is not None
    assert sum(value or 0 for value in total[1].target[:7]) == 8000  # 6 x 1,000 and October's 2,000
    assert (amount.standing.target, amount.standing.goal_to_date) == (18_000, pytest.approx(8000))
    assert amount.goal_change == pytest.approx(9240 - 8000)


def test_why_explains_the_difference_that_the_tile_shows(state: State) -> None:
    workshop = made(state, *AIMED)
    shown = tile(state, workshop, "amount", Grain.YEAR, "2026")
    found = why(state, workshop, "amount", parse_period("2026", 4), Compared.TARGET, today=NOVEMBER)
    told = found.explanation
    assert told.change == pytest.approx(shown.goal_change)
    # won 80 to date -> 84, price 100 -> 110: 4 x 105 and 10 x 82
    assert drivers(told) == {"won": pytest.approx(420), "price": pytest.approx(820)}
    assert {one.node: (one.before, one.after) for one in found.reasons} == {
        "won": (pytest.approx(80), 84),
        "price": (pytest.approx(100), pytest.approx(110)),
    }
    stored = snapshot(state, workshop).workshop
    writing = writing_of(shown.node, stored, Language.JA)
    assert sentence(found, stored, writing).startswith("amountは計測済みの期間の目標を1,240円上回る")
    assert ends(found, Language.JA)[0] == "目標(2026年度の計測済み分)"


def test_why_against_last_year_takes_the_same_months(state: State) -> None:
    workshop = made(state, *AIMED)
    shown = tile(state, workshop, "amount", Grain.YEAR, "2026")
    told = explain(state, workshop, "amount", "2026", against=Against.YEAR, today=NOVEMBER)
    assert (told.before, told.after, told.part) == (pytest.approx(9000), pytest.approx(9240), True)
    assert told.change == pytest.approx(shown.year_change)
    # won 80 -> 84; price 9,000 / 80 = 112.5 -> 110: 4 x 111.25 and -2.5 x 82
    assert drivers(told) == {"won": pytest.approx(445), "price": pytest.approx(-205)}
    assert [period.key for period in told.kept] == [f"2025-{month:02d}" for month in range(4, 11)]


def test_a_target_that_its_drivers_do_not_make_leaves_a_gap_and_adds_up(state: State) -> None:
    """A price whose targets differ and whose year is stated as a mean: the year's target is no sum of its months'."""
    prices = months("2026-04", *[100] * 6, *[150] * 6)
    uneven = [*AIMED[:3], AIMED[3] | {"roll_up": "mean", "targets": prices}]
    workshop = made(state, *uneven)
    shown = tile(state, workshop, "amount", Grain.YEAR, "2026")
    assert shown.standing.goal_to_date == pytest.approx(180 * 125 * 214 / 365)
    told = explain(state, workshop, "amount", "2026", against=Against.TARGET, today=NOVEMBER)
    assert told.change == pytest.approx(shown.goal_change)
    drivers(told)
    # 80 x the mean of six 100 and one 150 is what the drivers' targets make
    (gap,) = [part.value for part in told.contributions if part.kind is ContributionKind.GAP]
    assert gap == pytest.approx(80 * 750 / 7 - 180 * 125 * 214 / 365)


def test_thresholds_are_what_why_compares_with_where_the_tile_does(state: State) -> None:
    limited = [AIMED[0] | {"thresholds": {"goal": 1100, "red": 900}}, *AIMED[1:]]
    workshop = made(state, *limited)
    shown = tile(state, workshop, "amount", Grain.MONTH, "2026-10")
    told = explain(state, workshop, "amount", "2026-10", against=Against.TARGET, today=NOVEMBER)
    assert (told.before, told.change) == (1100, pytest.approx(shown.goal_change))
    drivers(told)


def test_a_running_month_without_a_like_one_says_so_instead_of_a_number(state: State) -> None:
    price = typed("price", months("2026-10", 100, 90), unit="JPY")
    workshop = made(state, *AIMED[:2], typed("won", months("2026-10", 12, 5)), price)
    found = why(state, workshop, "amount", parse_period("2026-11", 4), Compared.PREVIOUS, today=NOVEMBER)
    stored = snapshot(state, workshop).workshop
    assert (found.explanation.change, found.explanation.after, found.reasons) == (None, 450, ())
    assert obstacles(found, stored, Language.JA) == [
        "比べる2つの期間で、計測済みの部分がそろわないため、差は出しません。"
    ]
    over = why(state, workshop, "amount", parse_period("2026-11", 4), Compared.PREVIOUS, today=date(2026, 12, 1))
    assert over.explanation.change == 450 - 1200


@pytest.mark.parametrize(("ids", "expected"), [(tuple(range(19)), 7), ((*range(10), 9, *range(11, 19)), None)])
def test_distinct_counts_are_compared_where_nothing_counts_twice(
    state: State, tmp_path: Path, ids: tuple[int, ...], expected: int | None
) -> None:
    """One deal a month from April 2024 to October 2025; an id that comes back makes the months exceed the year."""
    rows = {"dataset": "deals", "aggregate": "count_distinct", "column": "id", "date": "day"}
    repeated = {"numerator": rows | {"aggregate": "sum", "column": "amount"}, "denominator": rows}
    workshop = made(
        state,
        {"code": "won", "kind": "kgi", "unit": "count", "measure": rows},
        {"code": "factor", "kind": "ksf", "parent": "won"},
        {"code": "size", "kind": "kpi", "parent": "factor", "unit": "JPY", "measure": {"ratio": repeated}},
        sources=[{"code": "sfa"}],
        datasets=[{"code": "deals", "source": "sfa"}],
    )
    days = [f"{2024 + (3 + at) // 12}-{(3 + at) % 12 + 1:02d}-05" for at in range(19)]
    lines = [f"{day},{one},100" for day, one in zip(days, ids, strict=True)]
    path = tmp_path / "deals.csv"
    path.write_text("day,id,amount\n" + "\n".join(lines) + "\n", encoding="utf-8")
    store_upload(state, workshop, "deals", path, "deals.csv", None, Who("佐藤"), as_of=date(2025, 10, 31))
    refresh(state, workshop, Who("佐藤"))
    won = tile(state, workshop, "won", Grain.YEAR, "2025", date(2025, 11, 20))
    assert (won.previous_year, won.year_unlike) == (expected, expected is None)
    size = explain(state, workshop, "size", "2025", against=Against.YEAR, today=date(2025, 11, 20))
    assert size.before == (None if expected is None else 100)
