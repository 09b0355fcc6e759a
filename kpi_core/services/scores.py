"""The readiness score now and before: kept whenever it is looked at and differs, so that progress can be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kpi_core.guidance.readiness import Verdict
from kpi_core.services.datasets import today_of
from kpi_core.services.snapshots import snapshot
from kpi_core.store import scores as kept
from kpi_core.store.scores import Score
from kpi_core.store.state import State
from kpi_core.vocabulary import Answer

__all__ = ["Progress", "Score", "progress"]


@dataclass(frozen=True)
class Progress:
    """The scores on record, the earliest first and the present one last, and the one that it is compared with.

    ``before`` is the last score of an earlier day, else the first of today; ``None`` while there is no other.
    """

    scores: tuple[Score, ...]
    before: Score | None

    @property
    def now(self) -> Score:
        return self.scores[-1]

    @property
    def gained(self) -> tuple[int, ...]:
        """Items met now and not before."""
        return tuple(sorted(self.now.met - self.before.met)) if self.before else ()

    @property
    def lost(self) -> tuple[int, ...]:
        """Items met before and not now."""
        return tuple(sorted(self.before.met - self.now.met)) if self.before else ()


def agreed_yes(score: Score) -> int:
    """How many items the room had agreed on with yes."""
    return sum(answer is Answer.YES for answer in score.agreed.values())


def progress(state: State, workshop_id: str, verdicts: Sequence[Verdict]) -> Progress:
    """The score of ``verdicts`` and of the answers agreed on now, beside those before.

    It is put on record where it differs from the last one: a record of what was seen, not a change of the workshop, so
    whoever may look may keep it.
    """
    workshop = snapshot(state, workshop_id).workshop
    met = frozenset(one.item for one in verdicts if one.met)
    agreed = {one.item: one.answer for one in workshop.checklist.agreed}
    found = kept.scores(state.connection, workshop_id)
    if _differs(found, met, agreed):
        with state.writing() as connection:
            found = kept.scores(connection, workshop_id)  # another page may have kept it meanwhile
            if _differs(found, met, agreed):
                kept.record_score(connection, workshop_id, met, agreed)
                found = kept.scores(connection, workshop_id)
    return Progress(found, _before(found, today_of(workshop).isoformat(), workshop.settings.timezone))


def _differs(found: Sequence[Score], met: frozenset[int], agreed: Mapping[int, Answer]) -> bool:
    return not found or (found[-1].met, found[-1].agreed) != (met, agreed)


def _before(found: Sequence[Score], today: str, timezone: str) -> Score | None:
    zone = ZoneInfo(timezone)
    earlier = [one for one in found if one.at.astimezone(zone).date().isoformat() < today]
    if earlier:
        return earlier[-1]
    return found[0] if len(found) > 1 else None
