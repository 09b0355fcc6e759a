"""The meetings that keep KPIs alive: which ones a team needs, when the next is due, what it talks about, its record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from kpi_core.model.base import Bilingual
from kpi_core.model.meeting_days import held_days, next_meeting
from kpi_core.model.operation import Action, Meeting, Review
from kpi_core.model.workshop import Workshop
from kpi_core.services.codes import code_from
from kpi_core.services.dashboards import Board, Tile, off_track
from kpi_core.services.editing import change, save
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import ActionStatus, Audience, Cadence, Language, Status, Weekday

__all__ = [
    "add_review",
    "add_standard_reviews",
    "by_due",
    "by_owner",
    "drop_meeting",
    "held_days",
    "is_overdue",
    "lacks_standard_reviews",
    "last_meeting",
    "left_open",
    "meeting_code",
    "next_meeting",
    "next_review",
    "open_actions",
    "record_meeting",
    "to_discuss",
]

_STANDARD = (
    ("weekly", Cadence.WEEK, Audience.FIELD),
    ("monthly", Cadence.MONTH, Audience.EXECUTIVE),
    ("quarterly", Cadence.QUARTER, Audience.EXECUTIVE),
)


def next_review(workshop: Workshop, view: str, today: date) -> tuple[Review, date] | None:
    """The next meeting that looks at a view, and its day; ``None`` where none is set up with its day."""
    start = workshop.settings.fiscal_year_start
    found = [
        (day, review)
        for review in workshop.reviews
        if (not review.views or view in review.views)
        and (day := next_meeting(review, today, held_days(workshop, review.code), start)) is not None
    ]
    if not found:
        return None
    day, review = min(found, key=lambda pair: pair[0])
    return review, day


def to_discuss(workshop: Workshop, review: Review, board: Board) -> tuple[Tile, ...]:
    """The KPIs of the review's views that are off track, then those to watch, the furthest from their goal first.

    A review without views looks at all of them.
    """
    scope = {code for view in workshop.views if view.code in review.views for code in view.nodes}
    behind = off_track(board, most=None)
    return tuple(tile for tile in behind if tile.node.code in scope) if scope else behind


def open_actions(workshop: Workshop, review: Review) -> tuple[Action, ...]:
    """The open actions on the KPIs of the review's views (all for one without views), the earliest due first."""
    scope = {code for view in workshop.views if view.code in review.views for code in view.nodes}
    mine = [
        action
        for action in workshop.actions
        if action.status is ActionStatus.OPEN and (not scope or action.node is None or action.node in scope)
    ]
    return tuple(sorted(mine, key=by_due))


def last_meeting(workshop: Workshop, review: str, before: date) -> Meeting | None:
    """The meeting of a review that was held last before a day."""
    held = [meeting for meeting in workshop.meetings if meeting.review == review and meeting.held_on < before]
    return max(held, key=lambda meeting: meeting.held_on, default=None)


def left_open(
    workshop: Workshop, behind: Sequence[Tile], noted: Collection[str]
) -> tuple[tuple[Tile, ...], tuple[Tile, ...]]:
    """Of the KPIs off track (red): those without a note (not in ``noted``), and those on which no action is open.

    An open action counts only with its owner and due day: what nobody has by no day is not followed up.
    """
    red = [tile for tile in behind if tile.standing.status is Status.OFF_TRACK]
    acted_on = {
        action.node
        for action in workshop.actions
        if action.status is ActionStatus.OPEN and action.owner.strip() and action.due is not None
    }
    without_note = tuple(tile for tile in red if tile.node.code not in noted)
    return without_note, tuple(tile for tile in red if tile.node.code not in acted_on)


def by_owner(actions: Sequence[Action], today: date) -> tuple[tuple[str, int, int], ...]:
    """(owner, open actions, of them overdue), who has most overdue first; no owner is the empty name."""
    counted: dict[str, list[int]] = {}
    for action in actions:
        if action.status is ActionStatus.OPEN:
            numbers = counted.setdefault(action.owner.strip(), [0, 0])
            numbers[0] += 1
            numbers[1] += is_overdue(action, today)
    return tuple(
        (owner, count, late)
        for owner, (count, late) in sorted(counted.items(), key=lambda x: (-x[1][1], -x[1][0], x[0]))
    )


def is_overdue(action: Action, today: date) -> bool:
    """Whether an action is open past its due day."""
    return action.status is ActionStatus.OPEN and action.due is not None and action.due < today


def by_due(action: Action) -> tuple[bool, date]:
    """Sorts actions by due day, those without one last."""
    return action.due is None, action.due or date.max


def meeting_code(review: Review, held_on: date) -> str:
    """The code of a review's meeting on a day: one record a day."""
    return f"{review.code}_{held_on:%Y%m%d}"


def record_meeting(
    state: State, workshop_id: str, meeting: Meeting, made: Sequence[str], revision: int | None, who: Who
) -> None:
    """Store a meeting, and on the actions ``made`` in it (codes) that it was there. Raises as ``editing.save``."""

    def recorded(workshop: Workshop) -> Workshop:
        old = workshop.meetings
        kept = tuple(meeting if one.code == meeting.code else one for one in old)
        actions = tuple(
            one.model_copy(update={"meeting": meeting.code}) if one.code in made and one.meeting is None else one
            for one in workshop.actions
        )
        meetings = (*old, meeting) if revision is None else kept
        return workshop.model_copy(update={"meetings": meetings, "actions": actions})

    change(state, workshop_id, who, recorded, expect={("meetings", meeting.code): revision}, mine=meeting)


def drop_meeting(state: State, workshop_id: str, code: str, revision: int, who: Who) -> None:
    """Take a meeting's record away; the actions decided in it stay. Raises as ``editing.save``."""

    def dropped(workshop: Workshop) -> Workshop:
        actions = tuple(
            one.model_copy(update={"meeting": None}) if one.meeting == code else one for one in workshop.actions
        )
        meetings = tuple(one for one in workshop.meetings if one.code != code)
        return workshop.model_copy(update={"meetings": meetings, "actions": actions})

    change(state, workshop_id, who, dropped, expect={("meetings", code): revision})


def lacks_standard_reviews(workshop: Workshop) -> bool:
    """Whether no weekly, no monthly or no quarterly meeting is set up."""
    return bool(_missing(workshop))


def add_review(state: State, workshop_id: str, who: Who) -> str:
    """Store a weekly meeting without day or name to be filled in; its code."""
    taken = {review.code for review in snapshot(state, workshop_id).workshop.reviews}
    code = code_from(Bilingual(), "review", taken)
    names = {language: say("meetings.new", language) for language in Language}
    review = Review(code=code, cadence=Cadence.WEEK, name=Bilingual(ja=names[Language.JA], en=names[Language.EN]))
    save(state, workshop_id, "reviews", review, None, who)
    return code


def add_standard_reviews(state: State, workshop_id: str, who: Who) -> None:
    """Store the standard meetings whose cadence the workshop lacks: field views by week, executive ones above.

    All on a Monday to begin with: every week, and the first of the month or of the quarter's first month.
    """
    change(
        state,
        workshop_id,
        who,
        lambda workshop: workshop.model_copy(update={"reviews": (*workshop.reviews, *_missing(workshop))}),
    )


def _missing(workshop: Workshop) -> tuple[Review, ...]:
    held = {review.cadence for review in workshop.reviews}
    taken = {review.code for review in workshop.reviews}
    return tuple(
        Review(
            code=code if code not in taken else f"{code}_review",
            name=Bilingual(ja=say(f"meetings.{code}", Language.JA), en=say(f"meetings.{code}", Language.EN)),
            cadence=cadence,
            weekday=Weekday.MON,
            views=tuple(view.code for view in workshop.views if view.audience is audience),
        )
        for code, cadence, audience in _STANDARD
        if cadence not in held
    )
