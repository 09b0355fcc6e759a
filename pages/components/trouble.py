"""What a page shows when something failed: a sentence, never a traceback; details go to the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import streamlit as st

from kpi_core.errors import KpiError, Problem
from kpi_core.services.wording import sentence_for
from pages.components.plain import plain
from pages.components.session import current, t

log = logging.getLogger("kpi_workshop")

#: Problems in sight; the rest is one click away.
_SHOWN = 20


def told(failure: KpiError | Problem) -> str:
    """What a failure or problem says, in the page's language, safe as markdown."""
    return plain(sentence_for(failure, current().language))


def show_error(error: KpiError) -> None:
    """The failure as a box: what happened, then every problem with its place."""
    lines = [f"- {place(problem)}{told(problem)}" for problem in getattr(error, "problems", ())]
    st.error("\n".join([told(error), "", *lines[:_SHOWN]]), icon=":material/warning:")
    show_details((error, *getattr(error, "problems", ())))
    if len(lines) > _SHOWN:
        with st.expander(t("pages.trouble.more", count=len(lines) - _SHOWN)):
            st.markdown("\n".join(lines[_SHOWN:]))


def show_details(failures: Iterable[KpiError | Problem]) -> None:
    """A library's own words about failures, in its language, one click away; nothing where none has any."""
    details = list(dict.fromkeys(str(detail) for one in failures if (detail := one.params.get("detail"))))
    if details:
        with st.expander(t("pages.trouble.detail")):
            st.code("\n".join(details), language=None, wrap_lines=True)


def place(problem: Problem) -> str:
    """Where a problem is, as the beginning of a line; empty for the whole."""
    if problem.path:
        return t("pages.place.path", path=problem.path)
    if problem.row is not None and problem.column:
        return t("pages.place.cell", row=problem.row, column=problem.column)
    if problem.row is not None:
        return t("pages.place.row", row=problem.row)
    return t("pages.place.column", column=problem.column) if problem.column else ""


def show_trouble(error: Exception) -> bool:
    """The app's last resort for a bug on a page: logged with its traceback, told as a sentence (returns ``True``)."""
    if isinstance(error, KpiError):
        show_error(error)
        return True
    log.error("a page failed (%s)", current().workshop, exc_info=error)
    st.error(t("pages.trouble.unexpected"), icon=":material/warning:")
    return True
