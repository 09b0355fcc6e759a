"""The basis of a landing: the methods side by side with their past, what was believed when, a person's own figure."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.errors import RefusedError
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.forecasts import believed, override
from kpi_core.services.foreseen import outlook
from kpi_core.services.landing import Landing, with_override
from kpi_core.services.landing_words import certainty, comparisons, past_of, why_none
from kpi_core.services.why_words import node_name, writing_of
from kpi_core.store.forecasts import StoredForecast
from kpi_core.text.amounts import read_amount
from kpi_core.text.numbers import format_percent
from kpi_core.text.periods import format_date, format_period
from kpi_core.vocabulary import Role
from pages.components.dialog import act, foot, told_or_closed
from pages.components.draft import Draft
from pages.components.plain import plain
from pages.components.session import allowed, current, raw, state, t
from pages.components.target_plan import amount_told

_KEY = "dashboard.landing"


def landing_drawer(workshop: Workshop, node: Node, today: date) -> None:
    """Opens the drawer; it reruns alone."""
    name = node_name(workshop, node.code, current().language)

    @st.dialog(t("landing.title", name=name), width=760, position="right", on_dismiss="rerun")
    def drawer() -> None:
        told_or_closed()
        writing = writing_of(node, workshop, current().language)
        with state() as here:
            found = outlook(here, current().workshop or "", node.code, today=today)
        landings = [] if found is None else [one for one in (found.year, found.period) if one is not None]
        for one in landings:
            _methods(workshop, one, writing)
        if landings:
            st.caption(t("landing.how"))
        _believed(workshop, node, writing, today)
        if landings and allowed(Role.FACILITATOR):
            _override(node, landings, writing)

    drawer()


def _methods(workshop: Workshop, landing: Landing, writing: Writing) -> None:
    """One landing by every method: value, interval, bias and error in the past, or why there is none."""
    language = writing.language
    start = workshop.settings.fiscal_year_start
    if landing.known_to is None:
        basis = t("landing.nothing_known")
    else:
        known = format_period(landing.known_to, language, start)
        basis = t("landing.known_to", period=known, count=landing.to_go)
    st.markdown(f"**{plain(format_period(landing.period, language))}** :small[:gray[{basis}]]")
    rows = []
    reasons = [why_none(method, landing, workshop, writing) for method in landing.methods]
    for method in landing.methods:
        said = method.foreseen
        spread = "–" if said.low is None else f"{writing.value(said.low)} – {writing.value(said.high)}"
        rows.append(
            {
                "landing.chosen": "●" if method.method is landing.chosen else "",
                "landing.method": raw(f"vocabulary.landing_method.{method.method.value}"),
                "landing.value": writing.value(said.value, short=True),
                "landing.range": spread,
                "landing.bias": past_of(method.now, writing)[0],
                "landing.error": past_of(method.now, writing)[1],
            }
        )
    if landing.override is not None:
        rows.append(_override_row(landing.override, writing))
    table = pd.DataFrame(rows)
    st.dataframe(
        table.rename(columns={key: raw(key) for key in table.columns}),
        hide_index=True,
        key=f"{_KEY}.methods.{landing.period.key}",
    )
    notes = [f"{row['landing.method']}: {why}" for row, why in zip(rows, reasons, strict=False) if why]
    unjudged = [one for one in landing.methods if one.foreseen.value is not None and one.now is None]
    notes += [
        f"{raw(f'vocabulary.landing_method.{one.method.value}')}: {raw('landing.unjudged_method')}" for one in unjudged
    ]
    notes += comparisons(landing, language)
    if landing.override is not None:
        notes.append(certainty(landing, writing))
    if notes:
        st.caption("  \n".join(map(plain, notes)))


def _override_row(stored: StoredForecast, writing: Writing) -> dict[str, str]:
    return {
        "landing.chosen": "●",
        "landing.method": raw("vocabulary.landing_method.override"),
        "landing.value": writing.value(stored.foreseen.value),
        "landing.range": "–",
        "landing.bias": "–",
        "landing.error": "–",
    }


def _believed(workshop: Workshop, node: Node, writing: Writing, today: date) -> None:
    """What was on record on the evening of a day."""
    day = st.date_input(
        t("landing.believed"), value=today, max_value=today, format="YYYY/MM/DD", key=f"{_KEY}.day", width=240
    )
    if not isinstance(day, date):
        return
    with state() as here:
        found = believed(here, current().workshop or "", node.code, day)
    if not found:
        st.caption(t("landing.believed_none", day=format_date(day, writing.language)))
        return
    start = workshop.settings.fiscal_year_start
    rows = [
        (
            format_period(one.foreseen.period, writing.language, start),
            raw(f"vocabulary.landing_method.{one.foreseen.method.value}"),
            writing.value(one.foreseen.value),
            format_date(one.foreseen.day, writing.language),
            one.who,
            one.foreseen.reason,
        )
        for one in found
    ]
    keys = (
        "landing.believed_period",
        "landing.method",
        "landing.value",
        "landing.day",
        "landing.who",
        "landing.reason",
    )
    st.dataframe(pd.DataFrame(rows, columns=[raw(key) for key in keys]), hide_index=True, key=f"{_KEY}.believed")


def _override(node: Node, landings: list[Landing], writing: Writing) -> None:
    """A person's own figure with its reason; what was typed is kept until it is on record."""
    with st.expander(t("landing.override"), key=f"{_KEY}.override", on_change="rerun") as shown:
        if not shown.open:
            return
        st.caption(t("landing.override_help"))
        draft = Draft(f"landing.{node.code}", {"value": "", "reason": ""}, None)
        words = {one.period.key: format_period(one.period, writing.language) for one in landings}
        chosen = st.segmented_control(
            t("landing.override_for"),
            list(words),
            format_func=lambda key: words[key],
            default=next(iter(words)),
            required=True,
            key=f"{_KEY}.for",
        )
        period = chosen or next(iter(words))
        standing = next((with_override(one, ()) for one in landings if one.period.key == period), None)
        reference = None if standing is None else standing.value
        example = raw("landing.override_hint", example=writing.value(reference)) if reference is not None else ""
        typed_text = draft.text("value", t("landing.override_value"), placeholder=example)
        _understood(typed_text, node, writing, reference)
        draft.area("reason", t("landing.override_reason"), height=80)

        def put() -> None:
            typed = str(draft.value("value") or "")
            amount = read_amount(typed, node.unit)
            if amount is None:
                raise RefusedError("amount_unreadable", text=typed)
            _put(node, period, amount, str(draft.value("reason") or ""))

        def take_back() -> None:
            _put(node, period, None, str(draft.value("reason") or ""))

        foot(draft, put, t("landing.override_save"), "landing.saved", key=f"{_KEY}.save")
        if any(one.override is not None for one in landings if one.period.key == period):
            st.button(
                t("landing.override_back"),
                key=f"{_KEY}.back",
                on_click=act,
                args=(take_back, "landing.taken_back", draft),
            )


def _understood(text: str, node: Node, writing: Writing, reference: float | None) -> None:
    """What the typed figure was taken for, beside what is foreseen without it: a slip of the unit shows."""
    words = amount_told(text, node.unit, writing)
    if not words:
        return
    try:
        amount = read_amount(text, node.unit)
    except RefusedError:
        amount = None
    if amount is not None and reference:
        share = format_percent(amount / reference, writing.language, decimals=0)
        words += f" ・ {t('landing.override_share', share=share, reference=writing.value(reference))}"
    st.caption(words)


def _put(node: Node, period: str, value: float | None, reason: str) -> None:
    with state() as here:
        override(here, current().workshop or "", node.code, period, value, reason, current().who)
