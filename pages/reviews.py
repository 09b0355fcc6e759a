"""Review meetings: hold one (what is off track first), follow up actions, look back, set the meetings up."""

from __future__ import annotations

from functools import partial

from kpi_core.vocabulary import Page
from pages.components.action_list import action_list
from pages.components.frame import heading, needs_workshop
from pages.components.going import go_on
from pages.components.meeting_form import hold_meeting
from pages.components.part_tabs import part_tabs
from pages.components.past_meetings import past_meetings
from pages.components.review_setup import review_setup
from pages.components.revision_form import revise
from pages.components.room import in_the_room
from pages.components.session import opened, t

PARTS = {
    "hold": hold_meeting,
    "actions": action_list,
    "revision": revise,
    "past": past_meetings,
    "setup": review_setup,
}


def main() -> None:
    go_on()
    snap = opened()
    if needs_workshop(Page.REVIEWS) or snap is None:
        return
    heading(Page.REVIEWS)
    words = {part: t(f"reviews.tab_{part}") for part in PARTS}
    with in_the_room(Page.REVIEWS):
        part_tabs("reviews.part", words, {part: partial(draw, snap) for part, draw in PARTS.items()})


main()
