"""Views: an audience's dashboard; which ones a workshop should have, and its nodes in their order."""

from __future__ import annotations

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.model.operation import View
from kpi_core.model.workshop import Workshop
from kpi_core.services.codes import code_from
from kpi_core.services.editing import change, reorder
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Audience, Cadence, Language, NodeKind, NodeStatus

#: As many nodes as an executive view shows at once; the tree shows the rest.
EXECUTIVE_NODES = 12


def missing_views(workshop: Workshop) -> tuple[View, ...]:
    """The views a workshop lacks: an executive one, and a field view for each department that owns KPIs."""
    proposed = []
    if all(view.audience is not Audience.EXECUTIVE for view in workshop.views):
        proposed.append(_executive(workshop))
    served = {view.department for view in workshop.views if view.audience is Audience.FIELD}
    for department in owning_departments(workshop):
        if department not in served:
            proposed.append(_field(workshop, department))
    return tuple(proposed)


def add_missing_views(state: State, workshop_id: str, who: Who) -> None:
    """Store the views that the workshop lacks, all or none."""
    change(
        state,
        workshop_id,
        who,
        lambda workshop: workshop.model_copy(update={"views": (*workshop.views, *missing_views(workshop))}),
    )


def add_view(
    state: State, workshop_id: str, name: Bilingual, audience: Audience, department: str | None, who: Who
) -> str:
    """Store a further view, last, with the nodes that such a view begins with; gives its code."""
    made: list[str] = []

    def with_view(workshop: Workshop) -> Workshop:
        if audience is Audience.EXECUTIVE:
            view = _executive(workshop)
        elif department is None:
            view = View(code="field", audience=audience, refresh=Cadence.WEEK)
        else:
            view = _field(workshop, department)
        code = code_from(name, view.code, _taken(workshop))
        named = name if name.ja.strip() or name.en.strip() else view.name
        made.append(code)
        view = view.model_copy(update={"code": code, "name": named})
        return workshop.model_copy(update={"views": (*workshop.views, view)})

    change(state, workshop_id, who, with_view)
    return made[-1]


def move_view(state: State, workshop_id: str, code: str, step: int, who: Who) -> None:
    """Put a view ``step`` places further back (negative: further front); at an end it stays."""
    authorise(who)
    codes = [view.code for view in snapshot(state, workshop_id).workshop.views]
    at = codes.index(code) if code in codes else -1
    if at < 0 or not 0 <= at + step < len(codes):
        return
    codes.insert(at + step, codes.pop(at))
    reorder(state, workshop_id, "views", codes, who)


def owning_departments(workshop: Workshop) -> tuple[str, ...]:
    """The departments that own at least one KPI in use, in the workshop's order."""
    owners = {node.department for node in _kpis(workshop)}
    named = [department.code for department in workshop.departments]
    unnamed = sorted(code for code in owners if code is not None and code not in named)
    return tuple(code for code in (*named, *unnamed) if code in owners)


def _kpis(workshop: Workshop) -> tuple[Node, ...]:
    return tuple(node for node in workshop.of_kind(NodeKind.KPI) if node.status is not NodeStatus.RETIRED)


def _executive(workshop: Workshop) -> View:
    first_of_ksf = {node.parent: node.code for node in reversed(_kpis(workshop))}
    below_ksfs = [first_of_ksf[ksf.code] for ksf in workshop.of_kind(NodeKind.KSF) if ksf.code in first_of_ksf]
    kgi = [workshop.kgi.code] if workshop.kgi else []
    rest = [node.code for node in _kpis(workshop) if node.code not in below_ksfs]
    return View(
        code=code_from(Bilingual(), "executive", _taken(workshop)),
        audience=Audience.EXECUTIVE,
        name=_named("views.executive"),
        nodes=tuple([*kgi, *below_ksfs, *rest][:EXECUTIVE_NODES]),
        refresh=Cadence.WEEK,
    )


def _field(workshop: Workshop, department: str) -> View:
    return View(
        code=code_from(Bilingual(), f"field_{department}", _taken(workshop)),
        audience=Audience.FIELD,
        department=department,
        name=_named(
            "views.field",
            ja=workshop.department_name(department, Language.JA),
            en=workshop.department_name(department, Language.EN),
        ),
        nodes=tuple(node.code for node in _kpis(workshop) if node.department == department),
        refresh=Cadence.WEEK,
    )


def _named(key: str, **departments: str) -> Bilingual:
    words = {language: say(key, language, department=departments.get(language.value, "")) for language in Language}
    return Bilingual(ja=words[Language.JA], en=words[Language.EN])


def _taken(workshop: Workshop) -> set[str]:
    return {view.code for view in workshop.views}
