"""The card's agreement: which departments signed the definition as it stands, its status and its version."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.services.history import node_at_signing
from kpi_core.services.people import Who
from kpi_core.services.signing import Standing, sign, signoffs
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_datetime
from kpi_core.vocabulary import NodeStatus, Role
from pages.components.card_draft import card_draft, card_foot
from pages.components.card_history import changes_table, signed_fields
from pages.components.draft import Values
from pages.components.frame import named
from pages.components.outcome import attempt
from pages.components.session import allowed, current, raw, state, t

_PERSON = "kpi_design.person"
_MARKS = {"signed": ":green[● {}]", "void": ":orange[▲ {}]", "open": ":gray[○ {}]"}


def card_agreement(snap: Snapshot, node: Node) -> None:
    """Sign-offs, then status and version."""
    _signatures(snap, node)
    st.divider()
    draft = card_draft(snap, node, "agreement", _read)
    draft.segments(
        "status",
        t("kpi_design.field.status"),
        [one.value for one in NodeStatus],
        lambda one: t(f"vocabulary.node_status.{one}"),
        required=True,
    )
    left, right = st.columns([1, 3], gap="small")
    with left:
        draft.number("version", t("kpi_design.field.version"), min_value=1, step=1)
    with right:
        draft.text("version_reason", t("kpi_design.field.version_reason"), placeholder=raw("kpi_design.version_hint"))
    card_foot(draft, snap, node, dict)


def _signatures(snap: Snapshot, node: Node) -> None:
    st.caption(t("kpi_design.sign_explain"))
    with state() as here:
        found = [one for one in signoffs(here, snap.id) if one.node == node.code]
    if not found:
        st.info(t("kpi_design.sign_nobody"))
        return
    if current().who.member is None and any(one.state != "signed" for one in found):
        st.session_state.setdefault(_PERSON, st.session_state.get(f"{_PERSON}/last", ""))
        st.text_input(t("kpi_design.person"), key=_PERSON, placeholder=raw("kpi_design.person_hint"), max_chars=200)
    if not node.definition.strip() and any(one.state != "signed" for one in found):
        st.warning(t("kpi_design.sign_no_meaning"), icon=":material/edit_note:")
    for one in found:
        _line(snap, node, one)
        if one.state == "void":
            _difference(snap, node, one)


def _line(snap: Snapshot, node: Node, standing: Standing) -> None:
    language, settings = current().language, snap.workshop.settings
    word = "rewrite" if standing.rewrite and standing.state == "void" else standing.state
    mark = _MARKS[standing.state].format(t(f"kpi_design.sign_{word}"))
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{named(snap.workshop.department_name(standing.department, language))}** {mark}")
            if standing.at is not None:
                day = format_datetime(standing.at, language, settings.timezone)
                st.caption(t("kpi_design.signed_by", person=standing.person or "–", day=day))
            if standing.changed:
                names = [raw(f"kpi_design.field.{name}") for name in standing.changed]
                st.caption(t("kpi_design.sign_changed", fields=raw("tree.separator").join(names)))
        if standing.state != "signed":
            why_not = "kpi_design.sign_rewrite_first" if standing.rewrite else None
            st.button(
                t("kpi_design.sign_do"),
                key=f"sign/{node.code}/{standing.department}",
                on_click=_sign,
                args=(snap.id, node.code, standing.department, snap.revisions["nodes", node.code]),
                disabled=bool(why_not) or not _may_sign(standing.department),
                help=t(why_not or ("kpi_design.sign_help" if current().who.member is None else "kpi_design.sign_own")),
            )


def _difference(snap: Snapshot, node: Node, standing: Standing) -> None:
    """Why an agreement is void: the definition as it was signed beside that of now."""
    with state() as here:
        signed = node_at_signing(here, snap.id, node.code, standing.department)
    fields = signed_fields(signed, node) if signed is not None else ()
    if signed is not None and fields:
        name = snap.workshop.department_name(standing.department, current().language)
        with st.expander(t("past.signed_difference", department=name)):
            changes_table(snap, signed, node, fields)


def _may_sign(department: str) -> bool:
    """Someone who joined signs for their own department; otherwise the name typed says who signs."""
    who = current().who
    if who.member is not None:
        return who.department == department or allowed(Role.FACILITATOR)
    return bool((st.session_state.get(_PERSON) or "").strip())


def _signer() -> Who:
    who = current().who
    if who.member is not None:
        return who
    person = str(st.session_state[_PERSON]).strip()
    st.session_state[f"{_PERSON}/last"] = person
    return replace(who, name=person)


def _sign(workshop: str, code: str, department: str, revision: int) -> None:
    def write() -> None:
        with state() as here:
            sign(here, workshop, code, department, _signer(), revision)

    attempt(write, "kpi_design.signed")


def _read(node: Node) -> Values:
    return {"status": node.status.value, "version": node.version, "version_reason": node.version_reason}
