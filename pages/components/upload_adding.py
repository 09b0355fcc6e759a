"""What becomes of the rows there are: the way proposed for the files at hand, to be changed, and what it would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from kpi_core.errors import KpiError
from kpi_core.services.adding import Way
from kpi_core.services.incoming import Foreseen, Proposal, Why, foresee, propose_way
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Adding, Twice
from pages.components.session import current, listed, raw, state, t
from pages.components.stored_field import follow, store
from pages.components.trouble import show_details, told
from pages.components.upload_reading import remembered

_MOST_PERIODS = 4


def way_of(
    snap: Snapshot, place: str, answers: dict[str, Any], parts: Sequence[Path], columns: Sequence[str], into: str
) -> tuple[Way, bool]:
    """How the files (their tables are ``parts``) join the rows there are; proposed, and changed where the person says.

    Beside it whether it is to be kept: as the person said, or proposed for what tells more than a column's name.
    """
    if answers.setdefault("way_of", into) != into:  # another dataset, another proposal
        answers["way_of"] = into
        for name in ("adding", "keys", "period", "twice"):
            answers.pop(name, None)
    about = (parts, into, snap.change, answers.get("period"))
    with state() as here:
        found = remembered(
            f"{place}/proposal", about, lambda: propose_way(here, snap.id, into, parts, answers.get("period"))
        )
    way: Way = found.way
    if into and found.why is not Why.FIRST:
        way = _chosen(snap, place, answers, found, columns)
    elif len(parts) < 2:
        return way, False
    if way.adding is not Adding.UPSERT and len(found.dates) > 1 and (len(parts) > 1 or way.adding is Adding.APPEND):
        _field(place, answers, "period", way.period, found.dates)
    said = "adding" in answers or (way.adding is Adding.UPSERT and "keys" in answers)
    known = way.adding is not Adding.REPLACE and found.why is not Why.NAMED
    return replace(way, twice=answers.get("twice") or way.twice), said or known


def _chosen(snap: Snapshot, place: str, answers: dict[str, Any], found: Proposal, columns: Sequence[str]) -> Way:
    """The control of the way, why it is proposed, and the key where rows are updated by one."""
    key = f"{place}/adding/{answers['file']}"
    proposed = found.way.adding
    follow(key, answers.get("adding") or proposed)

    def keep() -> None:
        answers["adding"] = st.session_state[key]
        answers.pop("twice", None)
        store(key, lambda: True)

    st.segmented_control(
        t("recipes.adding"),
        list(Adding),
        format_func=lambda one: t(f"vocabulary.adding.{one.value}"),
        key=key,
        required=proposed is not None,
        on_change=keep,
    )
    adding = answers.get("adding") or proposed
    if proposed is None:
        st.markdown(f":orange[▲] {_reason(snap, found)}")
    elif adding is proposed:
        st.caption(_reason(snap, found))
    keys = tuple(one for one in answers.get("keys", found.way.keys) if one in columns)
    if adding is Adding.UPSERT:
        _keys(place, answers, keys, columns)
    return replace(found.way, adding=adding, keys=keys, twice=found.way.twice if adding is proposed else None)


def _reason(snap: Snapshot, found: Proposal) -> str:
    words = {"keys": listed(found.way.keys), "column": found.way.period or "", "moving": f"{found.moving:,}"}
    for name, span in (("there", found.there), ("coming", found.coming)):
        words[name] = _span(snap, span) if span else ""
    return t(f"recipes.why.{found.why.value}", **words)


def _span(snap: Snapshot, span: tuple[str, str]) -> str:
    first, last = (_period(snap, one) for one in span)
    return first if first == last else raw("recipes.span", first=first, last=last)


def _period(snap: Snapshot, key: str) -> str:
    return format_period(key, current().language, snap.workshop.settings.fiscal_year_start)


def _keys(place: str, answers: dict[str, Any], keys: Sequence[str], columns: Sequence[str]) -> None:
    key = f"{place}/keys/{answers['file']}"
    follow(key, list(keys))

    def keep() -> None:
        answers["keys"] = tuple(st.session_state[key])
        store(key, lambda: True)

    label, hint = t("recipes.keys"), raw("data_sources.dimensions_placeholder")
    st.multiselect(label, columns, key=key, width=420, placeholder=hint, select_all=False, on_change=keep)


def _field(place: str, answers: dict[str, Any], name: str, held: str | None, options: Sequence[str]) -> None:
    key = f"{place}/{name}/{answers['file']}"
    follow(key, held)

    def keep() -> None:
        answers[name] = st.session_state[key]
        answers.pop("twice", None)
        store(key, lambda: True)

    help_words = t(f"recipes.{name}_help")
    st.selectbox(t(f"recipes.{name}"), options, key=key, help=help_words, width=320, on_change=keep)


def what_happens(
    snap: Snapshot, place: str, answers: dict[str, Any], parts: Sequence[Path], into: str, way: Way
) -> tuple[bool, int | None]:
    """Tells what storing would do to the rows, and asks what becomes of periods covered twice.

    Gives whether it can be done, and the rows there would be.
    """
    if into and way.adding is None:  # asked, and not answered yet
        return False, None
    about = (parts, into, snap.change, way)
    try:
        with state() as here:
            found: Foreseen = remembered(f"{place}/foreseen", about, lambda: foresee(here, snap.id, into, parts, way))
    except KpiError as error:
        st.markdown(f":red[▼] {told(error)}")
        show_details((error,))
        return False, None
    if into or len(parts) > 1:
        _counts(found)
    for shift in found.shifts:
        st.markdown(f":orange[▲] {told(shift.problem)}")
    decided = found.overlap is None or _covered_twice(snap, place, answers, found, way)
    return decided, found.rows.after


def _counts(found: Foreseen) -> None:
    rows = found.rows
    st.markdown(f"**{t('recipes.rows_after', before=f'{rows.before:,}', after=f'{rows.after:,}')}**")
    if rows.new is None:
        st.caption(t("recipes.too_many_to_count"))
        return
    words = [t(f"recipes.rows.{name}", count=f"{getattr(rows, name):,}") for name in ("new", "changed", "same")]
    leaving = t("recipes.rows.leaving", count=f"{rows.leaving:,}")
    words.append(f"**:orange[▲ {leaving}]**" if rows.leaving else leaving)
    st.markdown(" ・ ".join(words))


def _covered_twice(snap: Snapshot, place: str, answers: dict[str, Any], found: Foreseen, way: Way) -> bool:
    overlap = found.overlap
    if overlap is None:
        return True
    names = [_period(snap, one) for one in overlap.periods]
    periods = listed(names[:_MOST_PERIODS])
    if len(names) > _MOST_PERIODS:
        periods += raw("recipes.and_more", count=len(names) - _MOST_PERIODS)
    between = "files" if way.adding is Adding.REPLACE else "rows"
    line = t(
        f"recipes.covered_twice_{between}",
        column=overlap.column,
        periods=periods,
        there=f"{overlap.there:,}",
        coming=f"{overlap.coming:,}",
    )
    st.markdown(line if way.twice else f":orange[▲] {line}")
    key = f"{place}/twice/{answers['file']}"
    follow(key, way.twice)

    def keep() -> None:
        answers["twice"] = st.session_state[key]
        store(key, lambda: True)

    st.segmented_control(
        t("recipes.twice"),
        list(Twice),
        format_func=lambda one: t(f"vocabulary.twice.{one.value}"),
        key=key,
        on_change=keep,
    )
    return way.twice is not None
