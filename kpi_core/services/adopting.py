"""An idea becomes a candidate, a KSF or a KPI, and where each came from stays known: its authors and votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.node import Candidate, Node
from kpi_core.model.room import Idea
from kpi_core.model.workshop import Workshop
from kpi_core.services.codes import code_from
from kpi_core.services.editing import change
from kpi_core.services.people import Who, authorise
from kpi_core.services.rounds import round_of
from kpi_core.store.state import State
from kpi_core.vocabulary import Language, NodeKind, Role, RoundPhase

Adoption = Literal["candidate", "ksf", "kpi"]


@dataclass(frozen=True)
class Origin:
    """The ideas that a candidate or node came from: who had them (none in an anonymous round) and how many votes."""

    authors: tuple[str, ...]
    votes: int | None


def origin_of(workshop: Workshop, code: str) -> Origin | None:
    """Where a candidate or node came from; ``None`` where it was no idea of a round."""
    mains = [idea for idea in workshop.ideas if idea.adopted == code]
    if not mains:
        return None
    merged = [idea for idea in workshop.ideas if idea.into in {main.code for main in mains}]
    authors = dict.fromkeys(idea.author for idea in (*mains, *merged) if idea.author)
    counted = [idea.votes for idea in mains if idea.votes is not None]
    return Origin(tuple(authors), sum(counted) if counted else None)


def adopt(state: State, workshop_id: str, idea: str, become: Adoption, who: Who, *, parent: str | None = None) -> str:
    """Make an idea a candidate for a success factor, at once a KSF, or a KPI; gives its code.

    A KPI hangs below ``parent``, else below the node its round was about. A candidate of that very name is taken
    for the idea's. Raises ``RefusedError``: ``room.not_adoptable`` before the ideas are shown and while they are voted
    on, ``room.adopted_already``, ``kgi_first``, ``room.factor_needed``.
    """
    authorise(who, Role.FACILITATOR)
    made: list[str] = []

    def adopted(workshop: Workshop) -> Workshop:
        found = next((one for one in workshop.ideas if one.code == idea and one.into is None), None)
        if found is None:
            raise MissingError("item_missing", item=idea)
        if round_of(workshop, found.round).phase not in (RoundPhase.REVEALED, RoundPhase.CLOSED):
            raise RefusedError("room.not_adoptable")
        if is_adopted(workshop, found):
            raise RefusedError("room.adopted_already")
        if become == "kpi":
            after, code = _with_kpi(workshop, found, parent or round_of(workshop, found.round).node)
        else:
            after, code = _with_candidate(workshop, found)
            after = _with_factor(after, code) if become == "ksf" else after
        made.append(code)
        ideas = tuple(one.model_copy(update={"adopted": code}) if one is found else one for one in after.ideas)
        return after.model_copy(update={"ideas": ideas})

    change(state, workshop_id, who, adopted)
    return made[-1]


def is_adopted(workshop: Workshop, idea: Idea) -> bool:
    """Whether what an idea became is there still; once it was taken away, the idea may be adopted anew."""
    codes = {one.code for one in workshop.candidates} | {one.code for one in workshop.nodes}
    return idea.adopted is not None and idea.adopted in codes


def _with_candidate(workshop: Workshop, idea: Idea) -> tuple[Workshop, str]:
    known = next((one for one in workshop.candidates if idea.text in (one.name.ja, one.name.en)), None)
    if known is not None:
        return workshop, known.code
    name = _name(workshop, idea)
    taken = [one.code for one in workshop.candidates] + [node.code for node in workshop.nodes]
    candidate = Candidate(code=code_from(name, "factor", taken), name=name)
    return workshop.model_copy(update={"candidates": (*workshop.candidates, candidate)}), candidate.code


def _with_factor(workshop: Workshop, code: str) -> Workshop:
    if workshop.kgi is None:
        raise RefusedError("kgi_first")
    if workshop.node(code) is not None:
        return workshop
    candidate = next(one for one in workshop.candidates if one.code == code)
    node = Node(code=code, kind=NodeKind.KSF, parent=workshop.kgi.code, name=candidate.name)
    return workshop.model_copy(update={"nodes": (*workshop.nodes, node)})


def _with_kpi(workshop: Workshop, idea: Idea, parent: str | None) -> tuple[Workshop, str]:
    above = workshop.node(parent) if parent is not None else None
    if above is None or above.kind is NodeKind.KGI:
        raise RefusedError("room.factor_needed")
    name = _name(workshop, idea)
    taken = [node.code for node in workshop.nodes] + [one.code for one in workshop.candidates]
    node = Node(code=code_from(name, "kpi", taken), kind=NodeKind.KPI, parent=above.code, name=name)
    return workshop.model_copy(update={"nodes": (*workshop.nodes, node)}), node.code


def _name(workshop: Workshop, idea: Idea) -> Bilingual:
    return Bilingual(ja=idea.text) if workshop.settings.language is Language.JA else Bilingual(en=idea.text)
