"""Links, joining by them, and losing access again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.errors import MissingError, RefusedError
from kpi_core.services.backups import backup, restore
from kpi_core.services.joining import invitation, join, leave, person_with, still_in, who_is
from kpi_core.services.organisation import add_member, change_member, remove_member
from kpi_core.services.people import NOBODY, Who
from kpi_core.services.sharing import links, make_link, people_of, remove_person, revoke_link
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Role


@pytest.fixture
def code(state: State, workshop: str, me: Who) -> str:
    return make_link(state, workshop, Role.MEMBER, 8, me).code


def whom(state: State, token: str) -> Who:
    return who_is(state, person_with(state, token) or "")


def test_a_code_has_sixty_random_bits(state: State, workshop: str, me: Who) -> None:
    codes = {make_link(state, workshop, Role.MEMBER, 1, me).code for _ in range(200)}
    assert len(codes) == 200
    assert {len(one) for one in codes} == {12}  # 12 letters out of 32: 12 × 5 bits
    assert len({letter for one in codes for letter in one}) == 32


def test_who_joins_is_a_member_with_the_links_role_and_sees_that_workshop_alone(
    state: State, workshop: str, code: str
) -> None:
    token = join(state, code, "  鈴木   花子 ", "sales")
    who = whom(state, token)
    assert (who.name, who.role, who.department, who.workshops) == (
        "鈴木 花子",
        Role.MEMBER,
        "sales",
        frozenset({workshop}),
    )
    (member,) = snapshot(state, workshop).workshop.members
    assert (member.code, member.name, member.department, member.role) == (
        who.member,
        "鈴木 花子",
        "sales",
        Role.MEMBER,
    )


def test_a_code_may_be_typed_with_dashes_capitals_and_full_width_letters(state: State, code: str) -> None:
    typed = "-".join((code[:4], code[4:8], code[8:])).upper()
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    assert invitation(state, typed).link == invitation(state, wide).link == invitation(state, code).link


def test_the_token_is_nowhere_in_the_state(state: State, code: str) -> None:
    token = join(state, code, "鈴木", None)
    dump = "\n".join(state.connection.iterdump())
    assert "鈴木" in dump
    assert token not in dump


def test_wrong_expired_and_revoked_codes_answer_alike(state: State, workshop: str, code: str, me: Who) -> None:
    expired = make_link(state, workshop, Role.MEMBER, 1, me)
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="microseconds")
    state.connection.execute("UPDATE join_links SET expires_at = ? WHERE id = ?", (past, expired.id))
    revoke_link(state, workshop, links(state, workshop, me)[0].id, me)
    assert links(state, workshop, me) == ()
    for one in ("", "wrong", expired.code, code):
        with pytest.raises(MissingError) as missing:
            join(state, one, "鈴木", None)
        assert (missing.value.code, missing.value.params) == ("link_missing", {})
    assert snapshot(state, workshop).workshop.members == ()


def test_an_unknown_department_is_none(state: State, code: str) -> None:
    assert whom(state, join(state, code, "鈴木", "nowhere")).department is None


@pytest.mark.parametrize("name", ["", "   ", "鈴\u0000木", "\u202eabc"])
def test_a_name_is_needed_and_is_printable(state: State, code: str, name: str) -> None:
    with pytest.raises(RefusedError, match="your_name_needed"):
        join(state, code, name, None)


def test_a_listed_member_is_met_by_the_name_once(state: State, workshop: str, code: str, me: Who) -> None:
    listed = add_member(state, workshop, "鈴木", "marketing", me)
    assert whom(state, join(state, code, "鈴木", None)).member == listed
    with pytest.raises(RefusedError, match="name_in_use"):
        join(state, code, "鈴木", None)


def test_nobody_becomes_a_facilitator_by_taking_the_name(state: State, workshop: str, code: str, me: Who) -> None:
    add_member(state, workshop, "佐藤", None, me, Role.FACILITATOR)
    with pytest.raises(RefusedError, match="name_in_use"):
        join(state, code, "佐藤", None)


def test_a_changed_role_and_department_count_at_once(state: State, workshop: str, code: str, me: Who) -> None:
    token = join(state, code, "鈴木", "sales")
    member = whom(state, token).member or ""
    revision = snapshot(state, workshop).revisions["members", member]
    change_member(state, workshop, member, "鈴木", "marketing", Role.VIEWER, revision, me)
    assert (whom(state, token).role, whom(state, token).department) == (Role.VIEWER, "marketing")


def test_a_removed_person_is_nobody_and_the_member_stays(state: State, workshop: str, code: str, me: Who) -> None:
    token = join(state, code, "鈴木", None)
    person = person_with(state, token) or ""
    assert [one.id for one in people_of(state, workshop, me)] == [person]
    remove_person(state, workshop, person, me)
    assert person_with(state, token) is None
    assert who_is(state, person) == NOBODY
    assert still_in(state, frozenset({person})) == frozenset()
    assert [one.name for one in snapshot(state, workshop).workshop.members] == ["鈴木"]


def test_a_later_member_of_the_same_code_does_not_inherit_the_access(
    state: State, workshop: str, code: str, me: Who
) -> None:
    token = join(state, code, "鈴木", None)
    member = whom(state, token).member or ""
    remove_member(state, workshop, member, snapshot(state, workshop).revisions["members", member], me)
    assert add_member(state, workshop, "鈴木", None, me, Role.FACILITATOR) == member
    assert person_with(state, token) is None


def test_a_revoked_link_leaves_those_who_joined(state: State, workshop: str, code: str, me: Who) -> None:
    token = join(state, code, "鈴木", None)
    revoke_link(state, workshop, links(state, workshop, me)[0].id, me)
    assert whom(state, token).name == "鈴木"


def test_one_leaves_by_oneself(state: State, code: str) -> None:
    token = join(state, code, "鈴木", None)
    leave(state, whom(state, token))
    assert person_with(state, token) is None


def test_a_token_ends_by_itself(state: State, code: str) -> None:
    token = join(state, code, "鈴木", None)
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="microseconds")
    state.connection.execute("UPDATE people SET expires_at = ?", (past,))
    assert person_with(state, token) is None


def test_a_link_to_everything_is_a_facilitators(state: State, me: Who) -> None:
    with pytest.raises(RefusedError, match="role_everywhere"):
        make_link(state, None, Role.MEMBER, 8, me)
    who = whom(state, join(state, make_link(state, None, Role.FACILITATOR, 8, me).code, "高木", None))
    assert (who.name, who.role, who.workshops, who.member) == ("高木", Role.FACILITATOR, None, None)


def test_only_someone_with_everything_gives_everything(state: State, workshop: str) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        make_link(state, None, Role.FACILITATOR, 8, Who("鈴木", workshops=frozenset({workshop})))


@pytest.mark.parametrize("hours", [0, -1, 24 * 30 + 1])
def test_a_link_lasts_for_hours_to_a_month(state: State, workshop: str, me: Who, hours: int) -> None:
    with pytest.raises(RefusedError, match="hours_wrong"):
        make_link(state, workshop, Role.MEMBER, hours, me)


def test_a_backup_opens_no_door(state: State, workshop: str, code: str, me: Who, tmp_path: Path) -> None:
    token = join(state, code, "鈴木", None)
    backup(state, tmp_path / "b.zip", me)
    assert person_with(state, token) is not None
    restore(tmp_path / "b.zip", tmp_path / "other.db", me)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        assert other.execute("SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM join_links)").fetchone() == (
            0,
            0,
        )
    restore(tmp_path / "b.zip", state.path, me)
    assert person_with(state, token) is None
