"""What it takes and what if, from the stored workshop: typed and measured values, owners, targets, refusals.

won 20 a month and size 100 until June 2026; bookings = won x size = 2,000 a month; target of July 2,640.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.workshop import Workshop
from kpi_core.services.levers import natural_bounds, past_bounds
from kpi_core.services.people import Who
from kpi_core.services.prospects import open_periods, outlook_for
from kpi_core.services.simulating import simulate
from kpi_core.services.solving import what_it_takes
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State

MONTHS = [f"2025-{month:02d}" for month in range(4, 13)] + [f"2026-{month:02d}" for month in range(1, 7)]


def typed(*numbers: float) -> list[dict[str, Any]]:
    values = [numbers[at % len(numbers)] for at in range(len(MONTHS))]
    return [{"period": month, "value": value} for month, value in zip(MONTHS, values, strict=True)]


NODES = [
    {
        "code": "bookings",
        "kind": "kgi",
        "unit": "JPY",
        "formula": "won * size",
        "targets": [{"period": "2026-07", "value": 2640}],
    },
    {"code": "factor", "kind": "ksf", "parent": "bookings"},
    {"code": "won", "kind": "kpi", "parent": "factor", "unit": "count", "owner": "森", "manual": typed(18, 22, 20)},
    {"code": "size", "kind": "kpi", "parent": "factor", "unit": "JPY", "owner": "石井", "manual": typed(110, 90, 100)},
    {"code": "share", "kind": "kpi", "parent": "factor", "unit": "ratio", "manual": typed(0.4, 0.5)},
    {"code": "hot", "kind": "kpi", "parent": "factor", "formula": "won * share"},
    {"code": "empty", "kind": "kpi", "parent": "factor"},
    {"code": "broken", "kind": "kpi", "parent": "factor", "formula": "won * empty"},
]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    with State.open(tmp_path_factory.mktemp("solving") / "state.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def made(state: State) -> str:
    """Only read by the tests, so made once."""
    return create_workshop(state, Workshop.model_validate({"workshop": {"name": "w"}, "nodes": NODES}), Who("佐藤"))


def test_each_owner_sees_the_own_share(state: State, made: str) -> None:
    found = what_it_takes(state, made, "bookings", 2880, "2026-07", locks=["size"])
    assert (found.now.key, found.solution.now) == ("2026-06", 2000)
    assert found.solution.reached == pytest.approx(2880, rel=1e-9)
    assert {driver.node: driver.required for driver in found.solution.drivers} == {
        "won": pytest.approx(28.8),
        "size": 100,
    }
    assert {share.owner: share.contribution for share in found.owners} == {"森": pytest.approx(880), "石井": 0}


def test_the_shares_add_up_to_the_way(state: State, made: str) -> None:
    found = what_it_takes(state, made, "bookings", 2880, "2026-07")
    total = math.fsum(share.contribution for share in found.owners)
    assert total == pytest.approx(found.solution.reached - found.solution.now, rel=1e-9)


def test_limits_from_history(state: State, made: str) -> None:
    # best ever: 22 deals of 110
    found = what_it_takes(state, made, "bookings", 2640, "2026-07", from_history="best").solution
    assert (found.feasible, found.reached) == (False, pytest.approx(2420))
    assert {driver.node: driver.at_limit for driver in found.drivers} == {"won": "high", "size": "high"}
    wider = what_it_takes(
        state, made, "bookings", 2640, "2026-07", from_history="best", bounds={"won": (0, 30)}
    ).solution
    assert wider.feasible


@pytest.mark.parametrize(
    ("direction", "kind", "bounds"),
    [
        ("up", "best", (17, 24)),
        ("up", "p90", (17, 22.6)),  # 10 + 90 % of 14
        ("down", "best", (10, 17)),
        ("down", "p90", (11.4, 17)),
    ],
)
def test_bounds_of_the_past_by_hand(state: State, direction: str, kind: str, bounds: tuple[float, float]) -> None:
    # 10 to 24 once each, 17 the latest
    won = {**NODES[2], "direction": direction, "manual": typed(*range(10, 17), *range(18, 25), 17)}
    nodes = [won if node["code"] == "won" else node for node in NODES]
    made = create_workshop(state, Workshop.model_validate({"workshop": {"name": "w"}, "nodes": nodes}), Who("佐藤"))
    here, ahead = outlook_for(state, made, "bookings", "2026-07")
    assert past_bounds(here.node("won"), ahead, kind) == pytest.approx(bounds)


def test_a_share_stays_a_share(state: State, made: str) -> None:
    found = what_it_takes(state, made, "hot", 40, "2026-07", locks=["won"]).solution
    assert (found.feasible, found.reached) == (False, pytest.approx(20))


def test_the_rest_of_the_fiscal_year(state: State, made: str) -> None:
    # April to June: 1,980 + 1,980 + 2,000; nine months at 2,000 are open
    done = 18 * 110 + 22 * 90 + 20 * 100
    found = what_it_takes(state, made, "bookings", done + 9 * 2400, "2026", locks=["size"])
    assert found.solution.now == pytest.approx(done + 9 * 2000)
    won = found.solution.drivers[0]
    assert (won.now, won.required) == (20, pytest.approx(24))
    assert len(won.by_period) == 9


@pytest.mark.parametrize(
    ("node", "options", "code"),
    [
        ("won", {}, "solve_no_drivers"),
        ("nope", {}, "node_unknown"),
        ("broken", {}, "solve_no_value"),
        ("bookings", {"locks": ["share"]}, "solve_not_a_driver"),
        ("bookings", {"bounds": {"won": (5, 1)}}, "solve_bounds_reversed"),
    ],
)
def test_what_cannot_be_solved_is_refused(state: State, made: str, node: str, options: Any, code: str) -> None:
    with pytest.raises(RefusedError, match=code):
        what_it_takes(state, made, node, 1, "2026-07", **options)


def test_the_next_period_is_offered_where_only_the_year_has_no_value(state: State) -> None:
    # one month of data: the year lacks April to September, November stands as October
    def made(formula: str, won: list[dict[str, Any]], size: list[dict[str, Any]]) -> str:
        nodes = [
            {"code": "f", "kind": "kgi", "unit": "JPY", "formula": formula, "roll_up": "sum"},
            {"code": "k", "kind": "ksf", "parent": "f"},
            {"code": "won", "kind": "kpi", "parent": "k", "unit": "count", "manual": won},
            {"code": "size", "kind": "kpi", "parent": "k", "unit": "JPY", "manual": size},
        ]
        document = {"workshop": {"name": "w", "fiscal_year_start": 4}, "nodes": nodes}
        return create_workshop(state, Workshop.model_validate(document), Who("佐藤"))

    october = [{"period": "2026-10", "value": 3}]
    day = date(2026, 11, 20)
    workshop = made("won * size", october, october)
    assert [period.key for period in open_periods(state, workshop, "f", today=day)] == ["2026-11"]
    assert outlook_for(state, workshop, "f", "2026-11", today=day)[1].value == 9
    with pytest.raises(RefusedError, match="solve_no_value") as refused:
        outlook_for(state, workshop, "f", "2026", today=day)
    assert refused.value.params["drivers"] == "won, size"
    with pytest.raises(RefusedError, match="solve_no_value") as refused:
        open_periods(state, made("won * size", october, []), "f", today=day)
    assert refused.value.params["drivers"] == "size"  # won has its value
    with pytest.raises(RefusedError, match="solve_not_computable"):
        open_periods(state, made("won / size", october, [{"period": "2026-10", "value": 0}]), "f", today=day)


def test_a_simulation_tells_every_node(state: State, made: str) -> None:
    found = simulate(state, made, "bookings", "2026-07", {"won": 30})
    assert found.target == 2640
    assert (found.before["bookings"], found.before["hot"]) == (2000, 8)
    assert found.before["broken"] is None
    assert found.after["bookings"] == 3000
    assert found.after["hot"] == 12
    assert "size" not in found.after
    assert {lever.node for lever in found.levers} == {"won", "size"}
    swings = {swing.node: (swing.low, swing.high) for swing in found.swings}
    assert swings == {code: (pytest.approx(2700), pytest.approx(3300)) for code in ("won", "size")}
    assert found.chance is not None
    assert found.chance.probability is not None
    assert found.chance.probability > 0.5  # 3,000 stands, 2,640 is wanted
    less = simulate(state, made, "bookings", "2026-07").chance
    assert less is not None
    assert less.probability is not None
    assert less.probability < found.chance.probability


def test_a_moved_driver_is_told_for_the_whole_year_as_the_tree_has_it(state: State, made: str) -> None:
    # 18, 22 and 20 are done; nine months at 24
    found = simulate(state, made, "bookings", "2026", {"won": 24}, draws=None)
    assert found.before["won"] == 60 + 9 * 20
    assert found.after["won"] == 60 + 9 * 24


def test_a_driver_tells_its_latest_actual_and_lies_where_its_kind_allows(state: State, made: str) -> None:
    levers = {one.node: one for one in simulate(state, made, "hot", "2026-07", draws=None).levers}
    won, share = levers["won"], levers["share"]
    assert won.latest is not None
    assert (won.latest.key, won.history[-1], won.bounds) == ("2026-06", 20, (0, math.inf))
    assert (won.low, won.high) == (7, 33)  # 18 to 22, and half of 22 either way
    assert (share.bounds, share.high) == ((0, 1), 0.75)
    assert [won.beyond(level) for level in (17, 18, 20, 22, 23)] == [18, None, None, None, 22]


def test_a_simulation_without_chance_costs_no_draws(state: State, made: str) -> None:
    assert simulate(state, made, "bookings", "2026-07", draws=None).chance is None


def test_a_simulation_of_a_driver_it_does_not_have_is_refused(state: State, made: str) -> None:
    with pytest.raises(RefusedError, match="solve_not_a_driver"):
        simulate(state, made, "bookings", "2026-07", {"nope": 1})


@pytest.mark.parametrize(
    ("unit", "values", "most"),
    [
        ("ratio", (0.4, 0.5), 1.0),
        ("%", (40, 50), 100.0),
        ("%", (0.8, 0.9), 100.0),  # 0.8 % as typed is no share of 1
        ("ratio", (1.2, 1.4), math.inf),
        ("%", (120, 140), math.inf),
    ],
)
def test_a_share_stays_below_the_whole_in_its_own_unit(
    state: State, unit: str, values: tuple[float, ...], most: float
) -> None:
    share = {"code": "share", "kind": "kpi", "parent": "factor", "unit": unit, "manual": typed(*values)}
    nodes = [node for node in NODES if node["code"] != "share"]
    workshop = create_workshop(
        state, Workshop.model_validate({"workshop": {"name": "w"}, "nodes": [*nodes, share]}), Who("佐藤")
    )
    here, ahead = outlook_for(state, workshop, "hot", "2026-07")
    assert natural_bounds(here.node("share"), ahead)[1] == most
