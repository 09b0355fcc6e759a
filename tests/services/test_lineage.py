"""Where a number comes from, followed by hand: formula, measure, rows, file, person, time.

Deals: 2 won in April, 1 in May. bookings = won x size; size is typed in, 100 for April and 110 for May.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.dataset import DerivedColumn, Lookup
from kpi_core.model.measure import SimpleMeasure
from kpi_core.services.datasets import store_upload
from kpi_core.services.editing import save
from kpi_core.services.lineage import MOST, Way, datasets_of, lineage
from kpi_core.services.lineage_words import file_words, filter_words, measure_words, typed_words, way_words
from kpi_core.services.measuring import refresh, set_manual
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Language


@pytest.fixture
def fed(state: State, workshop: str, deals: Path, me: Who) -> str:
    store_upload(state, workshop, "deals", deals, "案件_4月.csv", None, me, as_of=date(2026, 5, 31))
    refresh(state, workshop, me)
    return workshop


def edit(state: State, workshop: str, who: Who, code: str, **fields: object) -> None:
    found = snapshot(state, workshop)
    node = found.workshop.node(code)
    assert node is not None
    save(state, workshop, "nodes", node.model_copy(update=fields), found.revisions["nodes", code], who)


def test_from_the_kgi_through_its_formula_to_rows_and_to_the_person_who_typed(
    state: State, fed: str, member: Who
) -> None:
    set_manual(state, fed, "size", {"2026-04": 120}, snapshot(state, fed).revisions["nodes", "size"], member)
    top = lineage(state, fed, "bookings", "2026-04")
    assert (top.value, top.way, top.formula) == (240, Way.FORMULA, "won * size")  # 2 deals of 120
    won, size = top.inputs
    assert (won.node, won.value, won.way) == ("won", 2, Way.MEASURE)
    (rows,) = won.rows
    assert (rows.count, rows.value, rows.source) == (2, 2, "sfa")
    assert rows.version is not None
    assert (rows.version.file_name, rows.version.uploaded_by, rows.version.rows) == ("案件_4月.csv", "佐藤", 4)
    assert won.computed_at is not None
    (typed,) = size.typed
    assert (size.way, typed.value, typed.who) == (Way.TYPED, 120, "鈴木")
    assert datasets_of(top) == ("deals",)


def test_a_value_that_came_with_the_file_names_nobody(state: State, fed: str) -> None:
    (typed,) = lineage(state, fed, "size", "2026-05").typed
    assert (typed.value, typed.who, typed.at) == (110, None, None)


def test_who_typed_is_who_last_gave_the_value_it_has(state: State, fed: str, me: Who, member: Who) -> None:
    set_manual(state, fed, "size", {"2026-04": 120}, snapshot(state, fed).revisions["nodes", "size"], member)
    set_manual(state, fed, "size", {"2026-05": 130}, snapshot(state, fed).revisions["nodes", "size"], me)
    april, may = (lineage(state, fed, "size", period).typed[0] for period in ("2026-04", "2026-05"))
    assert (april.who, may.who) == ("鈴木", "佐藤")


def test_what_looks_back_names_the_earlier_period(state: State, fed: str, me: Who) -> None:
    edit(state, fed, me, "bookings", formula="won - lag(won, 1)")
    top = lineage(state, fed, "bookings", "2026-05")
    assert top.value == -1  # 1 in May, 2 in April
    assert [(one.period.key, one.value, one.rows[0].count) for one in top.inputs] == [
        ("2026-05", 1, 1),
        ("2026-04", 2, 2),
    ]


def test_nested_formulas_are_followed_to_the_rows(state: State, fed: str, me: Who) -> None:
    edit(state, fed, me, "size", formula="won * 10", manual=())
    top = lineage(state, fed, "bookings", "2026-04")
    assert top.value == 40  # 2 x 20
    assert [one.node for one in top.inputs] == ["won", "size"]
    assert top.inputs[1].inputs[0].rows[0].count == 2


def test_a_quarter_of_typed_values_lists_its_months(state: State, fed: str) -> None:
    found = lineage(state, fed, "size", "2026-Q1")
    assert [(one.period, one.value) for one in found.typed] == [("2026-04", 100), ("2026-05", 110)]
    assert found.value == 105  # their mean


def test_a_quarter_of_a_measure_counts_the_rows_of_all_its_months(state: State, fed: str) -> None:
    found = lineage(state, fed, "won", "2026-Q1")
    assert (found.value, found.rows[0].count) == (3, 3)


def test_computed_and_looked_up_columns_are_named_with_the_file_they_came_from(
    state: State, fed: str, tmp_path: Path, me: Who
) -> None:
    found = snapshot(state, fed)
    deals = found.workshop.dataset("deals")
    assert deals is not None
    areas = deals.model_copy(update={"code": "areas"})
    save(state, fed, "datasets", areas, None, me)
    file = tmp_path / "a.csv"
    file.write_text("region,zone\nEast,1\nWest,2\n", "utf-8")
    store_upload(state, fed, "areas", file, "地域.csv", None, me)
    looking = deals.model_copy(
        update={
            "lookups": (Lookup(dataset="areas", on=(("region", "region"),), columns=("zone",)),),
            "derived": (DerivedColumn(name="twice", expression="zone * 2"),),
        }
    )
    save(state, fed, "datasets", looking, found.revisions["datasets", "deals"], me)
    measure = SimpleMeasure.model_validate(
        {"dataset": "deals", "aggregate": "sum", "column": "twice", "date": "closed"}
    )
    edit(state, fed, me, "won", measure=measure)
    refresh(state, fed, me)
    top = lineage(state, fed, "won", "2026-04")
    (rows,) = top.rows
    assert (rows.count, rows.value) == (3, 8)  # East 2, West 4, East 2
    assert [one.name for one in rows.derived] == ["twice"]
    assert [(one.dataset, one.version and one.version.file_name) for one in rows.lookups] == [("areas", "地域.csv")]
    assert datasets_of(top) == ("deals", "areas")


def test_a_dataset_without_rows_says_why(state: State, workshop: str) -> None:
    (rows,) = lineage(state, workshop, "won", "2026-04").rows
    assert (rows.version, rows.count) == (None, None)
    assert [problem.code for problem in rows.problems] == ["no_rows"]


def test_a_cycle_ends(state: State, fed: str, me: Who) -> None:
    edit(state, fed, me, "size", formula="bookings / 2", manual=())
    top = lineage(state, fed, "bookings", "2026-04")
    assert top.value is None


def test_a_chain_too_long_to_read_is_cut_and_says_so(state: State, fed: str, me: Who) -> None:
    edit(state, fed, me, "bookings", formula=f"rolling(won, {MOST + 50})")
    top = lineage(state, fed, "bookings", "2026-05", counted=False)
    assert top.cut
    assert len(top.inputs) == MOST


def test_unknown_nodes_and_finer_periods_are_refused(state: State, fed: str) -> None:
    with pytest.raises(RefusedError, match="node_unknown"):
        lineage(state, fed, "nobody", "2026-04")
    with pytest.raises(RefusedError, match="grain_too_fine"):
        lineage(state, fed, "won", "2026-W14")


def test_the_words_name_file_filter_and_person(state: State, fed: str) -> None:
    workshop = snapshot(state, fed).workshop
    top = lineage(state, fed, "bookings", "2026-04")
    rows = top.inputs[0].rows[0]
    assert way_words(top, workshop, Language.EN) == "Formula: won × size"
    assert measure_words(rows.part, workshop, Language.EN) == "Count of the rows of “deals” (in the period of “closed”)"
    assert filter_words(rows.part.where[0], Language.JA) == "「stage」が「Won」"
    assert "案件_4月.csv(4行)" in file_words(rows, workshop, Language.JA)
    assert "佐藤 が取り込み" in file_words(rows, workshop, Language.JA)
    assert "100円" in typed_words(top.inputs[1].typed[0], workshop, Language.JA, "100円")
