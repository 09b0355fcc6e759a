"""Driver links under test: the hypothesis on record, what the data say of it, and what would settle an open one."""

from __future__ import annotations

from collections import Counter
from functools import partial

import streamlit as st

from kpi_core.errors import RefusedError
from kpi_core.services.datasets import today_of
from kpi_core.services.evidence import Evidence, evidence
from kpi_core.services.hypotheses import MOST_LAG, state_hypothesis
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_datetime
from kpi_core.vocabulary import EvidenceGrade, NodeKind, Sign
from pages.components.draft import Draft, Values
from pages.components.frame import named
from pages.components.link_result import link_result
from pages.components.participant import participant
from pages.components.session import allowed, current, raw, state, t
from pages.components.tree_graph import EVIDENCE_SIGNS

SIGNS = {Sign.PLUS: "＋", Sign.MINUS: "－", None: "?"}
BADGES = {
    EvidenceGrade.SUPPORTED: "green",
    EvidenceGrade.WEAK: "orange",
    EvidenceGrade.NOT_SUPPORTED: "red",
}


def hypotheses_list(snap: Snapshot) -> None:
    """A line a link, opened on request; above them how many stand where."""
    with state() as here:
        everything = evidence(here, snap.id, today=today_of(snap.workshop))
    shown = [one for one in everything if not _without_value(snap, one)]
    st.caption(t("hypotheses.explain"))
    if not shown:
        st.info(t("hypotheses.none"))
    counts = Counter(one.grade for one in shown)
    badges = [badge(grade, t("hypotheses.count", grade=_word(grade), count=counts[grade])) for grade in counts]
    st.markdown(" ".join(badges))
    for one in shown:
        _link(snap, one)
    if len(shown) < len(everything):
        st.caption(t("hypotheses.without_values", count=len(everything) - len(shown)))


def badge(grade: EvidenceGrade, words: str) -> str:
    """A grade's words with its sign, in markdown."""
    sign = EVIDENCE_SIGNS[grade]
    return f":{BADGES.get(grade, 'gray')}-badge[{f'{sign} ' if sign else ''}{words}]"


def _word(grade: EvidenceGrade) -> str:
    return raw(f"vocabulary.evidence_grade.{grade.value}")


def _without_value(snap: Snapshot, one: Evidence) -> bool:
    ends = (snap.workshop.node(one.source), snap.workshop.node(one.target))
    return any(end is None or end.kind is NodeKind.KSF for end in ends)


def _link(snap: Snapshot, one: Evidence) -> None:
    source, target = (_name(snap, code) for code in (one.source, one.target))
    lag = t("kpi_design.lag_periods", count=one.lag) if one.lag else ""
    label = f"{source} → {target}　{SIGNS[one.sign]} {lag}　{badge(one.grade, _word(one.grade))}"
    key = f"hypothesis/{one.source}→{one.target}"
    with st.expander(label, key=key, on_change="rerun") as line:
        if not line.open:
            return
        left, right = st.columns([2, 3], gap="medium")
        with left:
            _hypothesis(snap, one)
        with right:
            _open_question(one, source, target)
            link_result(snap, one)


def _hypothesis(snap: Snapshot, one: Evidence) -> None:
    st.markdown(f"**{t('hypotheses.state_title')}**")
    if one.hypothesis is not None:
        stated = one.hypothesis
        when = format_datetime(stated.at, current().language, snap.workshop.settings.timezone)
        who = stated.who or raw("hypotheses.nobody")
        words = t("hypotheses.on_record", when=when, who=who, sign=SIGNS[stated.sign], lag=stated.lag)
        st.markdown(f":small[{words}]")
        if stated.after_test:
            st.caption(f":orange[▲] {t('hypotheses.after_test')}")
    elif one.tests or one.expired:
        st.caption(f":orange[▲] {t('hypotheses.differs')}")
    if one.revised:
        st.caption(t("hypotheses.revised", count=one.revised))
    if not allowed():
        return
    stored: Values = {"sign": one.sign.value if one.sign else None, "lag": one.lag or 0}
    draft = Draft(f"hypothesis/{one.source}→{one.target}", stored, None)
    signs = {Sign.PLUS.value: raw("hypotheses.sign_plus"), Sign.MINUS.value: raw("hypotheses.sign_minus")}
    draft.segments("sign", t("hypotheses.sign"), list(signs), lambda sign: signs[sign])
    draft.number("lag", t("hypotheses.lag"), min_value=0, max_value=MOST_LAG, help=t("hypotheses.lag_help"), width=220)
    label = t("hypotheses.state_again" if one.hypothesis else "hypotheses.state_do")
    draft.foot(partial(_state, snap.id, one.source, one.target), label=label, done="hypotheses.stated")


def _state(workshop: str, source: str, target: str, values: Values, _: int | None) -> None:
    if values["sign"] is None:
        raise RefusedError("hypothesis_sign_needed")
    with state() as here:
        state_hypothesis(here, workshop, source, target, Sign(values["sign"]), int(values["lag"] or 0), participant())


def _open_question(one: Evidence, source: str, target: str) -> None:
    """What data would settle it, while the last test does not."""
    if one.grade in (EvidenceGrade.SUPPORTED, EvidenceGrade.WEAK, EvidenceGrade.NOT_SUPPORTED):
        return
    if one.missing:
        words = raw("hypotheses.settle", missing=one.missing, source=source, target=target)
        st.info(words, icon=":material/hourglass_empty:")
    else:
        st.caption(f":material/check: {t('hypotheses.ready')}")


def _name(snap: Snapshot, code: str) -> str:
    node = snap.workshop.node(code)
    return named(node.name.in_language(current().language) or code) if node else named(code)
