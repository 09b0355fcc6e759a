"""What is kept between runs is never older than the workshop: every kind of change shows at once."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from kpi_core.model.base import PeriodValue
from kpi_core.services.checks import facts, steps
from kpi_core.services.dashboards import Tile, board
from kpi_core.services.datasets import store_upload
from kpi_core.services.editing import save
from kpi_core.services.measuring import refresh, set_manual
from kpi_core.services.people import Who
from kpi_core.services.recency import late
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Cadence, Grain, Status

TODAY = date(2026, 6, 10)


def shown(state: State, workshop: str, code: str, period: str = "2026-04", today: date = TODAY) -> Tile:
    return board(state, workshop, Grain.MONTH, period, today=today).tiles[code]


@pytest.fixture
def measured(state: State, workshop: str, deals: Path, me: Who) -> str:
    store_upload(state, workshop, "deals", deals, "deals.csv", None, me)
    refresh(state, workshop, me)
    return workshop


def test_the_same_board_is_given_while_nothing_changes(state: State, measured: str) -> None:
    first = board(state, measured, Grain.MONTH, today=TODAY)
    with State.open(state.path) as another_session:
        assert board(another_session, measured, Grain.MONTH, today=TODAY) is first


def test_a_changed_target_shows_at_once(state: State, measured: str, me: Who) -> None:
    assert shown(state, measured, "won").achievement is None
    found = snapshot(state, measured)
    node = found.workshop.node("won")
    assert node is not None
    aimed = node.model_copy(update={"targets": (PeriodValue(period="2026-04", value=4),)})
    with State.open(state.path) as somebody:
        save(somebody, measured, "nodes", aimed, found.revisions["nodes", "won"], Who("somebody"))
    assert shown(state, measured, "won").achievement == 0.5  # 2 deals of 4


def test_a_new_upload_shows_once_it_is_computed(state: State, measured: str, deals: Path, me: Who) -> None:
    assert shown(state, measured, "won").standing.actual == 2
    deals.write_text(deals.read_text("utf-8") + "Won,2026-04-30,West\n", "utf-8")
    store_upload(state, measured, "deals", deals, "deals.csv", None, me)
    assert shown(state, measured, "won").standing.actual is None  # what the old rows gave is no longer shown
    refresh(state, measured, me)
    assert shown(state, measured, "won").standing.actual == 3


def test_a_typed_value_shows_at_once_in_the_node_and_in_formulas(state: State, measured: str, me: Who) -> None:
    assert shown(state, measured, "bookings").standing.actual == 200  # 2 deals of 100
    revision = snapshot(state, measured).revisions["nodes", "size"]
    set_manual(state, measured, "size", {"2026-04": 150}, revision, me)
    assert shown(state, measured, "size").standing.actual == 150
    assert shown(state, measured, "bookings").standing.actual == 300


def test_another_day_is_another_board(state: State, measured: str, me: Who) -> None:
    found = snapshot(state, measured)
    node = found.workshop.node("won")
    assert node is not None
    aimed = node.model_copy(update={"targets": (PeriodValue(period="2026-05", value=1),)})
    save(state, measured, "nodes", aimed, found.revisions["nodes", "won"], me)
    early, later = date(2026, 5, 3), date(2026, 6, 1)
    assert shown(state, measured, "won", "2026-05", early).standing.status is Status.NONE  # 2 of 31 days are too early
    assert shown(state, measured, "won", "2026-05", later).standing.status is Status.ON_TRACK


def test_facts_and_steps_follow_an_upload(state: State, workshop: str, deals: Path, me: Who) -> None:
    assert "won" not in facts(state, workshop, TODAY).latest
    before = steps(state, workshop, TODAY)
    store_upload(state, workshop, "deals", deals, "deals.csv", None, me)
    refresh(state, workshop, me)
    assert facts(state, workshop, TODAY).latest["won"] == "2026-05"
    assert steps(state, workshop, TODAY) != before


def test_what_is_rolled_back_is_not_kept(state: State, workshop: str) -> None:
    kept: Remembered[int] = Remembered(4)
    with suppress(RuntimeError), state.writing():
        kept.answer(state, workshop, (), lambda _: 1)
        raise RuntimeError
    assert kept.answer(state, workshop, (), lambda _: 2) == 2


def test_only_the_answers_asked_for_last_are_kept(state: State, workshop: str) -> None:
    kept: Remembered[object] = Remembered(2)
    first = kept.answer(state, workshop, (1,), lambda _: object())
    assert kept.answer(state, workshop, (1,), lambda _: object()) is first
    for about in (2, 3):
        kept.answer(state, workshop, (about,), lambda _: object())
    assert kept.answer(state, workshop, (1,), lambda _: object()) is not first


def test_a_formula_is_as_old_as_its_oldest_input(state: State, measured: str) -> None:
    found = board(state, measured, Grain.MONTH, today=TODAY)
    formula, typed, rows = (found.tiles[code].recency for code in ("bookings", "size", "won"))
    assert formula is not None
    assert typed is not None
    assert rows is not None
    assert (typed.period, typed.days, typed.file_name) == ("2026-05", 10, None)  # 31 May to 10 June
    assert (formula.period, formula.days, formula.file_name) == ("2026-05", 10, "deals.csv")


def test_values_older_than_the_view_promises_are_late(state: State, measured: str) -> None:
    found = board(state, measured, Grain.MONTH, today=TODAY)
    view = snapshot(state, measured).workshop.views[0]
    recent = {code: one.recency for code, one in found.tiles.items()}
    assert late(view, recent) == ()  # no cadence was promised
    assert late(view.model_copy(update={"refresh": Cadence.MONTH}), recent) == ()
    assert late(view.model_copy(update={"refresh": Cadence.WEEK}), recent) == ("bookings", "won")
