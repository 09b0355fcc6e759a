"""A recipe kept with its dataset: the next file at once, another shape named first, rows added without doubling."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest

from kpi_core.data.reading import ReadOptions
from kpi_core.data.shaping.drift import repaired
from kpi_core.errors import RefusedError
from kpi_core.model.file import read_workshop, write_workshop
from kpi_core.model.recipe import DropTotals, Header, Recipe, Skip, Unit
from kpi_core.services.adding import Upload, Way, store_files
from kpi_core.services.datasets import OvertakenError, Version, keep, versions
from kpi_core.services.inspecting import inspect_for, inspect_upload, mended_recipe
from kpi_core.services.people import Who
from kpi_core.services.recipes import keep_recipe
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Adding, Twice

RECIPE = Recipe(
    steps=(
        Skip(step="skip", rows=1),
        Header(step="header"),
        DropTotals(step="drop_totals", column="支店", words=("合計",)),
        Unit(step="unit", columns=("売上",), unit="千円"),
    )
)
TOP = "売上報告（単位：千円）,,\n支店,日,売上\n"
APRIL = TOP + "東京,2026-04-01,10\n大阪,2026-04-02,20\n合計,,30\n"
MAY = TOP + "東京,2026-05-01,11\n大阪,2026-05-02,21\n合計,,32\n"
Store = Callable[..., Version]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def written(text: str, name: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def store(state: State, workshop: str, write: Callable[[str, str], Path], me: Who) -> Store:
    """``store(text, …)``: keep these files in the dataset; the first by the recipe, which it keeps."""

    def stored(*texts: str, **how: object) -> Version:
        files = [Upload(write(text, f"{at}.csv"), f"{at}.csv") for at, text in enumerate(texts)]
        first = snapshot(state, workshop).workshop.dataset("deals").recipe is None
        options = ReadOptions(recipe=RECIPE) if first else None
        version = store_files(state, workshop, "deals", files, options, me, **how)
        if first:
            way = Way(how.get("adding"), how.get("keys", ()))
            keep_recipe(state, workshop, "deals", options, version.reading, me, way)
        return version

    return stored


def rows(version: Version) -> list[tuple[object, ...]]:
    return pl.read_parquet(version.parquet).select("支店", pl.col("日").dt.to_string(), "売上").rows()


def refused(call: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        call()
    return error.value


def test_the_next_file_needs_nothing_said(store: Store, state: State, workshop: str) -> None:
    store(APRIL)
    assert rows(store(MAY)) == [("東京", "2026-05-01", 11_000), ("大阪", "2026-05-02", 21_000)]
    assert [version.rows for version in versions(state, workshop, "deals")] == [2, 2]


def test_the_recipe_goes_with_the_workshop_file(store: Store, state: State, workshop: str) -> None:
    store(APRIL, adding=Adding.APPEND)
    kept = snapshot(state, workshop).workshop
    again = read_workshop(write_workshop(kept)).dataset("deals")
    assert again is not None
    assert again.recipe is not None
    assert (again.recipe.steps, again.recipe.source) == (RECIPE.steps, ("支店", "日", "売上"))
    assert (again.recipe.adding, [column.type.value for column in again.recipe.columns]) == (
        Adding.APPEND,
        ["text", "date", "integer"],
    )


def test_rows_are_appended_and_a_version_before_stays(store: Store, state: State, workshop: str) -> None:
    store(APRIL, adding=Adding.APPEND)
    both = store(MAY)
    assert [row[2] for row in rows(both)] == [10_000, 20_000, 11_000, 21_000]
    assert [version.rows for version in versions(state, workshop, "deals")] == [4, 2]


def test_a_period_covered_twice_is_asked_about(store: Store) -> None:
    store(APRIL, adding=Adding.APPEND)
    corrected = APRIL.replace("04-02,20", "04-02,25")
    error = refused(lambda: store(corrected))
    assert (error.code, error.params["periods"], error.params["column"]) == ("period_covered_twice", "2026-04", "日")
    assert [row[2] for row in rows(store(corrected, twice=Twice.NEW))] == [10_000, 25_000]
    assert [row[2] for row in rows(store(APRIL, twice=Twice.BOTH))] == [10_000, 25_000, 10_000, 20_000]


def test_rows_of_the_same_key_are_changed_and_others_added(store: Store) -> None:
    store(APRIL, adding=Adding.UPSERT, keys=("支店", "日"))
    changed = TOP + "大阪,2026-04-02,99\n福岡,2026-04-03,5\n"
    assert sorted(rows(store(changed))) == [
        ("大阪", "2026-04-02", 99_000),
        ("東京", "2026-04-01", 10_000),
        ("福岡", "2026-04-03", 5_000),
    ]
    doubled = TOP + "大阪,2026-04-02,1\n大阪,2026-04-02,2\n"
    assert refused(lambda: store(doubled)).code == "keys_not_unique"


def test_many_files_become_one_version(store: Store) -> None:
    version = store(APRIL, MAY)
    assert [row[2] for row in rows(version)] == [10_000, 20_000, 11_000, 21_000]
    assert version.file_name == "0.csv、1.csv"
    assert refused(lambda: store(APRIL, APRIL)).code == "period_covered_twice"


def test_another_shape_is_named_before_anything_is_stored(store: Store, state: State, workshop: str) -> None:
    store(APRIL)
    error = refused(lambda: store(APRIL.replace("支店,日,売上", "支店,日,売上額").replace(",10\n", ",10,\n")))
    assert ("shape_renamed", "売上額") in {(problem.code, problem.column) for problem in error.problems}
    error = refused(lambda: store(MAY.replace(",11\n", ",未定\n").replace(",21\n", ",未定\n")))
    assert [problem.code for problem in error.problems] == ["shape_type"]
    assert len(versions(state, workshop, "deals")) == 1


def test_a_new_column_is_told_and_does_not_hinder(store: Store, state: State, workshop: str, write) -> None:
    store(APRIL)
    wider = "売上報告,,,\n支店,日,売上,備考\n東京,2026-05-01,11,a\n"
    reading = inspect_for(state, workshop, "deals", write(wider, "w.csv"))
    assert [(one.code, one.column) for one in reading.problems] == [("shape_added", "備考")]
    assert store(wider).rows == 1


def test_a_new_shape_is_stored_when_it_is_meant(store: Store) -> None:
    store(APRIL)
    text = TOP + "東京,2026-05-01,未定\n"
    assert refused(lambda: store(text)).code == "shape_changed"
    assert store(text, new_shape=True).rows == 1


def test_a_renamed_column_is_given_its_old_name_back(store: Store, state: State, workshop: str, write) -> None:
    store(APRIL)
    kept = snapshot(state, workshop).workshop.dataset("deals").recipe
    path = write(MAY.replace("支店,日,売上", "支店名,日,売上"), "renamed.csv")
    mended = repaired(kept, inspect_for(state, workshop, "deals", path))
    assert mended is not None
    reading = inspect_for(state, workshop, "deals", path, options=ReadOptions(recipe=mended))
    assert ([column.name for column in reading.columns], reading.rows) == (["支店", "日", "売上"], 2)
    assert not reading.blocked


def test_a_header_that_moved_is_found_again(store: Store, state: State, workshop: str, write) -> None:
    store(APRIL)
    kept = snapshot(state, workshop).workshop.dataset("deals").recipe
    path = write("社外秘,,\n作成：経理部,,\n" + MAY, "moved.csv")
    reading = inspect_for(state, workshop, "deals", path)
    assert "shape_moved" in {problem.code for problem in reading.problems}
    layout = inspect_upload(path, options=ReadOptions(suggest=True)).suggestion
    mended = repaired(kept, reading, layout.steps if layout else ())
    assert mended is not None
    assert inspect_for(state, workshop, "deals", path, options=ReadOptions(recipe=mended)).rows == 2


def test_rows_put_together_with_a_version_that_is_not_the_newest_any_more_are_not_kept(
    state: State, workshop: str, store: Store, me: Who
) -> None:
    first = store(APRIL)
    second = store(MAY, adding=Adding.APPEND)
    with pytest.raises(OvertakenError):
        keep(state, workshop, "deals", first.reading, "x.csv", first.as_of, me, built_on=(first.id,))
    assert [version.id for version in versions(state, workshop, "deals")] == [second.id, first.id]


def test_two_people_who_add_rows_at_once_lose_none(
    state: State, workshop: str, store: Store, write: Callable[[str, str], Path], me: Who
) -> None:
    store(APRIL, adding=Adding.APPEND)
    ready = Barrier(2)

    def add(month: int) -> None:
        text = TOP + f"東京,2026-{month:02d}-01,{month}\n"
        with State.open(state.path) as own:
            ready.wait(30)
            store_files(own, workshop, "deals", [Upload(write(text, f"{month}.csv"), "x.csv")], None, me)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, (6, 7)))
    newest = pl.read_parquet(versions(state, workshop, "deals")[0].parquet)
    assert newest.height == 2 + 2


WIDE = "2025年度 売上,,\n,,単位：千円\n支店,4月,5月\n東京,10,11\n大阪,20,21\n合計,30,32\n"


def test_last_years_dates_are_never_given_to_this_years_file(
    state: State, workshop: str, write: Callable[[str, str], Path], me: Who
) -> None:
    last, this = write(WIDE, "2025.csv"), write(WIDE.replace("2025", "2026"), "売上_2026年度.csv")
    recipe = inspect_upload(last, options=ReadOptions(suggest=True)).suggestion
    options = ReadOptions(recipe=recipe)
    first = store_files(state, workshop, "deals", [Upload(last, "2025.csv")], options, me)
    keep_recipe(state, workshop, "deals", options, first.reading, me)
    uploads = [Upload(this, this.name)]
    error = refused(lambda: store_files(state, workshop, "deals", uploads, None, me))
    assert (error.code, [one.code for one in error.problems]) == ("shape_changed", ["shape_year"])
    kept = snapshot(state, workshop).workshop.dataset("deals").recipe
    found = mended_recipe(kept, inspect_for(state, workshop, "deals", this, this.name), this, this.name)
    version = store_files(state, workshop, "deals", uploads, ReadOptions(recipe=found), me)
    days = pl.read_parquet(version.parquet)["期間"].dt.to_string().unique().sort().to_list()
    assert days == ["2026-04-01", "2026-05-01"]


def test_a_moved_header_is_found_again_with_the_year_and_the_unit_stated(
    state: State, workshop: str, write: Callable[[str, str], Path], me: Who
) -> None:
    last = write(WIDE, "2025.csv")
    options = ReadOptions(recipe=inspect_upload(last, options=ReadOptions(suggest=True)).suggestion)
    first = store_files(state, workshop, "deals", [Upload(last, "2025.csv")], options, me)
    keep_recipe(state, workshop, "deals", options, first.reading, me)
    text = WIDE.replace("2025年度 売上,,\n", "2026年度 売上,,\n作成：経理部,,\n").replace("千円", "百万円")
    this = write(text, "this.csv")
    reading = inspect_for(state, workshop, "deals", this)
    assert {"shape_moved", "shape_year"} <= {problem.code for problem in reading.problems}
    found = mended_recipe(snapshot(state, workshop).workshop.dataset("deals").recipe, reading, this, this.name)
    mended = inspect_for(state, workshop, "deals", this, options=ReadOptions(recipe=found))
    assert (mended.head[0], mended.rows) == (("東京", "2026-04-01", "10000000"), 4)


def test_steps_made_for_one_file_do_not_read_another_years_beside_it(
    state: State, workshop: str, write: Callable[[str, str], Path], me: Who
) -> None:
    last, this = write(WIDE, "2025.csv"), write(WIDE.replace("2025", "2026"), "2026.csv")
    options = ReadOptions(recipe=inspect_upload(last, options=ReadOptions(suggest=True)).suggestion)
    both = [Upload(last, "2025.csv"), Upload(this, "2026.csv")]
    error = refused(lambda: store_files(state, workshop, "deals", both, options, me))
    assert (error.code, error.params["file"], [one.code for one in error.problems]) == (
        "shape_changed",
        "2026.csv",
        ["shape_year"],
    )
