"""The charts of a hand-over: what waits by age, why work came back, the shares over time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import streamlit as st

from kpi_core.charts import counts, shares
from kpi_core.data.handovers import AGES, HandedOver
from kpi_core.model.period import Period
from kpi_core.services.handovers import Measured, Share, acceptance, reasons_in, within_sla
from pages.components.chart import chart, colours
from pages.components.session import current, raw, t

#: How many periods a course shows.
_PERIODS = 13
_MOST_REASONS = 6
#: The shares that have a course, in order.
SHARES: dict[str, Callable[[HandedOver], Share | None]] = {"acceptance": acceptance, "within_sla": within_sla}


def waiting(one: Measured) -> None:
    """What is neither answered nor decided, over all periods, by age; ages past the SLA in red."""
    followed = one.followed
    st.markdown(f"**{t('handovers.by_age')}**")
    if followed is None or not sum(followed.waiting):
        st.caption(t("handovers.nothing_waits"))
        return
    sla = one.handover.sla_hours
    lows = [0, *AGES]
    names = [raw("handovers.age_first", days=AGES[0])]
    names += [raw("handovers.age", low=low, high=high) for low, high in pairwise(AGES)]
    names.append(raw("handovers.age_last", days=AGES[-1]))
    rows = [
        (name, count, sla is not None and low * 24 >= float(sla) and count > 0)
        for name, count, low in zip(names, followed.waiting, lows, strict=True)
    ]
    _bars(rows, f"waiting.{one.handover.code}", raw("handovers.by_age"))


def reasons(one: Measured, period: Period) -> None:
    """Why work came back in the period; a reason that was not agreed on is marked with a sign and red."""
    followed = one.followed
    st.markdown(f"**{t('handovers.by_reason')}**")
    found = {} if followed is None else reasons_in(followed, period)
    if one.handover.tracking is None or one.handover.tracking.reason is None:
        st.caption(t("handovers.no_reasons"))
        return
    if not found:
        st.caption(t("handovers.nothing_back"))
        return
    agreed = {reason.strip() for reason in one.handover.reject_reasons}
    rows = []
    for reason, count in list(found.items())[:_MOST_REASONS]:
        known = not agreed or reason in agreed
        name = reason or raw("handovers.reason_none")
        rows.append((name if known and reason else f"▲ {name}", count, not known or not reason))
    rest = sum(list(found.values())[_MOST_REASONS:])
    if rest:
        rows.append((raw("handovers.reason_rest", count=len(found) - _MOST_REASONS), rest, False))
    _bars(rows, f"reasons.{one.handover.code}", raw("handovers.by_reason"))
    if any(marked for *_, marked in rows):
        st.caption(t("handovers.reason_marked"))


def has_course(one: Measured, period: Period, name: str) -> bool:
    """Whether a share is known in at least two periods until the shown one."""
    return len(_shares(one, period, name)) > 1


def course(one: Measured, period: Period, name: str) -> None:
    """A share by period until the shown one, with its interval."""
    st.markdown(f"**{t(f'handovers.course_{name}')}**")
    language = current().language
    rows = shares.frame(_shares(one, period, name), language)
    last = f"{raw(f'handovers.{name}')} {rows['share_text'][-1]}"
    spec = shares.spec(language, period.grain, colours=colours())
    chart(rows, spec, last, key=f"handovers.{name}.{one.handover.code}")


def _shares(one: Measured, period: Period, name: str) -> list[shares.Counted]:
    followed = one.followed
    shown = [] if followed is None else [each for each in followed.periods if each.period.start <= period.start]
    return [
        shares.Counted(each.period, share.part, share.whole, *share.interval)
        for each in shown[-_PERIODS:]
        if (share := SHARES[name](each)) is not None
    ]


def _bars(rows: list[tuple[str, int, bool]], key: str, about: str) -> None:
    told = f"{about}: " + " / ".join(f"{name} {count:,}" for name, count, _ in rows)
    chart(counts.frame(rows), counts.spec(current().language, colours=colours()), told, key=f"handovers.{key}")
