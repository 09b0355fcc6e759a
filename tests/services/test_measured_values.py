"""Uploads become versions, versions become values, and a value is gone as soon as its ground has changed.

Deals: won 2 in April (East, West) and 1 in May (East); size 100 and 110 typed in; bookings = won x size.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from kpi_core.data.reading import ReadOptions
from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import PeriodValue
from kpi_core.model.dataset import Rule
from kpi_core.model.measure import SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.services.checks import facts, readiness
from kpi_core.services.data_days import data_days
from kpi_core.services.datasets import delete_version, store_upload, tables, versions
from kpi_core.services.editing import save
from kpi_core.services.evaluating import Evaluated, evaluate, freshness
from kpi_core.services.inspecting import inspect_upload
from kpi_core.services.measuring import preview_measure, refresh, set_manual
from kpi_core.services.people import Who
from kpi_core.services.quality import last_runs
from kpi_core.services.tree_editing import rename_code
from kpi_core.services.workshops import (
    delete_workshop,
    export_bundle,
    export_file,
    import_bundle,
    list_workshops,
    save_settings,
    snapshot,
)
from kpi_core.store.state import State
from kpi_core.vocabulary import Aggregate, ColumnType, EmptyPeriod, Grain, RuleKind, Status

TODAY = date(2026, 7, 1)


@pytest.fixture
def fed(state: State, workshop: str, deals: Path, me: Who) -> str:
    """The small workshop with its deals ingested and measured."""
    store_upload(state, workshop, "deals", deals, "deals.csv", None, me, as_of=date(2026, 5, 31))
    assert refresh(state, workshop, me).problems == ()
    return workshop


def actual(found: Evaluated, node: str, segment: str | None = None) -> dict[str, float | None]:
    values = found.series[node, segment].actual
    keys = [period.key for period in found.periods]
    return {key: None if np.isnan(value) else float(value) for key, value in zip(keys, values, strict=True)}


def test_an_upload_becomes_a_version(state: State, workshop: str, deals: Path, me: Who) -> None:
    assert inspect_upload(deals).rows == 4
    version = store_upload(state, workshop, "deals", deals, "案件.csv", None, me)
    (kept,) = versions(state, workshop, "deals")
    assert kept == version
    assert (kept.file_name, kept.rows, kept.uploaded_by) == ("案件.csv", 4, "佐藤")
    assert [column.name for column in kept.reading.columns] == ["stage", "closed", "region"]
    assert kept.parquet.is_file()
    assert kept.parquet.parent == state.folder
    assert [table.version for table in tables(state, workshop)["deals"]] == [kept.id]


def test_nothing_is_stored_while_a_problem_needs_a_decision(
    state: State, workshop: str, tmp_path: Path, me: Who
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("id,amount\n" + "".join(f"{n},{n}\n" for n in range(200)) + "200,未定\n", encoding="utf-8")
    options = ReadOptions(types={"amount": ColumnType.INTEGER})
    with pytest.raises(RefusedError) as refused:
        store_upload(state, workshop, "deals", path, "bad.csv", options, me)
    assert refused.value.code == "upload_blocked"
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [(202, "amount")]
    assert versions(state, workshop, "deals") == ()
    assert list(state.folder.iterdir()) == []


def test_an_unknown_dataset_is_told(state: State, workshop: str, deals: Path, me: Who) -> None:
    with pytest.raises(MissingError, match="dataset_missing"):
        store_upload(state, workshop, "nope", deals, "deals.csv", None, me)


def test_viewers_upload_and_compute_nothing(state: State, workshop: str, deals: Path, viewer: Who) -> None:
    for act in (
        lambda: store_upload(state, workshop, "deals", deals, "deals.csv", None, viewer),
        lambda: refresh(state, workshop, viewer),
        lambda: set_manual(state, workshop, "size", {"2026-06": 1}, 1, viewer),
    ):
        with pytest.raises(RefusedError, match="not_allowed"):
            act()


def test_values_are_measured_typed_and_computed(state: State, fed: str) -> None:
    found = evaluate(state, fed, today=TODAY)
    assert [period.key for period in found.periods] == ["2026-04", "2026-05"]
    assert actual(found, "won") == {"2026-04": 2, "2026-05": 1}
    assert actual(found, "bookings") == {"2026-04": 200, "2026-05": 110}
    year = evaluate(state, fed, grain=Grain.YEAR, today=TODAY)
    assert actual(year, "won") == {"2026": 3}


def test_a_split_has_a_series_for_each_segment_and_for_the_whole(state: State, fed: str) -> None:
    found = evaluate(state, fed, by="region", today=TODAY)
    assert actual(found, "won", "East") == {"2026-04": 1, "2026-05": 1}
    assert actual(found, "won", "West")["2026-04"] == 1
    assert actual(found, "won") == {"2026-04": 2, "2026-05": 1}
    assert ("size", "East") not in found.series  # typed in for the whole


def test_what_is_not_measured_has_no_value(state: State, workshop: str) -> None:
    found = evaluate(state, workshop, today=TODAY)
    assert actual(found, "won") == {"2026-04": None, "2026-05": None}
    assert {standing.status for standing in found.series["won", None].standings} == {Status.NONE}
    assert freshness(state, workshop) == {}


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"nodes": ["nope"]}, "node_unknown"),
        ({"by": "nope"}, "dimension_unknown"),
        ({"grain": Grain.WEEK}, "grain_too_fine"),
        ({"first": "2026-Q1"}, "period_wrong_grain"),
        ({"first": "soon"}, "period_unreadable"),
        ({"first": "1200-01", "last": "2026-01"}, "too_many_periods"),
    ],
)
def test_what_cannot_be_asked_is_told(state: State, workshop: str, asked: dict[str, object], error: str) -> None:
    with pytest.raises(RefusedError, match=error):
        evaluate(state, workshop, **asked)  # type: ignore[arg-type]


def test_a_changed_measure_takes_its_values_with_it_and_no_others(state: State, fed: str, me: Who) -> None:
    found = snapshot(state, fed)
    won = found.workshop.node("won")
    assert won is not None
    renamed = save(state, fed, "nodes", won.model_copy(update={"owner": "x"}), found.revisions["nodes", "won"], me)
    assert actual(evaluate(state, fed, today=TODAY), "won")["2026-04"] == 2  # the owner does not change the number
    measure = won.measure.model_copy(update={"where": ()})
    save(state, fed, "nodes", won.model_copy(update={"measure": measure}), renamed, me)
    assert actual(evaluate(state, fed, today=TODAY), "won") == {"2026-04": None, "2026-05": None}
    refresh(state, fed, me)
    assert actual(evaluate(state, fed, today=TODAY), "won") == {"2026-04": 3, "2026-05": 1}


def test_a_changed_calendar_takes_values_with_it(state: State, fed: str, me: Who) -> None:
    found = snapshot(state, fed)
    frame = found.workshop.settings.model_copy(update={"fiscal_year_start": 1})
    save_settings(state, fed, frame, found.revisions["settings", ""], me)
    assert freshness(state, fed) == {}


def test_a_new_version_takes_values_with_it_until_the_next_refresh(
    state: State, fed: str, deals: Path, me: Who
) -> None:
    deals.write_text(deals.read_text("utf-8") + "Won,2026-05-30,East\n", encoding="utf-8")
    second = store_upload(state, fed, "deals", deals, "deals.csv", None, me)
    assert freshness(state, fed) == {}
    refresh(state, fed, me)
    assert actual(evaluate(state, fed, today=TODAY), "won") == {"2026-04": 2, "2026-05": 2}
    fresh = freshness(state, fed, today=TODAY)["won"]
    assert (fresh.period, fresh.file_name, fresh.uploaded_at) == ("2026-05", "deals.csv", second.uploaded_at)
    delete_version(state, fed, "deals", second.id, me)
    assert not second.parquet.exists()
    refresh(state, fed, me)
    assert actual(evaluate(state, fed, today=TODAY), "won") == {"2026-04": 2, "2026-05": 1}


def test_values_follow_a_node_to_its_new_code(state: State, fed: str, me: Who) -> None:
    rename_code(state, fed, "won", "受注件数", snapshot(state, fed).revisions["nodes", "won"], me)
    found = evaluate(state, fed, today=TODAY)
    assert actual(found, "受注件数") == {"2026-04": 2, "2026-05": 1}
    assert actual(found, "bookings")["2026-04"] == 200


def test_an_unsaved_measure_shows_what_it_would_give(state: State, fed: str) -> None:
    won = snapshot(state, fed).workshop.node("won")
    assert won is not None
    assert won.measure is not None
    seen = preview_measure(state, fed, won.measure, Grain.MONTH)
    whole = {entry.period: entry.value for entry in seen.observations if entry.dimension is None}
    assert whole == {"2026-04": 2, "2026-05": 1}


def test_typed_values_are_merged_and_taken_away(state: State, workshop: str, me: Who) -> None:
    revision = snapshot(state, workshop).revisions["nodes", "size"]
    set_manual(state, workshop, "size", {"2026-06": 120, "2026-04": None}, revision, me)
    size = snapshot(state, workshop).workshop.node("size")
    assert size is not None
    assert [(entry.period, entry.value) for entry in size.manual] == [("2026-05", 110), ("2026-06", 120)]
    revision = snapshot(state, workshop).revisions["nodes", "size"]
    with pytest.raises(RefusedError) as refused:
        set_manual(state, workshop, "size", {"April": 1, "2026-07": float("nan")}, revision, me)
    assert {problem.path for problem in refused.value.problems} == {"April", "2026-07"}


def test_the_rules_are_checked_over_the_rows_of_a_bundle(state: State, fed: str, me: Who) -> None:
    found = snapshot(state, fed)
    deals = found.workshop.dataset("deals")
    assert deals is not None
    ruled = deals.model_copy(update={"rules": (Rule(column="stage", rule=RuleKind.REQUIRED),)})
    save(state, fed, "datasets", ruled, found.revisions["datasets", "deals"], me)
    copy = import_bundle(state, export_bundle(state, fed), me)
    assert last_runs(state, copy)["deals"].current


def test_a_bundle_makes_an_equal_workshop_and_deleting_leaves_nothing(state: State, fed: str, me: Who) -> None:
    copy = import_bundle(state, export_bundle(state, fed), me)
    assert export_file(state, copy) == export_file(state, fed)
    refresh(state, copy, me)
    assert actual(evaluate(state, copy, today=TODAY), "won") == {"2026-04": 2, "2026-05": 1}
    (file,) = state.folder.glob("*.parquet")  # both use the same rows
    delete_workshop(state, fed, me)
    assert file.exists()
    delete_workshop(state, copy, me)
    assert not file.exists()
    assert list_workshops(state) == ()
    tables_left = ("items", "changes", "versions", "measured", "observations", "rule_runs", "drafts")
    for table in tables_left:
        assert state.connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # noqa: S608


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"PK", b""])
def test_a_broken_bundle_is_refused_and_stores_nothing(state: State, me: Who, content: bytes) -> None:
    with pytest.raises(RefusedError, match="bundle_unreadable"):
        import_bundle(state, content, me)
    assert list_workshops(state) == ()
    assert list(state.folder.iterdir()) == []


def test_a_quarter_whose_only_amount_is_unknown_is_not_the_zero_of_its_other_months(
    state: State, workshop: str, tmp_path: Path, me: Who
) -> None:
    found = snapshot(state, workshop)
    won = found.workshop.node("won")
    assert won is not None
    assert isinstance(won.measure, SimpleMeasure)
    summed = {"aggregate": Aggregate.SUM, "column": "amount", "empty": EmptyPeriod.ZERO}
    node = won.model_copy(update={"unit": "JPY", "measure": won.measure.model_copy(update=summed)})
    save(state, workshop, "nodes", node, found.revisions["nodes", "won"], me)
    rows = ["Won,2026-04-10,East,", "Lost,2026-05-10,East,5", "Lost,2026-06-10,East,5"]
    path = tmp_path / "amounts.csv"
    path.write_text("\n".join(["stage,closed,region,amount", *rows]), encoding="utf-8")
    store_upload(state, workshop, "deals", path, path.name, None, me)
    refresh(state, workshop, me)
    assert actual(evaluate(state, workshop, today=TODAY), "won") == {"2026-04": None, "2026-05": 0, "2026-06": 0}
    assert actual(evaluate(state, workshop, grain=Grain.QUARTER, today=TODAY), "won") == {"2026-Q1": None}


def test_refreshing_or_evaluating_a_node_that_is_not_there_is_refused(state: State, fed: str, me: Who) -> None:
    with pytest.raises(RefusedError) as refused:
        refresh(state, fed, me, ["won", "wonn"])
    assert (refused.value.code, refused.value.params) == ("node_unknown", {"node": "wonn"})


def test_periods_the_wrong_way_round_are_refused_instead_of_answered_with_nothing(state: State, fed: str) -> None:
    with pytest.raises(RefusedError, match="periods_reversed"):
        evaluate(state, fed, first="2026-05", last="2026-04")


def test_rows_dated_never_or_in_the_year_999_keep_no_check_from_running(
    state: State, workshop: str, tmp_path: Path, me: Who
) -> None:
    rows = ["Won,9999-12-31,East", "Won,0999-05-01,East", "Won,2017-03-02,East"]
    path = tmp_path / "never.csv"
    path.write_text("\n".join(["stage,closed,region", *rows]), encoding="utf-8")
    store_upload(state, workshop, "deals", path, path.name, None, me)
    refresh(state, workshop, me)
    assert facts(state, workshop, TODAY).latest["won"] == "2017-03"
    assert len(readiness(state, workshop, TODAY)) == 15


def test_the_latest_value_may_have_been_typed_long_ago(state: State, workshop: str, me: Who) -> None:
    revision = snapshot(state, workshop).revisions["nodes", "size"]
    set_manual(state, workshop, "size", {"2026-04": None, "2026-05": None, "2018-02": 90}, revision, me)
    assert facts(state, workshop, TODAY).latest["size"] == "2018-02"


def test_a_typed_value_does_not_pass_for_rows_that_wait_to_be_measured(
    state: State, workshop: str, deals: Path, me: Who
) -> None:
    set_manual(
        state, workshop, "won", {"2026-04": 9, "2026-06": 8}, snapshot(state, workshop).revisions["nodes", "won"], me
    )

    def april_to_june() -> list[dict[str, float | None]]:
        found = evaluate(state, workshop, first="2026-04", last="2026-06", today=TODAY)
        return [actual(found, code) for code in ("won", "bookings")]

    months = ("2026-04", "2026-05", "2026-06")
    typed = [dict(zip(months, values, strict=True)) for values in ((9, None, 8), (900, None, None))]
    assert april_to_june() == typed  # without rows, typed values are all there is
    version = store_upload(state, workshop, "deals", deals, "deals.csv", None, me, as_of=date(2026, 5, 31))
    nothing = dict.fromkeys(months)
    assert april_to_june() == [nothing, nothing]
    assert "won" not in facts(state, workshop, TODAY).latest
    refresh(state, workshop, me)
    # rows: 2 in April, 1 in May; June, beyond the rows, is the typed one; bookings = won x 100, x 110
    assert [values["2026-04"] for values in april_to_june()] == [2, 200]
    assert [values["2026-05"] for values in april_to_june()] == [1, 110]
    assert april_to_june()[0]["2026-06"] == 8
    delete_version(state, workshop, "deals", version.id, me)
    assert april_to_june() == typed


def test_a_running_quarters_goal_is_that_of_the_day_the_data_reach(state: State, fed: str, me: Who) -> None:
    """The deals end on 31 May, whatever today is; goals are 3 a month."""
    found = snapshot(state, fed)
    won = found.workshop.node("won")
    assert won is not None
    goals = tuple(PeriodValue(period=key, value=3) for key in ("2026-04", "2026-05", "2026-06"))
    save(state, fed, "nodes", won.model_copy(update={"targets": goals}), found.revisions["nodes", "won"], me)

    def goal_on(day: date) -> float | None:
        seen = evaluate(state, fed, grain=Grain.QUARTER, first="2026-Q1", last="2026-Q1", today=day)
        return seen.series["won", None].standings[0].goal_to_date

    assert goal_on(date(2026, 5, 11)) == pytest.approx(3 + 3 * 10 / 31)  # rows may say more than today: today counts
    assert goal_on(date(2026, 6, 10)) == pytest.approx(6)
    assert goal_on(date(2026, 6, 25)) == pytest.approx(6)
    assert goal_on(date(2026, 7, 1)) == pytest.approx(6)  # over, but June is not told


def test_data_days_of_typed_values_and_of_formulas_over_both(state: State, fed: str) -> None:
    """Deals reach to 31 May, the size is typed up to May: the formula ends with the earlier of the two."""
    workshop = snapshot(state, fed).workshop
    days = data_days(workshop, {"deals": date(2026, 5, 20)}, ["won", "size", "bookings"])
    assert days == {"won": date(2026, 5, 21), "size": date(2026, 6, 1), "bookings": date(2026, 5, 21)}
    assert "won" not in data_days(workshop, {}, ["won"])


def test_a_measure_that_failed_is_computed_when_its_file_is_back(state: State, fed: str, me: Who) -> None:
    (version,) = versions(state, fed, "deals")
    away = version.parquet.rename(version.parquet.with_suffix(".away"))
    save(state, fed, "nodes", changed_measure(state, fed), snapshot(state, fed).revisions["nodes", "won"], me)
    for _ in range(2):  # a scheduler sees at each run that it is not mended
        assert {problem.code for problem in refresh(state, fed, me, again=True).problems} == {"rows_unreadable"}
    away.rename(version.parquet)
    mended = refresh(state, fed, me, again=True)
    assert (mended.observations > 0, mended.unchanged, mended.problems) == (True, 0, ())
    assert actual(evaluate(state, fed, today=TODAY), "won")["2026-04"] == 1


def changed_measure(state: State, workshop: str) -> Node:
    """Counts the lost deals instead: one in April."""
    node = snapshot(state, workshop).workshop.node("won")
    assert node is not None
    where = [{"column": "stage", "op": "==", "value": "Lost"}]
    return Node.model_validate(
        {
            **node.model_dump(mode="json"),
            "measure": {"dataset": "deals", "aggregate": "count", "date": "closed", "where": where},
        }
    )
