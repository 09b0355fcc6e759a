"""Rows of a table become nodes: all of them or none, and every problem has its row."""

from __future__ import annotations

from typing import Any

import pytest

from kpi_core.errors import RefusedError
from kpi_core.services.bulk_editing import read_rows, rows_of, save_rows
from kpi_core.services.definitions import save_part
from kpi_core.services.people import Who
from kpi_core.services.undoing import acts
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Direction, Language, NodeKind

JA = Language.JA


def stored_rows(state: State, workshop: str) -> list[dict[str, Any]]:
    return rows_of(snapshot(state, workshop).workshop, JA)


def saved(state: State, workshop: str, rows: list[dict[str, Any]], who: Who, **begun: Any) -> None:
    save_rows(state, workshop, rows, JA, who, **begun)


def problems(state: State, workshop: str, rows: list[dict[str, Any]]) -> list[tuple[str, int | None, str | None]]:
    found = read_rows(snapshot(state, workshop).workshop, rows, JA).problems
    return [(problem.code, problem.row, problem.column) for problem in found]


def test_an_untouched_table_says_nothing(state: State, workshop: str) -> None:
    found = read_rows(snapshot(state, workshop).workshop, stored_rows(state, workshop), JA)
    assert (found.added, found.changed, found.problems) == ([], {}, [])


def test_pasted_rows_become_nodes_by_names(state: State, workshop: str, me: Who) -> None:
    rows = [
        *stored_rows(state, workshop),
        {"kind": "ＫＳＦ", "name_ja": "出会いを増やす", "parent": "bookings"},
        {"kind": "KPI", "name_en": "New leads", "parent": "出会いを増やす", "department": "マーケティング"},
        {
            "name_ja": "解約率",
            "parent": "new_leads",
            "direction": "低いほど良い",
            "unit": "ratio",
            "formula": "won / new_leads",
        },
        {"name_ja": None},
    ]
    saved(state, workshop, rows, me)
    found = snapshot(state, workshop).workshop
    factor, leads, churn = found.nodes[-3:]
    assert (factor.kind, factor.parent, factor.code) == (NodeKind.KSF, "bookings", "出会いを増やす")
    assert (leads.code, leads.parent, leads.department) == ("new_leads", factor.code, "marketing")
    assert (churn.kind, churn.direction, churn.formula) == (NodeKind.KPI, Direction.DOWN, "won / new_leads")
    assert len(acts(state, workshop)[0].changes) == 3  # one act: it is undone at once


def test_stored_nodes_are_changed_and_keep_what_the_table_does_not_show(state: State, workshop: str, me: Who) -> None:
    rows = stored_rows(state, workshop)
    rows[2] |= {"owner": "三浦", "department": "marketing"}
    saved(state, workshop, rows, me)
    node = snapshot(state, workshop).workshop.node("won")
    assert node is not None
    assert (node.owner, node.department, node.measure is not None) == ("三浦", "marketing", True)


def test_every_problem_is_told_by_row_and_nothing_is_stored(state: State, workshop: str, me: Who) -> None:
    before = snapshot(state, workshop)
    rows = stored_rows(state, workshop)
    rows[1] |= {"code": "other"}
    rows[3] |= {"formula": "won *"}
    rows += [
        {"kind": "KGI", "name_ja": "二つ目"},
        {"name_ja": "迷子", "parent": "どこか"},
        {"name_ja": "部門違い", "parent": "quality", "department": "製造"},
        {"name_ja": "向き", "parent": "quality", "direction": "右"},
        {"code": "won", "name_ja": "重複", "parent": "quality"},
        {"code": "new", "parent": "quality"},
    ]
    assert problems(state, workshop, rows) == [
        ("table_code_changed", 2, "code"),
        ("formula_unreadable", 4, "formula"),
        ("table_kind", 5, "kind"),
        ("table_parent", 6, "parent"),
        ("table_department", 7, "department"),
        ("table_direction", 8, "direction"),
        ("table_code_twice", 9, "code"),
        ("table_name", 10, "name_ja"),
    ]
    with pytest.raises(RefusedError, match="table_refused"):
        saved(state, workshop, rows, me)
    assert snapshot(state, workshop) == before


def test_the_tree_stays_a_tree(state: State, workshop: str) -> None:
    rows = [*stored_rows(state, workshop), {"name_ja": "高すぎる", "parent": "bookings"}]
    assert problems(state, workshop, rows) == [("file_parent_kind", 5, "parent")]
    rows = stored_rows(state, workshop)
    rows[2] |= {"parent": "size"}
    rows[3] |= {"parent": "won"}
    assert {row for _, row, _ in problems(state, workshop, rows)} == {3, 4}


def test_a_formula_must_hold_with_the_rows_beside_it(state: State, workshop: str) -> None:
    rows = [*stored_rows(state, workshop), {"name_ja": "率", "parent": "quality", "formula": "wonn / size"}]
    assert [(row, column) for _, row, column in problems(state, workshop, rows)] == [(5, "formula")]


def test_two_nodes_of_one_name_need_a_code(state: State, workshop: str) -> None:
    rows = [
        *stored_rows(state, workshop),
        {"code": "a", "name_ja": "同名", "parent": "quality"},
        {"code": "b", "name_ja": "同名", "parent": "quality"},
        {"name_ja": "下", "parent": "同名"},
    ]
    assert problems(state, workshop, rows) == [("table_parent_twice", 7, "parent")]


def test_what_somebody_changed_since_is_not_overwritten(state: State, workshop: str, me: Who, member: Who) -> None:
    read, begun = snapshot(state, workshop), stored_rows(state, workshop)
    save_part(state, workshop, "won", {"owner": "先に"}, read.revisions["nodes", "won"], member)
    save_part(state, workshop, "size", {"owner": "別の行"}, read.revisions["nodes", "size"], member)
    rows = [dict(row) for row in begun]
    rows[2] |= {"owner": "後から"}
    with pytest.raises(RefusedError, match="table_refused") as refused:
        saved(state, workshop, rows, me, begun=begun, read_at=read.change)
    assert [(problem.code, problem.row) for problem in refused.value.problems] == [("table_changed_since", 3)]
    rows[2] |= {"owner": begun[2]["owner"], "unit": "days"}
    saved(state, workshop, rows, me, begun=begun, read_at=read.change)
    won, size = (snapshot(state, workshop).workshop.node(code) for code in ("won", "size"))
    assert won is not None
    assert size is not None
    assert (won.owner, won.unit, size.owner) == ("先に", "days", "別の行")
