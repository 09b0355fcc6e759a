"""Another first month of the fiscal year never gives a stored quarter or year other months."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.file import read_workshop, write_workshop
from kpi_core.model.revision import RevisionDecision
from kpi_core.services.forecasts import believed, override
from kpi_core.services.landing import landings
from kpi_core.services.people import Who
from kpi_core.services.revising import record_revision
from kpi_core.services.signing import sign, signoffs
from kpi_core.services.trash import restore, trash
from kpi_core.services.tree_editing import delete_node
from kpi_core.services.workshops import create_workshop, save_settings, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import RevisionChoice
from tests.services.conftest import DOCUMENT

QUARTERS: dict[str, Any] = {
    "targets": [
        {"period": "2026-Q1", "value": 10},
        {"period": "2026-05", "value": 4},
        {"period": "2026-W14", "value": 1},
    ],
    "manual": [{"period": "2026-Q4", "value": 9}],
    "baseline": {"period": "2025-Q2", "value": 8},
}


def stored(state: State, me: Who, **fields: Any) -> str:
    document = json.loads(json.dumps(DOCUMENT))
    document["nodes"][2] = {**document["nodes"][2], **fields}
    document["reviews"] = [{"code": "weekly", "cadence": "week"}]
    document["meetings"] = [{"code": "m1", "review": "weekly", "held_on": "2026-07-03", "period": "2026-Q1"}]
    return create_workshop(state, read_workshop(json.dumps(document)), me)


def move(state: State, workshop: str, month: int, me: Who) -> None:
    found = snapshot(state, workshop)
    frame = found.workshop.settings.model_copy(update={"fiscal_year_start": month})
    save_settings(state, workshop, frame, found.revisions["settings", ""], me)


def test_a_card_kept_by_a_revision_keeps_its_months_too(state: State, me: Who) -> None:
    workshop = stored(state, me, targets=QUARTERS["targets"], baseline=QUARTERS["baseline"])
    decision = RevisionDecision(node="won", choice=RevisionChoice.CHANGE, reason="定義の見直し")
    record_revision(state, workshop, date(2026, 7, 1), [decision], me)
    move(state, workshop, 1, me)
    before = snapshot(state, workshop).workshop.revisions[0].decisions[0].before
    assert before is not None
    assert before.baseline is not None
    assert [entry.period for entry in before.targets] == ["2026-Q2", "2026-05", "2026-W14"]
    assert before.baseline.period == "2025-Q3"


def test_a_landing_given_for_a_fiscal_year_is_not_taken_for_another_years(state: State, me: Who) -> None:
    """2026 from April ends in March 2027; from January it is another year, until the start moves back."""
    workshop = stored(state, me)
    day = date(2026, 6, 1)
    override(state, workshop, "won", "2026", 120.0, "大型案件", me, today=day)
    override(state, workshop, "won", "2026-06", 12.0, "大型案件", me, today=day)

    def given() -> list[str]:
        return [one.foreseen.period for one in believed(state, workshop, "won", day)]

    assert given() == ["2026", "2026-06"]
    move(state, workshop, 1, me)
    assert given() == ["2026-06"]
    assert [one.override for one in landings(state, workshop, ["won"], today=day) if one.period.key == "2026"] == [None]
    move(state, workshop, 4, me)
    assert given() == ["2026", "2026-06"]


def test_quarters_keep_their_months_when_the_year_moves_by_whole_quarters(state: State, me: Who) -> None:
    """April to June 2026: 2026-Q1 of a year from April, 2026-Q2 of one from January; its 2026-Q4 is 2027-Q1."""
    workshop = stored(state, me, **QUARTERS)
    move(state, workshop, 1, me)
    found = snapshot(state, workshop).workshop
    won = found.node("won")
    assert won is not None
    assert won.baseline is not None
    assert [entry.period for entry in won.targets] == ["2026-Q2", "2026-05", "2026-W14"]
    assert [entry.period for entry in won.manual] == ["2027-Q1"]
    assert won.baseline.period == "2025-Q3"
    assert [meeting.period for meeting in found.meetings] == ["2026-Q2"]
    move(state, workshop, 4, me)
    again = snapshot(state, workshop).workshop.node("won")
    assert again is not None
    assert [entry.period for entry in again.targets] == ["2026-Q1", "2026-05", "2026-W14"]


def test_a_deleted_node_returns_with_its_months(state: State, me: Who) -> None:
    workshop = stored(state, me, **QUARTERS)
    code, day = snapshot(state, workshop).workshop.nodes[2].code, date(2026, 6, 1)
    override(state, workshop, code, "2026-06", 12.0, "大型案件", me, today=day)
    delete_node(state, workshop, code, snapshot(state, workshop).revisions["nodes", code], me)
    move(state, workshop, 7, me)
    (gone,) = trash(state, workshop)
    restore(state, workshop, gone.act, code, me)
    assert [one.foreseen.reason for one in believed(state, workshop, code, day)] == ["大型案件"]
    back = snapshot(state, workshop).workshop.node(code)
    assert back is not None
    assert back.targets[0].period == "2025-Q4"  # April to June 2026, of the year that began in July 2025
    assert [entry.period for entry in back.targets[1:]] == ["2026-05", "2026-W14"]


@pytest.mark.parametrize(
    ("fields", "month", "held"),
    [
        ({"targets": [{"period": "2026", "value": 120}]}, 1, "won 2026"),  # no year from January has April to March
        (
            {"manual": [{"period": "2026-Q2", "value": 1}]},
            5,
            "won 2026-Q2, weekly 2026-Q1",
        ),  # the meeting's quarter too
    ],
)
def test_where_no_period_has_the_same_months_the_change_is_refused_and_nothing_stored(
    state: State, me: Who, fields: dict[str, Any], month: int, held: str
) -> None:
    workshop = stored(state, me, **fields)
    before = write_workshop(snapshot(state, workshop).workshop)
    with pytest.raises(RefusedError, match="fiscal_year_holds") as refused:
        move(state, workshop, month, me)
    assert refused.value.params["examples"] == held
    assert write_workshop(snapshot(state, workshop).workshop) == before


def test_months_and_weeks_never_stand_in_the_way(state: State, workshop: str, me: Who) -> None:
    move(state, workshop, 5, me)
    assert snapshot(state, workshop).workshop.settings.fiscal_year_start == 5


def test_a_signature_holds_when_its_quarters_are_only_named_otherwise(state: State, me: Who) -> None:
    workshop = stored(state, me, **QUARTERS)
    sign(state, workshop, "won", "sales", me)
    move(state, workshop, 1, me)
    assert [one.state for one in signoffs(state, workshop) if one.node == "won"] == ["signed"]
