"""Runs of rules: every one of the last days, and of older ones what a day or a change tells."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from kpi_core.store.rule_runs import EVERY_RUN, record_run, rule_runs
from kpi_core.store.state import State

KEPT = {"key": "k", "failed": 0, "on_break": "warn", "problem": None}
BROKEN = KEPT | {"failed": 3}
UNCHECKED = KEPT | {"problem": {"code": "rule_uncheckable"}}


@pytest.fixture
def state(tmp_path):
    with State.open(tmp_path / "state.db") as opened, opened.writing() as connection:
        connection.execute("INSERT INTO workshops VALUES ('w', '2026-01-01', '2026-01-01', 0)")
        yield opened


def ran(state, days_ago, hour, result=KEPT, dataset="deals", version="v"):
    """A run that many days ago, whatever the clock says now."""
    day = (datetime.now(UTC) - timedelta(days=days_ago)).replace(hour=hour, minute=0, second=0, microsecond=0)
    state.connection.execute(
        "INSERT INTO rule_runs (workshop, dataset, version, basis, run_at, results) VALUES ('w', ?, ?, 'b', ?, ?)",
        (dataset, version, day.isoformat(timespec="microseconds"), json.dumps([result])),
    )
    return day


def left(state, dataset="deals"):
    """The runs kept after one more, oldest first, without that one."""
    record_run(state.connection, "w", "deals", "v", "b", [KEPT])
    found = [run.run_at for run in reversed(rule_runs(state.connection, "w")) if run.dataset == dataset]
    return found[:-1] if dataset == "deals" else found


def test_of_old_days_where_nothing_changed_the_last_run_of_each_is_kept(state):
    first, *_ = [ran(state, 60, hour) for hour in range(24)]
    *_, last = [ran(state, 59, hour) for hour in range(24)]
    evening = first.replace(hour=23)
    assert left(state) == [first, evening, last]
    assert left(state)[:3] == [first, evening, last]  # thinned again, nothing more goes


def test_a_run_before_and_after_a_change_is_kept(state):
    hours = {hour: ran(state, 60, hour, BROKEN if 8 <= hour < 12 else KEPT) for hour in range(24)}
    assert left(state) == [hours[hour] for hour in (0, 7, 8, 11, 12, 23)]


@pytest.mark.parametrize("other", [{"result": UNCHECKED}, {"version": "v2"}, {"result": KEPT | {"on_break": "block"}}])
def test_what_counts_as_a_change(state, other):
    hours = [ran(state, 60, hour, **(other if hour == 5 else {})) for hour in range(12)]
    assert left(state) == [hours[hour] for hour in (0, 4, 5, 6, 11)]


def test_another_number_of_failing_rows_alone_is_no_change(state):
    hours = [ran(state, 60, hour, BROKEN | {"failed": 3 + hour}) for hour in range(12)]
    assert left(state) == [hours[0], hours[11]]


def test_every_run_of_the_last_days_and_of_other_datasets_is_kept(state):
    recent = [ran(state, EVERY_RUN.days - 2, hour) for hour in range(24)]
    others = [ran(state, 60, hour, dataset="leads") for hour in range(24)]
    assert left(state) == recent
    assert left(state, "leads") == others
