"""Hand-overs on the dashboard: the same part with the same numbers for the department that hands over and the other."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import streamlit as st

from kpi_core.data.handovers import HandedOver
from kpi_core.errors import RefusedError
from kpi_core.model.operation import View
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board
from kpi_core.services.handovers import (
    Measured,
    Share,
    acceptance,
    in_period,
    measured_handovers,
    undecided,
    within_sla,
)
from kpi_core.text.numbers import format_percent, format_value
from kpi_core.text.periods import format_date, format_period
from kpi_core.vocabulary import Audience, Page
from pages.components.frame import address, entry_of, named
from pages.components.handover_charts import SHARES, course, has_course, reasons, waiting
from pages.components.plain import plain
from pages.components.presenting import presenting
from pages.components.session import allowed, current, state, t
from pages.components.trouble import show_details, told


def handover_board(board: Board, workshop: Workshop, view: View) -> None:
    """Below a view: all hand-overs for the executives, a department's own on its view."""
    period = board.period
    mine = [
        one
        for one in workshop.handovers
        if view.audience is Audience.EXECUTIVE or view.department in (one.source, one.target)
    ]
    if not mine or period is None:
        return

    def read() -> tuple[Measured, ...]:
        with state() as here:
            return measured_handovers(here, current().workshop or "", period.grain)

    found = {one.handover.code: one for one in board.once(("handovers", period.grain), read)}
    st.subheader(t("handovers.title"), anchor=False)
    if any(one.code in found and found[one.code].followed is not None for one in mine):
        st.caption(t("handovers.counts"))
    open_ones = []
    for one in mine:
        measured = found.get(one.code)
        if measured is None:
            continue
        if measured.followed is None:
            open_ones.append(measured)
        else:
            with st.container(border=True, key=f"handover_{one.code}"):
                _measured(workshop, measured, period)
    if open_ones and not presenting():
        _not_measured(workshop, open_ones)


def _measured(workshop: Workshop, one: Measured, period: Period) -> None:
    followed = one.followed
    if followed is None:
        return
    language = current().language
    now = in_period(followed, period)
    words = plain(format_period(period, language))
    count = f"{now.handed if now else 0:,}"
    st.markdown(f"**{ends(workshop, one)}** :small[{words} ・ {t('handovers.handed', count=count)}]")
    with st.grid(4, min_column_width=200):
        accepted, in_time = (None, None) if now is None else (acceptance(now), within_sla(now))
        _rate("acceptance", accepted)
        hours = None if now is None else now.median_hours
        sla = one.handover.sla_hours
        limit = "–" if sla is None else format_value(sla, "hours", language)
        with st.container(gap=None):
            st.metric(t("handovers.response"), plain(format_value(hours, "hours", language, decimals=1)))
            st.caption(t("handovers.sla", sla=limit))
        _rate("within_sla", in_time)
        with st.container(gap=None):
            st.metric(t("handovers.waiting_now"), plain(t("handovers.pieces", count=f"{sum(followed.waiting):,}")))
            overdue = followed.overdue
            st.caption(t("handovers.overdue", count=f"{overdue:,}") if overdue is not None else t("handovers.no_sla"))
    st.caption(" ・ ".join(_notes(one, now)))
    if not presenting():
        _details(one, period)


def _details(one: Measured, period: Period) -> None:
    """Closed at first: what waits, why work came back, how the shares went."""
    with st.expander(t("handovers.details"), on_change="rerun", key=f"handovers.details.{one.handover.code}") as shown:
        if not shown.open:
            return
        draw = [partial(waiting, one), partial(reasons, one, period)]
        draw += [partial(course, one, period, name) for name in SHARES if has_course(one, period, name)]
        for at in range(0, len(draw), 2):
            for place, part in zip(st.columns(2, gap="large"), draw[at : at + 2], strict=False):
                with place:
                    part()


def _rate(name: str, share: Share | None) -> None:
    """A share large, below it what was counted and how far the count may be off."""
    language = current().language
    with st.container(gap=None):
        if share is None:
            st.metric(t(f"handovers.{name}"), "–", help=t(f"handovers.{name}_help"))
            st.caption(t("handovers.unmeasured"))
            return
        st.metric(
            t(f"handovers.{name}"),
            plain(format_percent(share.rate, language, decimals=1, short=True)),
            help=t(f"handovers.{name}_help"),
        )
        low, high = (format_percent(end, language, decimals=0, short=True) for end in share.interval)
        st.caption(t(f"handovers.{name}_of", part=f"{share.part:,}", whole=f"{share.whole:,}", low=low, high=high))


def _notes(one: Measured, now: HandedOver | None) -> list[str]:
    """What the numbers leave out, and as of when they are."""
    followed, language = one.followed, current().language
    if followed is None:
        return []
    at = format_date((followed.until - timedelta(microseconds=1)).date(), language)  # midnight ends the day before
    lines = [t("handovers.until", at=at) + (f" ・ {t('handovers.by_day')}" if followed.by_day else "")]
    if now is None:
        return lines
    left = undecided(now)
    parts = [
        *([t("handovers.undecided", count=left)] if left else []),
        *([t("handovers.untimed", count=now.untimed)] if now.untimed else []),
        *([t("handovers.out_of_order", count=now.out_of_order)] if now.out_of_order else []),
    ]
    return [*lines, *parts]


def _not_measured(workshop: Workshop, open_ones: list[Measured]) -> None:
    """What has no numbers yet and why, in one box; never a row of zeros."""
    with st.container(border=True):
        lines = []
        for one in open_ones:
            error: RefusedError | None = one.error
            why = t(f"handovers.missing_{one.missing}")
            if error is not None and error.problems:
                why = told(error.problems[0])
            lines.append(f"- {ends(workshop, one)} :small[:gray[{why}]]")
        st.markdown(f"**{t('handovers.not_measured')}**\n\n" + "\n".join(lines))
        show_details(one.error.problems[0] for one in open_ones if one.error is not None and one.error.problems)
        if allowed():
            st.page_link(
                entry_of(Page.KPI_DESIGN),
                label=t("handovers.to_design"),
                icon=":material/arrow_forward:",
                query_params=address(),
            )


def ends(workshop: Workshop, one: Measured) -> str:
    """``マーケティング部 → 営業部``, as markdown."""
    language = current().language
    source, target = (workshop.department_name(code, language) for code in (one.handover.source, one.handover.target))
    return f"{named(source)} → {named(target)}"
