"""Input rules of a connected table: run at a refresh, on record, graded; what a blocking one does to the values."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.workshop import Workshop
from kpi_core.services.evaluating import evaluate
from kpi_core.services.failing_rows import failing_csv
from kpi_core.services.grades import grades
from kpi_core.services.measuring import refresh
from kpi_core.services.mending import to_mend
from kpi_core.services.people import Who
from kpi_core.services.quality import last_runs, past_runs, run_quality
from kpi_core.services.rules import rows_of_rules, save_rules
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.vocabulary import DataGrade

from .conftest import known, postgres_url
from .rows import FRAMES
from .servers import free_port

ME = Who("佐藤")
MEASURE = {"dataset": "deals", "aggregate": "count", "date": "day"}
UNIQUE = {"column": "id", "rule": "unique", "on_break": "block"}


@pytest.fixture
def workshop(state, postgres):
    document = {
        "workshop": {"name": "受注拡大"},
        "sources": [{"code": "crm", "kind": "database", "connection": postgres, "owner": "情シス"}],
        "datasets": [
            {
                "code": "deals",
                "source": "crm",
                "table": "crm.deals",
                "rules": [UNIQUE, {"column": "stage", "rule": "required"}],
            }
        ],
        "nodes": [{"code": "deals_won", "kind": "kpi", "measure": MEASURE}],
    }
    made = create_workshop(state, Workshop.model_validate(document), ME)
    assert refresh(state, made, ME, again=True).problems == ()
    return made


@contextmanager
def one_more(server, number, day="2026-04-15"):
    """A row that is there for a while."""
    with psycopg.connect(postgres_url(server[0]), autocommit=True) as one:
        one.execute("INSERT INTO crm.deals (id, day, stage) VALUES (%s, %s, 'Added')", (number, day))
        try:
            yield
        finally:
            one.execute("DELETE FROM crm.deals WHERE stage = 'Added'")


def april(state, workshop):
    return evaluate(state, workshop, first="2026-04", last="2026-04").series["deals_won", None].actual[0]


def test_a_refresh_runs_the_rules_and_the_grade_reaches_the_kpi(state, workshop):
    run = last_runs(state, workshop)["deals"]
    empty = FRAMES["deals"].filter(FRAMES["deals"]["stage"].fill_null("").str.strip_chars() == "").height
    assert [(one.checked, one.failed) for one in run.results] == [(3_000, 0), (3_000, empty)]
    found = grades(state, workshop)
    assert (found.datasets["deals"].grade, found.nodes["deals_won"].number) == (DataGrade.C, DataGrade.C)
    (mend,) = to_mend(state, workshop)
    assert (mend.person, mend.result.failed, mend.result.has_rows) == ("情シス", empty, True)
    lines = failing_csv(state, workshop, "deals", 1).decode("utf-8-sig").splitlines()
    assert (lines[0].split(",")[0], len(lines)) == ("id", empty + 1)
    refresh(state, workshop, ME, again=True)
    assert len(past_runs(state, workshop)["deals"]) == 2


def test_a_blocking_rule_keeps_the_last_values_until_the_rows_are_mended(state, workshop, postgres_server):
    before = april(state, workshop)
    with one_more(postgres_server, 1):  # there is a deal 1 already
        done = refresh(state, workshop, ME, again=True)
        assert [one.code for one in done.problems] == ["table_held_back", "quality.broken_in_table"]
        assert (done.observations, done.unread, april(state, workshop)) == (0, 1, before)
        assert last_runs(state, workshop)["deals"].results[0].failed == 2
        assert refresh(state, workshop, ME).unread == 1  # what the last check held back, no edit lets in
    with one_more(postgres_server, 999_999):
        assert refresh(state, workshop, ME, again=True).problems == ()
        assert april(state, workshop) == before + 1


def test_set_to_warn_the_same_rows_are_measured_and_seen(state, workshop, postgres_server):
    dataset = snapshot(state, workshop).workshop.datasets[0]
    rows = [{**row, "on_break": "warn"} for row in rows_of_rules(dataset)]
    before = april(state, workshop)
    with one_more(postgres_server, 1):
        revision = snapshot(state, workshop).revisions["datasets", "deals"]
        save_rules(state, workshop, "deals", rows, revision, ME)
        assert refresh(state, workshop, ME, again=True).problems == ()
        assert april(state, workshop) == before + 1
    assert last_runs(state, workshop)["deals"].results[0].failed == 2


def test_a_database_that_is_down_leaves_the_last_check_on_record(state, workshop):
    before = last_runs(state, workshop)["deals"]
    with known("pg", postgres_url(free_port())):
        with pytest.raises(RefusedError) as refused:
            run_quality(state, workshop, "deals", ME)
        assert refused.value.code == "connection_unreachable"
        done = refresh(state, workshop, ME, again=True)
        assert [one.code for one in done.problems] == ["connection_unreachable"]
    assert last_runs(state, workshop)["deals"] == before


def test_rows_that_were_held_back_are_nothing_to_compare_with(state, workshop, monkeypatch):
    fewer = {"column": "", "rule": "row_count", "limit": "-10〜", "on_break": "block"}
    revision = snapshot(state, workshop).revisions["datasets", "deals"]
    save_rules(state, workshop, "deals", [{**fewer, "where": ""}], revision, ME)
    (first,) = last_runs(state, workshop)["deals"].results
    assert (first.checked, first.counted) == (0, 3_000)
    (again,) = run_quality(state, workshop, "deals", ME)  # on the same day there is no day before
    assert again.checked == 0
    yesterday = "2020-01-01T00:00:00+00:00"
    with state.writing() as connection:
        connection.execute("UPDATE rule_runs SET run_at = ?", (yesterday,))
        connection.execute("UPDATE rule_runs SET results = replace(results, '3000', '6000')")
    (broken,) = run_quality(state, workshop, "deals", ME)
    assert (broken.checked, broken.failed, broken.seen) == (1, 1, "6,000 → 3,000")
    with state.writing() as connection:
        connection.execute("UPDATE rule_runs SET run_at = ?", (yesterday,))
    (still,) = run_quality(state, workshop, "deals", ME)
    assert still.seen == "6,000 → 3,000"
