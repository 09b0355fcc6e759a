"""The sixth place after the five steps: what if drivers moved, what would it take, which scenario."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Page
from pages.components.dialog import asked
from pages.components.frame import heading, needs_workshop
from pages.components.live import live_piece
from pages.components.negotiation_accept import negotiation_accept
from pages.components.negotiation_board import ACCEPT, PIECE, negotiation_board
from pages.components.room import in_the_room
from pages.components.scenario_board import scenario_board
from pages.components.session import opened, t
from pages.components.simulation_scope import Scope, scope_picker
from pages.components.style import style
from pages.components.what_if_board import what_if_board

_MODES = ("what_if", "needed", "scenarios")
_MODE = "simulation.mode"


def main() -> None:
    snap = opened()
    if needs_workshop(Page.SIMULATION) or snap is None:
        return
    style("simulation")
    heading(Page.SIMULATION)
    wanted = asked()
    with in_the_room(Page.SIMULATION):
        _work(snap, wanted)


def _work(snap: Snapshot, wanted: tuple[str, ...] | None) -> None:
    mode = _mode()
    scope = scope_picker(snap)
    if scope is None:
        return
    if mode == "needed":
        live_piece(PIECE, partial(negotiation_board, scope))
    elif mode == "scenarios":
        scenario_board(scope, _MODE)
    else:
        what_if_board(scope)
    _dialog(scope, wanted)


def _mode() -> str:
    default = {} if _MODE in st.session_state else {"default": _MODES[0]}
    chosen = st.segmented_control(
        t("simulation.mode"),
        _MODES,
        format_func=lambda one: t(f"simulation.mode_{one}"),
        key=_MODE,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
        **default,
    )
    return str(chosen or _MODES[0])


def _dialog(scope: Scope, wanted: tuple[str, ...] | None) -> None:
    if wanted is not None and wanted[0] == ACCEPT:
        negotiation_accept(scope, wanted[1])


main()
