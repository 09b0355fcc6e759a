"""Landings of a workshop, and the record of what was believed when."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import store_upload
from kpi_core.services.forecasts import believed, history, override, record_landings
from kpi_core.services.landing import Landing, landings, with_override
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.trash import restore, trash
from kpi_core.services.tree_editing import add_node, delete_node, rename_code
from kpi_core.services.undoing import acts, undo
from kpi_core.services.workshops import create_workshop, delete_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain, LandingMethod, NodeKind

TODAY = date(2026, 10, 20)
SHARE, SMOOTHING, PIPELINE, OVERRIDE = (
    LandingMethod.CUMULATIVE_SHARE,
    LandingMethod.SMOOTHING,
    LandingMethod.PIPELINE,
    LandingMethod.OVERRIDE,
)
DOCUMENT = {
    "format": "kpi-workshop/1",
    "workshop": {"name": "w"},
    "sources": [{"code": "sfa"}],
    "datasets": [{"code": "deals", "source": "sfa"}],
    "nodes": [
        {"code": "sales", "kind": "kgi", "unit": "JPY", "formula": "won * price"},
        {"code": "ksf", "kind": "ksf", "parent": "sales"},
        {
            "code": "won",
            "kind": "kpi",
            "parent": "ksf",
            "unit": "count",
            "measure": {
                "dataset": "deals",
                "aggregate": "count",
                "date": "closed",
                "where": [{"column": "stage", "op": "==", "value": "won"}],
            },
            "pipeline": {
                "dataset": "deals",
                "stage": "stage",
                "open": [{"value": "offer"}],
                "won": ["won"],
                "lost": ["lost"],
                "expected": "expected",
                "closed": "closed",
            },
        },
        {
            "code": "rate",
            "kind": "kpi",
            "parent": "ksf",
            "unit": "ratio",
            "measure": {
                "ratio": {
                    "numerator": {
                        "dataset": "deals",
                        "aggregate": "count",
                        "date": "closed",
                        "where": [{"column": "stage", "op": "==", "value": "won"}],
                    },
                    "denominator": {"dataset": "deals", "aggregate": "count", "date": "closed"},
                }
            },
        },
        {
            "code": "price",
            "kind": "kpi",
            "parent": "ksf",
            "unit": "JPY",
            "roll_up": "mean",
            "manual": [
                {"period": f"{year}-{month:02d}", "value": 100}
                for year in (2024, 2025, 2026)
                for month in range(1, 13)
                if (2024, 4) <= (year, month) <= (2026, 9)
            ],
        },
    ],
}


@pytest.fixture
def landed(state: State, me: Who, tmp_path: Path) -> str:
    """30 months from April 2024: 3 won and 1 lost a month; in October 2026 one won so far; four open offers."""
    rows = ["stage,closed,expected"]
    for year, month in [(2024 + (3 + at) // 12, (3 + at) % 12 + 1) for at in range(30)]:
        rows += [
            f"{stage},{year}-{month:02d}-1{day},{year}-{month:02d}-01"
            for day, stage in enumerate(["won"] * 3 + ["lost"])
        ]
    rows += ["won,2026-10-05,2026-10-01"]
    rows += ["offer,,2026-10-25", "offer,,2026-12-10", "offer,,2026-12-20", "offer,,2026-05-01"]
    path = tmp_path / "deals.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    workshop = create_workshop(state, Workshop.model_validate(DOCUMENT), me)
    store_upload(state, workshop, "deals", path, path.name, None, me, TODAY)
    refresh(state, workshop, me)
    return workshop


def one(state: State, workshop: str, node: str, grain: Grain, today: date = TODAY) -> Landing:
    (found,) = [landing for landing in landings(state, workshop, [node], today=today) if landing.period.grain is grain]
    return found


def value(landing: Landing, method: LandingMethod) -> float | None:
    (found,) = [said.foreseen.value for said in landing.methods if said.method is method]
    return found


def test_the_running_month_is_not_taken_for_a_whole_one(state: State, landed: str) -> None:
    # 3 a month, although October holds one deal so far: 3 in October, 36 in the year
    month, year = one(state, landed, "won", Grain.MONTH), one(state, landed, "won", Grain.YEAR)
    assert (month.known_to, month.to_go, year.to_go) == ("2026-09", 1, 6)
    assert (month.period.key, year.period.key) == ("2026-10", "2026")
    for method in (SHARE, SMOOTHING):
        assert value(month, method) == pytest.approx(3)
        assert value(year, method) == pytest.approx(36)


def test_a_kgi_lands_where_its_formula_says(state: State, landed: str) -> None:
    won, sales = one(state, landed, "won", Grain.YEAR), one(state, landed, "sales", Grain.YEAR)
    for method in (SHARE, SMOOTHING):
        assert value(sales, method) == pytest.approx(100 * (value(won, method) or 0))
    (said,) = [said for said in sales.methods if said.method is PIPELINE]
    assert (said.foreseen.code, said.foreseen.about) == ("not_mapped", "price")


def test_a_rate_of_the_year_is_sum_over_sum(state: State, landed: str) -> None:
    assert value(one(state, landed, "rate", Grain.YEAR), SHARE) == pytest.approx(0.75)


def test_open_deals_count_by_the_conversion_of_their_stage(state: State, landed: str) -> None:
    # 91 won of 121 closed: an open deal counts (91 + 1) / (121 + 2); one is expected in October, two in December
    each = 92 / 123
    assert value(one(state, landed, "won", Grain.MONTH), PIPELINE) == pytest.approx(1 + each)
    assert value(one(state, landed, "won", Grain.YEAR), PIPELINE) == pytest.approx(18 + 1 + 3 * each)


def test_the_method_that_was_off_least_speaks(state: State, landed: str) -> None:
    year = one(state, landed, "won", Grain.YEAR)
    (share,) = [said for said in year.methods if said.method is SHARE]
    # of April 2025 to March 2026 after each month, with the year before as history
    assert [(past.to_go, past.tests) for past in share.accuracy] == [(to_go, 1) for to_go in range(1, 12)]
    assert (share.now.to_go, share.now.bias, share.now.error) == (6, pytest.approx(0), pytest.approx(0))  # type: ignore[union-attr]
    assert year.chosen in (SHARE, SMOOTHING)
    (pipeline,) = [said for said in year.methods if said.method is PIPELINE]
    assert (pipeline.accuracy, pipeline.now) == ((), None)  # only a record tells, and there is none yet


def test_methods_are_judged_by_the_past_landings_they_share(state: State, landed: str) -> None:
    found = one(state, landed, "won", Grain.YEAR)
    by_method = {said.method: said for said in found.methods}

    def chosen(share: dict[str, float], smoothing: dict[str, float]) -> LandingMethod | None:
        methods = (replace(by_method[SHARE], missed=share), replace(by_method[SMOOTHING], missed=smoothing))
        return with_override(replace(found, methods=methods), ()).chosen

    # smoothing's bad first year, in which the share had no past to go by, does not speak against it
    assert chosen({"2025": 0.05}, {"2024": 0.30, "2025": 0.04}) is SMOOTHING
    assert chosen({"2025": 0.03}, {"2024": 0.00, "2025": 0.04}) is SHARE
    # nothing shared: the one with the longer record, not the one with the lucky guess
    assert chosen({"2023": 0.00}, {"2024": 0.05, "2025": 0.05}) is SMOOTHING


def test_an_old_upload_does_not_tell_a_whole_month(state: State, landed: str, me: Who, tmp_path: Path) -> None:
    # in November the upload of 20 October is the newest: October is over, but not known
    later = one(state, landed, "won", Grain.YEAR, date(2026, 11, 10))
    assert (later.known_to, later.to_go) == ("2026-09", 6)
    assert value(later, SHARE) == pytest.approx(36)


def test_what_was_believed_on_a_day_can_be_asked(state: State, landed: str, me: Who, viewer: Who) -> None:
    record_landings(state, landed, viewer, ["won"], today=TODAY)
    record_landings(state, landed, viewer, ["won"], today=TODAY)
    count = len(history(state, landed, "won", today=TODAY))
    assert count == 3  # three methods, once
    override(state, landed, "won", "2026", 40, "大口の内示", me, today=date(2026, 10, 21))
    record_landings(state, landed, me, ["won"], today=date(2026, 11, 5))
    then = {(said.foreseen.period, said.foreseen.method): said for said in believed(state, landed, "won", TODAY)}
    assert {method for period, method in then if period == "2026"} == {SHARE, SMOOTHING, PIPELINE}
    assert then["2026", SHARE].foreseen.value == pytest.approx(36)
    assert (then["2026", SHARE].foreseen.known_to, then["2026", SHARE].who) == ("2026-09", viewer.name)
    assert believed(state, landed, "won", date(2026, 10, 19)) == ()
    later = {
        (said.foreseen.period, said.foreseen.method) for said in believed(state, landed, "won", date(2026, 11, 30))
    }
    assert ("2026", OVERRIDE) in later
    assert not any(period == "2026-10" for period, _ in later)  # October was over then


def test_an_override_needs_a_reason_and_can_be_taken_back(state: State, landed: str, me: Who, viewer: Who) -> None:
    stored = override(state, landed, "won", "2026", 40, " 大口の内示 ", me, today=TODAY)
    assert (stored.foreseen.value, stored.foreseen.reason, stored.who) == (40, "大口の内示", me.name)
    shown = one(state, landed, "won", Grain.YEAR)
    assert (shown.chosen, shown.value, shown.low) == (OVERRIDE, 40, None)
    override(state, landed, "won", "2026", None, "", me, today=TODAY)
    assert one(state, landed, "won", Grain.YEAR).chosen is not OVERRIDE
    said = [(told.foreseen.value, told.foreseen.reason) for told in history(state, landed, "won", today=TODAY)]
    assert said == [(40, "大口の内示"), (None, "")]
    for node, period, reason, who, code in (
        ("won", "2026", "  ", me, "override_reason_needed"),
        ("nope", "2026", "x", me, "node_unknown"),
        ("won", "2026-09", "x", me, "override_period_over"),
        ("won", "2026-Q4", "x", me, "period_wrong_grain"),
        ("won", "2026", "x", viewer, "not_allowed"),
    ):
        with pytest.raises(RefusedError) as refused:
            override(state, landed, node, period, 1, reason, who, today=TODAY)
        assert refused.value.code == code
    for value in (float("nan"), float("inf")):  # no figure, and no taking back either
        with pytest.raises(RefusedError, match="number_not_finite"):
            override(state, landed, "won", "2026", value, "x", me, today=TODAY)
    assert len(history(state, landed, "won", today=TODAY)) == len(said)


def test_the_record_is_never_rewritten_and_follows_a_new_code(state: State, landed: str, me: Who) -> None:
    record_landings(state, landed, me, ["won"], today=TODAY)
    with pytest.raises(sqlite3.IntegrityError, match="append only"), state.writing() as connection:
        connection.execute("UPDATE forecasts SET value = 0")
    revision = snapshot(state, landed).revisions["nodes", "won"]
    rename_code(state, landed, "won", "won_deals", revision, me)
    assert len(history(state, landed, "won_deals", today=TODAY)) == 3
    delete_workshop(state, landed, me)
    assert state.connection.execute("SELECT count(*) FROM forecasts").fetchone() == (0,)


def test_a_new_node_does_not_inherit_what_was_believed_of_a_deleted_one(state: State, landed: str, me: Who) -> None:
    override(state, landed, "won", "2026", 40, "大口の内示", me, today=TODAY)
    delete_node(state, landed, "won", snapshot(state, landed).revisions["nodes", "won"], me)
    add_node(state, landed, NodeKind.KPI, "ksf", "別の指標", me, code="won")
    assert history(state, landed, "won", today=TODAY) == ()
    delete_node(state, landed, "won", snapshot(state, landed).revisions["nodes", "won"], me)
    assert history(state, landed, "won", today=TODAY) == ()
    undo(state, landed, acts(state, landed)[0].number, me)  # the new node again
    assert history(state, landed, "won", today=TODAY) == ()


def test_what_was_believed_of_a_node_returns_with_it(state: State, landed: str, me: Who) -> None:
    override(state, landed, "won", "2026", 40, "大口の内示", me, today=TODAY)
    delete_node(state, landed, "won", snapshot(state, landed).revisions["nodes", "won"], me)
    (gone,) = trash(state, landed)
    assert history(state, landed, "won", today=TODAY) == ()
    restore(state, landed, gone.act, "won", me)
    (said,) = history(state, landed, "won", today=TODAY)
    assert said.foreseen.reason == "大口の内示"


def test_the_pipelines_past_is_told_by_the_record(state: State, landed: str, me: Who) -> None:
    early = date(2026, 10, 2)
    record_landings(state, landed, me, ["won"], today=early)  # known to September
    found = one(state, landed, "won", Grain.MONTH, date(2026, 11, 3))
    (said,) = [said for said in found.methods if said.method is PIPELINE]
    # October held one deal in the end (the upload was never renewed): 1.748 foreseen
    assert [(past.to_go, past.tests) for past in said.accuracy] == [(1, 1)]
    assert said.accuracy[0].bias == pytest.approx(92 / 123)


def test_an_unknown_node_is_refused(state: State, landed: str) -> None:
    with pytest.raises(RefusedError) as refused:
        landings(state, landed, ["nope"], today=TODAY)
    assert refused.value.code == "node_unknown"
