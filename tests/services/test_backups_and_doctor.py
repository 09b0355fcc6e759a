"""Everything in one file, put back whole or not at all, and what the doctor finds."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.workshop import Department, Settings, Workshop
from kpi_core.services.backups import backup, doctor, restore
from kpi_core.services.datasets import store_upload, versions
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.wording import sentence_for
from kpi_core.services.workshops import create_workshop, list_workshops, snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Language


@pytest.fixture
def saved(state: State, workshop: str, deals: Path, me: Who, tmp_path: Path) -> Path:
    """A backup of the small workshop with its deals."""
    store_upload(state, workshop, "deals", deals, "deals.csv", None, me)
    done = backup(state, tmp_path / "backup.zip", me)
    assert (done.workshops, done.files, done.bytes) == (1, 1, done.file.stat().st_size)
    return done.file


def test_a_backup_is_put_back_elsewhere(saved: Path, workshop: str, me: Who, tmp_path: Path) -> None:
    done = restore(saved, tmp_path / "elsewhere" / "state.db", me)
    assert (done.workshops, done.kept) == (1, None)
    with State.open(done.path) as other:
        assert doctor(other, me).ok
        (version,) = versions(other, workshop, "deals")
        assert version.parquet.is_file()
        assert other.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_restoring_over_a_state_keeps_what_was_there(
    state: State, saved: Path, workshop: str, me: Who, tmp_path: Path
) -> None:
    create_workshop(state, Workshop(settings=Settings(name="later")), me)
    save(state, workshop, "departments", Department(code="later"), None, me)
    done = restore(saved, state.path, me)
    with State.open(state.path) as fresh:
        assert [card.name for card in list_workshops(fresh)] == ["受注拡大"]
        assert [one.code for one in snapshot(fresh, workshop).workshop.departments] == ["marketing", "sales"]
    assert done.kept is not None
    back = restore(done.kept, tmp_path / "again.db", me)
    assert back.workshops == 2


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x05\x06" + b"\x00" * 18])
def test_what_is_no_backup_is_refused_and_touches_nothing(
    state: State, workshop: str, me: Who, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "no.zip"
    file.write_bytes(content)
    with pytest.raises(RefusedError, match="backup_unreadable") as refused:
        restore(file, state.path, me)
    detail = str(refused.value.params["detail"])  # the library's words stand beside the sentence, not in it
    assert detail
    assert detail not in sentence_for(refused.value, Language.JA)
    assert [card.id for card in list_workshops(state)] == [workshop]


def test_a_backup_with_a_changed_or_missing_file_is_refused(state: State, saved: Path, me: Who, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    (parquet,) = [name for name in entries if name.endswith(".parquet")]
    for changed in ({**entries, parquet: b"PAR1 other"}, {"state.db": entries["state.db"]}):
        broken = tmp_path / "broken.zip"
        with zipfile.ZipFile(broken, "w") as archive:
            for name, content in changed.items():
                archive.writestr(name, content)
        with pytest.raises(RefusedError, match="backup_unreadable"):
            restore(broken, tmp_path / "new.db", me)


def test_a_name_in_a_backup_cannot_lead_out_of_its_folder(saved: Path, me: Who, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved, "a") as archive:
        archive.writestr("../outside.txt", "x")
        archive.writestr(f"files/../../{'a' * 64}.parquet", "x")
    restore(saved, tmp_path / "inner" / "state.db", me)
    assert not list(tmp_path.rglob("outside.txt"))
    assert not list(tmp_path.rglob(f"{'a' * 64}.parquet"))


def test_the_doctor_tells_of_missing_changed_and_unused_files_and_of_unreadable_rows(
    state: State, workshop: str, deals: Path, me: Who
) -> None:
    assert doctor(state, me).ok
    kept = store_upload(state, workshop, "deals", deals, "deals.csv", None, me)
    content = kept.parquet.read_bytes()
    kept.parquet.write_bytes(content + b"x")
    (state.folder / f"{'0' * 64}.parquet").write_bytes(b"left over")
    assert [problem.code for problem in doctor(state, me).problems] == ["doctor_file_changed", "doctor_file_unused"]
    kept.parquet.unlink()
    state.connection.execute("UPDATE items SET body = '{}' WHERE section = 'nodes' AND code = 'won'")
    found = doctor(state, me)
    assert not found.ok
    assert [problem.code for problem in found.problems] == ["doctor_row", "doctor_file_missing", "doctor_file_unused"]


def test_only_facilitators_back_up_and_restore(state: State, saved: Path, member: Who, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="not_allowed"):
        backup(state, tmp_path / "b.zip", member)
    with pytest.raises(RefusedError, match="not_allowed"):
        restore(saved, tmp_path / "new.db", member)
