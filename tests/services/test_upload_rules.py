"""Rules at an upload: a blocking one refuses it, others are put on record; runs over time, grades, who mends what."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.workshop import Workshop
from kpi_core.services.adding import Upload, Way, failing_csv_of_files, store_files
from kpi_core.services.datasets import store_upload, today_of, versions
from kpi_core.services.failing_rows import failing_csv
from kpi_core.services.grades import grades
from kpi_core.services.mending import to_mend
from kpi_core.services.people import Who
from kpi_core.services.quality import last_runs, past_runs, run_quality
from kpi_core.services.rules import rows_of_rules, save_rules
from kpi_core.services.snapshots import snapshot
from kpi_core.services.wording import sentence_for
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Adding, DataGrade, Language, OnBreak, RuleKind, Through

RULES = [
    {"column": "id", "rule": "unique", "on_break": "block"},
    {"column": "amount", "rule": "required", "owner": "鈴木"},
    {"rule": "row_count", "minimum": -50},
]


@pytest.fixture
def ruled(state: State, me: Who) -> str:
    document = {
        "workshop": {"name": "W"},
        "sources": [{"code": "sfa", "owner": "大野"}],
        "datasets": [{"code": "deals", "source": "sfa", "rules": RULES}],
        "nodes": [
            {"code": "sales", "kind": "kgi", "formula": "won"},
            {"code": "win", "kind": "ksf", "parent": "sales"},
            {"code": "won", "kind": "kpi", "parent": "win", "measure": {"dataset": "deals", "aggregate": "count"}},
        ],
    }
    return create_workshop(state, Workshop.model_validate(document), me)


@pytest.fixture
def upload(state: State, ruled: str, me: Who, tmp_path: Path):
    def store(text: str) -> None:
        path = tmp_path / "deals.csv"
        path.write_text(text, encoding="utf-8")
        store_upload(state, ruled, "deals", path, path.name, None, me)

    return store


def test_a_broken_blocking_rule_refuses_the_upload_and_names_the_rows(state: State, ruled: str, upload) -> None:
    with pytest.raises(RefusedError) as refused:
        upload("id,amount\nA,1\nB,2\nB,3\n")
    assert refused.value.code == "upload_rules_broken"
    (problem,) = refused.value.problems
    assert problem.path == "datasets.deals.rules[0]"
    assert sentence_for(problem, Language.JA) == "「id」:重複なしのルールに反する行が2行あります(行番号:2, 3/値:B)。"
    assert versions(state, ruled) == ()
    assert list(state.folder.iterdir()) == []
    assert past_runs(state, ruled) == {}


def test_a_blocking_rule_that_cannot_be_checked_refuses_too(state: State, ruled: str, upload) -> None:
    with pytest.raises(RefusedError) as refused:
        upload("number,amount\nA,1\n")
    assert refused.value.problems[0].code == "column_unknown"
    assert versions(state, ruled) == ()


def test_the_rows_a_refused_file_breaks_a_rule_with_can_be_taken_away(state: State, ruled: str, tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("id,amount,note\nA,1,\nB,2,=1+1\nB,3,\n", encoding="utf-8")
    files = [Upload(path, "deals.csv")]
    content = failing_csv_of_files(state, ruled, "deals", files, None, Way(), 0).decode("utf-8-sig")
    assert content.splitlines() == ["#,id,amount,note", "2,B,2,'=1+1", "3,B,3,"]
    assert versions(state, ruled) == ()


def test_rows_of_a_file_that_is_added_are_counted_as_the_file_counts_them(
    state: State, ruled: str, upload, me: Who, tmp_path: Path
) -> None:
    upload("id,amount\nA,1\nB,2\nC,3\n")
    path = tmp_path / "more.csv"
    path.write_text("id,amount\nD,1\nE,2\nE,3\n", encoding="utf-8")
    files = [Upload(path, path.name)]
    with pytest.raises(RefusedError) as refused:
        store_files(state, ruled, "deals", files, None, me, adding=Adding.APPEND)
    assert refused.value.problems[0].params["rows"] == "2, 3"
    content = failing_csv_of_files(state, ruled, "deals", files, None, Way(Adding.APPEND), 0).decode("utf-8-sig")
    assert [line.split(",")[0] for line in content.splitlines()] == ["#", "2", "3"]
    path.write_text("id,amount\nD,1\nA,2\n", encoding="utf-8")  # row 1 of those that are there, and 2 of the file
    with pytest.raises(RefusedError) as refused:
        store_files(state, ruled, "deals", files, None, me, adding=Adding.APPEND)
    assert refused.value.problems[0].params["rows"] == "1, 5"
    content = failing_csv_of_files(state, ruled, "deals", files, None, Way(Adding.APPEND), 0).decode("utf-8-sig")
    assert [line.split(",")[0] for line in content.splitlines()] == ["#", "", "2"]


def test_an_upload_that_would_join_rows_is_checked_with_them(
    state: State, ruled: str, upload, me: Who, tmp_path: Path
) -> None:
    upload("id,amount\nA,1\n")
    path = tmp_path / "more.csv"
    path.write_text("id,amount\nA,2\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="upload_rules_broken"):
        store_files(state, ruled, "deals", [Upload(path, "more.csv")], None, me, adding=Adding.APPEND)
    store_files(state, ruled, "deals", [Upload(path, "more.csv")], None, me, adding=Adding.REPLACE)


def test_what_only_warns_is_stored_and_on_record_at_once(state: State, ruled: str, upload) -> None:
    upload("id,amount\nA,1\nB,\n")
    run = last_runs(state, ruled)["deals"]
    assert run.current
    assert [(one.checked, one.failed) for one in run.results] == [(2, 0), (2, 1), (0, 0)]
    assert run.version == versions(state, ruled)[0].id


def test_every_run_is_kept_with_its_version(state: State, ruled: str, upload, me: Who) -> None:
    upload("id,amount\nA,1\nB,\nC,\nD,\n")
    upload("id,amount\nA,1\nB,2\n")  # half of the rows: within -50 %
    run_quality(state, ruled, "deals", me)
    runs = past_runs(state, ruled)["deals"]
    assert [run.results[1].failed for run in runs] == [0, 0, 3]
    assert [run.current for run in runs] == [True, False, False]
    assert [run.version for run in runs] == [versions(state, ruled)[at].id for at in (0, 0, 1)]
    upload("id,amount\nA,1\n")
    upload("id,amount\n,1\n")
    assert [one.seen for one in last_runs(state, ruled)["deals"].results] == ["", "", "1 → 1"]


def test_too_few_rows_against_last_time_are_seen(state: State, ruled: str, upload) -> None:
    upload("id,amount\nA,1\nB,1\nC,1\n")
    upload("id,amount\nA,1\n")
    result = last_runs(state, ruled)["deals"].results[2]
    assert (result.failed, result.examples) == (1, ("3 → 1",))
    assert grades(state, ruled).datasets["deals"].grade is DataGrade.C


def test_what_is_to_mend_stands_under_who_answers_for_it(state: State, ruled: str, upload) -> None:
    upload("id,amount\nA,\nB,1\nC,1\nD,1\n")
    first = past_runs(state, ruled)["deals"][0].run_at
    upload("id,amount\nA,\n")
    found = to_mend(state, ruled)
    assert [(one.person, one.rule.rule) for one in found] == [
        ("大野", RuleKind.ROW_COUNT),  # nobody is named by rule or dataset: the source's owner
        ("鈴木", RuleKind.REQUIRED),
    ]
    assert found[1].since == first  # broken since the first upload
    assert found[0].since > first
    assert failing_csv(state, ruled, "deals", 1).decode("utf-8-sig").splitlines() == ["#,id,amount", "1,A,"]


def test_a_grade_goes_up_the_tree(state: State, ruled: str, upload) -> None:
    upload("id,amount\nA,1\nB,2\n")
    found = grades(state, ruled)
    assert found.datasets["deals"].grade is DataGrade.A
    assert {code: (one.number, one.drives) for code, one in found.nodes.items()} == {
        "sales": (DataGrade.A, None),
        "win": (None, DataGrade.A),
        "won": (DataGrade.A, None),
    }
    assert found.nodes["sales"].rests[0].through is Through.FORMULA


def test_data_grow_too_old_without_a_new_run(state: State, ruled: str, me: Who, tmp_path: Path) -> None:
    snap = snapshot(state, ruled)
    today = today_of(snap.workshop)
    rows = [{"column": "day", "rule": "freshness", "limit": "5"}]
    save_rules(state, ruled, "deals", rows, snap.revisions["datasets", "deals"], me)
    path = tmp_path / "deals.csv"
    path.write_text(f"day\n{today - timedelta(days=4)}\n", encoding="utf-8")
    store_upload(state, ruled, "deals", path, path.name, None, me)
    assert last_runs(state, ruled)["deals"].results[0].failed == 0
    with state.writing() as connection:  # as if the run had seen a newest day of nine days ago
        connection.execute(
            "UPDATE rule_runs SET results = replace(results, ?, ?)",
            ((today - timedelta(days=4)).isoformat(), (today - timedelta(days=9)).isoformat()),
        )
    (aged,) = last_runs(state, ruled)["deals"].results
    assert (aged.failed, date.fromisoformat(aged.examples[0])) == (1, today - timedelta(days=9))


def test_warn_or_block_and_who_mends_are_edited_with_the_rule(state: State, ruled: str, me: Who) -> None:
    snap = snapshot(state, ruled)
    dataset = snap.workshop.datasets[0]
    rows = rows_of_rules(dataset)
    assert [row["limit"] for row in rows] == ["", "", "-50〜"]
    rows[0] |= {"on_break": "warn", "owner": " 佐藤 "}
    rows[2] |= {"limit": "-20%〜50%", "column": "id"}
    save_rules(state, ruled, "deals", rows, snap.revisions["datasets", "deals"], me)
    first, second, third = snapshot(state, ruled).workshop.datasets[0].rules
    assert (first.on_break, first.owner) == (OnBreak.WARN, "佐藤")
    assert second == dataset.rules[1]
    assert (third.column, third.minimum, third.maximum) == ("", -20, 50)


@pytest.mark.parametrize("limit", ["", "5〜10", "-20〜-10", "many〜"])
def test_a_row_count_rule_needs_what_may_fall_and_rise(state: State, ruled: str, me: Who, limit: str) -> None:
    revision = snapshot(state, ruled).revisions["datasets", "deals"]
    with pytest.raises(RefusedError, match="change_refused"):
        save_rules(state, ruled, "deals", [{"rule": "row_count", "limit": limit}], revision, me)
