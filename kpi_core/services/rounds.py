"""Rounds of ideas: opened, steered from phase to phase, and what a person may see of one.

While a round is written in, its ideas are rows that only their author gets back; while it is voted on, so are the
votes. Showing the ideas makes them part of the workshop (file, change table), closing does so with the counts, never
with who voted for what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.room import Idea, Round
from kpi_core.model.workshop import Workshop
from kpi_core.services.composing import composed
from kpi_core.services.editing import change
from kpi_core.services.numbering import numbered
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import snapshot
from kpi_core.store import room
from kpi_core.store.room import HiddenIdea
from kpi_core.store.state import State, now
from kpi_core.vocabulary import NodeKind, Role, RoundPhase, RoundTopic


@dataclass(frozen=True)
class RoundView:
    """A round as one person may see it.

    ``mine``: own hidden ideas; ``others``: how many ideas of how many ``writers`` are hidden beside them.
    ``ideas``: those shown, without the merged ones (``merged``: idea → what was merged into it); the closed vote's
    winners first. ``voted``: own votes; ``voters``: how many people voted so far.
    """

    round: Round
    mine: tuple[HiddenIdea, ...] = ()
    others: int = 0
    writers: int = 0
    ideas: tuple[Idea, ...] = ()
    merged: Mapping[str, tuple[Idea, ...]] | None = None
    voted: frozenset[str] = frozenset()
    voters: int = 0

    @property
    def dots_left(self) -> int:
        return self.round.dots - len(self.voted)


def current_round(workshop: Workshop) -> Round | None:
    """The round that is going on; at most one is."""
    return next((one for one in workshop.rounds if one.phase is not RoundPhase.CLOSED), None)


def round_of(workshop: Workshop, code: str) -> Round:
    found = next((one for one in workshop.rounds if one.code == code), None)
    if found is None:
        raise MissingError("item_missing", item=code)
    return found


def view_round(state: State, workshop_id: str, code: str, who: Who) -> RoundView:
    """What ``who`` may see of a round. Nobody gets another's hidden idea or vote, the facilitator neither."""
    with state.reading() as connection:
        workshop = snapshot(state, workshop_id).workshop
        asked = round_of(workshop, code)
        hidden = room.ideas(connection, workshop_id, code)
        votes = room.votes(connection, workshop_id, code)
    mine = tuple(idea for idea in hidden if who.name and idea.person == who.key)
    others = [idea for idea in hidden if idea not in mine]
    shown = [idea for idea in workshop.ideas if idea.round == code]
    merged: dict[str, tuple[Idea, ...]] = {}
    for idea in shown:
        if idea.into is not None:
            merged[idea.into] = (*merged.get(idea.into, ()), idea)
    return RoundView(
        asked,
        mine=mine,
        others=len(others),
        writers=len({idea.person for idea in others}),
        ideas=tuple(sorted((idea for idea in shown if idea.into is None), key=lambda idea: -(idea.votes or 0))),
        merged=merged,
        voted=votes.get(who.key, frozenset()) if who.name else frozenset(),
        voters=len(votes),
    )


def open_round(
    state: State,
    workshop_id: str,
    topic: RoundTopic,
    node: str | None,
    who: Who,
    *,
    anonymous: bool = False,
    dots: int = 3,
) -> str:
    """Begin a round and give its code: success factors, or KPIs below the KSF or KPI ``node``.

    Raises ``RefusedError``: ``room.round_running`` while another goes on, ``room.factor_needed`` without a place for
    KPIs.
    """
    authorise(who, Role.FACILITATOR)
    made: list[str] = []

    def opened(workshop: Workshop) -> Workshop:
        if current_round(workshop) is not None:
            raise RefusedError("room.round_running")
        place = workshop.node(node) if node is not None else None
        if topic is RoundTopic.KPI and (place is None or place.kind is NodeKind.KGI):
            raise RefusedError("room.factor_needed")
        made.append(numbered("round", [one.code for one in workshop.rounds]))
        fields = {"code": made[-1], "topic": topic, "anonymous": anonymous, "dots": dots, "opened_at": now()}
        fields["node"] = node if topic is RoundTopic.KPI else None
        return workshop.model_copy(update={"rounds": (*workshop.rounds, composed(Round, fields))})

    change(state, workshop_id, who, opened)
    return made[-1]


def lock_round(state: State, workshop_id: str, code: str, locked: bool, who: Who) -> None:
    """Take no more ideas, or take them again."""
    _steer(state, workshop_id, code, who, (RoundPhase.ENTRY, RoundPhase.REVEALED), {"locked": locked})


def reveal(state: State, workshop_id: str, code: str, who: Who) -> None:
    """Show all ideas of a round to everyone, by their text, so that the order tells nothing about their authors."""

    def shown(workshop: Workshop) -> Workshop:
        hidden = sorted(room.ideas(state.connection, workshop_id, code), key=lambda idea: (idea.text, idea.id))
        ideas = list(workshop.ideas)
        for idea in hidden:
            made = numbered("idea", [one.code for one in ideas])
            ideas.append(Idea(code=made, round=code, text=idea.text, author=idea.author))
        room.drop_ideas(state.connection, workshop_id, code)
        return workshop.model_copy(update={"ideas": tuple(ideas)})

    _steer(state, workshop_id, code, who, (RoundPhase.ENTRY,), {"phase": RoundPhase.REVEALED}, shown)


def start_voting(state: State, workshop_id: str, code: str, who: Who) -> None:
    """From now on everyone gives their votes, unseen by the others."""
    _steer(state, workshop_id, code, who, (RoundPhase.REVEALED,), {"phase": RoundPhase.VOTING})


def close_round(state: State, workshop_id: str, code: str, who: Who) -> None:
    """End a round: votes become counts, and who gave them is forgotten.

    Raises ``RefusedError('room.hidden_left')`` while ideas are hidden, so that none is lost.
    """

    def counted(workshop: Workshop) -> Workshop:
        if room.ideas(state.connection, workshop_id, code):
            raise RefusedError("room.hidden_left")
        if round_of(workshop, code).phase is not RoundPhase.VOTING:
            return workshop
        tally = room.tally(state.connection, workshop_id, code)
        room.drop_votes(state.connection, workshop_id, code)
        ideas = tuple(
            idea.model_copy(update={"votes": tally[idea.code]}) if idea.round == code and idea.into is None else idea
            for idea in workshop.ideas
        )
        return workshop.model_copy(update={"ideas": ideas})

    open_phases = (RoundPhase.ENTRY, RoundPhase.REVEALED, RoundPhase.VOTING)
    _steer(state, workshop_id, code, who, open_phases, {"phase": RoundPhase.CLOSED}, counted)


def _steer(
    state: State,
    workshop_id: str,
    code: str,
    who: Who,
    phases: tuple[RoundPhase, ...],
    fields: Mapping[str, object],
    first: Callable[[Workshop], Workshop] = lambda workshop: workshop,
) -> None:
    """Only the facilitator; refused where the round is in no phase of ``phases`` any more (another tab was faster)."""
    authorise(who, Role.FACILITATOR)

    def steered(workshop: Workshop) -> Workshop:
        asked = round_of(workshop, code)
        if asked.phase not in phases:
            raise RefusedError("room.wrong_phase")
        after = first(workshop)
        rounds = tuple(composed(Round, fields, one) if one.code == code else one for one in after.rounds)
        room.touch(state.connection, workshop_id)
        return after.model_copy(update={"rounds": rounds})

    change(state, workshop_id, who, steered)
