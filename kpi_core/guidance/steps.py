"""The five steps: which are done, which one the team stands at, what it still lacks and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from kpi_core.errors import Param
from kpi_core.guidance.design_items import missing_of_kgi
from kpi_core.guidance.facts import Facts
from kpi_core.guidance.finding import LIST
from kpi_core.guidance.findings import structural_errors
from kpi_core.guidance.measurability import OBSTACLES, measurable, obstacles
from kpi_core.guidance.scope import below, in_force, kpis, ksfs, owning_departments
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Audience, NodeKind, Page


@dataclass(frozen=True)
class Gap:
    """One thing a step lacks (``guidance.steps.gaps.<code>``) and what to do (``guidance.steps.next.<code>``)."""

    code: str
    page: Page
    params: Mapping[str, Param] = field(default_factory=dict)
    node: str | None = None


@dataclass(frozen=True)
class StepState:
    """A step's page, whether it is done, and what it lacks; ``current`` is the first that is not done."""

    page: Page
    state: Literal["done", "current", "open"]
    missing: tuple[Gap, ...] = ()

    @property
    def next(self) -> Gap:
        """What to do next on this step: its first gap, or on to the following step."""
        return self.missing[0] if self.missing else Gap(f"done_{self.page}", _AFTER[self.page])


def steps(workshop: Workshop, facts: Facts) -> tuple[StepState, ...]:
    """The state of the five steps, in order."""
    states: list[StepState] = []
    current_found = False
    for page, look in STEPS:
        missing = tuple(look(workshop, facts))
        state: Literal["done", "current", "open"] = "done" if not missing else "open" if current_found else "current"
        current_found = current_found or bool(missing)
        states.append(StepState(page, state, missing))
    return tuple(states)


def next_step(states: tuple[StepState, ...]) -> Gap:
    """What the team does next over all steps; when all five are done, the checklist."""
    current = next((step for step in states if step.state == "current"), states[-1])
    return current.next


def _of_nodes(code: str, page: Page, nodes: list[Node]) -> Iterator[Gap]:
    if nodes:
        params: dict[str, Param] = {"nodes": LIST.join(node.code for node in nodes), "count": len(nodes)}
        yield Gap(code, page, params, nodes[0].code)


def _kgi(workshop: Workshop, facts: Facts) -> Iterator[Gap]:
    kgi = workshop.kgi
    if kgi is None:
        yield Gap("kgi_none", Page.KGI)
        return
    for name in missing_of_kgi(kgi):
        yield Gap(f"kgi_{name}", Page.KGI, {}, kgi.code)


def _ksf(workshop: Workshop, facts: Facts) -> Iterator[Gap]:
    factors = ksfs(workshop)
    if not factors:
        yield Gap("ksf_none", Page.KSF)
        return
    standing = {node.code for node in in_force(workshop)}
    yield from _of_nodes("ksf_loose", Page.KSF, [node for node in factors if node.parent not in standing])
    unnamed = [node for node in factors if not (node.name.ja.strip() or node.name.en.strip())]
    yield from _of_nodes("ksf_unnamed", Page.KSF, unnamed)


def _kpi_design(workshop: Workshop, facts: Facts) -> Iterator[Gap]:
    owned = kpis(workshop)
    if not owned:
        yield Gap("kpi_none", Page.KPI_DESIGN)
        return
    empty = [node for node in ksfs(workshop) if not below(workshop, node.code)]
    yield from _of_nodes("ksf_without_kpi", Page.KPI_DESIGN, empty)
    errors = [error for error in structural_errors(workshop, facts) if error.page is Page.KPI_DESIGN]
    if errors:
        yield Gap("structure_errors", Page.KPI_DESIGN, {"count": len(errors)}, errors[0].node)
    yield from _of_nodes("definitions", Page.KPI_DESIGN, [node for node in owned if not node.definition.strip()])
    yield from _of_nodes("owners", Page.KPI_DESIGN, [node for node in owned if not node.owner.strip()])
    yield from _of_nodes("units", Page.KPI_DESIGN, [node for node in owned if not node.unit.strip()])
    if len(owning_departments(workshop)) > 1 and not workshop.handovers:
        yield Gap("handover_none", Page.KPI_DESIGN)


def _data_sources(workshop: Workshop, facts: Facts) -> Iterator[Gap]:
    owned = [node for node in in_force(workshop) if node.kind is not NodeKind.KSF]
    if not kpis(workshop):
        yield Gap("data_before_kpi", Page.KPI_DESIGN)
        return
    known, lacking = measurable(workshop), obstacles(workshop)
    for obstacle in OBSTACLES:
        unclear = [node for node in owned if lacking.get(node.code) == obstacle]
        yield from _of_nodes(f"sources_{obstacle}", Page.DATA_SOURCES, unclear)
    measured = {part.dataset for node in owned if node.measure for part in node.measure.parts}
    waiting = [code for code in dict.fromkeys(sorted(measured)) if code not in facts.versions]
    if waiting:
        yield Gap("uploads", Page.DATA_SOURCES, {"datasets": LIST.join(waiting), "count": len(waiting)})
    else:
        valueless = [node for node in owned if node.code in known and node.code not in facts.latest]
        yield from _of_nodes("values", Page.DATA_SOURCES, valueless)


def _dashboard(workshop: Workshop, facts: Facts) -> Iterator[Gap]:
    if not any(view.audience is Audience.EXECUTIVE and view.nodes for view in workshop.views):
        yield Gap("view_executive", Page.DASHBOARD)
    served = {view.department for view in workshop.views if view.audience is Audience.FIELD and view.nodes}
    without = [code for code in owning_departments(workshop) if code not in served]
    if without:
        yield Gap("view_field", Page.DASHBOARD, {"departments": LIST.join(without), "count": len(without)})
    shown = {code for view in workshop.views for code in view.nodes}
    if shown and not any(code in facts.latest for code in shown):
        yield Gap("view_values", Page.DATA_SOURCES)


#: The five steps and what each lacks.
STEPS: tuple[tuple[Page, Callable[[Workshop, Facts], Iterator[Gap]]], ...] = (
    (Page.KGI, _kgi),
    (Page.KSF, _ksf),
    (Page.KPI_DESIGN, _kpi_design),
    (Page.DATA_SOURCES, _data_sources),
    (Page.DASHBOARD, _dashboard),
)
_AFTER: Mapping[Page, Page] = {
    Page.KGI: Page.KSF,
    Page.KSF: Page.KPI_DESIGN,
    Page.KPI_DESIGN: Page.DATA_SOURCES,
    Page.DATA_SOURCES: Page.DASHBOARD,
    Page.DASHBOARD: Page.CHECKLIST,
}
