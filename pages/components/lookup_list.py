"""A dataset's look-ups: what each brings, the values that found nothing, and their near matches to take as aliases."""

from __future__ import annotations

import streamlit as st

from kpi_core.model.dataset import Dataset, Lookup
from kpi_core.services.rules import add_alias, remove_alias, remove_lookup, save_lookup, unmatched_values
from kpi_core.services.workshops import Snapshot
from pages.components.draft import Draft, Values
from pages.components.labels import distinct
from pages.components.outcome import attempt
from pages.components.session import current, raw, state, t

_SHOWN = 10


def lookup_list(snap: Snapshot, dataset: Dataset, columns: dict[str, list[str]]) -> None:
    """Every look-up of the dataset, then the form of a new one. ``columns``: those of each dataset with rows."""
    st.subheader(t("data_sources.lookups"), anchor=False)
    st.caption(t("data_sources.lookups_help"))
    for at, lookup in enumerate(dataset.lookups):
        with st.container(border=True):
            _lookup(snap, dataset, at, lookup)
    others = {code: names for code, names in columns.items() if code != dataset.code}
    if dataset.code not in columns or not others:
        st.caption(t("data_sources.lookups_need_two"))
        return
    key = f"data_sources.new_lookup.{dataset.code}"
    if st.session_state.get(key):
        with st.container(border=True):
            _new_lookup(snap, dataset, columns[dataset.code], others, key)
    else:
        st.button(
            t("data_sources.add_lookup"),
            icon=":material/add:",
            key=f"{key}.open",
            on_click=lambda: st.session_state.update({key: True}),
        )


def _lookup(snap: Snapshot, dataset: Dataset, at: int, lookup: Lookup) -> None:
    other = snap.workshop.dataset(lookup.dataset)
    name = (other.name.in_language(current().language) if other else "") or lookup.dataset
    here, there = lookup.on[0] if lookup.on else ("", "")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        line = t("data_sources.lookup_line", here=here, name=name, there=there, columns=", ".join(lookup.columns))
        st.markdown(line)
        with st.popover(t("data_sources.remove_lookup"), type="tertiary"):
            st.markdown(t("data_sources.remove_lookup_sure"))
            st.button(
                t("data_sources.remove_lookup_do"),
                key=f"data_sources.lookup_gone.{dataset.code}.{at}",
                on_click=_remove,
                args=(snap, dataset, at),
            )
    for value, target in lookup.aliases.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("data_sources.alias_line", value=value, target=target))
            st.button(
                t("data_sources.remove_alias"),
                key=f"data_sources.alias_gone.{dataset.code}.{at}.{value}",
                type="tertiary",
                on_click=_remove_alias,
                args=(snap, dataset, at, value),
            )
    _unmatched(snap, dataset, at)


def _unmatched(snap: Snapshot, dataset: Dataset, at: int) -> None:
    with state() as here:
        missing = unmatched_values(here, snap.id, dataset.code, at)
    if missing is None:
        st.caption(t("connecting.unmatched_unknown"))
        return
    if not missing:
        st.caption(f"✓ {t('data_sources.all_matched')}")
        return
    st.warning(
        t("data_sources.unmatched_sum", values=len(missing), rows=f"{sum(one.rows for one in missing):,}"),
        icon=":material/link_off:",
    )
    for one in missing[:_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(t("data_sources.unmatched", value=one.value, rows=f"{one.rows:,}"))
            for near in one.near[:3]:
                st.button(
                    t("data_sources.use_alias", near=near),
                    key=f"data_sources.alias.{dataset.code}.{at}.{one.value}.{near}",
                    on_click=_alias,
                    args=(snap, dataset, at, one.value, near),
                )
            if not one.near:
                st.caption(t("data_sources.no_near"))
    if len(missing) > _SHOWN:
        st.caption(t("data_sources.more_unmatched", count=len(missing) - _SHOWN))


def _alias(snap: Snapshot, dataset: Dataset, at: int, value: str, near: str) -> None:
    def store() -> None:
        with state() as here:
            revision = snap.revisions["datasets", dataset.code]
            add_alias(here, snap.id, dataset.code, at, value, near, revision, current().who)

    attempt(store, "data_sources.alias_added", value=value, target=near)


def _remove_alias(snap: Snapshot, dataset: Dataset, at: int, value: str) -> None:
    def store() -> None:
        with state() as here:
            revision = snap.revisions["datasets", dataset.code]
            remove_alias(here, snap.id, dataset.code, at, value, revision, current().who)

    attempt(store, "data_sources.alias_removed", value=value)


def _remove(snap: Snapshot, dataset: Dataset, at: int) -> None:
    def store() -> None:
        with state() as here:
            remove_lookup(here, snap.id, dataset.code, at, snap.revisions["datasets", dataset.code], current().who)

    attempt(store, "data_sources.lookup_removed")


def _new_lookup(snap: Snapshot, dataset: Dataset, own: list[str], others: dict[str, list[str]], key: str) -> None:
    names = {one.code: one.name.in_language(current().language) or one.code for one in snap.workshop.datasets}
    draft = Draft(f"lookup.{dataset.code}", {"dataset": None, "here": None, "there": None, "columns": []}, None)
    choose = raw("data_sources.choose")

    chosen = f"{key}.dataset"
    st.session_state[chosen] = draft.value("dataset")

    def match() -> None:
        """Columns of the same name on both sides most likely match; the other side's others are what it brings."""
        there = others.get(st.session_state[chosen] or "", [])
        both = next((name for name in own if name in there), None)
        for field, value in (("dataset", st.session_state[chosen]), ("here", both), ("there", both)):
            draft.put(field, value)
        draft.put("columns", [name for name in there if name not in own])

    with st.grid(3, min_column_width=240):
        st.selectbox(
            t("data_sources.lookup_dataset"),
            list(others),
            index=None,
            format_func=distinct(list(others), lambda code: names.get(code, code)),
            placeholder=choose,
            key=chosen,
            on_change=match,
        )
        there = others.get(draft.value("dataset") or "", [])
        draft.choice("here", t("data_sources.lookup_here"), own, str, placeholder=choose)
        draft.choice("there", t("data_sources.lookup_there"), there, str, placeholder=choose)
    draft.several("columns", t("data_sources.lookup_columns"), there, str, placeholder=choose)
    ready = all(draft.value(field) for field in ("dataset", "here", "there", "columns"))

    def store(values: Values, _: int | None) -> None:
        with state() as here:
            revision = snap.revisions["datasets", dataset.code]
            save_lookup(here, snap.id, dataset.code, values, revision, current().who)
        st.session_state.pop(key, None)

    def cancel() -> None:
        draft.discard()
        st.session_state.pop(key, None)

    draft.foot(store, label=t("data_sources.save_lookup"), done="data_sources.lookup_saved", disabled=not ready)
    st.button(t("data_sources.cancel"), key=f"{key}.cancel", type="tertiary", on_click=cancel)
