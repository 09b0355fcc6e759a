"""Before a file is stored: the way that is proposed for it, and what it would do to the rows there are, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.data.reading import ReadOptions
from kpi_core.data.shaping.adding import Overlap, combine
from kpi_core.data.shaping.counting import MOST_CELLS, RowCounts, count_rows
from kpi_core.errors import RefusedError
from kpi_core.services.adding import Upload, Way, store_files
from kpi_core.services.incoming import Why, foresee, propose_way
from kpi_core.services.inspecting import inspect_upload
from kpi_core.services.people import Who
from kpi_core.services.recipes import keep_recipe, keep_way
from kpi_core.store.state import State
from kpi_core.vocabulary import Adding, Twice

APRIL = "支店,日,売上\n東京,2026-04-01,10\n大阪,2026-04-20,20\n"
MAY = "支店,日,売上\n東京,2026-05-01,11\n大阪,2026-05-20,21\n福岡,2026-05-21,5\n"
Part = Callable[[str], Path]


@pytest.fixture
def part(tmp_path: Path) -> Part:
    """The table of a CSV text, as an upload has it before it is stored."""

    def made(text: str) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(text, "utf-8")
        reading = inspect_upload(path, into=tmp_path / "parts")
        assert reading.parquet is not None
        return reading.parquet

    return made


@pytest.fixture
def store(state: State, workshop: str, tmp_path: Path, me: Who) -> Callable[..., None]:
    def stored(text: str, *, keep: bool = False, **how: object) -> None:
        path = tmp_path / "stored.csv"
        path.write_text(text, "utf-8")
        version = store_files(state, workshop, "deals", [Upload(path, path.name)], None, me, **how)
        if keep:
            reading = inspect_upload(path)
            way = Way(how.get("adding"), how.get("keys", ()))
            keep_recipe(state, workshop, "deals", ReadOptions(), reading, me, way)
        assert version.rows

    return stored


def proposed(state: State, workshop: str, *parts: Path) -> tuple[Why, Adding | None, tuple[str, ...]]:
    found = propose_way(state, workshop, "deals", parts)
    return found.why, found.way.adding, found.way.keys


def test_another_period_joins_the_rows_there_are(state: State, workshop: str, store, part: Part) -> None:
    store(APRIL)
    found = propose_way(state, workshop, "deals", [part(MAY)])
    assert (found.why, found.way.adding, found.way.period) == (Why.OTHER_PERIOD, Adding.APPEND, "日")
    assert (found.there, found.coming) == (("2026-04", "2026-04"), ("2026-05", "2026-05"))
    assert foresee(state, workshop, "deals", [part(MAY)], found.way).rows == RowCounts(2, 5, 3, 0, 2, 0)
    replacing = foresee(state, workshop, "deals", [part(MAY)], Way(Adding.REPLACE, period="日"))
    assert replacing.rows == RowCounts(2, 3, 3, 0, 0, 2)  # what the person would lose is counted


def test_the_same_period_takes_their_place(state: State, workshop: str, store, part: Part) -> None:
    store(APRIL)
    corrected = part(APRIL.replace(",20\n", ",25\n"))
    assert proposed(state, workshop, corrected) == (Why.SAME_PERIOD, Adding.REPLACE, ())
    assert foresee(state, workshop, "deals", [corrected], Way(Adding.REPLACE)).rows == RowCounts(2, 2, 1, 0, 1, 1)
    grown = part(APRIL + MAY.partition("\n")[2])  # a list that grows covers all there is
    assert proposed(state, workshop, grown) == (Why.SAME_PERIOD, Adding.REPLACE, ())


def test_the_next_month_with_a_late_row_of_this_one_drops_nothing_unasked(
    state: State, workshop: str, store, part: Part
) -> None:
    store(APRIL)
    late = part(MAY + "大阪,2026-04-20,20\n")  # April has 2 rows there and 1 here
    assert proposed(state, workshop, late) == (Why.SOME_PERIODS, Adding.APPEND, ())


def test_the_second_half_of_a_month_joins_the_first(state: State, workshop: str, store, part: Part) -> None:
    store(APRIL)
    found = propose_way(state, workshop, "deals", [part("支店,日,売上\n東京,2026-04-21,7\n")])
    assert (found.way.adding, found.way.twice) == (Adding.APPEND, Twice.BOTH)


def test_a_period_covered_in_part_is_told_with_its_rows(state: State, workshop: str, store, part: Part) -> None:
    store(APRIL + "東京,2026-05-01,11\n")
    found = propose_way(state, workshop, "deals", [part(MAY)])
    assert (found.why, found.way.adding, found.way.twice) == (Why.SOME_PERIODS, Adding.APPEND, None)
    assert foresee(state, workshop, "deals", [part(MAY)], found.way).overlap == Overlap("日", ("2026-05",), 1, 3)
    new = Way(Adding.APPEND, twice=Twice.NEW, period="日")
    assert foresee(state, workshop, "deals", [part(MAY)], new).rows == RowCounts(3, 5, 2, 0, 3, 0)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("商談 ID,商談 所有者,フェーズ,金額,完了予定日", "商談 ID"),  # a Salesforce report
        ("レコードID,取引名,取引ステージ,金額,クローズ日", "レコードID"),  # HubSpot
    ],
)
def test_a_key_that_is_recognised_updates_and_adds(
    state: State, workshop: str, store, part: Part, header: str, key: str
) -> None:
    store(f"{header}\n1,a,提案,100,2026-04-03\n2,b,受注,200,2026-04-09\n3,c,受注,5,2026-04-10\n")
    coming = part(f"{header}\n1,a,受注,120,2026-05-03\n2,b,受注,200,2026-04-09\n4,d,提案,50,2026-05-20\n")
    found = propose_way(state, workshop, "deals", [coming])
    assert (found.why, found.way.adding, found.way.keys) == (Why.KEY, Adding.UPSERT, (key,))
    # 1 is another now (of a proven id, whatever its month), 2 is as it was, 3 stays, 4 is new
    assert foresee(state, workshop, "deals", [coming], found.way).rows == RowCounts(3, 4, 1, 1, 2, 0)
    replacing = foresee(state, workshop, "deals", [coming], Way(Adding.REPLACE))
    assert replacing.rows == RowCounts(3, 3, 1, 1, 1, 1)  # 3 leaves


def test_a_recognised_key_updates_though_some_rows_there_are_doubled(
    state: State, workshop: str, store, part: Part
) -> None:
    head = "商談 ID,商談名,フェーズ,金額,完了予定日\n"
    there = [f"D{at},案件{at},提案,{at},2026-04-10" for at in range(300)]
    store(head + "\n".join([*there, "D0,案件0,受注,9,2026-04-11"]) + "\n")
    coming = [*there[10:20], "D20,案件20,受注,20,2026-04-10", "D300,案件300,提案,1,2026-05-01"]
    rows = part(head + "\n".join(coming) + "\n")
    assert proposed(state, workshop, rows) == (Why.KEY, Adding.UPSERT, ("商談 ID",))
    found = foresee(state, workshop, "deals", [rows], Way(Adding.UPSERT, ("商談 ID",)))
    assert found.rows == RowCounts(301, 302, 1, 1, 300, 0)


def test_a_day_that_few_rows_have_does_not_say_their_period(state: State, workshop: str, store, part: Part) -> None:
    store("支店,受注日,作成日\n" + "東京,2026-04-03,2026-04-01\n" * 3)
    rows = part("支店,受注日,作成日\n東京,2026-04-30,2026-05-01\n" + "大阪,,2026-05-02\n" * 3)
    found = propose_way(state, workshop, "deals", [rows])
    assert (found.why, found.way.period) == (Why.OTHER_PERIOD, "作成日")
    assert propose_way(state, workshop, "deals", [rows], "受注日").way.period == "受注日"  # as the person says


def test_a_column_named_like_a_key_updates_while_no_row_changes_its_period(
    state: State, workshop: str, store, part: Part
) -> None:
    header = "customer_id,stage,amount,closed\n"
    store(header + "1,提案,100,2026-04-03\n2,受注,200,2026-04-09\n3,受注,5,\n")
    coming = part(header + "1,受注,120,2026-04-03\n2,受注,200,2026-04-10\n3,受注,5,2026-05-02\n4,提案,50,2026-05-20\n")
    found = propose_way(state, workshop, "deals", [coming])
    assert (found.why, found.way.adding, found.way.keys) == (Why.NAMED, Adding.UPSERT, ("customer_id",))
    moved = part(header + "1,受注,120,2026-04-03\n2,受注,200,2026-05-09\n")  # April would lose 2
    assert proposed(state, workshop, moved) == (Why.SOME_PERIODS, Adding.APPEND, ())
    emptied = part(header + "1,受注,120,2026-04-03\n2,受注,200,\n")
    assert proposed(state, workshop, emptied) == (Why.SOME_PERIODS, Adding.APPEND, ())


PRODUCTS = "商品コード,日,売上\nA,2026-04-01,10\nB,2026-04-20,20\nC,2026-04-21,7\n"


def test_products_sold_every_month_are_no_key_whatever_late_row_there_is(
    state: State, workshop: str, store, part: Part
) -> None:
    store(PRODUCTS)
    may = PRODUCTS.replace("-04-", "-05-")
    late = part(may + "D,2026-04-30,1\n")
    assert proposed(state, workshop, late) == (Why.OTHER_DAYS, Adding.APPEND, ())
    found = propose_way(state, workshop, "deals", [late])
    assert foresee(state, workshop, "deals", [late], found.way).rows == RowCounts(3, 7, 4, 0, 3, 0)
    assert proposed(state, workshop, part(may)) == (Why.OTHER_PERIOD, Adding.APPEND, ())
    weekly = part(PRODUCTS.replace("-04-2", "-04-1").replace("-04-01", "-04-08"))  # every row is of another day
    assert proposed(state, workshop, weekly)[1:] == (Adding.APPEND, ())
    # two files of months to come, neither of which meets the rows there are
    assert proposed(state, workshop, part(may.replace("A", "X")), part(PRODUCTS.replace("-04-", "-06-")))[2] == ()


def test_without_dates_a_name_makes_no_key(state: State, workshop: str, store, part: Part) -> None:
    store("年度,月,部門コード,売上\n2026,4,A,1\n2026,4,B,2\n")
    may = part("年度,月,部門コード,売上\n2026,5,A,10\n2026,5,B,20\n")
    assert proposed(state, workshop, may) == (Why.NO_PERIOD, Adding.REPLACE, ())
    way = propose_way(state, workshop, "deals", [may]).way
    assert foresee(state, workshop, "deals", [may], way).rows == RowCounts(2, 2, 2, 0, 0, 2)  # told as leaving


def test_a_line_number_that_begins_anew_is_no_key(state: State, workshop: str, store, part: Part) -> None:
    store("番号,日,売上\n1,2026-04-01,10\n2,2026-04-02,20\n")
    coming = part("番号,日,売上\n1,2026-05-01,11\n2,2026-05-02,21\n")
    assert proposed(state, workshop, coming) == (Why.OTHER_PERIOD, Adding.APPEND, ())


def test_what_was_chosen_last_time_is_proposed(state: State, workshop: str, store, part: Part) -> None:
    store(APRIL, keep=True, adding=Adding.UPSERT, keys=("支店", "日"))
    assert proposed(state, workshop, part(MAY)) == (Why.CHOSEN, Adding.UPSERT, ("支店", "日"))


def test_the_way_is_kept_without_the_recipe(state: State, workshop: str, store, part: Part, me: Who) -> None:
    store(APRIL)
    keep_way(state, workshop, "deals", Way(Adding.UPSERT, ("支店", "日"), period="日"), me)
    assert proposed(state, workshop, part(MAY)) == (Why.CHOSEN, Adding.UPSERT, ("支店", "日"))
    # no shape is kept with it: a file with other columns is as welcome as before
    assert not propose_way(state, workshop, "deals", [part("店,額\n東京,1\n")]).dates


def test_a_fiscal_year_and_a_month_say_the_period_by_the_steps_proposed(
    state: State, workshop: str, tmp_path: Path, me: Who
) -> None:
    def upload(rows: str) -> tuple[Path, ReadOptions]:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(f"年度,月,部門コード,売上\n{rows}", "utf-8")
        steps = inspect_upload(path, path.name, ReadOptions(suggest=True)).suggestion
        assert steps is not None
        return path, ReadOptions(recipe=steps)

    path, options = upload("2025,2,A,1\n2025,2,B,2\n")
    store_files(state, workshop, "deals", [Upload(path, path.name)], options, me)
    for rows, why, adding in (
        ("2025,3,A,10\n2025,3,B,20\n", Why.OTHER_PERIOD, Adding.APPEND),
        ("2025,2,A,10\n2025,2,B,20\n", Why.NAMED, Adding.UPSERT),  # the same departments of the same month
    ):
        path, options = upload(rows)
        parquet = inspect_upload(path, path.name, options, into=tmp_path / "parts").parquet
        assert parquet is not None
        found = propose_way(state, workshop, "deals", [parquet])
        assert (found.why, found.way.adding, found.there) == (why, adding, ("2026-02", "2026-02"))


def test_a_key_once_chosen_that_takes_most_rows_out_of_their_month_is_asked_about(
    state: State, workshop: str, store, part: Part, me: Who
) -> None:
    """Three products sold again in May, or three deals put off to May? Only a person knows."""
    april = "商品コード,日,売上\nA1,2026-04-30,10\nA2,2026-04-30,20\nA3,2026-04-30,30\n"
    store(april)
    kept = Way(Adding.UPSERT, ("商品コード",), period="日")
    keep_way(state, workshop, "deals", kept, me)
    assert proposed(state, workshop, part(april.replace(",20\n", ",25\n")))[:2] == (Why.CHOSEN, Adding.UPSERT)
    may = part(april.replace("2026-04-30", "2026-05-31"))
    found = propose_way(state, workshop, "deals", [may])
    assert (found.why, found.way.adding, found.way.keys, found.moving) == (Why.KEY_MOVES, None, kept.keys, 3)
    assert foresee(state, workshop, "deals", [may], kept).rows == RowCounts(3, 3, 0, 3, 0, 0)
    added = Way(Adding.APPEND, period="日")
    assert foresee(state, workshop, "deals", [may], added).rows.after == 6
    moved = part("商品コード,日,売上\nA1,2026-05-02,10\nA2,2026-04-30,20\nA3,2026-04-30,30\nA4,2026-05-09,1\n")
    assert proposed(state, workshop, moved)[:2] == (Why.CHOSEN, Adding.UPSERT)  # one of three was put off: a deal is
    keep_way(state, workshop, "deals", added, me)  # answered once
    assert proposed(state, workshop, may)[:2] == (Why.CHOSEN, Adding.APPEND)


@pytest.mark.parametrize("key", ["A101", "1.5"])
def test_a_kept_key_of_another_type_is_refused_in_words(
    state: State, workshop: str, store, part: Part, me: Who, key: str
) -> None:
    store("番号,日,売上\n1,2026-04-01,10\n2,2026-04-02,20\n")
    keep_way(state, workshop, "deals", Way(Adding.UPSERT, ("番号",), period="日"), me)
    coming = part(f"番号,日,売上\n{key},2026-05-01,10\n2.5,2026-05-02,20\n")
    found = propose_way(state, workshop, "deals", [coming])
    assert (found.why, found.way.adding) == (Why.CHOSEN, Adding.UPSERT)
    if key == "A101":
        with pytest.raises(RefusedError, match="column_types_differ"):
            foresee(state, workshop, "deals", [coming], found.way)


def test_replacing_chosen_for_a_correction_never_drops_another_period(
    state: State, workshop: str, store, part: Part, me: Who
) -> None:
    store(APRIL)
    keep_way(state, workshop, "deals", Way(Adding.REPLACE, period="日"), me)
    assert proposed(state, workshop, part(APRIL)) == (Why.CHOSEN, Adding.REPLACE, ())
    assert proposed(state, workshop, part(MAY)) == (Why.OTHER_PERIOD, Adding.APPEND, ())
    late = part(MAY + "京都,2026-04-20,1\n")  # of a day that is there
    assert proposed(state, workshop, late) == (Why.SOME_PERIODS, Adding.APPEND, ())


def test_replacing_kept_without_dates_is_followed(state: State, workshop: str, store, part: Part, me: Who) -> None:
    store("支店,売上\n東京,10\n")
    keep_way(state, workshop, "deals", Way(Adding.REPLACE), me)
    assert proposed(state, workshop, part("支店,売上\n東京,11\n")) == (Why.CHOSEN, Adding.REPLACE, ())


def test_weeks_that_share_a_day_are_asked_about(state: State, workshop: str, store, part: Part) -> None:
    store("支店,日,売上\n東京,2026-04-01,10\n大阪,2026-04-07,20\n")
    week = part("支店,日,売上\n東京,2026-04-07,10\n大阪,2026-04-14,20\n")
    found = propose_way(state, workshop, "deals", [week])
    assert (found.why, found.way.adding, found.way.twice) == (Why.SOME_PERIODS, Adding.APPEND, None)


def test_a_column_of_dates_without_any_is_told_as_that(
    state: State, workshop: str, tmp_path: Path, store, part: Part
) -> None:
    dated, undated = "支店,日,売上\n東京,2026-04-01,10\n", tmp_path / "undated.parquet"
    store(dated)
    pl.read_parquet(part(dated)).with_columns(日=pl.lit(None, pl.Date)).write_parquet(undated)
    found = propose_way(state, workshop, "deals", [undated])
    assert (found.why, found.way.period) == (Why.NO_DATES, "日")
    found = propose_way(state, workshop, "deals", [part("支店,日,売上\n東京,,10\n")])  # read as text, being empty
    assert (found.why, found.way.period) == (Why.NO_DATES, "日")
    foresee(state, workshop, "deals", [part("支店,日,売上\n東京,,10\n")], found.way)


def test_without_dates_nothing_is_known_of_periods(state: State, workshop: str, store, part: Part) -> None:
    store("支店,売上\n東京,10\n東京,20\n")
    assert proposed(state, workshop, part("支店,売上\n東京,11\n")) == (Why.NO_PERIOD, Adding.REPLACE, ())


def test_the_period_is_of_the_column_the_measures_count_by(state: State, workshop: str, store, part: Part) -> None:
    header = "created,closed,stage,region\n"  # the workshop's measure counts by closed
    store(header + "2026-01-10,2026-04-01,Won,East\n")
    coming = part(header + "2026-01-11,2026-05-01,Won,East\n")
    found = propose_way(state, workshop, "deals", [coming])
    assert (found.way.period, found.way.adding, found.dates) == ("closed", Adding.APPEND, ("created", "closed"))
    by_created = propose_way(state, workshop, "deals", [coming], "created")
    assert (by_created.why, by_created.way.period) == (Why.OTHER_DAYS, "created")  # another day of the same month
    assert by_created.way.twice is Twice.BOTH


def test_two_files_of_a_new_dataset_are_compared_with_each_other(state: State, workshop: str, part: Part) -> None:
    found = propose_way(state, workshop, "", [part(APRIL), part(APRIL)])
    assert (found.why, found.way.period) == (Why.FIRST, "日")
    seen = foresee(state, workshop, "", [part(APRIL), part(APRIL)], found.way)
    assert (seen.rows.after, seen.overlap) == (4, Overlap("日", ("2026-04",), 2, 2))


def test_keys_that_are_not_unique_are_refused_before_anything_is_stored(
    state: State, workshop: str, store, part: Part
) -> None:
    store(APRIL)
    with pytest.raises(RefusedError) as error:
        foresee(state, workshop, "deals", [part(APRIL + APRIL.partition("\n")[2])], Way(Adding.UPSERT, ("支店",)))
    assert error.value.code == "keys_not_unique"


ROWS = st.lists(st.tuples(st.integers(1, 5), st.integers(4, 6), st.integers(0, 2)), max_size=8)


def _expected(there: list, coming: list, adding: Adding, twice: Twice | None) -> RowCounts:
    """The counts by rows held in lists: what stays of both, then row by row and key by key."""
    if adding is Adding.UPSERT:
        new = {row[0] for row in coming}
        after = [row for row in there if row[0] not in new] + coming
    elif adding is Adding.REPLACE:
        after = coming
    else:
        months = {row[1] for row in coming} if twice is Twice.NEW else set()
        after = [row for row in there if row[1] not in months] + coming
    same = sum((Counter(there) & Counter(after)).values())
    was, now = ({row[0]: row for row in rows if sum(row[0] == one[0] for one in rows) == 1} for rows in (there, after))
    changed = sum(now[key] != was[key] for key in was.keys() & now.keys()) if adding is not Adding.APPEND else 0
    return RowCounts(len(there), len(after), len(after) - same - changed, changed, same, len(there) - same - changed)


@pytest.mark.parametrize(
    ("adding", "there", "coming", "counts"),
    [
        # a column that comes filled changes its rows, one that comes empty does not
        (Adding.UPSERT, {"id": [1, 2, 3]}, {"id": [1, 2], "x": ["a", None]}, RowCounts(3, 3, 0, 1, 2, 0)),
        # a column that goes changes the rows it was filled in
        (Adding.REPLACE, {"id": [1, 2, 3], "x": ["a", "b", None]}, {"id": [1, 2, 3]}, RowCounts(3, 3, 0, 2, 1, 0)),
        (Adding.REPLACE, {"id": [1, 2]}, {"id": [1.0, 2.5]}, RowCounts(2, 2, 1, 0, 1, 1)),  # 1 and 1.0 are equal
        # whole numbers are compared to their last digit
        (Adding.REPLACE, {"id": [2**53, 2**53 + 1]}, {"id": [2**53]}, RowCounts(2, 1, 0, 0, 1, 1)),
    ],
)
def test_a_row_is_the_same_if_all_its_cells_are(
    tmp_path: Path, adding: Adding, there: dict, coming: dict, counts: RowCounts
) -> None:
    pl.DataFrame(there).write_parquet(tmp_path / "there")
    pl.DataFrame(coming).write_parquet(tmp_path / "coming")
    assert count_rows(tmp_path / "there", [tmp_path / "coming"], adding, ("id",)) == counts


def test_too_many_cells_are_not_compared(tmp_path: Path) -> None:
    some, most = 3, MOST_CELLS // 100
    wide = pl.DataFrame({"id": range(some)}).with_columns(pl.lit(1).alias(f"c{at}") for at in range(99))
    pl.select(pl.int_range(0, most - some + 1).alias("id")).write_parquet(tmp_path / "there")
    wide.write_parquet(tmp_path / "coming")
    found = count_rows(tmp_path / "there", [tmp_path / "coming"], Adding.UPSERT, ("id",))
    assert found == RowCounts(most - some + 1, most - some + 1)  # one row above it: 100 columns


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.sampled_from(Adding), st.sampled_from([None, *Twice]))
def test_counts_agree_with_what_is_stored(
    tmp_path_factory: pytest.TempPathFactory, there: list, coming: list, adding: Adding, twice: Twice | None
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    if adding is Adding.UPSERT:
        coming = list({row[0]: row for row in coming}.values())
    for name, rows in (("there", there), ("coming", coming)):
        days = [f"2026-{month:02d}-01" for _, month, _ in rows]
        columns = {"key": [row[0] for row in rows], "day": days, "amount": [row[2] for row in rows]}
        frame = pl.DataFrame(columns, schema={"key": pl.Int64, "day": pl.String, "amount": pl.Int64})
        frame.with_columns(pl.col("day").str.to_date()).write_parquet(folder / name)
    found = count_rows(folder / "there", [folder / "coming"], adding, ("key",), twice, "day")
    rows = _expected(there, coming, adding, twice)
    parts = [folder / "coming"] if adding is Adding.REPLACE else [folder / "there", folder / "coming"]
    combine(parts, folder / "after", adding, ("key",), twice, "day")
    assert (found.before, found.after) == (len(there), pl.read_parquet(folder / "after").height)
    assert found == rows


def test_numbers_in_another_unit_are_told_before_and_after_they_are_stored(
    state: State, workshop: str, store: Callable[..., None], part: Part, tmp_path: Path, me: Who
) -> None:
    april = "支店,日,売上\n" + "".join(f"東京,2026-04-0{day},{100 + day}\n" for day in range(1, 6))  # median 103
    may = april.replace("-04-", "-05-").replace(",10", ",10000")  # 100001 … 100005: the median is 971 times as large
    store(april)
    (shift,) = foresee(state, workshop, "deals", [part(may)], Way(Adding.APPEND)).shifts
    assert (shift.column, shift.there, shift.coming) == ("売上", 103, 100_003)
    path = tmp_path / "may.csv"
    path.write_text(may, "utf-8")
    for adding in (Adding.APPEND, Adding.REPLACE):
        store(april)
        version = store_files(state, workshop, "deals", [Upload(path, path.name)], None, me, adding=adding)
        assert [(one.code, one.column) for one in version.reading.problems] == [("magnitude_shifted", "売上")]
    assert foresee(state, workshop, "deals", [part(may)], Way(Adding.APPEND)).shifts == ()  # as the rows there are now


def test_a_column_called_otherwise_is_told_where_no_steps_are_kept(
    state: State, workshop: str, store: Callable[..., None], tmp_path: Path, me: Who
) -> None:
    path = tmp_path / "may.csv"
    path.write_text(MAY.replace("支店", "店舗").replace("売上\n", "売上,備考\n", 1).replace(",5\n", ",5,a\n"), "utf-8")
    for keep, told in ((False, ["shape_gone"]), (True, None)):
        store(APRIL, keep=keep)
        if told is None:
            with pytest.raises(RefusedError):
                store_files(state, workshop, "deals", [Upload(path, path.name)], None, me)
        else:
            version = store_files(state, workshop, "deals", [Upload(path, path.name)], None, me)
            assert [one.code for one in version.reading.problems if one.code.startswith("shape_")] == told
