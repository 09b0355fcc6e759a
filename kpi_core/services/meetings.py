"""The meetings a team needs to keep its KPIs alive: weekly, monthly, and the quarterly revision."""

from __future__ import annotations

from kpi_core.model.base import Bilingual
from kpi_core.model.operation import Review
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import change
from kpi_core.services.people import Who
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Audience, Cadence, Language, Weekday

_STANDARD = (
    ("weekly", Cadence.WEEK, Audience.FIELD),
    ("monthly", Cadence.MONTH, Audience.EXECUTIVE),
    ("quarterly", Cadence.QUARTER, Audience.EXECUTIVE),
)


def lacks_standard_reviews(workshop: Workshop) -> bool:
    """Whether no weekly, no monthly or no quarterly meeting is set up."""
    return bool(_missing(workshop))


def add_standard_reviews(state: State, workshop_id: str, who: Who) -> None:
    """Store the standard meetings whose cadence the workshop lacks: field views by week, executive ones above."""
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
            weekday=Weekday.MON if cadence is Cadence.WEEK else None,
            views=tuple(view.code for view in workshop.views if view.audience is audience),
        )
        for code, cadence, audience in _STANDARD
        if cadence not in held
    )
