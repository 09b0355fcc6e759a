"""What is simulated: the KGI in the next period or the fiscal year, and how the open periods stand."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.errors import RefusedError
from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.services.prospects import Prospect, open_periods, prospect
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_period
from kpi_core.vocabulary import Basis, Grain, Page
from pages.components.frame import address, entry_of
from pages.components.labels import distinct
from pages.components.session import allowed, current, raw, state, t

_PERIOD = "simulation.period"
_BASIS = "simulation.basis"


@dataclass(frozen=True)
class Scope:
    """The workshop's KGI in a period on a basis."""

    snap: Snapshot
    goal: Node
    period: Period
    basis: Basis

    @property
    def place(self) -> str:
        """Names what was typed for exactly this."""
        return f"simulation/{self.goal.code}/{self.period.key}/{self.basis.value}"

    @property
    def period_words(self) -> str:
        return self.in_words(self.period)

    def in_words(self, period: Period) -> str:
        return format_period(period, current().language, self.snap.workshop.settings.fiscal_year_start)

    @property
    def is_whole(self) -> bool:
        """Whether the period is made of several of the workshop's grain: a level is then the mean of the open ones."""
        return self.period.grain is not self.snap.workshop.settings.grain

    @property
    def per(self) -> str:
        """What a level is a value of: 1か月あたり, per month."""
        return raw(f"simulation.per.{self.snap.workshop.settings.grain.value}")

    @property
    def each(self) -> str:
        """The same behind a level, where it is not the period's own value; else nothing."""
        return raw("simulation.each", per=self.per) if self.is_whole else ""

    def seen(self) -> Prospect:
        with state() as here:
            return prospect(here, self.snap.id, self.goal.code, self.period.key, self.basis)

    def node(self, code: str) -> Node:
        found = self.snap.workshop.node(code)
        return found if found is not None else self.goal

    def name(self, code: str) -> str:
        """A node's name as typed."""
        return self.node(code).name.in_language(current().language) or code

    def writing(self, code: str) -> Writing:
        return Writing.of(self.node(code), self.snap.workshop.settings, current().language)


def scope_picker(snap: Snapshot) -> Scope | None:
    """Draws the choices and gives what they say; ``None`` with the way on where nothing can be simulated yet."""
    goal = snap.workshop.kgi
    if goal is None:
        _not_yet(t("simulation.no_goal"), Page.KGI)
        return None
    try:
        with state() as here:
            offered = {period.key: period for period in open_periods(here, snap.id, goal.code)}
    except RefusedError as error:
        _explain(snap, error)
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="simulation_scope"):
        period = offered[_chosen_period(snap, offered)]
        basis = _chosen_basis()
    scope = Scope(snap, goal, period, basis)
    try:
        seen = scope.seen()
    except RefusedError as error:
        _explain(snap, error)
        return None
    now = scope.in_words(seen.ahead.now)
    words = [t("simulation.stands", now=now, basis=raw(f"vocabulary.basis.{basis.value}"))]
    if scope.is_whole:
        words.append(t("simulation.fiscal_note", period=scope.period_words, now=now))
    if all(one.grain is not Grain.YEAR for one in offered.values()):
        words.append(t("simulation.year_not_offered", period=scope.in_words(period.at(Grain.YEAR))))
    words.append(t("simulation.not_the_landing"))
    st.caption("  \n".join(words))
    return scope


def _chosen_period(snap: Snapshot, offered: dict[str, Period]) -> str:
    first = next(iter(offered))
    if st.session_state.get(_PERIOD) not in (None, *offered):
        del st.session_state[_PERIOD]
    start, language = snap.workshop.settings.fiscal_year_start, current().language
    words = {
        key: raw(
            "simulation.rest_of_year" if period.grain is Grain.YEAR else "simulation.next_period",
            period=format_period(period, language, start),
        )
        for key, period in offered.items()
    }
    default = {} if _PERIOD in st.session_state else {"default": first}
    chosen = st.segmented_control(
        t("simulation.period"),
        list(offered),
        format_func=distinct(offered, words.__getitem__),
        key=_PERIOD,
        required=True,
        persist_state="session",
        **default,
    )
    return str(chosen or first)


def _chosen_basis() -> Basis:
    default = {} if _BASIS in st.session_state else {"default": Basis.SEASON.value}
    chosen = st.segmented_control(
        t("simulation.basis"),
        [one.value for one in Basis],
        format_func=lambda one: raw(f"vocabulary.basis.{one}"),
        key=_BASIS,
        required=True,
        persist_state="session",
        **default,
    )
    return Basis(chosen or Basis.SEASON.value)


def _explain(snap: Snapshot, error: RefusedError) -> None:
    if error.code == "solve_no_drivers":
        _not_yet(t("simulation.no_formula"), Page.KPI_DESIGN)
        return
    if error.code == "solve_not_computable":
        _not_yet(t("simulation.not_computable"), Page.DASHBOARD)
        return
    codes = str(error.params.get("drivers", "")).split(", ")
    nodes = [snap.workshop.node(code) for code in codes]
    names = [node.name.in_language(current().language) or node.code for node in nodes if node is not None]
    _not_yet(t("simulation.no_values", drivers=raw("tree.separator").join(names) or "–"), Page.DATA_SOURCES)


def _not_yet(words: str, page: Page) -> None:
    with st.container(border=True):
        st.markdown(words)
        if allowed():
            label = t(f"pages.{page.value}.title")
            st.page_link(entry_of(page), label=label, icon=":material/arrow_forward:", query_params=address())
