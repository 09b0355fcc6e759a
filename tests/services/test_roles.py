"""Who may do what: every use case is found and called, so that a new one cannot forget to ask."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpi_core import services
from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.operation import Meeting, View
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Settings, Workshop
from kpi_core.services.answering import Asked, give_answer
from kpi_core.services.candidates import put_forward
from kpi_core.services.organisation import add_member
from kpi_core.services.people import NOBODY, Who
from kpi_core.services.signing import sign
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop, list_workshops, save_settings
from kpi_core.store.state import State
from kpi_core.vocabulary import Audience, Grain, Language, Role

from .conftest import DOCUMENT

#: What a parameter is given, by its name or else by how its type begins; the refusal comes before any of it is used.
BY_NAME: dict[str, Any] = {
    "section": "views",
    "item": View(code="new", audience=Audience.FIELD),
    "node_code": "won",
    "period": parse_period("2026-04"),
    "periods": (parse_period("2026-04"),),
    "today": date(2026, 6, 1),
    "make": lambda found: found,
    "settings": Settings(name="新しい"),
    "asked": Asked("suzuki"),
    "out": None,
    "new_code": "another",
}
BY_TYPE: tuple[tuple[str, Any], ...] = (
    ("str", "deals"),
    ("Bilingual", Bilingual(ja="新しい")),
    ("Meeting", Meeting(code="weekly_1", review="weekly", held_on=date(2026, 6, 1), period="2026-05")),
    ("int", 1),
    ("float", 5.0),
    ("bool", False),
    ("Path", Path("none.csv")),
    ("Mapping", {}),
    ("Sequence", ()),
    ("Collection", ()),
    ("tuple", ()),
    ("Grain", Grain.MONTH),
    ("Role", Role.MEMBER),
    ("Language", Language.JA),
    ("date", date(2026, 6, 1)),
    ("timedelta", None),
)
#: What takes a person and is not about editing: one's own drafts, leaving, looking (which keeps what was foreseen).
FOR_EVERYONE = {
    "drafts.change",
    "drafts.keep",
    "drafts.kept",
    "drafts.drop",
    "forecasts.record_landings",
    "foreseen.find_outlook",
    "joining.leave",
    "rounds.view_round",
}
#: What people use who have not joined yet, and the gate: no person to ask about.
AT_THE_DOOR = {"joining.invitation", "joining.join", "joining.person_with", "joining.who_is", "joining.still_in"}
#: What runs inside another use case, on a workshop that was asked about there.
WITHIN = {
    "alike.footings",
    "alike.rates_over",
    "datasets.tables_of",
    "segment_parts.segment_parts",
    "snapshots.remember",
    "undoing.refresh_changed",
}


def use_cases() -> dict[str, Callable[..., Any]]:
    """module.function → every public function of the services that takes a state."""
    found = {}
    for module in pkgutil.iter_modules(services.__path__):
        loaded = importlib.import_module(f"kpi_core.services.{module.name}")
        for name, one in vars(loaded).items():
            own = inspect.isfunction(one) and one.__module__ == loaded.__name__ and not name.startswith("_")
            if own and any(_type(parameter) == "State" for parameter in inspect.signature(one).parameters.values()):
                found[f"{module.name}.{name}"] = one
    return found


def called(case: str, state: State, workshop: str, who: Who) -> object:
    """Calls a use case with stand-ins for all it is not asked about here."""
    one = use_cases()[case]
    values = {}
    for name, parameter in inspect.signature(one).parameters.items():
        if _type(parameter) == "State":
            values[name] = state
        elif _type(parameter) == "Who":
            values[name] = who
        elif name in ("workshop_id", "workshop") and _type(parameter).startswith("str"):
            values[name] = workshop
        elif parameter.default is inspect.Parameter.empty:
            kind = _type(parameter)
            values[name] = BY_NAME.get(name, next((value for start, value in BY_TYPE if kind.startswith(start)), None))
    if "code" in values and not case.startswith("sources."):
        values["code"] = "won"
    if case == "goals.keep_goal":
        values |= {"fields": {"name": Bilingual(ja="受注")}, "code": "goal"}
    return one(**values)


def _type(parameter: inspect.Parameter) -> str:
    return str(parameter.annotation)


def _takes(case: str, name: str) -> bool:
    return name in inspect.signature(use_cases()[case]).parameters


ABOUT_ONE = sorted(
    case
    for case in use_cases()
    if (_takes(case, "workshop_id") or (_takes(case, "workshop") and case.startswith("drafts."))) and case not in WITHIN
)
BY_SOMEONE = sorted(case for case in use_cases() if _takes(case, "who") and case not in FOR_EVERYONE | WITHIN)


@pytest.fixture
def foreign(state: State, me: Who) -> str:
    """Another team's workshop, equal to the first."""
    return create_workshop(state, Workshop.model_validate(DOCUMENT), me)


def test_every_use_case_is_about_one_workshop_or_asks_who() -> None:
    covered = {*ABOUT_ONE, *BY_SOMEONE, *FOR_EVERYONE, *AT_THE_DOOR, *WITHIN, "workshops.list_workshops"}
    assert set(use_cases()) - covered == set()


@pytest.mark.parametrize("case", ABOUT_ONE)
def test_a_foreign_workshop_answers_as_a_missing_one(case: str, state: State, workshop: str, foreign: str) -> None:
    state.only = frozenset({workshop})
    who = Who("鈴木", Role.FACILITATOR, workshops=state.only)
    told = []
    for other in (foreign, "nowhere1"):
        with pytest.raises(MissingError) as missing:
            called(case, state, other, who)
        told.append((missing.value.code, missing.value.params == {"workshop": other}))
    assert told == [("workshop_missing", True)] * 2


@pytest.mark.parametrize("case", BY_SOMEONE)
def test_a_viewer_changes_nothing(case: str, state: State, workshop: str, viewer: Who) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        called(case, state, workshop, viewer)


@pytest.mark.parametrize("case", BY_SOMEONE)
def test_nobody_changes_nothing(case: str, state: State, workshop: str) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        called(case, state, workshop, NOBODY)


FACILITATORS = (
    "organisation.add_department",
    "organisation.add_member",
    "sharing.links",
    "sharing.make_link",
    "sharing.people_of",
    "sharing.remove_person",
    "sharing.revoke_link",
    "workshops.delete_workshop",
)
OWNERS = (
    "backups.backup",
    "backups.doctor",
    "bundles.import_bundle",
    "creating.create_workshop",
    "workshops.import_file",
)


@pytest.mark.parametrize("case", [*FACILITATORS, *OWNERS])
def test_a_member_leaves_the_facilitators_things_alone(case: str, state: State, workshop: str, member: Who) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        called(case, state, workshop, member)


@pytest.mark.parametrize("case", OWNERS)
def test_a_facilitator_of_one_workshop_leaves_what_concerns_all_alone(case: str, state: State, workshop: str) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        called(case, state, workshop, Who("鈴木", Role.FACILITATOR, workshops=frozenset({workshop})))


def test_a_member_changes_no_settings(state: State, workshop: str, member: Who) -> None:
    found = snapshot(state, workshop)
    settings = found.workshop.settings.model_copy(update={"name": "別の名前"})
    with pytest.raises(RefusedError, match="not_allowed"):
        save_settings(state, workshop, settings, found.revisions["settings", ""], member)


def test_a_member_puts_ideas_forward_and_the_feed_carries_the_name(state: State, workshop: str, member: Who) -> None:
    put_forward(state, workshop, ["提案の質"], member)
    assert snapshot(state, workshop).workshop.candidates[-1].name.ja == "提案の質"
    (who,) = state.connection.execute("SELECT who FROM changes ORDER BY id DESC LIMIT 1").fetchone()
    assert who == "鈴木"


def test_the_list_shows_only_what_one_may_see(state: State, workshop: str, foreign: str) -> None:
    assert {card.id for card in list_workshops(state)} == {workshop, foreign}
    state.only = frozenset({workshop})
    assert [card.id for card in list_workshops(state)] == [workshop]
    state.only = NOBODY.workshops
    assert list_workshops(state) == ()


def test_who_joined_answers_and_signs_for_themselves_only(state: State, workshop: str, me: Who) -> None:
    code = add_member(state, workshop, "鈴木", "sales", me)
    suzuki = Who("鈴木", Role.MEMBER, "sales", code, frozenset({workshop}), "id")
    with pytest.raises(RefusedError, match="answer_own_only"):
        give_answer(state, workshop, 1, Asked("someone"), {"answer": "yes"}, suzuki)
    with pytest.raises(RefusedError, match="sign_own_department"):
        sign(state, workshop, "won", "marketing", suzuki)
    give_answer(state, workshop, 1, Asked(code, "sales"), {"answer": "yes"}, suzuki)
    assert sign(state, workshop, "won", "sales", suzuki).person == "鈴木"
