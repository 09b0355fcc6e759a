"""What everyone does in a round of ideas: put one in, take it back, vote; and the room merges those that are alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import MAX_LINE
from kpi_core.model.room import Idea, Round
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import change
from kpi_core.services.numbering import numbered
from kpi_core.services.people import Who, authorise
from kpi_core.services.rounds import round_of
from kpi_core.services.snapshots import snapshot
from kpi_core.store import room
from kpi_core.store.state import State
from kpi_core.vocabulary import Role, RoundPhase

#: More ideas than this of one person in one round are a slip (a pasted document).
MOST_IDEAS = 50


def put_in(state: State, workshop_id: str, code: str, text: str, who: Who) -> int:
    """Put ideas in, one a line; gives how many. Hidden while the round is written in, shown at once afterwards.

    Raises ``RefusedError``: ``room.name_needed``, ``room.entry_closed``, ``room.idea_too_long``,
    ``room.too_many_ideas``.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any(len(line) > MAX_LINE for line in lines):
        raise RefusedError("room.idea_too_long", limit=MAX_LINE)
    with _taking_part(state, workshop_id, code, who) as asked:
        if asked.locked or asked.phase not in (RoundPhase.ENTRY, RoundPhase.REVEALED):
            raise RefusedError("room.entry_closed")
        if asked.phase is RoundPhase.ENTRY:
            own = [idea.text for idea in room.ideas(state.connection, workshop_id, code) if idea.person == who.key]
            fresh = [line for line in dict.fromkeys(lines) if line not in own]
            if len(own) + len(fresh) > MOST_IDEAS:
                raise RefusedError("room.too_many_ideas", limit=MOST_IDEAS)
            author = "" if asked.anonymous else who.name
            for line in fresh:
                room.add_idea(state.connection, workshop_id, code, (who.key, author), line)
            return len(fresh)
    return _show_at_once(state, workshop_id, asked, lines, who)


def take_back(state: State, workshop_id: str, code: str, idea: int, who: Who) -> None:
    """Take an own hidden idea back; another's, and one that is shown already, is missing."""
    with _taking_part(state, workshop_id, code, who):
        if not room.drop_idea(state.connection, workshop_id, idea, who.key):
            raise MissingError("item_missing", item=f"{idea}")


def vote(state: State, workshop_id: str, code: str, idea: str, given: bool, who: Who) -> None:
    """Give an idea one's vote, or take it back; one a person and idea, as many as the round has.

    Raises ``RefusedError``: ``room.name_needed``, ``room.no_voting``, ``room.no_votes_left``.
    """
    with _taking_part(state, workshop_id, code, who) as asked:
        if asked.phase is not RoundPhase.VOTING:
            raise RefusedError("room.no_voting")
        _main_idea(snapshot(state, workshop_id).workshop, code, idea)
        votes = room.votes(state.connection, workshop_id, code).get(who.key, frozenset())
        if given and idea not in votes and len(votes) >= asked.dots:
            raise RefusedError("room.no_votes_left", dots=asked.dots)
        room.set_vote(state.connection, workshop_id, code, idea, who.key, given)


def merge(state: State, workshop_id: str, code: str, idea: str, into: str | None, who: Who) -> None:
    """Count an idea as another (with all that was merged into it), or by itself again (``into=None``).

    Only between showing and voting: a vote is for what one read. Raises ``RefusedError('room.wrong_phase')``.
    """
    authorise(who, Role.FACILITATOR)

    def merged(workshop: Workshop) -> Workshop:
        if round_of(workshop, code).phase is not RoundPhase.REVEALED:
            raise RefusedError("room.wrong_phase")
        if into is not None:
            _main_idea(workshop, code, into)
        if idea == into or not any(one.code == idea and one.round == code for one in workshop.ideas):
            raise MissingError("item_missing", item=idea)

        def moved(one: Idea) -> Idea:
            goes = one.code == idea or (into is not None and one.into == idea)
            return one.model_copy(update={"into": into}) if goes else one

        return workshop.model_copy(update={"ideas": tuple(moved(one) for one in workshop.ideas)})

    change(state, workshop_id, who, merged)


@contextmanager
def _taking_part(state: State, workshop_id: str, code: str, who: Who) -> Iterator[Round]:
    """The round as it is within the transaction, for a person who has a name."""
    authorise(who)
    if not who.name.strip():
        raise RefusedError("room.name_needed")
    with state.writing(shared=True):
        yield round_of(snapshot(state, workshop_id).workshop, code)


def _show_at_once(state: State, workshop_id: str, asked: Round, lines: list[str], who: Who) -> int:
    """Late ideas; in an anonymous round not even the change table says whose they are."""
    author = "" if asked.anonymous else who.name
    added: list[str] = []

    def shown(workshop: Workshop) -> Workshop:
        now = round_of(workshop, asked.code)
        if now.locked or now.phase is not RoundPhase.REVEALED:
            raise RefusedError("room.entry_closed")
        ideas = list(workshop.ideas)
        known = {one.text for one in ideas if one.round == asked.code}
        for line in dict.fromkeys(lines):
            if line not in known:
                code = numbered("idea", [one.code for one in ideas])
                ideas.append(Idea(code=code, round=asked.code, text=line, author=author))
                added.append(line)
        return workshop.model_copy(update={"ideas": tuple(ideas)}) if added else workshop

    change(state, workshop_id, replace(who, name=author), shown)
    return len(added)


def _main_idea(workshop: Workshop, code: str, idea: str) -> Idea:
    found = next((one for one in workshop.ideas if (one.code, one.round, one.into) == (idea, code, None)), None)
    if found is None:
        raise MissingError("item_missing", item=idea)
    return found
