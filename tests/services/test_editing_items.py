"""Saving names the revision it was read at; nothing wrong, stale or unauthorised gets in, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kpi_core.errors import MissingError, RefusedError, StaleError
from kpi_core.model.node import Link, Node
from kpi_core.model.workshop import Department, Member, Settings
from kpi_core.services.changes import changes_since
from kpi_core.services.editing import remove, reorder, save
from kpi_core.services.people import Who
from kpi_core.services.workshops import export_file, save_settings, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import NodeKind


def node(state: State, workshop: str, code: str) -> tuple[Node, int]:
    found = snapshot(state, workshop)
    kept = found.workshop.node(code)
    assert kept is not None
    return kept, found.revisions["nodes", code]


def test_a_saved_item_is_read_back_with_its_new_revision(state: State, workshop: str, me: Who) -> None:
    won, revision = node(state, workshop, "won")
    text = "  締結日が\t期間内\n<b>の商談 \u0000 "
    after = save(state, workshop, "nodes", won.model_copy(update={"definition": text}), revision, me)
    kept, now = node(state, workshop, "won")
    assert (kept.definition, now) == (text, after)
    assert after > revision


def test_a_stale_save_is_refused_and_shows_both_versions(state: State, workshop: str, me: Who) -> None:
    won, revision = node(state, workshop, "won")
    theirs = won.model_copy(update={"definition": "theirs"})
    mine = won.model_copy(update={"definition": "mine"})
    latest = save(state, workshop, "nodes", theirs, revision, me)
    with pytest.raises(StaleError) as stale:
        save(state, workshop, "nodes", mine, revision, me)
    assert (stale.value.code, stale.value.current, stale.value.mine) == ("stale", theirs, mine)
    assert save(state, workshop, "nodes", mine, stale.value.revision, me) > latest


def test_a_save_over_a_removed_item_is_refused_and_can_put_it_back(state: State, workshop: str, me: Who) -> None:
    found = snapshot(state, workshop)
    sales = Department(code="sales", name={"ja": "営業部"})
    revision = found.revisions["departments", "sales"]
    remove(state, workshop, "departments", "sales", revision, me)
    with pytest.raises(StaleError) as stale:
        save(state, workshop, "departments", sales, revision, me)
    assert (stale.value.code, stale.value.current) == ("stale_removed", None)
    save(state, workshop, "departments", sales, None, me)
    with pytest.raises(StaleError):  # the revision of the first life is not the second one's
        save(state, workshop, "departments", sales, revision, me)


def test_a_new_item_does_not_overwrite_one_of_the_same_code(state: State, workshop: str, me: Who) -> None:
    with pytest.raises(StaleError, match="already_there"):
        save(state, workshop, "departments", Department(code="sales"), None, me)


def test_saving_what_is_there_already_changes_nothing(state: State, workshop: str, me: Who) -> None:
    won, revision = node(state, workshop, "won")
    before = snapshot(state, workshop).change
    assert save(state, workshop, "nodes", won, revision, me) == revision
    assert snapshot(state, workshop).change == before


def test_a_save_is_refused_for_what_it_breaks_only(state: State, workshop: str, me: Who) -> None:
    won, revision = node(state, workshop, "won")
    with pytest.raises(RefusedError) as refused:
        save(state, workshop, "nodes", won.model_copy(update={"parent": "nowhere"}), revision, me)
    assert [(problem.code, problem.path) for problem in refused.value.problems] == [
        ("file_unknown_node", "nodes[2].parent")
    ]
    assert node(state, workshop, "won") == (won, revision)


def test_an_item_that_others_name_is_not_removed(state: State, workshop: str, me: Who) -> None:
    revision = snapshot(state, workshop).revisions["datasets", "deals"]
    with pytest.raises(RefusedError) as refused:
        remove(state, workshop, "datasets", "deals", revision, me)
    assert [problem.code for problem in refused.value.problems] == ["file_unknown_dataset"]


def test_order_is_kept_and_items_not_named_stay_behind(state: State, workshop: str, me: Who) -> None:
    before = snapshot(state, workshop).revisions
    reorder(state, workshop, "nodes", ["size", "won"], me)
    found = snapshot(state, workshop)
    assert [kept.code for kept in found.workshop.nodes] == ["size", "won", "bookings", "quality"]
    assert found.revisions == before
    save(state, workshop, "departments", Department(code="cs"), None, me)
    remove(state, workshop, "departments", "marketing", found.revisions["departments", "marketing"], me)
    save(state, workshop, "departments", Department(code="marketing"), None, me)
    codes = [department.code for department in snapshot(state, workshop).workshop.departments]
    assert codes == ["sales", "cs", "marketing"]


def test_every_change_is_on_the_feed_with_before_and_after(state: State, workshop: str, me: Who) -> None:
    since = snapshot(state, workshop).change
    won, revision = node(state, workshop, "won")
    save(state, workshop, "nodes", won.model_copy(update={"owner": "高橋"}), revision, me)
    (change,) = changes_since(state, workshop, since)
    assert (change.who, change.section, change.code, change.action) == ("佐藤", "nodes", "won", "saved")
    assert json.loads(change.after or "")["owner"] == "高橋"
    assert "owner" not in json.loads(change.before or "")
    assert change.id == snapshot(state, workshop).change == snapshot(state, workshop).revisions["nodes", "won"]


def test_members_edit_viewers_only_read_and_the_frame_is_the_facilitators(
    state: State, workshop: str, me: Who, member: Who, viewer: Who
) -> None:
    won, revision = node(state, workshop, "won")
    with pytest.raises(RefusedError, match="not_allowed"):
        save(state, workshop, "nodes", won.model_copy(update={"owner": "x"}), revision, viewer)
    save(state, workshop, "nodes", won.model_copy(update={"owner": "x"}), revision, member)
    found = snapshot(state, workshop)
    frame = found.workshop.settings.model_copy(update={"name": "新しい名前"})
    with pytest.raises(RefusedError, match="not_allowed"):
        save_settings(state, workshop, frame, found.revisions["settings", ""], member)
    with pytest.raises(RefusedError, match="not_allowed"):
        save(state, workshop, "members", Member(code="m", name="x"), None, member)
    save_settings(state, workshop, frame, found.revisions["settings", ""], me)
    assert snapshot(state, workshop).workshop.settings.name == "新しい名前"


def test_an_unknown_workshop_and_section_are_told(state: State, workshop: str, me: Who) -> None:
    with pytest.raises(MissingError, match="workshop_missing"):
        snapshot(state, "nothere1")
    with pytest.raises(MissingError, match="workshop_missing"):
        save(state, "nothere1", "departments", Department(code="x"), None, me)
    with pytest.raises(RefusedError, match="section_unknown"):
        save(state, workshop, "nodez", Department(code="x"), None, me)
    with pytest.raises(RefusedError, match="section_unknown"):
        save(state, workshop, "nodes", Department(code="x"), None, me)
    with pytest.raises(RefusedError, match="section_unknown"):
        remove(state, workshop, "settings", "", 1, me)


def test_links_are_named_by_their_ends(state: State, workshop: str, me: Who) -> None:
    save(state, workshop, "links", Link(source="size", target="bookings"), None, me)
    assert ("links", "size→bookings") in snapshot(state, workshop).revisions


def test_many_people_on_many_items_lose_nothing_and_never_wait_in_vain(state: State, workshop: str) -> None:
    """Twelve people save one node each, ten times, and all fight for one department; every success is there."""
    for number in range(12):
        save(state, workshop, "nodes", Node(code=f"n{number}", kind=NodeKind.KSF, parent="bookings"), None, Who("x"))

    def work(number: int) -> int:
        wins = 0
        with State.open(state.path) as own:
            who = Who(f"p{number}")
            for turn in range(10):
                kept, revision = node(own, workshop, f"n{number}")
                save(own, workshop, "nodes", kept.model_copy(update={"owner": f"{number}-{turn}"}), revision, who)
                found = snapshot(own, workshop)
                shared = found.workshop.departments[0]
                counted = Department(code=shared.code, name={"en": str(int(shared.name.en or 0) + 1)})
                try:
                    save(own, workshop, "departments", counted, found.revisions["departments", shared.code], who)
                    wins += 1
                except StaleError:
                    continue
        return wins

    with ThreadPoolExecutor(12) as pool:
        wins = sum(pool.map(work, range(12)))
    found = snapshot(state, workshop).workshop
    assert [found.node(f"n{number}").owner for number in range(12)] == [f"{number}-9" for number in range(12)]
    assert found.departments[0].name.en == str(wins)
    saved = [entry for entry in changes_since(state, workshop, 0) if entry.action == "saved"]
    assert len(saved) == 120 + wins


PEER = """
import sys
from kpi_core.errors import StaleError
from kpi_core.model.workshop import Department
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State

path, workshop, name = sys.argv[1:]
wins = 0
for turn in range(15):
    with State.open(path) as state:  # one connection a run, as pages do
        save(state, workshop, "departments", Department(code=f"{name}_{turn}"), None, Who(name))
        found = snapshot(state, workshop)
        shared = next(one for one in found.workshop.departments if one.code == "sales")
        counted = Department(code="sales", name={"en": str(int(shared.name.en or 0) + 1)})
        try:
            save(state, workshop, "departments", counted, found.revisions["departments", "sales"], Who(name))
            wins += 1
        except StaleError:
            pass
print(wins)
"""


def test_many_processes_lose_nothing(state: State, workshop: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    peers = [
        subprocess.Popen(
            [sys.executable, "-c", PEER, str(state.path), workshop, f"p{number}"],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for number in range(4)
    ]
    told = [peer.communicate(timeout=120)[0] for peer in peers]
    assert [peer.returncode for peer in peers] == [0] * 4
    departments = {one.code: one for one in snapshot(state, workshop).workshop.departments}
    assert {f"p{number}_{turn}" for number in range(4) for turn in range(15)} <= set(departments)
    assert departments["sales"].name.en == str(sum(int(wins) for wins in told))


def test_another_process_sees_and_makes_changes(state: State, workshop: str, me: Who, tmp_path: Path) -> None:
    """A second connection stands for another process: its snapshot is not the first one's cache."""
    with State.open(state.path) as other:
        save(other, workshop, "departments", Department(code="cs"), None, me)
    assert snapshot(state, workshop).workshop.departments[-1].code == "cs"


def test_a_restored_name_of_the_frame_survives_export(state: State, workshop: str, me: Who) -> None:
    found = snapshot(state, workshop)
    frame = Settings.model_validate({**found.workshop.settings.model_dump(), "grain": "quarter"})
    save_settings(state, workshop, frame, found.revisions["settings", ""], me)
    assert json.loads(export_file(state, workshop))["workshop"]["grain"] == "quarter"
