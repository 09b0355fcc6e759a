"""Adding a node below another, giving it another code, hanging it elsewhere, and taking it away."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kpi_core.errors import RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.model.references import may_hang_below
from kpi_core.services.codes import code_from
from kpi_core.services.tree_editing import add_node, delete_node, move_node, rename_code
from kpi_core.services.workshops import Snapshot
from kpi_core.tree.structure import descendants, formula_names, order
from kpi_core.vocabulary import NodeKind
from pages.components.card_lineage import card_lineage
from pages.components.dialog import act, asked, foot, told_or_closed
from pages.components.draft import Draft
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.lineage import LINEAGE
from pages.components.session import current, opened, raw, state, t
from pages.components.tree_choice import choose_node

_LISTED = 12


def node_dialogs() -> None:
    """Opens the dialog that a button asked for, if its node still exists."""
    wanted, snap = asked(), opened()
    if wanted is None or snap is None:
        return
    name, code = wanted[0], wanted[1]
    if snap.workshop.node(code) is not None:
        _DIALOGS[name](code)


def child_kind(parent: Node) -> NodeKind:
    """What hangs below ``parent``: success factors below the KGI, KPIs below everything else."""
    return NodeKind.KSF if parent.kind is NodeKind.KGI else NodeKind.KPI


def _add(code: str) -> None:
    snap, parent = _found(code)
    if snap is None or parent is None:
        return
    kind = child_kind(parent)

    @st.dialog(t("kpi_design.add_title", kind=raw(f"vocabulary.node_kind.{kind.value}")))
    def body() -> None:
        told_or_closed()
        language = current().language
        st.caption(t("kpi_design.add_below", parent=parent.name.in_language(language) or parent.code))
        draft = Draft(f"add.{code}", {"ja": "", "en": "", "department": None, "code": ""}, None)
        ja = draft.text("ja", t("kpi_design.name_ja"), max_chars=200, placeholder=raw("kpi_design.name_hint"))
        en = draft.text("en", t("kpi_design.name_en"), max_chars=200)
        draft.choice(
            "department",
            t("kpi_design.field.department"),
            [one.code for one in snap.workshop.departments],
            lambda one: snap.workshop.department_name(one, language),
            placeholder=raw("kpi_design.choose"),
        )
        proposed = code_from(Bilingual(ja=ja, en=en), kind.value, [node.code for node in snap.workshop.nodes])
        draft.text(
            "code",
            t("kpi_design.code"),
            placeholder=proposed if ja or en else raw("kpi_design.code_made"),
            help=t("kpi_design.code_help"),
            max_chars=64,
        )
        write = partial(_do_add, draft, snap.id, code, kind)
        foot(draft, write, t("kpi_design.add_do"), "kpi_design.added", key="add.do")

    body()


def _do_add(draft: Draft, workshop: str, parent: str, kind: NodeKind) -> None:
    typed = draft.values
    name = Bilingual(ja=typed["ja"].strip(), en=typed["en"].strip())
    with state() as here:
        made = add_node(
            here, workshop, kind, parent, name, current().who, code=typed["code"], department=typed["department"]
        )
    choose_node(made)


def _code(code: str) -> None:
    snap, node = _found(code)
    if snap is None or node is None:
        return

    @st.dialog(t("kpi_design.rename_title"))
    def body() -> None:
        told_or_closed()
        st.markdown(t("kpi_design.rename_explain", code=code, count=len(_direct_users(snap, code))))
        draft = Draft(f"rename.{code}", {"code": code}, snap.revisions["nodes", code])
        draft.text("code", t("kpi_design.code_new"), max_chars=64)
        write = partial(_do_rename, draft, snap.id, code, snap.revisions["nodes", code])
        foot(draft, write, t("kpi_design.rename_do"), "kpi_design.renamed", key="rename.do")

    body()


def _direct_users(snap: Snapshot, code: str) -> set[str]:
    return {user for user, names in formula_names(snap.workshop).items() if code in names}


def _do_rename(draft: Draft, workshop: str, code: str, revision: int) -> None:
    new = draft.value("code")
    with state() as here:
        rename_code(here, workshop, code, new, revision, current().who)
    choose_node(new)


def _move(code: str) -> None:
    snap, node = _found(code)
    if snap is None or node is None:
        return
    own = {code, *(one.code for one in descendants(snap.workshop, code))}
    own.add(node.parent or "")
    parents = [one for one in order(snap.workshop) if may_hang_below(node.kind, one.kind) and one.code not in own]

    @st.dialog(t("kpi_design.move_title"))
    def body() -> None:
        told_or_closed()
        language = current().language
        names = {one.code: one.name.in_language(language) or one.code for one in parents}
        st.markdown(t("kpi_design.move_explain", node=node.name.in_language(language) or code))
        st.selectbox(
            t("kpi_design.parent"),
            list(names),
            index=None,
            format_func=distinct(names, names.__getitem__),
            placeholder=raw("kpi_design.choose"),
            key=f"move.{code}",
        )
        st.button(
            t("kpi_design.move_do"),
            type="primary",
            key="move.do",
            on_click=_do_move,
            args=(snap.id, code, snap.revisions["nodes", code]),
        )

    body()


def _do_move(workshop: str, code: str, revision: int) -> None:
    def write() -> None:
        parent = st.session_state[f"move.{code}"]
        if parent is None:
            raise RefusedError("kpi_design.move_nowhere")
        with state() as here:
            move_node(here, workshop, code, parent, revision, current().who)

    act(write, "kpi_design.moved")


def _delete(code: str) -> None:
    snap, node = _found(code)
    if snap is None or node is None:
        return

    @st.dialog(t("kpi_design.delete_title"))
    def body() -> None:
        told_or_closed()
        language = current().language
        below = descendants(snap.workshop, code)
        st.markdown(t("kpi_design.delete_explain", node=node.name.in_language(language) or code))
        if below:
            st.markdown(t("kpi_design.delete_below", count=len(below)))
            st.markdown("\n".join(f"- {named(one.name.in_language(language) or one.code)}" for one in below[:_LISTED]))
            if len(below) > _LISTED:
                st.caption(t("kpi_design.delete_more", count=len(below) - _LISTED))
        gone = {code, *(one.code for one in below)}
        users = {user for one in gone for user in _direct_users(snap, one)} - gone
        if users:
            found = [snap.workshop.node(user) for user in sorted(users)]
            st.warning(
                t(
                    "kpi_design.delete_used",
                    nodes=raw("tree.separator").join(
                        one.name.in_language(language) or one.code for one in found if one
                    ),
                )
            )
        st.button(
            t("kpi_design.delete_do", count=len(gone)),
            type="primary",
            key="delete.do",
            on_click=_do_delete,
            args=(snap.id, code, snap.revisions["nodes", code], node.parent),
        )

    body()


def _do_delete(workshop: str, code: str, revision: int, parent: str | None) -> None:
    def write() -> None:
        with state() as here:
            delete_node(here, workshop, code, revision, current().who)
        choose_node(parent)

    act(write, "kpi_design.deleted")


def _found(code: str) -> tuple[Snapshot | None, Node | None]:
    snap = opened()
    return snap, snap.workshop.node(code) if snap else None


_DIALOGS = {"add": _add, "code": _code, "move": _move, "delete": _delete, LINEAGE: card_lineage}
