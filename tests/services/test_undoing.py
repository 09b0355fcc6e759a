"""What was done is taken back as a whole, while nobody changed the same items since."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kpi_core.errors import KpiError, MissingError, RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Workshop
from kpi_core.services.definitions import save_part
from kpi_core.services.history import tree_at
from kpi_core.services.outlining import step_node
from kpi_core.services.people import Who
from kpi_core.services.signing import sign
from kpi_core.services.trash import restore, trash
from kpi_core.services.tree_editing import add_node, delete_node, rename_code
from kpi_core.services.undoing import acts, next_redo, next_undo, undo
from kpi_core.services.workshops import create_workshop, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import NodeKind, Role
from tests.services.conftest import DOCUMENT


def now(state: State, workshop: str) -> Workshop:
    return snapshot(state, workshop).workshop


def define(state: State, workshop: str, code: str, text: str, who: Who) -> None:
    save_part(state, workshop, code, {"definition": text}, snapshot(state, workshop).revisions["nodes", code], who)


def delete(state: State, workshop: str, code: str, who: Who) -> None:
    delete_node(state, workshop, code, snapshot(state, workshop).revisions["nodes", code], who)


def undo_last(state: State, workshop: str, who: Who) -> None:
    act = next_undo(acts(state, workshop), who)
    assert act is not None
    undo(state, workshop, act.number, who)


def redo_last(state: State, workshop: str, who: Who) -> None:
    act = next_redo(acts(state, workshop), who)
    assert act is not None
    undo(state, workshop, act.number, who)


def test_a_deletion_is_undone_with_links_views_and_order(state: State, workshop: str, me: Who) -> None:
    before = now(state, workshop)
    delete(state, workshop, "won", me)
    assert (now(state, workshop).links, now(state, workshop).views[0].nodes) == ((), ("bookings",))
    undo_last(state, workshop, me)
    assert now(state, workshop) == before
    redo_last(state, workshop, me)
    assert now(state, workshop).node("won") is None


def test_ones_own_last_act_is_undone_and_not_another_persons(state: State, workshop: str, me: Who, member: Who) -> None:
    define(state, workshop, "won", "受注した件数", me)
    define(state, workshop, "size", "平均の金額", member)
    undo_last(state, workshop, me)
    assert (now(state, workshop).node("won").definition, now(state, workshop).node("size").definition) == (
        "",
        "平均の金額",
    )
    assert next_undo(acts(state, workshop), me) is None


def test_nothing_is_undone_over_what_somebody_changed_since(state: State, workshop: str, me: Who, member: Who) -> None:
    define(state, workshop, "won", "受注した件数", me)
    define(state, workshop, "won", "受注した商談の件数", member)
    with pytest.raises(RefusedError, match="undo_changed_since") as refused:
        undo_last(state, workshop, me)
    assert refused.value.params == {"item": "won", "who": "鈴木"}
    assert now(state, workshop).node("won").definition == "受注した商談の件数"


def test_what_others_build_on_is_not_undone(state: State, workshop: str, me: Who, member: Who) -> None:
    code = add_node(state, workshop, NodeKind.KPI, "quality", Bilingual(en="Meetings"), me)
    add_node(state, workshop, NodeKind.KPI, code, Bilingual(en="Calls"), member)
    with pytest.raises(RefusedError, match="undo_used_since"):
        undo_last(state, workshop, me)
    delete(state, workshop, "calls", member)
    save_part(
        state,
        workshop,
        "size",
        {"formula": "meetings / 2"},
        snapshot(state, workshop).revisions["nodes", "size"],
        member,
    )
    with pytest.raises(RefusedError, match="undo_used_since"):
        undo_last(state, workshop, me)


def test_an_act_is_undone_once(state: State, workshop: str, me: Who, member: Who) -> None:
    define(state, workshop, "won", "受注した件数", me)
    number = acts(state, workshop)[0].number
    undo(state, workshop, number, member)
    with pytest.raises(RefusedError, match="undo_done"):
        undo(state, workshop, number, me)
    with pytest.raises(MissingError, match="item_missing"):
        undo(state, workshop, 10**9, me)


def test_new_work_ends_what_can_be_redone(state: State, workshop: str, me: Who) -> None:
    define(state, workshop, "won", "一", me)
    undo_last(state, workshop, me)
    define(state, workshop, "size", "二", me)
    assert next_redo(acts(state, workshop), me) is None


def test_a_departments_signature_is_not_taken_back_by_another_department(state: State, workshop: str, me: Who) -> None:
    sign(state, workshop, "won", "sales", me)
    signed = acts(state, workshop)[0]
    stranger = Who("高橋", Role.MEMBER, "marketing", "takahashi", frozenset({workshop}), "id")
    with pytest.raises(RefusedError, match="sign_own_department"):
        undo(state, workshop, signed.number, stranger)
    assert [one.department for one in now(state, workshop).signoffs] == ["sales"]


def test_a_viewer_undoes_nothing(state: State, workshop: str, me: Who, viewer: Who) -> None:
    define(state, workshop, "won", "一", me)
    with pytest.raises(RefusedError, match="not_allowed"):
        undo(state, workshop, acts(state, workshop)[0].number, viewer)


def test_a_deleted_branch_waits_in_the_trash_and_returns(state: State, workshop: str, me: Who, member: Who) -> None:
    sign(state, workshop, "won", "sales", me)
    before = now(state, workshop)
    delete(state, workshop, "quality", me)
    (gone,) = trash(state, workshop)
    assert (gone.node.code, [node.code for node in gone.nodes], gone.who) == (
        "quality",
        ["quality", "won", "size"],
        "佐藤",
    )
    define(state, workshop, "bookings", "受注の総額", member)
    assert restore(state, workshop, gone.act, "quality", me) == ("quality", "won", "size")
    after = now(state, workshop)
    assert after.nodes[1:] == before.nodes[1:]
    assert (after.links, after.signoffs, after.views) == (before.links, before.signoffs, before.views)
    assert trash(state, workshop) == ()


def test_a_child_returns_after_its_parent(state: State, workshop: str, me: Who) -> None:
    delete(state, workshop, "won", me)
    delete(state, workshop, "quality", me)
    factor, child = trash(state, workshop)
    assert (factor.node.code, child.node.code) == ("quality", "won")
    with pytest.raises(RefusedError, match="restore_parent"):
        restore(state, workshop, child.act, "won", me)
    restore(state, workshop, factor.act, "quality", me)
    restore(state, workshop, child.act, "won", me)
    assert {node.code for node in now(state, workshop).nodes} == {"bookings", "quality", "won", "size"}


def test_a_code_that_is_used_again_keeps_its_node(state: State, workshop: str, me: Who) -> None:
    delete(state, workshop, "won", me)
    (gone,) = trash(state, workshop)
    add_node(state, workshop, NodeKind.KPI, "quality", "別の指標", me, code="won")
    assert trash(state, workshop) == ()
    delete(state, workshop, "won", me)
    assert [one.node.name.ja for one in trash(state, workshop)] == ["別の指標"]
    assert gone.act != trash(state, workshop)[0].act


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["add", "delete", "rename", "define", "indent", "outdent", "up", "down", "sign"]),
        st.integers(0, 30),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS)
@example([("rename", 2), ("delete", 1), ("rename", 2)])  # takes over a code that the goal's own formula still names
@example([("rename", 3), ("delete", 1), ("add", 0), ("rename", 3)])  # or that another node's does
def test_undoing_a_sequence_of_edits_gives_the_workshop_before_and_redoing_the_one_after(
    edits: list[tuple[str, int]],
) -> None:
    me = Who("佐藤")
    with tempfile.TemporaryDirectory() as folder, State.open(Path(folder) / "w.db") as state:
        workshop = create_workshop(state, Workshop.model_validate(DOCUMENT), me)
        passed = [snapshot(state, workshop)]
        for what, number in edits:
            nodes = now(state, workshop).nodes
            node = nodes[number % len(nodes)]
            try:
                one_edit(state, workshop, what, node.code, number, me)
            except KpiError:
                continue
            if snapshot(state, workshop).change != passed[-1].change:
                passed.append(snapshot(state, workshop))
        for earlier in passed:
            assert tree_at(state, workshop, earlier.change) == earlier.workshop
        for earlier in reversed(passed[:-1]):
            undo_last(state, workshop, me)
            assert now(state, workshop) == earlier.workshop
        assert next_undo(acts(state, workshop), me) is None
        for later in passed[1:]:
            redo_last(state, workshop, me)
            assert now(state, workshop) == later.workshop
        assert next_redo(acts(state, workshop), me) is None


def one_edit(state: State, workshop: str, what: str, code: str, number: int, who: Who) -> None:
    revision = snapshot(state, workshop).revisions["nodes", code]
    node = now(state, workshop).node(code)
    if what == "add":
        kind = NodeKind.KSF if node.kind is NodeKind.KGI else NodeKind.KPI
        add_node(state, workshop, kind, code, f"項目{number}", who, before="size" if number % 2 else None)
    elif what == "delete":
        if node.kind is not NodeKind.KGI:
            delete_node(state, workshop, code, revision, who)
    elif what == "rename":
        rename_code(state, workshop, code, f"c{number}", revision, who)
    elif what == "define":
        save_part(state, workshop, code, {"definition": f"{number}"}, revision, who)
    elif what == "sign":
        sign(state, workshop, code, "sales", who)
    else:
        step_node(state, workshop, code, what, who)
