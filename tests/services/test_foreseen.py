"""Landings that nobody waits for: what is kept, what makes them found anew, a thread of their own, and the words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from kpi_core.charts.pace import Landing as Ahead
from kpi_core.charts.writing import Writing
from kpi_core.errors import RefusedError
from kpi_core.insight.backtest import Accuracy
from kpi_core.insight.landing import Foreseen
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import save
from kpi_core.services.forecasts import history, override
from kpi_core.services.foreseen import find_meanwhile, find_outlook, outlook
from kpi_core.services.landing import Landing, MethodLanding
from kpi_core.services.landing_words import ahead, certainty, past_of, why_none
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import DisplayUnit, LandingMethod, Language

TODAY = date(2026, 10, 20)
JA = Writing(Language.JA, "JPY", display_unit=DisplayUnit.MILLION)
SHARE, SMOOTHING = LandingMethod.CUMULATIVE_SHARE, LandingMethod.SMOOTHING


@pytest.fixture
def sales(state: State, me: Who) -> str:
    """A KGI typed in: 100 in every month from April 2024 to September 2026."""
    months = [f"{2024 + (3 + at) // 12}-{(3 + at) % 12 + 1:02d}" for at in range(30)]
    goal = {"code": "sales", "kind": "kgi", "unit": "JPY", "manual": [{"period": key, "value": 100} for key in months]}
    return create_workshop(state, Workshop.model_validate({"workshop": {"name": "w"}, "nodes": [goal]}), me)


def test_nothing_is_known_until_it_was_found(state: State, sales: str, me: Who) -> None:
    assert outlook(state, sales, "sales", today=TODAY) is None
    found = find_outlook(state, sales, "sales", me, today=TODAY)
    assert found.year is not None
    assert found.year.value == pytest.approx(1200)  # 6 known months of 100, and 6 to come
    assert outlook(state, sales, "sales", today=TODAY) == found
    assert [one.foreseen.method for one in history(state, sales, "sales", today=TODAY)] == [SHARE, SMOOTHING]


def test_a_new_value_is_found_anew_and_a_new_name_is_not(state: State, sales: str, me: Who) -> None:
    find_outlook(state, sales, "sales", me, today=TODAY)
    snap = snapshot(state, sales)
    goal = snap.workshop.node("sales")
    assert goal is not None
    named = goal.model_copy(update={"owner": "佐藤"})
    stored = save(state, sales, "nodes", named, snap.revisions["nodes", "sales"], me)
    assert outlook(state, sales, "sales", today=TODAY) is not None
    fewer = named.model_copy(update={"manual": goal.manual[:-1]})
    save(state, sales, "nodes", fewer, stored, me)
    assert outlook(state, sales, "sales", today=TODAY) is None


def test_a_persons_own_figure_is_shown_at_once(state: State, sales: str, me: Who, member: Who) -> None:
    find_outlook(state, sales, "sales", me, today=TODAY)
    override(state, sales, "sales", "2026", 1500, "大型案件の受注が確実", me, today=TODAY)
    known = outlook(state, sales, "sales", today=TODAY)
    assert known is not None
    assert known.year is not None
    assert (known.year.chosen, known.year.value) == (LandingMethod.OVERRIDE, 1500)
    assert certainty(known.year, JA) == "佐藤の手入力:大型案件の受注が確実"
    with pytest.raises(RefusedError, match="not_allowed"):
        override(state, sales, "sales", "2026", 1, "x", member, today=TODAY)


def end_of_those_begun_since(running: set[threading.Thread]) -> None:
    """Waits for the thread that finds a landing, and not for those of other tests of the process."""
    for thread in set(threading.enumerate()) - running:
        thread.join(60)


def test_a_thread_finds_it_once(state: State, sales: str, me: Who) -> None:
    opened = 0

    @contextmanager
    def again() -> Iterator[State]:
        nonlocal opened
        opened += 1
        with State.open(state.path) as mine:
            yield mine

    running = set(threading.enumerate())
    find_meanwhile(again, sales, "sales", me, today=TODAY)
    end_of_those_begun_since(running)
    assert outlook(state, sales, "sales", today=TODAY) is not None
    before = opened
    find_meanwhile(again, sales, "sales", me, today=TODAY)
    assert opened == before + 1  # it looked, and had nothing to find


def test_what_cannot_be_found_is_not_tried_for_ever(
    state: State, sales: str, me: Who, caplog: pytest.LogCaptureFixture
) -> None:
    @contextmanager
    def again() -> Iterator[State]:
        with State.open(state.path) as mine:
            yield mine

    running = set(threading.enumerate())
    find_meanwhile(again, sales, "nobody", me, today=TODAY)
    end_of_those_begun_since(running)
    known = outlook(state, sales, "nobody", today=TODAY)
    assert known is not None
    assert known.year is None
    assert "no landing of nobody" in caplog.text


def landing(low: float | None, high: float | None, now: Accuracy | None) -> Landing:
    said = MethodLanding(SHARE, Foreseen(600e6, low, high), (), now)
    none = MethodLanding(SMOOTHING, Foreseen(code="not_enough_history", about="won"), (), None)
    return Landing("sales", parse_period("2026"), "2026-09", 6, (said, none), None, SHARE, 600e6, low, high)


def test_the_interval_is_simulated_or_the_usual_miss_of_the_past() -> None:
    simulated = landing(550e6, 640e6, Accuracy(6, 2, -0.01, 0.05))
    assert ahead(simulated) == Ahead(600e6, 550e6, 640e6)
    assert certainty(simulated, JA) == "8割の見込みで550百万円〜640百万円 ・ 過去の検証での外れ 平均5.0%(2回)"
    missed = landing(None, None, Accuracy(6, 2, -0.01, 0.05))
    assert ahead(missed) == Ahead(600e6, 570e6, 630e6)  # 5 % of 600
    assert certainty(missed, JA) == "過去の検証での外れ 平均5.0%(2回)"
    unjudged = landing(None, None, None)
    assert ahead(unjudged) == Ahead(600e6, None, None)
    assert certainty(unjudged, JA) == "過去のデータが足りず、外れの幅は分かりません"
    assert ahead(replace(unjudged, value=None)) is None


def test_a_method_says_why_it_says_nothing_and_how_it_was_off() -> None:
    workshop = Workshop.model_validate({"workshop": {"name": "w"}})
    found = landing(None, None, None)
    assert why_none(found.methods[1], found, workshop, JA) == "「won」:実績が足りません(10期以上必要)。"
    assert past_of(Accuracy(6, 2, -0.012, 0.05), JA) == ("△1.2%", "5.0%(2回)")
    assert past_of(None, JA) == ("–", "–")
