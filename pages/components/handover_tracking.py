"""Which columns tell what became of a hand-over: times, outcome, reason; picked from the criterion's dataset."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi_core.model.operation import Handover
from kpi_core.services.mapping import DATES, DatasetColumns, values_of
from kpi_core.services.workshops import Snapshot
from pages.components.draft import Draft, Values
from pages.components.session import raw, state, t

_COLUMNS = ("handed_at", "answered_at", "outcome", "reason", "key")
_LISTS = ("accepted", "rejected")
#: An outcome column with more different values than this is no list to pick from.
_MOST = 50


def tracking_fields(draft: Draft, snap: Snapshot, code: str, chosen: DatasetColumns) -> None:
    """The fields, in an expander; the outcome's words are offered from what its column holds."""
    held = [draft.value(_field(name)) for name in _COLUMNS]
    with st.expander(t("handovers.track"), expanded=False):
        st.caption(t("handovers.track_help"))
        names = list(chosen.columns)
        dates = [name for name, kind in chosen.columns.items() if kind in DATES]
        none = raw("kpi_design.choose")
        with st.grid(2, min_column_width=240):
            for name in _COLUMNS:
                offered = dates if name.endswith("_at") else names
                now = draft.value(_field(name))
                offered = offered if now in (None, *offered) else [*offered, now]
                label, more = t(f"handovers.track_{name}"), t(f"handovers.track_{name}_help")
                draft.choice(_field(name), label, offered, str, placeholder=none, help=more)
        outcome = draft.value(_field("outcome"))
        if outcome in chosen.columns:
            with state() as here:
                words = [word for word, _ in values_of(here, snap.id, code, outcome, _MOST) if word]
            with st.grid(2, min_column_width=240):
                for name in _LISTS:
                    now = [word for word in draft.value(_field(name)) or [] if word not in words]
                    draft.several(_field(name), t(f"handovers.track_{name}"), [*words, *now], str, placeholder=none)
        if any(held) and not draft.value(_field("handed_at")):
            st.caption(f":orange[▲] {t('handovers.track_needs')}")


def read_tracking(handover: Handover) -> Values:
    """The fields as they are stored."""
    tracking = handover.tracking
    values: Values = {_field(name): getattr(tracking, name, None) for name in _COLUMNS}
    return values | {_field(name): list(getattr(tracking, name, ())) for name in _LISTS}


def tracking_of(values: Values) -> dict[str, Any] | None:
    """What the fields say as the model takes it; ``None`` while no time of hand-over is picked."""
    if not values.get(_field("handed_at")):
        return None
    found: dict[str, Any] = {name: values.get(_field(name)) or None for name in _COLUMNS}
    if found["outcome"] is not None:
        found |= {name: tuple(values.get(_field(name)) or ()) for name in _LISTS}
    return found


def without_tracking(values: Values) -> Values:
    """The form's other fields."""
    own = {_field(name) for name in (*_COLUMNS, *_LISTS)}
    return {name: value for name, value in values.items() if name not in own}


def _field(name: str) -> str:
    return f"track_{name}"
