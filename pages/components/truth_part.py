"""What the workshop has twice, side by side with the difference by period; the team says which side counts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.guidance.single_truth import OPEN
from kpi_core.model.period import parse_period
from kpi_core.model.precedence import precedence_code
from kpi_core.services.checks import findings
from kpi_core.services.measured_elsewhere import possible_elsewhere
from kpi_core.services.single_truth import MANUAL, MEASURE, Sides, Twin, compare_large, not_compared, too_large, twins
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import PrecedenceKind
from pages.components.outcome import attempt
from pages.components.session import allowed, current, raw, state, t
from pages.components.truth_decision import truth_decision

_ROW, _MOST_ROWS = 35, 12


def undecided(snap: Snapshot) -> bool:
    """Whether numbers differ of which nobody has said yet which counts."""
    with state() as here:
        found = findings(here, snap.id)
    return any(one.code in OPEN for one in found)


def truth_part(snap: Snapshot) -> None:
    """A box for each pair, those that differ first."""
    st.caption(t("truth.about"))
    with st.spinner(t("truth.comparing")), state() as here:
        found = twins(here, snap.id)
        waiting, large = not_compared(here, snap.id), too_large(here, snap.id)
    pairs: dict[str, list[Twin]] = {}
    for twin in found:
        pairs.setdefault(precedence_code(twin.kind, twin.one, twin.other, twin.node), []).append(twin)
    if not pairs and not waiting:
        st.markdown(f":green[●] {t('truth.nothing')}")
    for code in sorted(pairs, key=lambda code: -max(len(twin.differing) for twin in pairs[code])):
        _pair(snap, code, pairs[code])
    if waiting:
        _waiting(snap, waiting)
    if large:
        names = raw("lineage.comma").join(_dataset(snap, code) for code in large)
        st.caption(t("truth.too_large", datasets=names))


def _waiting(snap: Snapshot, pairs: Sequence[tuple[str, str]]) -> None:
    """What is compared when asked for, as it takes a while."""
    with st.container(border=True):
        st.markdown(t("truth.waiting", count=len(pairs)))
        for one, other in pairs:
            st.markdown(f"- {t('truth.waiting_pair', one=_dataset(snap, one), other=_dataset(snap, other))}")
        label, icon = t("truth.compare"), ":material/compare_arrows:"
        if st.button(label, key="truth.compare", icon=icon, disabled=not allowed()):
            with st.spinner(t("truth.comparing")):
                attempt(lambda: _compare(snap.id))
            st.rerun()


def _compare(workshop: str) -> None:
    with state() as here:
        compare_large(here, workshop, current().who)


def _pair(snap: Snapshot, code: str, several: Sequence[Twin]) -> None:
    first = several[0]
    names = sides(snap, first)
    differing = max(len(twin.differing) for twin in several)
    with st.container(border=True, key=f"truth.{code}"):
        mark = f":orange[▲] {t('truth.differs')}" if differing else f":green[●] {t('truth.agrees')}"
        st.markdown(f"**{_title(snap, first)}**　{mark}")
        if first.overlap is not None:
            _matched(first, names)
        for at, twin in enumerate(several):
            if twin.column is not None and twin.overlap is not None:
                there = twin.overlap.there(twin.column) or twin.column
                columns = twin.column if twin.column == there else f"{twin.column} / {there}"
                st.markdown(t("truth.sum_of", columns=columns) + f"　{_count(twin)}")
            else:
                st.markdown(_count(twin))
            _table(snap, twin.values, names, _writing(snap, twin), key=f"truth.table.{code}.{at}")
        if first.kind is PrecedenceKind.DATASET:
            _elsewhere(snap, first, names, code)
        if differing or first.precedence is not None:
            truth_decision(snap, first, names)


def sides(snap: Snapshot, twin: Twin) -> tuple[str, str]:
    """The two sides by the names people know."""
    if twin.kind is PrecedenceKind.DATASET:
        return _dataset(snap, twin.one), _dataset(snap, twin.other)
    if twin.kind is PrecedenceKind.NODE:
        one, other = _node(snap, twin.one), _node(snap, twin.other)
        return (one, other) if one != other else (f"{one} ({twin.one})", f"{other} ({twin.other})")
    return raw(f"truth.{MEASURE}"), raw(f"truth.{MANUAL}")


def _title(snap: Snapshot, twin: Twin) -> str:
    if twin.node is not None:
        return t("truth.title_entry", name=_node(snap, twin.node))
    one, other = sides(snap, twin)
    return t(f"truth.title_{twin.kind.value}", one=one, other=other)


def _matched(twin: Twin, names: tuple[str, str]) -> None:
    seen = twin.overlap
    if seen is None:
        return
    key = {"here": seen.key[0], "there": seen.key[1], "common": f"{seen.common:,}"}
    line = t("truth.matched", **key)
    for name, count in zip(names, (seen.only_here, seen.only_there), strict=True):
        if count:
            line += f" ・ {t('truth.only', name=name, count=f'{count:,}')}"
    pairs = raw("lineage.comma").join(
        f"{pair.here}={pair.there} ({pair.same:,}/{pair.compared:,})" for pair in seen.columns
    )
    st.caption(line + (f"  \n{t('truth.columns', columns=pairs)}" if pairs else ""))


def _elsewhere(snap: Snapshot, twin: Twin, names: tuple[str, str], code: str) -> None:
    with state() as here:
        found = possible_elsewhere(here, snap.id, twin)
    for node_code, values in found:
        node = snap.workshop.node(node_code)
        if node is None:
            continue
        st.markdown(t("truth.elsewhere", name=_node(snap, node_code)))
        writing = Writing.of(node, snap.workshop.settings, current().language)
        _table(snap, values, names, writing, key=f"truth.elsewhere.{code}.{node_code}")


def _count(twin: Twin) -> str:
    if not twin.compared:
        return f":gray[{t('truth.none_common')}]"
    if not twin.differing:
        return t("truth.all_same", count=len(twin.compared))
    return t("truth.some_differ", count=len(twin.differing), all=len(twin.compared))


def _table(snap: Snapshot, values: Sides, names: tuple[str, str], writing: Writing, *, key: str) -> None:
    """Period, both sides, their difference; the latest first."""
    if not values:
        return
    language, start = current().language, snap.workshop.settings.fiscal_year_start
    rows = []
    for period, (one, other) in reversed(values.items()):
        differs = one is not None and other is not None and abs(other - one) > 1e-9 * max(1.0, abs(one))
        change = "" if one is None or other is None else writing.change(other - one) if differs else "＝"
        words = format_period(parse_period(period, start), language, start)
        rows.append(("▲" if differs else "", words, writing.value(one), writing.value(other), change))
    heads = ["", raw("truth.head_period"), names[0], names[1], raw("truth.head_difference")]
    st.dataframe(
        pd.DataFrame(rows, columns=heads),
        hide_index=True,
        column_config={"": st.column_config.Column(width=32)},
        key=key,
        row_height=_ROW,
        height=_ROW * (min(len(rows), _MOST_ROWS) + 1) + 4,
    )


def _writing(snap: Snapshot, twin: Twin) -> Writing:
    node = snap.workshop.node(twin.node or twin.one) if twin.kind is not PrecedenceKind.DATASET else None
    language, settings = current().language, snap.workshop.settings
    return Writing(language, currency=settings.currency) if node is None else Writing.of(node, settings, language)


def _node(snap: Snapshot, code: str) -> str:
    node = snap.workshop.node(code)
    return (node.name.in_language(current().language) if node else "") or code


def _dataset(snap: Snapshot, code: str) -> str:
    dataset = snap.workshop.dataset(code)
    return (dataset.name.in_language(current().language) if dataset else "") or code
