"""The same deals from the SFA and from finance, and KPIs with two numbers; found, compared by month, decided.

SFA and finance both have D1-D6. Finance books D3 with 350 (SFA: 300) and D6 in June (SFA: May, both 60), and has F9,
which the SFA lacks. April in the SFA: 100 + 200 + 300 = 600, finance 100 + 200 + 350 = 650.
May: SFA 40 + 50 + 60 = 150, finance 40 + 50 = 90. June: SFA nothing, finance 60, and 70 of F9 besides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpi_core.data.overlapping import overlap
from kpi_core.errors import RefusedError
from kpi_core.guidance.wording import finding_text
from kpi_core.model.base import Bilingual
from kpi_core.model.dataset import Dataset
from kpi_core.model.file import read_workshop, write_workshop
from kpi_core.model.measure import SimpleMeasure
from kpi_core.services import kept_overlaps, single_truth
from kpi_core.services.checks import findings
from kpi_core.services.datasets import store_upload, versions
from kpi_core.services.editing import save
from kpi_core.services.measured_elsewhere import possible_elsewhere
from kpi_core.services.measuring import refresh, set_manual
from kpi_core.services.people import Who
from kpi_core.services.precedences import decide, undecide
from kpi_core.services.single_truth import Twin, compare_large, not_compared, too_large, twins
from kpi_core.services.snapshots import snapshot
from kpi_core.services.tree_editing import delete_node, rename_code
from kpi_core.store.state import State
from kpi_core.store.versions import drop_unused_files
from kpi_core.vocabulary import Language, PrecedenceKind

SFA = """id,closed,amount,stage
D1,2026-04-01,100,Won
D2,2026-04-10,200,Won
D3,2026-04-20,300,Won
D4,2026-05-01,40,Won
D5,2026-05-10,50,Won
D6,2026-05-31,60,Won
"""
FINANCE = """伝票,案件番号,計上日,金額
1,D1,2026-04-01,100
2,D2,2026-04-10,200
3,D3,2026-04-20,350
4,D4,2026-05-01,40
5,D5,2026-05-10,50
6,D6,2026-06-01,60
7,F9,2026-06-02,70
"""
COMMON = {"2026-04": (600, 650), "2026-05": (150, 90), "2026-06": (None, 60)}
ALL = {**COMMON, "2026-06": (None, 130)}
Put = Callable[[str, str], None]


@pytest.fixture
def put(state: State, workshop: str, tmp_path: Path, me: Who) -> Put:
    def stored(dataset: str, text: str) -> None:
        if snapshot(state, workshop).workshop.dataset(dataset) is None:
            save(state, workshop, "datasets", Dataset(code=dataset, source="sfa"), None, me)
        file = tmp_path / f"{dataset}.csv"
        file.write_text(text, "utf-8")
        store_upload(state, workshop, dataset, file, file.name, None, me, as_of=date(2026, 6, 30))
        refresh(state, workshop, me)

    return stored


@pytest.fixture
def both(workshop: str, put: Put) -> str:
    put("deals", SFA)
    put("finance", FINANCE)
    return workshop


def edit(state: State, workshop: str, who: Who, code: str, **fields: Any) -> None:
    found = snapshot(state, workshop)
    node = found.workshop.node(code)
    assert node is not None
    save(state, workshop, "nodes", node.model_copy(update=fields), found.revisions["nodes", code], who)
    refresh(state, workshop, who)


def told(state: State, workshop: str, code: str) -> list[tuple[str, str]]:
    """(severity, sentence) of the findings of one code."""
    here = snapshot(state, workshop).workshop
    found = [one for one in findings(state, workshop) if one.code == code]
    return [(one.severity.value, finding_text(one, here, Language.JA)) for one in found]


def of_datasets(state: State, workshop: str) -> list[Twin]:
    return [one for one in twins(state, workshop) if one.kind is PrecedenceKind.DATASET]


def test_the_same_deals_in_two_datasets_are_found_by_key_with_the_difference_by_month(state: State, both: str) -> None:
    (twin,) = of_datasets(state, both)
    assert (twin.one, twin.other, twin.column) == ("deals", "finance", "amount")
    assert twin.overlap is not None
    assert (twin.overlap.key, twin.overlap.common) == (("id", "案件番号"), 6)
    assert (twin.overlap.only_here, twin.overlap.only_there) == (0, 1)
    pairs = {(one.here, one.there): (one.same, one.compared) for one in twin.overlap.columns}
    assert pairs == {("closed", "計上日"): (5, 6), ("amount", "金額"): (5, 6)}
    assert twin.values == COMMON
    assert (twin.compared, twin.differing) == (("2026-04", "2026-05"), ("2026-04", "2026-05"))


def test_a_finding_asks_which_counts_and_says_so_once_decided(state: State, both: str, me: Who) -> None:
    ((severity, sentence),) = told(state, both, "datasets_differ")
    assert severity == "warning"
    assert "同じ対象が6件" in sentence
    assert "2か月のうち2か月" in sentence
    decide(state, both, PrecedenceKind.DATASET, "finance", "deals", me, reason="監査済み")
    assert told(state, both, "datasets_differ") == []
    ((severity, sentence),) = told(state, both, "dataset_counts")
    assert severity == "info"
    assert "「finance」を正とすると決めています" in sentence
    (twin,) = of_datasets(state, both)
    assert twin.precedence is not None
    assert (twin.precedence.leading, twin.precedence.reason) == ("finance", "監査済み")
    decide(state, both, PrecedenceKind.DATASET, "deals", "finance", me)  # the other way round: one decision, not two
    (kept,) = snapshot(state, both).workshop.precedences
    assert kept.leading == "deals"
    undecide(state, both, kept.code, me)
    assert [severity for severity, _ in told(state, both, "datasets_differ")] == ["warning"]


def test_the_decision_is_in_the_workshop_file(state: State, both: str, me: Who) -> None:
    decide(state, both, PrecedenceKind.DATASET, "finance", "deals", me, reason="監査済み")
    text = write_workshop(snapshot(state, both).workshop)
    assert write_workshop(read_workshop(text)) == text
    assert read_workshop(text).precedences[0].leading == "finance"
    with pytest.raises(RefusedError) as refused:
        read_workshop(text.replace('"leading": "finance"', '"leading": "finanse"'))
    assert [(one.code, one.path) for one in refused.value.problems] == [
        ("file_unknown_dataset_near", "precedences[0].leading")
    ]


def test_a_measure_is_computed_on_the_other_dataset_too(state: State, both: str, me: Who) -> None:
    amount = {"dataset": "deals", "aggregate": "sum", "column": "amount", "date": "closed"}
    edit(state, both, me, "won", measure=SimpleMeasure.model_validate(amount))
    (twin,) = of_datasets(state, both)
    ((node, sides),) = possible_elsewhere(state, both, twin)
    assert (node, dict(sides)) == ("won", ALL)
    edit(
        state,
        both,
        me,
        "won",
        measure=SimpleMeasure.model_validate({**amount, "dataset": "finance", "column": "金額", "date": "計上日"}),
    )
    ((node, sides),) = possible_elsewhere(state, both, twin)  # the first side stays that of deals
    assert (node, dict(sides)) == ("won", ALL)
    stage = [{"column": "stage", "op": "==", "value": "Won"}]
    edit(state, both, me, "won", measure=SimpleMeasure.model_validate({**amount, "where": stage}))
    assert possible_elsewhere(state, both, twin) == ()  # finance has no stage


def test_equal_numbers_are_a_twin_but_no_finding(state: State, workshop: str, put: Put) -> None:
    put("deals", SFA)
    put("finance", SFA.replace("stage", "状態"))
    assert all(one.differing == () for one in of_datasets(state, workshop))
    assert told(state, workshop, "datasets_differ") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # running numbers over other things: nothing else agrees
        ({"no": range(1, 9), "amount": range(100, 108)}, {"no": range(1, 9), "amount": range(900, 908)}),
        # leads that became deals: the names agree, but no date and no amount do
        (
            {"lead": list("abcdefgh"), "company": list("ABCDEFGH"), "score": range(8)},
            {"lead": list("abcdefgh"), "company": list("ABCDEFGH"), "amount": range(50, 58)},
        ),
        # a master, whose key repeats in the other
        (
            {"product": list("aabbccdd"), "price": [1, 1, 2, 2, 3, 3, 4, 4]},
            {"product": list("abcde"), "price": range(1, 6)},
        ),
    ],
)
def test_what_only_looks_alike_is_no_twin(tmp_path: Path, one: dict[str, Any], other: dict[str, Any]) -> None:
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, columns in zip(paths, (one, other), strict=True):
        pl.DataFrame({name: list(cells) for name, cells in columns.items()}).write_parquet(path)
    assert overlap(*paths) is None


def test_a_node_typed_and_measured_shows_both_and_typed_values_never_hide_rows(
    state: State, workshop: str, put: Put, me: Who
) -> None:
    put("deals", SFA)
    set_manual(
        state, workshop, "won", {"2026-04": 5, "2026-05": 3}, snapshot(state, workshop).revisions["nodes", "won"], me
    )
    refresh(state, workshop, me)
    (twin,) = [one for one in twins(state, workshop) if one.kind is PrecedenceKind.ENTRY]
    assert twin.values == {"2026-04": (3, 5), "2026-05": (3, 3)}  # three won deals a month
    ((severity, sentence),) = told(state, workshop, "entries_differ")
    assert severity == "warning"
    assert "2期間のうち1期間" in sentence
    decide(state, workshop, PrecedenceKind.ENTRY, "measure", "manual", me, node="won")
    assert [severity for severity, _ in told(state, workshop, "measure_counts")] == ["info"]
    decide(state, workshop, PrecedenceKind.ENTRY, "manual", "measure", me, node="won")
    ((severity, sentence),) = told(state, workshop, "manual_counts")  # what is shown is the measured value still
    assert severity == "warning"


def test_two_kpis_of_one_name_are_shown_side_by_side(state: State, workshop: str, put: Put, me: Who) -> None:
    put("deals", SFA)
    edit(state, workshop, me, "won", name=Bilingual(ja="受注件数"))
    edit(state, workshop, me, "size", name=Bilingual(ja="受注 件数"))  # typed in: 100 for April, 110 for May
    workshop_now = snapshot(state, workshop).workshop
    assert workshop_now.node("won") is not None
    (twin,) = [one for one in twins(state, workshop) if one.kind is PrecedenceKind.NODE]
    assert twin.values == {"2026-04": (3, 100), "2026-05": (3, 110)}
    assert len(told(state, workshop, "nodes_differ")) == 1
    decide(state, workshop, PrecedenceKind.NODE, "won", "size", me)
    assert len(told(state, workshop, "node_counts")) == 1
    revision = snapshot(state, workshop).revisions["nodes", "size"]
    rename_code(state, workshop, "size", "volume", revision, me)
    (kept,) = snapshot(state, workshop).workshop.precedences
    assert (kept.leading, kept.following) == ("won", "volume")
    edit(state, workshop, me, "bookings", formula=None)
    delete_node(state, workshop, "volume", snapshot(state, workshop).revisions["nodes", "volume"], me)
    assert snapshot(state, workshop).workshop.precedences == ()


def test_two_sides_of_different_kinds_are_refused_and_viewers_decide_nothing(
    state: State, both: str, me: Who, viewer: Who
) -> None:
    with pytest.raises(RefusedError, match="change_refused"):
        decide(state, both, PrecedenceKind.ENTRY, "deals", "finance", me, node="won")
    with pytest.raises(RefusedError, match="change_refused"):
        decide(state, both, PrecedenceKind.DATASET, "deals", "nowhere", me)
    with pytest.raises(RefusedError, match="not_allowed"):
        decide(state, both, PrecedenceKind.DATASET, "deals", "finance", viewer)


def test_a_dataset_without_a_file_of_its_own_is_left_out(state: State, both: str) -> None:
    """As that of a connection, whose rows stay in the database."""
    newest = next(one for one in versions(state, both, "finance"))
    newest.parquet.unlink()
    assert of_datasets(state, both) == []


def table(folder: Path, name: str, **columns: list[object]) -> Path:
    path = folder / f"{name}.parquet"
    pl.DataFrame(columns).write_parquet(path)
    return path


def test_a_column_called_key_is_a_column(tmp_path: Path) -> None:
    ids, amounts = [f"D{at}" for at in range(20)], [float(at * at) for at in range(20)]
    one = table(tmp_path, "one", deal=ids, amount=amounts)
    other = table(tmp_path, "other", key=ids, amount=amounts)
    found = overlap(one, other)
    assert found is not None
    assert (found.key, found.common) == (("deal", "key"), 20)


def test_lines_of_one_key_are_not_compared_by_the_first(tmp_path: Path) -> None:
    """K0 has two lines in the second table: neither stands for the deal; the other 39 are compared."""
    days = [date(2026, 1, 1 + at % 28) for at in range(40)]
    ids, amounts = [f"K{at}" for at in range(40)], [float(at * 3) for at in range(40)]
    one = table(tmp_path, "one", id=ids, day=days, amount=amounts)
    other = table(tmp_path, "other", id=[*ids, "K0"], day=[*days, days[0]], amount=[*amounts, 500.0])
    found = overlap(one, other)
    assert found is not None
    assert found.common == 39


def test_ids_that_differ_in_capitals_alone_are_different(tmp_path: Path) -> None:
    ids = [f"00{letter}{at}" for at in range(10) for letter in ("a", "A")]
    amounts = [float(at * at) for at in range(20)]
    found = overlap(table(tmp_path, "a", id=ids, amount=amounts), table(tmp_path, "b", id=ids, amount=amounts))
    assert found is not None
    assert found.common == 20


def test_large_datasets_are_compared_when_asked_for_and_never_again(
    state: State, both: str, put: Put, me: Who, viewer: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_truth, "WHILE_WAITING", 6)  # finance has seven rows
    put("finance", FINANCE.replace("350", "360"))
    assert of_datasets(state, both) == []
    assert told(state, both, "datasets_differ") == []
    assert not_compared(state, both) == (("deals", "finance"),)
    with pytest.raises(RefusedError, match="not_allowed"):
        compare_large(state, both, viewer)
    compare_large(state, both, me)
    assert not_compared(state, both) == ()
    (twin,) = of_datasets(state, both)
    assert twin.values == {**COMMON, "2026-04": (600, 660)}
    assert len(told(state, both, "datasets_differ")) == 1

    def again(*_: Path) -> None:
        raise AssertionError("compared once more")

    monkeypatch.setattr(kept_overlaps, "overlap", again)
    kept_overlaps._compared.cache_clear()  # as in another process
    assert of_datasets(state, both) == [twin]


def test_what_two_versions_have_in_common_goes_with_them(state: State, both: str, put: Put) -> None:
    assert of_datasets(state, both)
    (kept,) = state.folder.glob("*.overlap.json")
    drop_unused_files(state)
    assert kept.is_file()
    with state.writing() as connection:
        connection.execute("DELETE FROM versions WHERE dataset = 'deals'")
    drop_unused_files(state)
    assert not kept.is_file()


def test_datasets_of_too_many_rows_are_named(state: State, both: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_truth, "MOST_ROWS", 6)
    assert too_large(state, both) == ("finance",)
    assert of_datasets(state, both) == []
    assert not_compared(state, both) == ()
