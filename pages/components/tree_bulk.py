"""The tree as a table to edit: rows pasted from a spreadsheet become nodes, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kpi_core.errors import Problem
from kpi_core.services.bulk_editing import COLUMNS, read_rows, rows_of, save_rows
from kpi_core.services.pasted_rows import pasted_rows
from kpi_core.services.workshops import Snapshot
from kpi_core.text import say
from kpi_core.vocabulary import Direction, Language
from pages.components.draft import Draft, Values
from pages.components.plain import plain
from pages.components.session import current, raw, state, t
from pages.components.trouble import told

_SHOWN = 12


def tree_bulk(snap: Snapshot) -> None:
    """The table, what storing it would do, and every problem with its row before anything is stored."""
    language = current().language
    st.caption(t("bulk.explain"))
    stored: Values = {"rows": rows_of(snap.workshop, language)}
    draft = Draft(f"nodes.bulk.{language.value}", stored, snap.change)
    column = st.column_config.TextColumn
    directions = " / ".join(raw(f"vocabulary.direction.{one.value}") for one in Direction)
    helps = {"code": raw("bulk.code_help"), "parent": raw("bulk.parent_help"), "direction": directions}
    helps |= {"kind": "KSF / KPI", "department": raw("bulk.department_help")}
    rows = draft.table(
        "rows",
        t("bulk.title"),
        ("node", *COLUMNS),
        num_rows="add",
        beside={"#": range(1, len(draft.value("rows")) + 1)},
        height=560,
        column_order=("#", *COLUMNS),
        column_config={
            "#": st.column_config.NumberColumn("#", disabled=True, width=40),
            **{one: column(raw(f"bulk.column.{one}"), help=helps.get(one)) for one in COLUMNS},
        },
    )
    _paste(draft)
    begun = draft.base["rows"]
    bulk = read_rows(snap.workshop, rows, language, begun)
    if draft.changed:
        _told(bulk.problems, len(bulk.added), len(bulk.changed))

    def store(values: Values, revision: int | None) -> None:
        with state() as here:
            save_rows(here, snap.id, values["rows"], language, current().who, begun=begun, read_at=revision)

    draft.foot(store, label=t("bulk.save"), disabled=bool(bulk.problems) or not (bulk.added or bulk.changed))


def _paste(draft: Draft) -> None:
    """Rows copied in Excel, in a field of their own: in the table a click opens a cell, which would take them all."""
    field = f"{draft.place}/pasted"
    with st.expander(t("bulk.paste"), icon=":material/content_paste:"):
        st.caption(
            t("bulk.paste_help", columns=raw("tree.separator").join(raw(f"bulk.column.{one}") for one in COLUMNS))
        )
        st.text_area(t("bulk.paste_field"), key=field, height=140, max_chars=200_000)

        def take() -> None:
            names = {say(f"bulk.column.{one}", language): one for one in COLUMNS for language in Language}
            typed = str(st.session_state.get(field) or "")
            draft.put("rows", pasted_rows(typed, draft.value("rows"), COLUMNS, names, "code"))
            st.session_state[field] = ""

        st.button(t("bulk.paste_do"), key=f"{field}/do", on_click=take)


def _told(problems: Sequence[Problem], added: int, changed: int) -> None:
    if not problems:
        if added or changed:
            st.markdown(f":green[●] {t('bulk.would', added=added, changed=changed)}")
        return
    lines = [
        f"- {t('bulk.row', row=one.row or '–', column=_column(one.column))} {told(one)}" for one in problems[:_SHOWN]
    ]
    st.markdown(f":red[✕] **{t('bulk.problems', count=len(problems))}**\n\n" + "\n".join(lines))
    if len(problems) > _SHOWN:
        st.caption(t("bulk.more", count=len(problems) - _SHOWN))


def _column(name: str | None) -> str:
    return raw(f"bulk.column.{name}") if name in COLUMNS else plain(name or "")
