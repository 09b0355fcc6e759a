"""What should be mended in the design: the gravest first, each with the way to the place that mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from kpi_core.guidance.finding import Finding
from kpi_core.guidance.wording import finding_text
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Page, Severity
from pages.components.frame import address, script_of
from pages.components.plain import plain
from pages.components.session import current, raw, t

#: Sign and colour of a severity; the word stands beside them.
_MARKS = {Severity.ERROR: ":red[✕ {}]", Severity.WARNING: ":orange[▲ {}]", Severity.INFO: ":gray[ℹ {}]"}
_SHOWN = 12


def findings_list(snap: Snapshot, found: Sequence[Finding], *, on_select: Callable[[str], None]) -> None:
    """A line a finding; a node's card opens by ``on_select``, other pages by a link. The rest is one click away."""
    if not found:
        st.markdown(f":green[●] {t('kpi_design.no_findings')}")
    for at, finding in enumerate(found[:_SHOWN]):
        _line(snap, finding, at, on_select)
    if len(found) > _SHOWN:
        with st.expander(t("kpi_design.more_findings", count=len(found) - _SHOWN)):
            for at, finding in enumerate(found[_SHOWN:], _SHOWN):
                _line(snap, finding, at, on_select)


def _line(snap: Snapshot, finding: Finding, at: int, on_select: Callable[[str], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
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
            st.page_link(script_of(finding.page), label=label, query_params=address())
