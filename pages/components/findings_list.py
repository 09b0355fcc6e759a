"""What should be mended in the design: the gravest first, each with the way to the place that mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from kpi_core.guidance.finding import Finding
from kpi_core.guidance.wording import finding_text
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Page, Severity
from pages.components.frame import address, entry_of
from pages.components.plain import plain
from pages.components.session import current, raw, t

#: Sign and colour of a severity; the word stands beside them.
_MARKS = {Severity.ERROR: ":red[✕ {}]", Severity.WARNING: ":orange[▲ {}]", Severity.INFO: ":gray[ℹ {}]"}
_STEP = 10
_COUNT = "kpi_design.findings_shown"


def findings_list(snap: Snapshot, found: Sequence[Finding], *, on_select: Callable[[str], None]) -> None:
    """A line a finding; a node's card opens by ``on_select``, other pages by a link. The rest comes in steps."""
    if not found:
        st.markdown(f":green[●] {t('kpi_design.no_findings')}")
    shown = int(st.session_state.get(_COUNT, _STEP))
    for at, finding in enumerate(found[:shown]):
        _line(snap, finding, at, on_select)
    if len(found) > shown:
        label = t("kpi_design.more_findings", count=len(found) - shown, step=min(_STEP, len(found) - shown))
        st.button(label, key="findings.more", on_click=_more, args=(shown,), icon=":material/expand_more:")


def _more(shown: int) -> None:
    st.session_state[_COUNT] = shown + _STEP


def _line(snap: Snapshot, finding: Finding, at: int, on_select: Callable[[str], None]) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        word = _MARKS[finding.severity].format(t(f"vocabulary.severity.{finding.severity.value}"))
        st.markdown(f"{word}　{plain(finding_text(finding, snap.workshop, current().language))}", width="stretch")
        if finding.page is Page.KPI_DESIGN:
            if finding.node is not None:
                st.button(
                    t("kpi_design.open_card"),
                    key=f"finding/{at}",
                    type="tertiary",
                    on_click=on_select,
                    args=(finding.node,),
                )
        else:
            label = t("kpi_design.go_page", page=raw(f"vocabulary.page.{finding.page.value}"))
            st.page_link(entry_of(finding.page), label=label, query_params=address())
