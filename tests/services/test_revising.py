"""The revision of the KPIs: kept, changed to a new version, or retired, each with what it said before."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.errors import MissingError, RefusedError
from kpi_core.guidance.finding import Finding
from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.file import read_workshop, write_workshop
from kpi_core.model.operation import Review
from kpi_core.model.revision import RevisionDecision
from kpi_core.model.workshop import Department
from kpi_core.services.checks import findings
from kpi_core.services.dashboards import board
from kpi_core.services.editing import remove, save
from kpi_core.services.people import Who
from kpi_core.services.revising import (
    last_decision,
    next_revision,
    record_revision,
    reinstate,
    revising_review,
    still_using,
    to_revise,
)
from kpi_core.services.signing import Standing, sign, signoffs
from kpi_core.services.snapshots import snapshot
from kpi_core.services.tree_editing import rename_code
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Cadence, Grain, NodeStatus, RevisionChoice, Role, Weekday

WHO = Who("test")
HELD = date(2026, 10, 5)
DOCUMENT = """{
  "format": "kpi-workshop/1",
  "workshop": {"name": "W", "fiscal_year_start": 4},
  "nodes": [
    {"code": "goal", "kind": "kgi", "formula": "won * size"},
    {"code": "more", "kind": "ksf", "parent": "goal"},
    {"code": "won", "kind": "kpi", "parent": "more", "status": "live", "definition": "受注した商談の件数",
     "manual": [{"period": "2026-09", "value": 12}]},
    {"code": "size", "kind": "kpi", "parent": "more", "manual": [{"period": "2026-09", "value": 5}]},
    {"code": "calls", "kind": "kpi", "parent": "won", "manual": [{"period": "2026-09", "value": 40}]}
  ],
  "views": [{"code": "field", "audience": "field", "nodes": ["won", "calls"]}],
  "reviews": [{"code": "quarterly", "cadence": "quarter", "weekday": "mon"}]
}"""


@pytest.fixture
def held(state: State) -> str:
    return create_workshop(state, read_workshop(DOCUMENT), WHO)


def decided(node: str, choice: RevisionChoice, reason: str = "") -> RevisionDecision:
    return RevisionDecision(node=node, choice=choice, reason=reason)


def test_a_changed_kpi_begins_its_next_version_and_keeps_the_old_definition(state: State, held: str) -> None:
    record_revision(state, held, HELD, [decided("won", RevisionChoice.CHANGE, " 更新契約も数える ")], WHO)
    workshop = snapshot(state, held).workshop
    won = workshop.node("won")
    assert won is not None
    assert (won.version, won.version_reason, won.status) == (2, "更新契約も数える", NodeStatus.LIVE)
    (revision,) = workshop.revisions
    assert (revision.code, revision.held_on, revision.review) == ("revision_20261005", HELD, "quarterly")
    before = revision.decisions[0].before
    assert before is not None
    assert (before.version, before.definition, before.manual) == (1, "受注した商談の件数", ())


def test_a_retired_kpi_leaves_tiles_and_views_and_stays_readable(state: State, held: str) -> None:
    record_revision(state, held, HELD, [decided("won", RevisionChoice.RETIRE, "件数では質が見えない")], WHO)
    workshop = snapshot(state, held).workshop
    assert "won" not in board(state, held, Grain.MONTH, today=date(2026, 10, 20)).tiles
    assert workshop.views[0].nodes == ("calls",)
    node = workshop.node("won")
    assert node is not None
    assert (node.status, node.definition) == (NodeStatus.RETIRED, "受注した商談の件数")
    assert [one.code for one in to_revise(workshop)] == ["size", "calls"]


def test_what_stands_on_a_retired_kpi_still_has_its_value(state: State, held: str) -> None:
    record_revision(state, held, HELD, [decided("won", RevisionChoice.RETIRE, "質を見る")], WHO)
    goal = board(state, held, Grain.MONTH, "2026-09", today=date(2026, 10, 20)).tiles["goal"]
    assert goal.standing.actual == 60  # 12 x 5


def test_what_stands_on_a_kpi_is_named(state: State, held: str) -> None:
    workshop = snapshot(state, held).workshop
    assert [node.code for node in still_using(workshop, "won")] == ["goal", "calls"]  # its formula, and below it


def test_change_and_retirement_need_a_reason_and_nothing_is_stored_without(state: State, held: str) -> None:
    before = snapshot(state, held)
    asked = [
        decided("won", RevisionChoice.CHANGE, "  "),
        decided("size", RevisionChoice.KEEP),
        decided("calls", RevisionChoice.RETIRE),
    ]
    with pytest.raises(RefusedError) as refused:
        record_revision(state, held, HELD, asked, WHO)
    assert [(one.code, one.params["node"]) for one in refused.value.problems] == [
        ("revision_reason_missing", "won"),
        ("revision_reason_missing", "calls"),
    ]
    assert snapshot(state, held).change == before.change


def test_a_kept_kpi_is_left_as_it_is(state: State, held: str) -> None:
    before = snapshot(state, held)
    record_revision(state, held, HELD, [decided("won", RevisionChoice.KEEP)], WHO)
    after = snapshot(state, held)
    assert after.revisions["nodes", "won"] == before.revisions["nodes", "won"]
    assert after.workshop.revisions[0].decisions[0].before is None


def test_a_revision_that_decides_nothing_is_refused(state: State, held: str) -> None:
    with pytest.raises(RefusedError, match="revision_empty"):
        record_revision(state, held, HELD, [], WHO)


def test_a_kpi_that_is_gone_or_retired_cannot_be_revised(state: State, held: str) -> None:
    record_revision(state, held, HELD, [decided("won", RevisionChoice.RETIRE, "不要")], WHO)
    for code in ("won", "nobody"):
        with pytest.raises(MissingError):
            record_revision(state, held, HELD, [decided(code, RevisionChoice.KEEP)], WHO)


def test_a_viewer_revises_nothing(state: State, held: str) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        record_revision(state, held, HELD, [decided("won", RevisionChoice.KEEP)], Who("v", Role.VIEWER))


def test_a_retired_kpi_comes_back_with_the_status_it_had(state: State, held: str) -> None:
    record_revision(state, held, HELD, [decided("won", RevisionChoice.RETIRE, "不要")], WHO)
    reinstate(state, held, "won", snapshot(state, held).revisions["nodes", "won"], WHO)
    node = snapshot(state, held).workshop.node("won")
    assert node is not None
    assert node.status is NodeStatus.LIVE


def test_two_revisions_on_a_day_are_two_records_and_the_later_one_counts(state: State, held: str) -> None:
    first = record_revision(state, held, HELD, [decided("won", RevisionChoice.CHANGE, "a")], WHO)
    second = record_revision(state, held, HELD, [decided("won", RevisionChoice.CHANGE, "b")], WHO)
    assert (first, second) == ("revision_20261005", "revision_20261005_2")
    found = last_decision(snapshot(state, held).workshop, "won")
    assert found is not None
    assert (found[0].code, found[1].before and found[1].before.version) == (second, 2)


def test_a_held_revision_moves_the_next_one_to_the_quarter_after(state: State, held: str) -> None:
    workshop = snapshot(state, held).workshop
    assert next_revision(workshop, HELD) == HELD  # first Monday of October 2026, the first month of Q3
    record_revision(state, held, HELD, [decided("won", RevisionChoice.KEEP)], WHO)
    assert next_revision(snapshot(state, held).workshop, HELD) == date(2027, 1, 4)  # first Monday of January


def test_the_quarterly_meeting_revises_before_a_yearly_one(state: State, held: str) -> None:
    yearly = Review(code="yearly", cadence=Cadence.YEAR, weekday=Weekday.MON)
    save(state, held, "reviews", yearly, None, WHO)
    found = snapshot(state, held)
    chosen = revising_review(found.workshop)
    assert chosen is not None
    assert chosen.code == "quarterly"
    remove(state, held, "reviews", "quarterly", found.revisions["reviews", "quarterly"], WHO)
    chosen = revising_review(snapshot(state, held).workshop)
    assert chosen is not None
    assert chosen.code == "yearly"


def test_a_meeting_with_revisions_on_record_is_not_removed(state: State, held: str) -> None:
    record_revision(state, held, HELD, [decided("won", RevisionChoice.KEEP)], WHO)
    with pytest.raises(RefusedError, match="change_refused"):
        remove(state, held, "reviews", "quarterly", snapshot(state, held).revisions["reviews", "quarterly"], WHO)


def test_a_revision_follows_a_kpi_to_its_new_code_and_survives_the_file(state: State, held: str) -> None:
    record_revision(state, held, HELD, [decided("won", RevisionChoice.CHANGE, "名称を統一")], WHO)
    rename_code(state, held, "won", "deals_won", snapshot(state, held).revisions["nodes", "won"], WHO)
    workshop = snapshot(state, held).workshop
    assert workshop.revisions[0].decisions[0].node == "deals_won"
    text = write_workshop(workshop)
    assert read_workshop(text).revisions == workshop.revisions
    assert write_workshop(read_workshop(text)) == text


def test_names_are_told_in_the_workshops_language(state: State, held: str) -> None:
    found = snapshot(state, held)
    node = found.workshop.node("won")
    assert node is not None
    named = node.model_copy(update={"name": Bilingual(ja="受注件数", en="Won deals")})
    save(state, held, "nodes", named, found.revisions["nodes", "won"], WHO)
    with pytest.raises(RefusedError) as refused:
        record_revision(state, held, HELD, [decided("won", RevisionChoice.RETIRE)], WHO)
    assert refused.value.problems[0].params["node"] == "受注件数"


def test_a_kpi_to_be_changed_is_agreed_to_by_nobody_until_it_is_rewritten(state: State, held: str) -> None:
    save(state, held, "departments", Department(code="sales", name=Bilingual(ja="営業")), None, WHO)
    put(state, held, department="sales")
    sign(state, held, "won", "sales", WHO)
    assert of_won(state, held).state == "signed"
    record_revision(state, held, HELD, [decided("won", RevisionChoice.CHANGE, "更新契約も数える")], WHO)
    standing = of_won(state, held)
    assert (standing.state, standing.rewrite) == ("void", True)
    assert [one.node for one in open_findings(state, held, "rewrite_pending")] == ["won"]
    assert not open_findings(state, held, "signoff_void")  # said once, as what is to be done first
    with pytest.raises(RefusedError, match="sign_before_rewrite"):
        sign(state, held, "won", "sales", WHO)

    put(state, held, definition="受注した商談と更新契約の件数")
    standing = of_won(state, held)
    assert (standing.state, standing.rewrite, standing.changed) == ("void", False, ("definition",))
    assert not open_findings(state, held, "rewrite_pending")
    sign(state, held, "won", "sales", WHO)
    assert of_won(state, held).state == "signed"


def test_typed_values_and_a_new_code_do_not_count_as_rewriting(state: State, held: str) -> None:
    record_revision(state, held, HELD, [decided("won", RevisionChoice.CHANGE, "広すぎる")], WHO)
    put(state, held, manual=(PeriodValue(period="2026-10", value=3),))
    rename_code(state, held, "won", "deals", snapshot(state, held).revisions["nodes", "won"], WHO)
    assert [one.node for one in open_findings(state, held, "rewrite_pending")] == ["deals"]


def put(state: State, workshop: str, **changes: object) -> None:
    snap = snapshot(state, workshop)
    node = snap.workshop.node("won")
    assert node is not None
    save(state, workshop, "nodes", node.model_copy(update=changes), snap.revisions["nodes", "won"], WHO)


def open_findings(state: State, workshop: str, code: str) -> list[Finding]:
    return [one for one in findings(state, workshop) if one.code == code]


def of_won(state: State, workshop: str) -> Standing:
    (standing,) = (one for one in signoffs(state, workshop) if one.node == "won")
    return standing
