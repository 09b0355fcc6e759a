"""The views and meetings a workshop should have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.model.file import read_workshop
from kpi_core.services.meetings import add_standard_reviews, lacks_standard_reviews
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.views import add_missing_views, missing_views
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Audience, Cadence

WHO = Who("test")
FILE = """{"format": "kpi-workshop/1", "workshop": {"name": "W"},
 "departments": [{"code": "marketing"}, {"code": "sales"}, {"code": "finance"}],
 "nodes": [{"code": "revenue", "kind": "kgi"}, {"code": "more", "kind": "ksf", "parent": "revenue"},
  {"code": "leads", "kind": "kpi", "parent": "more", "department": "marketing"},
  {"code": "old", "kind": "kpi", "parent": "more", "department": "finance", "status": "retired"},
  {"code": "won", "kind": "kpi", "parent": "more", "department": "sales"}],
 "views": [{"code": "mine", "audience": "field", "department": "sales", "nodes": ["won"]}]}"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "w.db") as opened:
        yield opened


@pytest.fixture
def workshop(state: State) -> str:
    return create_workshop(state, read_workshop(FILE), WHO)


def test_only_what_lacks_is_added(state: State, workshop: str) -> None:
    add_missing_views(state, workshop, WHO)
    views = snapshot(state, workshop).workshop.views
    assert [(view.audience, view.department) for view in views] == [
        (Audience.FIELD, "sales"),
        (Audience.EXECUTIVE, None),
        (Audience.FIELD, "marketing"),
    ]
    assert views[1].nodes == ("revenue", "leads", "won")  # nothing retired
    assert missing_views(snapshot(state, workshop).workshop) == ()


def test_standard_meetings_look_at_the_fitting_views(state: State, workshop: str) -> None:
    add_missing_views(state, workshop, WHO)
    add_standard_reviews(state, workshop, WHO)
    after = snapshot(state, workshop).workshop
    assert [review.cadence for review in after.reviews] == [Cadence.WEEK, Cadence.MONTH, Cadence.QUARTER]
    assert after.reviews[0].views == ("mine", "field_marketing")
    assert after.reviews[1].views == ("executive",)
    assert not lacks_standard_reviews(after)
