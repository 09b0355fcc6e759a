"""What a workshop's parts say of one another: codes that must be unique, names that must lead somewhere.

A name that breaks the structure (a parent, a measure's dataset) is always a problem. A department, a column or a
look-up's dataset may be added later and is a problem only when it looks like a slip of one that exists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from babel.core import get_global
from rapidfuzz.distance import OSA

from kpi_core.errors import Param, Problem
from kpi_core.model.base import Model
from kpi_core.model.dataset import Dataset
from kpi_core.model.expression import names_in, parse_derived
from kpi_core.model.measure import RatioMeasure, SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import NodeKind, PrecedenceKind

_CODED = (
    "departments",
    "members",
    "sources",
    "datasets",
    "candidates",
    "nodes",
    "links",
    "handovers",
    "signoffs",
    "views",
    "reviews",
    "meetings",
    "revisions",
    "actions",
    "rounds",
    "ideas",
    "parked",
    "decisions",
    "scenarios",
    "negotiations",
    "precedences",
)


def broken_references(workshop: Workshop) -> tuple[Problem, ...]:
    """Everything in a workshop that names something wrongly, each with its path in the workshop file."""
    return tuple(
        problem
        for check in (
            _currency,
            _doubled_codes,
            _tree,
            _departments,
            _datasets,
            _measures,
            _handovers,
            _operation,
            _room,
            _tried,
            _precedences,
        )
        for problem in check(workshop)
    )


def near_slip(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` is one slip of the keyboard away from (letters only, at least four of them)."""
    if len(name) < 4:
        return None
    for other in known:
        if len(other) >= 4 and OSA.distance(name, other, score_cutoff=1) == 1 and _digits(name) == _digits(other):
            return other
    return None


def known_columns(dataset: Dataset) -> tuple[str, ...]:
    """The columns a dataset's description names, whatever its rows hold."""
    names = [column.name for column in dataset.columns]
    names += [column.name for column in dataset.derived]
    names += [rule.column for rule in dataset.rules]
    names += [name for lookup in dataset.lookups for name in lookup.columns]
    names += [pair[0] for lookup in dataset.lookups for pair in lookup.on]
    names += [name for column in dataset.derived for name in names_in(parse_derived(column.expression))]
    return tuple(dict.fromkeys(names))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _currency(workshop: Workshop) -> Iterator[Problem]:
    """ISO 4217 has the currency: amounts could not be written otherwise."""
    code = workshop.settings.currency
    if code not in get_global("all_currencies"):
        yield Problem("file_currency_unknown", {"text": code}, path="workshop.currency")


def _doubled_codes(workshop: Workshop) -> Iterator[Problem]:
    for section in (*_CODED, "checklist.answers", "checklist.agreed"):
        items: Sequence[Model] = attrgetter(section)(workshop)
        codes: list[str] = [item.code for item in items]  # type: ignore[attr-defined]  # every section here has codes
        if len(set(codes)) == len(codes):
            continue
        counted = Counter(codes)
        for position, (code, item) in enumerate(zip(codes, items, strict=True)):
            if counted[code] > 1:
                own = ".code" if "code" in type(item).model_fields else ""  # links and answers are named by other keys
                yield Problem("file_code_twice", {"code": code}, path=f"{section}[{position}]{own}")


def _unknown(code: str, known: Iterable[str], what: str, path: str) -> Problem:
    hint = near_slip(code, known)
    params: dict[str, Param] = {"code": code} if hint is None else {"code": code, "hint": hint}
    return Problem(f"file_unknown_{what}_near" if hint else f"file_unknown_{what}", params, path=path)


def _tree(workshop: Workshop) -> Iterator[Problem]:
    nodes = {node.code: node for node in workshop.nodes}
    kgis = 0
    for position, node in enumerate(workshop.nodes):
        path = f"nodes[{position}].parent"
        kgis += node.kind is NodeKind.KGI
        if node.kind is NodeKind.KGI and kgis > 1:
            yield Problem("file_second_kgi", {"code": node.code}, path=f"nodes[{position}].kind")
        if node.parent is None:
            continue
        parent = nodes.get(node.parent)
        if parent is None:
            yield _unknown(node.parent, nodes, "node", path)
        elif not may_hang_below(node.kind, parent.kind):
            yield Problem("file_parent_kind", {"code": node.code, "parent": parent.code}, path=path)
        elif _is_own_ancestor(node, nodes):
            yield Problem("file_parent_cycle", {"code": node.code}, path=path)
    for position, link in enumerate(workshop.links):
        for end, code in (("from", link.source), ("to", link.target)):
            if code not in nodes:
                yield _unknown(code, nodes, "node", f"links[{position}].{end}")
    for position, signoff in enumerate(workshop.signoffs):
        if signoff.node not in nodes:
            yield _unknown(signoff.node, nodes, "node", f"signoffs[{position}].node")


def may_hang_below(kind: NodeKind, parent: NodeKind) -> bool:
    """Whether a node of ``kind`` may have a parent of ``parent``'s kind (KSF below the KGI, KPI below a KSF or KPI)."""
    allowed = {NodeKind.KSF: (NodeKind.KGI,), NodeKind.KPI: (NodeKind.KSF, NodeKind.KPI)}
    return parent in allowed.get(kind, ())


def _is_own_ancestor(node: Node, nodes: dict[str, Node]) -> bool:
    seen: set[str] = set()
    current: Node | None = node
    while current is not None and current.parent is not None:
        if current.parent == node.code:
            return True
        if current.parent in seen:
            return False
        seen.add(current.parent)
        current = nodes.get(current.parent)
    return False


def _departments(workshop: Workshop) -> Iterator[Problem]:
    known = [department.code for department in workshop.departments]
    named: list[tuple[str | None, str]] = []
    named += [(node.department, f"nodes[{at}].department") for at, node in enumerate(workshop.nodes)]
    named += [(handover.source, f"handovers[{at}].from") for at, handover in enumerate(workshop.handovers)]
    named += [(handover.target, f"handovers[{at}].to") for at, handover in enumerate(workshop.handovers)]
    named += [(view.department, f"views[{at}].department") for at, view in enumerate(workshop.views)]
    named += [(member.department, f"members[{at}].department") for at, member in enumerate(workshop.members)]
    for code, path in named:
        if code is not None and code not in known and near_slip(code, known):
            yield _unknown(code, known, "department", path)


def _datasets(workshop: Workshop) -> Iterator[Problem]:
    sources = [source.code for source in workshop.sources]
    codes = [dataset.code for dataset in workshop.datasets]
    for position, dataset in enumerate(workshop.datasets):
        if dataset.source not in sources:
            yield _unknown(dataset.source, sources, "source", f"datasets[{position}].source")
        for at, lookup in enumerate(dataset.lookups):
            if lookup.dataset not in codes and near_slip(lookup.dataset, codes):
                yield _unknown(lookup.dataset, codes, "dataset", f"datasets[{position}].lookups[{at}].dataset")


def _measures(workshop: Workshop) -> Iterator[Problem]:
    measured = [(f"nodes[{at}].measure", node.measure) for at, node in enumerate(workshop.nodes)]
    measured += [(f"handovers[{at}].measure", handover.measure) for at, handover in enumerate(workshop.handovers)]
    for path, measure in measured:
        if isinstance(measure, RatioMeasure):
            yield from _measure(workshop, measure.ratio.numerator, f"{path}.ratio.numerator")
            yield from _measure(workshop, measure.ratio.denominator, f"{path}.ratio.denominator")
        elif measure is not None:
            yield from _measure(workshop, measure, path)
    codes = [dataset.code for dataset in workshop.datasets]
    for at, node in enumerate(workshop.nodes):
        if node.pipeline is not None and node.pipeline.dataset not in codes:
            yield _unknown(node.pipeline.dataset, codes, "dataset", f"nodes[{at}].pipeline.dataset")


def _measure(workshop: Workshop, measure: SimpleMeasure, path: str) -> Iterator[Problem]:
    dataset = workshop.dataset(measure.dataset)
    if dataset is None:
        yield _unknown(measure.dataset, [known.code for known in workshop.datasets], "dataset", f"{path}.dataset")
        return
    places = [(measure.column, "column"), (measure.date, "date")]
    places += [(entry.column, f"where[{at}].column") for at, entry in enumerate(measure.where)]
    places += [(name, f"dimensions[{at}]") for at, name in enumerate(measure.dimensions)]
    yield from _columns(dataset, places, path)


def _handovers(workshop: Workshop) -> Iterator[Problem]:
    for position, handover in enumerate(workshop.handovers):
        if handover.dataset is None:
            continue
        path = f"handovers[{position}]"
        dataset = workshop.dataset(handover.dataset)
        if dataset is None:
            yield _unknown(handover.dataset, [known.code for known in workshop.datasets], "dataset", f"{path}.dataset")
            continue
        places = [(entry.column, f"where[{at}].column") for at, entry in enumerate(handover.where)]
        if handover.tracking is not None:
            names = ("handed_at", "answered_at", "outcome", "reason", "key")
            places += [(getattr(handover.tracking, name), f"tracking.{name}") for name in names]
        yield from _columns(dataset, places, path)


def _columns(dataset: Dataset, places: Iterable[tuple[str | None, str]], path: str) -> Iterator[Problem]:
    """The named columns that look like a slip of one that the dataset has."""
    known = known_columns(dataset)
    for name, place in places:
        slip = near_slip(name, known) if name is not None and name not in known else None
        if slip:
            params = {"column": name, "dataset": dataset.code, "hint": slip}
            yield Problem("file_unknown_column", params, path=f"{path}.{place}")


def _operation(workshop: Workshop) -> Iterator[Problem]:
    nodes = {node.code for node in workshop.nodes}
    views = {view.code for view in workshop.views}
    reviews = {review.code for review in workshop.reviews}
    for position, view in enumerate(workshop.views):
        for at, code in enumerate(view.nodes):
            if code not in nodes:
                yield _unknown(code, nodes, "node", f"views[{position}].nodes[{at}]")
    for position, review in enumerate(workshop.reviews):
        for at, code in enumerate(review.views):
            if code not in views:
                yield _unknown(code, views, "view", f"reviews[{position}].views[{at}]")
    for position, meeting in enumerate(workshop.meetings):
        if meeting.review not in reviews:
            yield _unknown(meeting.review, reviews, "review", f"meetings[{position}].review")
    for position, revision in enumerate(workshop.revisions):
        if revision.review is not None and revision.review not in reviews:
            yield _unknown(revision.review, reviews, "review", f"revisions[{position}].review")


def _room(workshop: Workshop) -> Iterator[Problem]:
    rounds = {one.code for one in workshop.rounds}
    ideas = {one.code for one in workshop.ideas}
    for position, idea in enumerate(workshop.ideas):
        if idea.round not in rounds:
            yield _unknown(idea.round, rounds, "round", f"ideas[{position}].round")
        if idea.into is not None and idea.into not in ideas:
            yield _unknown(idea.into, ideas, "idea", f"ideas[{position}].into")


def _tried(workshop: Workshop) -> Iterator[Problem]:
    """Scenarios and negotiations name nodes."""
    nodes = {node.code for node in workshop.nodes}
    named = [(one.node, f"scenarios[{at}].node") for at, one in enumerate(workshop.scenarios)]
    named += [(one.node, f"negotiations[{at}].node") for at, one in enumerate(workshop.negotiations)]
    for at, scenario in enumerate(workshop.scenarios):
        named += [(level.node, f"scenarios[{at}].levels[{k}].node") for k, level in enumerate(scenario.levels)]
    for at, one in enumerate(workshop.negotiations):
        named += [(limit.node, f"negotiations[{at}].limits[{k}].node") for k, limit in enumerate(one.limits)]
    for code, path in named:
        if code not in nodes:
            yield _unknown(code, nodes, "node", path)


def _precedences(workshop: Workshop) -> Iterator[Problem]:
    """Which of two counts is said of datasets and nodes that are there."""
    nodes = {node.code for node in workshop.nodes}
    datasets = {dataset.code for dataset in workshop.datasets}
    for at, one in enumerate(workshop.precedences):
        sides: tuple[tuple[str, str], ...] = (("leading", one.leading), ("following", one.following))
        if one.kind is PrecedenceKind.ENTRY:
            sides = (("node", one.node or ""),)
        known, what = (datasets, "dataset") if one.kind is PrecedenceKind.DATASET else (nodes, "node")
        for name, code in sides:
            if code not in known:
                yield _unknown(code, known, what, f"precedences[{at}].{name}")
