"""What the data said of one driver link: asking them, the verdict with its reasons, the figures on request."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from kpi_core.services.evidence import Evidence
from kpi_core.services.hypotheses import ask_data
from kpi_core.services.workshops import Snapshot
from kpi_core.store.link_tests import StoredTest
from kpi_core.text.periods import format_date, format_period
from pages.components.outcome import attempt
from pages.components.participant import participant
from pages.components.session import allowed, current, raw, state, t

_PLAIN = ("common", "best_lag", "slope", "error_ratio", "foretold", "granger", "granger_back")
_OF_CORRELATION = {"correlation": "r", "adjusted": "adjusted", "effective": "effective"}


def link_result(snap: Snapshot, one: Evidence) -> None:
    """The last result, if there is one, and the button that asks; it asks only of what is on record."""
    st.markdown(f"**{t('hypotheses.result_title')}**")
    if one.tests:
        _result(snap, one, one.tests[-1])
    elif one.hypothesis is None:
        st.caption(t("hypotheses.unseen"))
    if allowed():
        st.button(
            t("hypotheses.test_again" if one.tests else "hypotheses.test_do"),
            key=f"hypothesis.test/{one.source}→{one.target}",
            icon=":material/query_stats:",
            disabled=one.hypothesis is None,
            on_click=_ask,
            args=(snap.id, one.source, one.target),
        )


def _result(snap: Snapshot, one: Evidence, last: StoredTest) -> None:
    language, start = current().language, snap.workshop.settings.fiscal_year_start
    verdict = t(f"vocabulary.link_verdict.{last.verdict.value}")
    until = "–" if last.until is None else format_period(last.until, language, start)
    st.markdown(
        f"**{verdict}**　:small[{t('hypotheses.tested_on', date=format_date(last.at.date(), language), until=until)}]"
    )
    if one.expired:
        words = t(f"insight.expired.{one.expired}")
        again = (
            "" if one.now is None else t("hypotheses.now_says", verdict=raw(f"vocabulary.link_verdict.{one.now.value}"))
        )
        st.warning(f"{words} {again}".strip(), icon=":material/update:")
    missing = last.figures.get("missing", 0)
    st.markdown(
        "\n".join(f"- {t(f'insight.link_reason.{reason}', missing=missing)}" for reason in last.figures["reasons"])
    )
    with st.popover(t("hypotheses.figures"), type="tertiary", icon=":material/table:"):
        st.dataframe(_figures(last.figures), hide_index=True)
        if len(one.tests) > 1:
            said = [
                f"{format_date(test.at.date(), language)} {raw(f'vocabulary.link_verdict.{test.verdict.value}')}"
                for test in one.tests
            ]
            st.caption(t("hypotheses.earlier", tests=raw("tree.separator").join(said)))


def _figures(figures: Any) -> pd.DataFrame:
    correlation = figures.get("correlation") or {}
    told = {name: correlation.get(part) for name, part in _OF_CORRELATION.items()}
    told |= {name: figures.get(name) for name in _PLAIN}
    names = ("common", "correlation", "adjusted", "effective", *_PLAIN[1:])
    words = {"slope": "slope_relative"} if figures.get("relative") else {}
    rows = [
        (raw(f"hypotheses.figure_name.{words.get(name, name)}"), "–" if told[name] is None else f"{told[name]:.4g}")
        for name in names
    ]
    return pd.DataFrame(rows, columns=[raw("hypotheses.figure"), raw("hypotheses.value")])


def _ask(workshop: str, source: str, target: str) -> None:
    verdict: list[str] = []

    def asked() -> None:
        with state() as here:
            verdict.append(ask_data(here, workshop, source, target, participant()).verdict.value)

    if attempt(asked):
        attempt(lambda: None, "hypotheses.tested", verdict=raw(f"vocabulary.link_verdict.{verdict[0]}"))
