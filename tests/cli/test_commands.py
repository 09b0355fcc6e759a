"""Commands: what they print, where, and with which exit code."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from kpi_core.cli.answering import print_failure
from kpi_core.errors import RefusedError, StaleError
from kpi_core.model.file import read_workshop, write_workshop
from kpi_core.model.workshop import Department
from kpi_core.services.editing import save
from kpi_core.services.joining import invitation
from kpi_core.services.people import Who
from kpi_core.services.workshops import list_workshops
from kpi_core.store import commits
from kpi_core.store.opening import VERSION
from kpi_core.store.state import State
from kpi_core.vocabulary import Language

FILE = {
    "format": "kpi-workshop/1",
    "workshop": {"name": "受注拡大", "language": "ja"},
    "sources": [{"code": "sfa", "kind": "sfa"}],
    "datasets": [
        {"code": "deals", "source": "sfa", "rules": [{"column": "stage", "rule": "allowed", "values": ["Won", "Lost"]}]}
    ],
    "nodes": [
        {"code": "bookings", "kind": "kgi", "formula": "won * 100", "targets": [{"period": "2026-04", "value": 250}]},
        {"code": "quality", "kind": "ksf", "parent": "bookings"},
        {
            "code": "won",
            "kind": "kpi",
            "parent": "quality",
            "measure": {
                "dataset": "deals",
                "aggregate": "count",
                "date": "closed",
                "where": [{"column": "stage", "op": "==", "value": "Won"}],
                "dimensions": ["region"],
            },
        },
    ],
}
DEALS = "stage,closed,region\nWon,2026-04-03,East\nWon,2026-04-20,West\nLost,2026-04-21,East\nWon,2026-05-02,East\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "workshop.json"
    path.write_text(json.dumps(FILE, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, encoding="utf-8")
    return path


@pytest.fixture
def workshop(cli, file: Path) -> str:
    """The id of the imported workshop."""
    found: str = cli("import", file, "--json").document["workshop"]
    return found


def test_import_and_export_give_the_file_byte_for_byte(cli, file: Path, workshop: str) -> None:
    exported = cli("export", workshop)
    assert exported.code == 0
    assert exported.out == write_workshop(read_workshop(file.read_bytes()))
    again = file.with_name("again.json")
    assert cli("export", workshop, "-o", again, "--json").document == {
        "file": str(again),
        "bytes": len(exported.out.encode()),
    }
    second = cli("import", again, "--json").document["workshop"]
    assert cli("export", second, "--json").out.encode() == again.read_bytes()


def test_a_file_with_faults_tells_them_all_and_stores_nothing(cli, file: Path, state_path: Path) -> None:
    broken = {**FILE, "colour": 1, "nodes": [*FILE["nodes"], {"code": "x", "kind": "kpi", "parent": "wonn"}]}
    file.write_text(json.dumps(broken), encoding="utf-8")
    ran = cli("import", file, "--json")
    error = ran.document["error"]
    assert (ran.code, error["code"]) == (2, "file_refused")
    assert [(problem["code"], problem["path"]) for problem in error["problems"]] == [
        ("file_unknown_key", "colour"),
        ("file_unknown_node", "nodes[3].parent"),
    ]
    assert error["path"] == "colour"
    assert "nodes[3].parent" in ran.err
    with State.open(state_path) as state:
        assert list_workshops(state) == ()


def test_ingest_refresh_evaluate(cli, workshop: str, deals: Path) -> None:
    ingested = cli("ingest", workshop, "deals", deals, "--json").document
    assert set(ingested) == {"dataset", "version", "rows", "encoding", "sheet", "header_row", "columns", "issues"}
    assert (ingested["dataset"], ingested["rows"], ingested["header_row"]) == ("deals", 4, 1)
    assert ingested["columns"][1] == {"name": "closed", "type": "date", "nulls": 0}
    before = cli("evaluate", workshop, "--node", "won", "--json").document["values"]
    assert {value["actual"] for value in before} == {None}  # ingest does not compute

    refreshed = cli("refresh", workshop, "--json").document
    assert set(refreshed) == {"observations", "seconds", "issues"}
    assert refreshed["issues"] == []
    values = cli("evaluate", workshop, "--node", "bookings", "--json").document["values"]
    assert values[0] == {
        "node": "bookings",
        "period": "2026-04",
        "actual": 200,
        "target": 250,
        # red is 200 (a fifth below the target): 10/3 at red
        "score": pytest.approx(10 / 3),
        "status": "watch",
        "coverage": 1,
    }
    assert [(value["period"], value["actual"]) for value in values] == [("2026-04", 200), ("2026-05", 100)]
    split = cli(
        "evaluate", workshop, "--node", "won", "--by", "region", "--from", "2026-04", "--to", "2026-04", "--json"
    )
    assert [(value.get("segment"), value["actual"]) for value in split.document["values"]] == [
        (None, 2),
        ("East", 1),
        ("West", 1),
    ]
    plain = cli("evaluate", workshop, "--node", "won", "--grain", "year")
    assert plain.out == "won\t2026\t\t3\t\t\tnone\n"


def test_inspect_tells_the_same_and_stores_nothing(cli, deals: Path) -> None:
    document = cli("inspect", deals, "--json").document
    assert set(document) == {"rows", "encoding", "sheet", "header_row", "columns", "issues"}
    assert json.loads(cli("list", "--json").out) == {"workshops": []}


def test_an_upload_that_needs_a_decision_names_row_and_column(cli, workshop: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("id,amount\n" + "".join(f"{n},{n}\n" for n in range(200)) + "200,未定\n", encoding="utf-8")
    ran = cli("ingest", workshop, "deals", path, "--type", "amount=integer", "--json")
    error = ran.document["error"]
    assert (ran.code, error["code"], error["row"], error["column"]) == (2, "upload_blocked", 202, "amount")
    decided = cli("ingest", workshop, "deals", path, "--type", "amount=integer", "--blank-failed", "amount", "--json")
    assert decided.code == 0
    assert decided.document["columns"][1]["nulls"] == 1
    assert decided.document["issues"][0]["severity"] == "warning"


def test_check_tells_findings_items_and_quality(cli, workshop: str, deals: Path) -> None:
    cli("ingest", workshop, "deals", deals)
    document = cli("check", workshop, "--json").document
    assert set(document) == {"findings", "checklist", "quality"}
    assert [entry["item"] for entry in document["checklist"]] == list(range(1, 16))
    assert all({"item", "met", "reason", "page"} <= set(entry) for entry in document["checklist"])
    assert [(entry["column"], entry["failed"], entry["checked"]) for entry in document["quality"]] == [("stage", 0, 4)]
    assert cli("check", workshop).code == 0


def test_backup_restore_and_doctor(cli, workshop: str, deals: Path, tmp_path: Path) -> None:
    cli("ingest", workshop, "deals", deals)
    saved = tmp_path / "backup.zip"
    assert cli("backup", saved, "--json").document["ok"] is True
    with State.open(tmp_path / "state.db") as state:
        save(state, workshop, "departments", Department(code="later"), None, Who("x"))
    restored = cli("restore", saved, "--json").document
    assert (restored["ok"], restored["workshops"]) == (True, 1)
    assert "later" not in cli("export", workshop).out
    assert cli("doctor", "--json").document == {
        "ok": True,
        "version": VERSION,
        "workshops": 1,
        "files": 1,
        "problems": [],
    }
    next((tmp_path / "state_files").glob("*.parquet")).unlink()
    sick = cli("doctor", "--json")
    assert (sick.code, sick.document["ok"]) == (2, False)
    assert sick.document["problems"][0]["code"] == "doctor_file_missing"


def test_the_doctor_says_which_row_contradicts(cli, workshop: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE items SET workshop = 'gone' WHERE rowid = (SELECT min(rowid) FROM items)")
    sick = cli("doctor", "--json")
    (problem,) = [one for one in sick.document["problems"] if one["code"] == "doctor_database"]
    assert (sick.code, problem["detail"].split()[0]) == (2, "items")
    assert f"{problem['message']}\n  {problem['detail']}\n" in cli("doctor").out


def test_what_the_system_says_of_a_file_is_part_of_the_answer(cli, workshop: str, tmp_path: Path) -> None:
    told = cli("ingest", workshop, "deals", tmp_path / "none.csv", "--json")
    assert told.document["error"]["detail"] == "No such file or directory"
    assert "\n  No such file or directory\n" in told.err


def test_a_bundle_holds_the_file_and_its_data(cli, workshop: str, deals: Path, tmp_path: Path) -> None:
    cli("ingest", workshop, "deals", deals)
    bundle = tmp_path / "bundle.zip"
    cli("export", workshop, "--with-data", "-o", bundle)
    with zipfile.ZipFile(io.BytesIO(bundle.read_bytes())) as archive:
        assert archive.read("workshop.json").decode() == cli("export", workshop).out
    imported = cli("import", bundle, "--json").document  # measured at once, as the page does
    assert imported["observations"] > 0
    assert imported["issues"] == []
    copy = imported["workshop"]
    values = cli("evaluate", copy, "--node", "won", "--json").document["values"]
    assert [value["actual"] for value in values] == [2, 1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["frobnicate"], "usage"),
        ([], "usage"),
        (["import"], "usage"),
        (["import", "nowhere.json"], "file_unreadable"),
        (["export", "nothere1"], "workshop_missing"),
        (["evaluate", "nothere1"], "workshop_missing"),
        (["inspect", "."], "file_unreadable"),
        (["backup", "/nowhere/at/all.zip"], "backup_unwritable"),
        (["restore", "nowhere.zip"], "file_unreadable"),
    ],
)
def test_wrong_input_exits_with_2_and_says_why(cli, arguments: list[str], code: str) -> None:
    ran = cli(*arguments, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, code)
    assert ran.document["error"]["message"]
    assert "Traceback" not in ran.err


def test_the_systems_own_words_stand_below_the_sentence(cli) -> None:
    ran = cli("backup", "/nowhere/at/all.zip", "--json")
    assert "No such file" not in ran.document["error"]["message"]
    assert "No such file" in ran.err


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--node", "nope", "node_unknown"),
        ("--from", "soon", "period_unreadable"),
        ("--by", "nope", "dimension_unknown"),
    ],
)
def test_a_wrong_question_exits_with_2(cli, workshop: str, option: str, value: str, code: str) -> None:
    ran = cli("evaluate", workshop, option, value, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, code)


def test_messages_are_in_the_workshops_language_or_the_one_asked_for(cli, workshop: str) -> None:
    japanese = cli("ingest", workshop, "nope", __file__, "--json").document["error"]["message"]
    english = cli("--language", "en", "ingest", workshop, "nope", __file__, "--json").document["error"]["message"]
    assert "データセット「nope」" in japanese
    assert 'no dataset "nope"' in english


def test_without_json_messages_go_to_standard_error_only(cli) -> None:
    ran = cli("export", "nothere1")
    assert (ran.code, ran.out) == (2, "")
    assert "nothere1" in ran.err


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_state_can_be_named_before_or_after_the_command(process, tmp_path: Path, place: str) -> None:
    named = ["--db", tmp_path / "other.db"]
    arguments = [*named, "list", "--json"] if place == "before" else ["list", "--json", *named]
    ran = process(*arguments)
    assert (ran.code, ran.document) == (0, {"workshops": []})
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "state.db").exists()


def test_the_default_state_is_created_beside_the_caller(process, tmp_path: Path) -> None:
    ran = process("list", "--json", cwd=tmp_path, KPI_WORKSHOP_DB="")
    assert (ran.code, ran.document) == (0, {"workshops": []})
    assert (tmp_path / "data" / "kpi_workshop.db").exists()


def test_output_is_utf8_whatever_the_terminal_says(process, file: Path) -> None:
    workshop = process("import", file, "--json", PYTHONIOENCODING="ascii", LC_ALL="C").document["workshop"]
    assert "受注拡大" in process("export", workshop, PYTHONIOENCODING="ascii", LC_ALL="C").out
    assert "受注拡大" in process("list", PYTHONIOENCODING="ascii", LC_ALL="C").out


def test_a_newer_state_is_refused(cli, state_path: Path) -> None:
    with State.open(state_path) as state:
        state.connection.execute("PRAGMA user_version = 999")
    ran = cli("list", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "state_newer")


def test_help_is_there_for_every_command(cli) -> None:
    for command in ("import", "export", "ingest", "inspect", "refresh", "evaluate", "check", "backup", "restore"):
        with pytest.raises(SystemExit) as done:
            cli(command, "--help")
        assert done.value.code == 0


def test_a_command_that_another_one_keeps_waiting_exits_with_3(
    cli, workshop: str, state_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "again.json"
    file.write_text(cli("export", workshop).out, encoding="utf-8")
    monkeypatch.setattr(commits, "BUSY_SECONDS", 0.01)  # half a minute else
    with State.open(state_path) as holder, holder.writing():
        ran = cli("import", file, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (3, "state_busy")
    assert cli("import", file, "--json").code == 0


def test_a_stale_save_would_exit_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    """No command saves over something it read before: a page's conflict only, with the same code should one come."""
    stale = StaleError("stale", current=None, mine=None, revision=2, item="won")
    assert print_failure(stale, Language.EN, as_json=True) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "stale"
    assert print_failure(RefusedError("state_busy"), Language.EN, as_json=False) == 3


def test_share_prints_a_link_to_join_by(cli, workshop: str, state_path: Path) -> None:
    ran = cli("share", workshop, "--role", "member", "--hours", "2", "--address", "http://192.168.1.20:8501/", "--json")
    assert ran.code == 0
    assert ran.document["role"] == "member"
    base, code = ran.document["url"].rsplit("/", 1)
    assert base == "http://192.168.1.20:8501/join"
    with State.open(state_path) as state:
        assert invitation(state, code).link.workshop == workshop
    assert cli("share", "--role", "member", "--json").document["error"]["code"] == "role_everywhere"
    assert cli("share", "nowhere1", "--json").document["error"]["code"] == "workshop_missing"
    assert cli("share", "--json").document["workshop"] is None
