"""What a workshop was: the versions of a node, the tree at any change, and how two versions differ."""

from __future__ import annotations

import pytest

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Workshop
from kpi_core.services.definitions import save_part
from kpi_core.services.history import compared, node_at_signing, node_history, node_version, tree_at
from kpi_core.services.milestones import keep_milestone, milestones, remove_milestone
from kpi_core.services.moments import moments
from kpi_core.services.people import Who
from kpi_core.services.signing import sign
from kpi_core.services.tree_editing import add_node, delete_node, move_node, rename_code
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State
from kpi_core.tree.comparison import compare
from kpi_core.vocabulary import NodeKind


def save_fields(state: State, workshop: str, code: str, who: Who, **fields: object) -> None:
    save_part(state, workshop, code, fields, snapshot(state, workshop).revisions["nodes", code], who)


def revision(state: State, workshop: str, code: str) -> int:
    return snapshot(state, workshop).revisions["nodes", code]


def test_the_history_of_a_node_follows_it_through_its_codes(state: State, workshop: str, me: Who, member: Who) -> None:
    save_fields(state, workshop, "won", me, definition="受注した件数", owner="三浦")
    rename_code(state, workshop, "won", "deals_won", revision(state, workshop, "won"), member)
    sign(state, workshop, "deals_won", "sales", me)
    save_fields(state, workshop, "size", me, owner="誰か")
    signed, renamed, defined = node_history(state, workshop, "deals_won")
    assert signed.signoff is not None
    assert (renamed.who, renamed.fields) == ("鈴木", ("code",))
    assert (defined.who, set(defined.fields)) == ("佐藤", {"definition", "owner"})
    assert defined.before is not None
    assert (defined.before.owner, node_version(state, workshop, "deals_won", defined.change).owner) == ("", "三浦")
    with pytest.raises(MissingError, match="item_missing"):
        node_version(state, workshop, "deals_won", 10**9)


def test_what_was_signed_can_be_read_beside_what_it_became(state: State, workshop: str, me: Who) -> None:
    save_fields(state, workshop, "won", me, definition="一")
    sign(state, workshop, "won", "sales", me)
    save_fields(state, workshop, "won", me, definition="二")
    save_fields(state, workshop, "won", me, owner="三浦")
    signed = node_at_signing(state, workshop, "won", "sales")
    assert signed is not None
    assert (signed.definition, signed.owner) == ("一", "")
    assert node_at_signing(state, workshop, "won", "marketing") is None


def test_the_tree_is_read_as_it_was(state: State, workshop: str, me: Who) -> None:
    begun = snapshot(state, workshop)
    add_node(state, workshop, NodeKind.KPI, "quality", Bilingual(en="Meetings"), me)
    added = snapshot(state, workshop)
    delete_node(state, workshop, "quality", revision(state, workshop, "quality"), me)
    assert tree_at(state, workshop, begun.change) == begun.workshop
    assert tree_at(state, workshop, added.change) == added.workshop
    assert tree_at(state, workshop, 10**9) == snapshot(state, workshop).workshop


def test_two_versions_differ_by_what_came_went_moved_and_changed(state: State, workshop: str, me: Who) -> None:
    begun = snapshot(state, workshop).change
    factor = add_node(state, workshop, NodeKind.KSF, "bookings", Bilingual(en="Reach"), me)
    move_node(state, workshop, "won", factor, revision(state, workshop, "won"), me)
    save_fields(state, workshop, "won", me, owner="三浦")
    save_fields(state, workshop, "bookings", me, definition="受注の総額")
    delete_node(state, workshop, "size", revision(state, workshop, "size"), me)
    found = compared(state, workshop, begun, snapshot(state, workshop).change)
    assert [one.node.code for one in found.added] == ["reach"]
    assert [one.node.code for one in found.removed] == ["size"]
    assert [(one.node.code, one.fields) for one in found.moved] == [("won", ("parent", "owner"))]
    assert [(one.node.code, one.fields) for one in found.changed] == [("bookings", ("definition",))]
    assert found.of("size") == found.removed[0]
    assert not compared(state, workshop, begun, begun).differs


def test_a_new_code_is_a_change_and_no_other_node(state: State, workshop: str, me: Who) -> None:
    begun = snapshot(state, workshop).change
    rename_code(state, workshop, "quality", "ksf1", revision(state, workshop, "quality"), me)
    rename_code(state, workshop, "ksf1", "ksf2", revision(state, workshop, "ksf1"), me)
    found = compared(state, workshop, begun, snapshot(state, workshop).change)
    assert (found.added, found.removed, found.moved) == ((), (), ())
    assert [(one.node.code, one.fields) for one in found.changed] == [("ksf2", ("code",))]


def test_a_tree_compared_with_itself_does_not_differ(state: State, workshop: str) -> None:
    tree: Workshop = snapshot(state, workshop).workshop
    assert not compare(tree, tree).differs
    without = tree.model_copy(update={"links": ()})
    assert [link.code for link in compare(tree, without).links_removed] == ["won→bookings"]


def test_a_version_keeps_its_name(state: State, workshop: str, me: Who, viewer: Who) -> None:
    begun = snapshot(state, workshop)
    number = keep_milestone(state, workshop, " 第1四半期 ", me)
    save_fields(state, workshop, "won", me, owner="三浦")
    (kept,) = milestones(state, workshop)
    assert (kept.name, kept.who, tree_at(state, workshop, kept.change)) == ("第1四半期", "佐藤", begun.workshop)
    assert [moment.kind for moment in moments(state, workshop)] == ["now", "named"]
    with pytest.raises(RefusedError, match="name_needed"):
        keep_milestone(state, workshop, " ", me)
    with pytest.raises(RefusedError, match="not_allowed"):
        keep_milestone(state, workshop, "x", viewer)
    remove_milestone(state, workshop, number, me)
    assert [moment.kind for moment in moments(state, workshop)] == ["now", "begun"]
    with pytest.raises(MissingError, match="item_missing"):
        remove_milestone(state, workshop, number, me)
