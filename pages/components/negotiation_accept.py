"""Agreeing: which targets will be written, why, and the button that writes them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kpi_core.model.scenario import Negotiation
from kpi_core.services.datasets import today_of
from kpi_core.services.negotiating import NewTarget, accept, answer, new_targets
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_period
from pages.components.dialog import foot, told_or_closed
from pages.components.draft import Draft
from pages.components.participant import participant
from pages.components.session import current, opened, raw, state, t
from pages.components.simulation_scope import Scope


def negotiation_accept(first: Scope, code: str) -> None:
    """Opens the dialog, if the negotiation is still open."""

    @st.dialog(t("simulation.needed.accept_title"), width="large")
    def body() -> None:
        told_or_closed()
        snap = opened()
        going = _of(snap, code)
        if snap is None or going is None:
            return
        scope = Scope(snap, first.goal, first.period, going.basis)
        with state() as here:
            targets = new_targets(snap.workshop, answer(here, snap.id, going))
        st.markdown(t("simulation.needed.accept_explain"))
        st.dataframe(_table(scope, targets), hide_index=True)
        draft = Draft(f"accept/{code}", {"rationale": _rationale(scope, going)}, None)
        draft.area("rationale", t("simulation.needed.rationale"))

        def agreed() -> None:
            with state() as here:
                accept(here, snap.id, code, draft.value("rationale") or "", participant())

        foot(draft, agreed, t("simulation.needed.accept_do"), "pages.frame.saved", key="negotiation.accept.do")

    body()


def _of(snap: Snapshot | None, code: str) -> Negotiation | None:
    found = snap.workshop.negotiations if snap else ()
    return next((one for one in found if one.code == code and one.accepted_at is None), None)


def _table(scope: Scope, targets: tuple[NewTarget, ...]) -> pd.DataFrame:
    """A row for each run of periods that get the same target."""
    rows = []
    for new in targets:
        writing = scope.writing(new.node)
        runs: list[tuple[list[str], float | None, float]] = []
        for key, value in new.targets.items():
            if runs and (runs[-1][1], runs[-1][2]) == (new.before[key], value):
                runs[-1][0].append(key)
            else:
                runs.append(([key], new.before[key], value))
        for keys, before, after in runs:
            told = "–" if before is None else writing.value(before, compact=True)
            name = scope.name(new.node) if new.moves else raw("simulation.needed.stays", name=scope.name(new.node))
            rows.append((name, _periods(scope, keys), told, writing.value(after, compact=True)))
    heads = [raw(f"simulation.needed.column_{name}") for name in ("driver", "periods", "before", "after")]
    return pd.DataFrame(rows, columns=heads)


def _periods(scope: Scope, keys: list[str]) -> str:
    start, language = scope.snap.workshop.settings.fiscal_year_start, current().language
    first, last = (format_period(key, language, start) for key in (keys[0], keys[-1]))
    return first if len(keys) == 1 else raw("simulation.needed.several", first=first, last=last)


def _rationale(scope: Scope, going: Negotiation) -> str:
    return raw(
        "simulation.needed.rationale_default",
        period=scope.period_words,
        name=scope.name(going.node),
        value=scope.writing(going.node).value(float(going.value), compact=True),
        date=format_date(today_of(scope.snap.workshop), current().language),
    )
