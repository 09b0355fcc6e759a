"""Hand-overs measured from an upload: shares with their interval, and why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_core.insight.proportion import wilson
from kpi_core.model.references import broken_references
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import store_upload
from kpi_core.services.handovers import (
    acceptance,
    in_period,
    measured_handovers,
    reasons_in,
    undecided,
    within_sla,
)
from kpi_core.services.people import Who
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain

LEADS = """handed,answered,result,why
2026-04-01 09:00,2026-04-01 10:00,SQL,
2026-04-02 09:00,2026-04-04 09:00,SQL,
2026-04-03 09:00,2026-04-03 12:00,rejected,no budget
2026-04-04 09:00,2026-04-04 12:00,,
"""
TRACKING = {
    "handed_at": "handed",
    "answered_at": "answered",
    "outcome": "result",
    "accepted": ["SQL"],
    "rejected": ["rejected"],
    "reason": "why",
}


@pytest.fixture
def handed(state: State, me: Who) -> str:
    ends = {"from": "marketing", "to": "sales", "dataset": "leads", "sla_hours": 24}
    document = {
        "workshop": {"name": "W"},
        "sources": [{"code": "ma"}],
        "datasets": [{"code": "leads", "source": "ma"}],
        "departments": [{"code": "marketing"}, {"code": "sales"}],
        "handovers": [
            {"code": "leads", **ends, "tracking": TRACKING},
            {"code": "untracked", **ends},
            {"code": "wrong", **ends, "tracking": {"handed_at": "result"}},
        ],
    }
    return create_workshop(state, Workshop.model_validate(document), me)


def upload(state: State, workshop: str, me: Who, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(LEADS, encoding="utf-8")
    store_upload(state, workshop, "leads", path, path.name, None, me)


def test_shares_of_a_month_with_their_interval(state: State, handed: str, me: Who, tmp_path: Path) -> None:
    upload(state, handed, me, tmp_path)
    found = measured_handovers(state, handed, Grain.MONTH)[0].followed
    assert found is not None
    (april,) = found.periods
    accepted, in_time = acceptance(april), within_sla(april)
    assert accepted is not None
    assert (accepted.part, accepted.whole, undecided(april)) == (2, 3, 1)
    assert accepted.interval == wilson(2, 3)
    assert in_time is not None
    assert (in_time.part, in_time.whole, april.median_hours) == (3, 4, 3.0)  # hours 1, 48, 3, 3
    assert reasons_in(found, april.period) == {"no budget": 1}
    assert in_period(found, april.period.shift(1)) is None


def test_why_nothing_is_measured(state: State, handed: str, me: Who, tmp_path: Path) -> None:
    assert [one.missing for one in measured_handovers(state, handed, Grain.MONTH)] == [
        "no_rows",
        "no_tracking",
        "no_rows",
    ]
    upload(state, handed, me, tmp_path)
    _, _, wrong = measured_handovers(state, handed, Grain.MONTH)
    assert wrong.missing == "refused"
    assert wrong.error is not None
    assert wrong.error.problems[0].code == "date_not_date"


def test_an_unknown_tracking_column_is_a_broken_reference() -> None:
    document = {
        "workshop": {"name": "W"},
        "sources": [{"code": "ma"}],
        "datasets": [{"code": "leads", "source": "ma", "columns": [{"name": "handed"}]}],
        "handovers": [
            {"code": "h", "from": "a", "to": "b", "dataset": "leads", "tracking": {"handed_at": "hande"}},
        ],
    }
    (problem,) = broken_references(Workshop.model_validate(document))
    assert (problem.code, problem.path) == ("file_unknown_column", "handovers[0].tracking.handed_at")
